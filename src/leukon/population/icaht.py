"""ICAHT, the grade of neutropenia after CAR-T cells: early by how long the count is low, late by how low it is.

Rejeski K et al. Immune effector cell-associated hematotoxicity: EHA/EBMT consensus grading and best practice
recommendations. Blood 2023;142:865-877. Early, days 0 to 30: longest run of days with ANC at most 500/uL (under 7, 7 to
13, 14 or more: grades 1 to 3; never above 500: 4) or at most 100/uL (7 or more: 3; 14 or more: 4). Late, days 31 to
100: lowest ANC at most 1500, 1000, 500, 100/uL: grades 1 to 4, where a second value is at most 1500 or none was taken.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

__all__ = ["Icaht", "grade_icaht"]

_EARLY_END, _LATE_END = 30, 100
_LATE_UPPER = ((100.0, 4), (500.0, 3), (1000.0, 2), (1500.0, 1))
_BREAK_DAYS = 2  # so few days above a limit do not end a run: as the published grades of ten patients count
_WHOLE_DAYS = 14  # an assumption: of fewer days it is not said that the count was never above 500
_BRIDGE_DAYS = 7  # an assumption: values farther apart say nothing of the days between them


@dataclass(frozen=True, slots=True)
class Icaht:
    """Grades 0 to 4, None where no count was taken in the window; the longest runs of days in the first 30."""

    early: int | None
    late: int | None
    days_at_most_500: int
    days_at_most_100: int


def grade_icaht(counts: Iterable[tuple[float, float]], *, until: float | None = None) -> Icaht:
    """The grades of a series of (day from the infusion, ANC per uL); the order does not matter.

    Several counts of a day stand for the lowest of them; days between two counts are on the line between them. `until`
    is the last day that counts: the end of follow-up, or the day of progression or of the next therapy.

    >>> grade_icaht([(0, 900), (4, 300), (8, 200), (9, 800), (40, 950), (60, 1200)])
    Icaht(early=1, late=2, days_at_most_500=6, days_at_most_100=0)
    """
    last = math.inf if until is None else until
    lowest: dict[int, float] = {}
    late: list[float] = []
    for day, anc in counts:
        if not (math.isfinite(day) and math.isfinite(anc)) or day < 0 or day > last:
            continue
        whole = math.floor(day)
        lowest[whole] = min(anc, lowest.get(whole, math.inf))
        if _EARLY_END < whole <= _LATE_END:
            late.append(anc)
    daily = {day: anc for day, anc in _fill(lowest).items() if day <= _EARLY_END}
    runs = {limit: _longest_run(daily, limit) for limit in (500.0, 100.0)}
    return Icaht(_grade_early(daily, runs[500.0], runs[100.0]), _grade_late(late), runs[500.0], runs[100.0])


def _fill(lowest: dict[int, float]) -> dict[int, float]:
    days = sorted(lowest)
    daily = dict(lowest)
    for before, after in pairwise(days):
        if after - before <= _BRIDGE_DAYS:
            slope = (lowest[after] - lowest[before]) / (after - before)
            daily |= {day: lowest[before] + slope * (day - before) for day in range(before + 1, after)}
    return daily


def _longest_run(daily: dict[int, float], limit: float) -> int:
    longest = first = 0
    last: int | None = None
    for day in sorted(d for d, anc in daily.items() if anc <= limit):
        if last is None or day - last > _BREAK_DAYS + 1:
            first = day
        last = day
        longest = max(longest, day - first + 1)
    return longest


def _grade_early(daily: dict[int, float], days_500: int, days_100: int) -> int | None:
    if not daily:
        return None
    if days_100 >= 14 or (days_500 >= _WHOLE_DAYS and max(daily.values()) <= 500):
        return 4
    if days_500 >= 14 or days_100 >= 7:
        return 3
    return 2 if days_500 >= 7 else int(days_500 > 0)


def _grade_late(values: list[float]) -> int | None:
    if not values:
        return None
    lowest, *others = sorted(values)
    if others and others[0] > 1500:
        return 0
    return next((grade for upper, grade in _LATE_UPPER if lowest <= upper), 0)
