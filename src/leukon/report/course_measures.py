"""What a course means for neutrophils, in words: time below limits, the day they are back, the lowest count."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from leukon.marrow.measures import days_below, lowest, recovery

if TYPE_CHECKING:
    from leukon.marrow.simulation import Course

__all__ = ["LIMITS", "band_of", "compare", "has_limits", "say_briefly", "show_count"]

Floats = NDArray[np.float64]
LIMITS = (0.5, 1.0, 1.5)
"""Of neutrophils, 10⁹/L."""


def band_of(values: Floats) -> tuple[Floats, Floats | None, Floats | None]:
    """Median, p05 and p95 over virtual people; without them the values alone."""
    if values.ndim == 1:
        return values, None, None
    middle, low, high = np.percentile(values, (50.0, 5.0, 95.0), axis=0)
    return middle, low, high


def has_limits(course: Course) -> bool:
    """Whether the limits of neutrophils can be laid on the count of this model."""
    return course.model.analyte == "neutrophils" and course.model.unit == "10^9/L"


def show_count(value: float) -> str:
    """Two decimals below 10, one above; what is lower than 0.005 is not written as 0.

    >>> show_count(0.271), show_count(12.34), show_count(0.0004)
    ('0.27', '12.3', '<0.01')
    """
    if value >= 9.995:
        return f"{value:.1f}"
    return f"{value:.2f}" if value >= 0.005 or value <= 0 else "<0.01"


def compare(course: Course, without: Course | None) -> list[tuple[str, ...]]:
    """Rows of what is asked of a course: its name, the value, and with a pair the value without and the difference."""
    rows: list[tuple[str, ...]] = []
    for limit in LIMITS if has_limits(course) else ():

        def lasting(one: Course, limit: float = limit) -> Floats:
            return days_below(one.days, np.atleast_2d(one.count), limit)

        rows.append(_row(f"Days below {limit:.1f}", course, without, lasting, _days, sign=True))
    for limit in (1.0, 1.5) if has_limits(course) else ():
        cells = [_back(one, limit) for one in (course, without) if one is not None]
        rows.append((f"Back at {limit:.1f}", *cells, *([""] if without is not None else [])))
    rows.append(_row("Lowest on day", course, without, lambda one: _lowest(one)[0], _days, sign=True))
    rows.append(_row("Lowest count", course, without, lambda one: _lowest(one)[1], show_count, sign=False))
    return rows


def _lowest(course: Course) -> tuple[Floats, Floats]:
    return lowest(course.days, np.atleast_2d(course.count))


def _days(value: float) -> str:
    return f"{value:.1f}"


def _row(
    name: str,
    course: Course,
    without: Course | None,
    ask: Callable[[Course], Floats],
    show: Callable[[float], str],
    *,
    sign: bool,
) -> tuple[str, ...]:
    mine = ask(course)
    if without is None:
        return name, _spread(mine, show)
    other = ask(without)
    change = mine - other  # the same people with and without: the difference is each person's own
    return name, _spread(mine, show), _spread(other, show), _spread(change, _signed) if sign else ""


def _signed(value: float) -> str:
    text = f"{value:+.1f}".replace("-", "−")
    return "0.0" if text in {"+0.0", "−0.0"} else text


def _spread(values: Floats, show: Callable[[float], str]) -> str:
    if len(values) == 1:
        return show(float(values[0]))
    middle, low, high = (float(q) for q in np.percentile(values, (50, 5, 95)))
    return f"{show(middle)} ({show(low)} to {show(high)})"


def _back(course: Course, limit: float) -> str:
    people = np.atleast_2d(course.count)
    fell = people[people.min(axis=1) < limit]
    if not len(fell):
        return "never below"
    found = [recovery(course.days, row, limit) for row in fell]
    days = np.array([day for day in found if day is not None])
    last = f"day {course.days[-1]:g}"
    if not len(days):
        return f"not by {last}" if len(fell) == len(people) else f"none by {last} of the {_share(fell, people)} below"
    text = f"day {_spread(days, _days)}"
    if len(days) < len(fell):
        text += f"; {100 * (1 - len(days) / len(fell)):.0f} % not by {last}"
    return text if len(fell) == len(people) else f"{text}, in the {_share(fell, people)} who fell below"


def _share(some: Floats, people: Floats) -> str:
    share = 100 * len(some) / len(people)
    return f"{share:.0f} %" if share >= 0.5 else "<1 %"


def say_briefly(course: Course, without: Course | None) -> str:
    """The first sentence of the page: time below the limit first, the depth last."""
    people = np.atleast_2d(course.count)
    day, value = _lowest(course)
    who = "" if len(people) == 1 else "In the median person: "
    when = float(np.median(day))
    on = "at the start" if when <= course.days[0] else f"on day {when:.1f}"
    depth = f"lowest {show_count(float(np.median(value)))} {on}"
    if not has_limits(course):
        what = "leukocytes" if course.model.analyte == "wbc" else course.model.analyte
        return _start(f"{who}{what} {depth} ({course.model.unit.replace('10^9', '10⁹')}).")
    # the deepest limit that is passed in either course says most
    for limit in LIMITS:
        times = [float(np.median(days_below(one.days, np.atleast_2d(one.count), limit)))
                 for one in (course, without) if one is not None]  # fmt: skip
        if max(times) > 0:
            break
    else:
        return _start(f"{who}neutrophils never below 1.5, {depth}.")
    if without is not None:
        with_it, left = (_total(t) for t in times)
        return _start(
            f"{who}neutrophils below {limit:.1f} for {with_it} with the treatment, {left} without it; with it {depth}."
        )
    back = f"; after it back at 1.5: {_back(course, 1.5)}" if len(people) == 1 else ""
    return _start(f"{who}neutrophils below {limit:.1f} for {_total(times[0])} in all; {depth}{back}.")


def _total(days: float) -> str:
    if 0 < days < 0.05:
        return "less than 0.1 days"
    return "0 days" if days <= 0 else f"{days:.1f} days"


def _start(text: str) -> str:
    return text[:1].upper() + text[1:]
