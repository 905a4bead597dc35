"""The forecast as JSON and as text for a terminal."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from leukon.forecast.answer import Forecast, Option, Recovered

__all__ = ["write_json", "write_text"]

_ROWS = 15
_WIDE = 40


def write_json(forecast: Forecast, *, indent: int = 0) -> bytes:
    """One line of UTF-8 JSON, or indented for reading."""
    encoded = msgspec.json.encode(forecast.to_dict())
    return msgspec.json.format(encoded, indent=indent) if indent else encoded


def write_text(forecast: Forecast) -> str:
    """The forecast for reading: what to expect, the days ahead, the ways to give the next cycle, what was assumed."""
    return "\n".join(_lines(forecast)) + "\n"


def _lines(f: Forecast) -> Iterator[str]:
    analyte = f.series[0].analyte
    head = f"Forecast of {analyte} (10^9/L)"
    yield f"{head} for {f.id}" if f.id else head
    yield f"By {_name_model(f)}; {_name_fit(f)}"
    yield ""
    yield from _say_course(f)
    yield ""
    yield from _table(f)
    if f.options:
        yield ""
        yield from _say_options(f.options)
    if f.assumptions:
        yield ""
        yield "Taken for granted"
        yield from (f"  - {text}" for text in f.assumptions)
    if f.not_used:
        yield ""
        yield "Not used"
        yield from (f"  - {n.item}: {n.reason}" for n in f.not_used)
    if f.sources:
        yield ""
        yield "Sources"
        yield from (f"  {i}. {s.citation}" + (f" doi:{s.doi}" if s.doi else "") for i, s in enumerate(f.sources, 1))


def _name_model(f: Forecast) -> str:
    if len(f.models) > 1:
        return f"{f.method}s " + ", ".join(f"{m.id} ({m.weight:.0%})" for m in f.models)
    return f"{f.method} {f.model}" if f.method != "own level" else "the person's own level"


def _name_fit(f: Forecast) -> str:
    counts = {0: "no count", 1: "1 count"}.get(f.fit.n, f"{f.fit.n} counts")
    return counts + (f", effective sample size {f.fit.ess:.0f}" if f.fit.ess is not None else "")


def _say_course(f: Forecast) -> Iterator[str]:
    if f.nadir is not None:
        n = f.nadir
        yield (f"Nadir {n.value:.2g} ({n.p05:.2g} to {n.p95:.2g}) on day {n.day:.1f} "
               f"({n.day_p05:.1f} to {n.day_p95:.1f})")  # fmt: skip
    for b in f.below:
        yield f"Below {b.limit:g}: {b.days:g} days ({b.p05:g} to {b.p95:g})"
    for r in f.recoveries:
        yield f"Back at {r.to:g}: {_days(r)}"
    if f.febrile_neutropenia_range is not None:
        r = f.febrile_neutropenia_range
        yield (f"From now on below {r.limit:g} at some time: {r.probability:.0%}, for more than a week: "
               f"{r.over_7_days:.0%}")  # fmt: skip
    if f.next_cycle is not None:
        c = f.next_cycle
        day = (
            "not within the days looked at"
            if c.day is None
            else f"day {c.day:.1f} ({_or_later(c.p05)} to {_or_later(c.p95)})"
        )
        yield f"Next cycle, at {c.limit:g} or more ({c.limit_by}): {day}"
    yield "Nadir, days below and return are of the underlying course; 5th to 95th centile in brackets"


def _days(r: Recovered) -> str:
    if r.day is None:
        return "not within the days looked at"
    return f"day {r.day:.1f} ({_or_later(r.p05)} to {_or_later(r.p95)})"


def _or_later(day: float | None) -> str:
    return "later than looked at" if day is None else f"{day:.1f}"


def _table(f: Forecast) -> Iterator[str]:
    """A measured count by day: numbers, and a bar from the 5th to the 95th centile with the median in it."""
    step = max(1, -(-len(f.series) // _ROWS))
    top = max(p.p95 for p in f.series)
    yield f"{'day':>7}  {'count':>6}  {'90 % interval':>15}   a count the laboratory would measure"
    for p in f.series[::step]:
        low, mid, high = (min(_WIDE - 1, int(x / top * _WIDE)) for x in (p.p05, p.median, p.p95))
        bar = "".join("|" if i == mid else "-" if low <= i <= high else " " for i in range(_WIDE)).rstrip()
        yield f"{p.day:>7g}  {p.median:>6.2f}  {f'{p.p05:.2f} to {p.p95:.2f}':>15}   {bar}"


def _say_options(options: tuple[Option, ...]) -> Iterator[str]:
    yield "The next cycle"
    for o in options:
        if o.nadir is None:
            yield f"  {o.option}: {o.note}"
            continue
        back = "not within five weeks" if o.met_on_day is None else f"day {o.met_on_day:g}"
        nadir = f"nadir {o.nadir:.2g} ({o.nadir_p05:.2g} to {o.nadir_p95:.2g})"
        low = f"below 0.5 {o.days_below_0_5:g} days, chance {o.probability_below_0_5:.0%}"
        yield f"  {o.option} (day {o.given_on:g}): {nadir}, {low}; the limit is met again {back}"
        if o.note:
            yield f"    {o.note}"
