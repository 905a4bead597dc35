# pyright: strict
"""Results as messages and documents hold them, one by one, and the draws and tests they are together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from leukon.patient import Draw, Item, Measure, Test

__all__ = ["Result", "find_newest", "gather_results"]


@dataclass(frozen=True, slots=True)
class Result:
    """One usable result: a count (`measure`), a test, or only a remark on the sample; `date` in days since year 1."""

    date: float | None
    time: str | None
    measure: Measure | None = None
    test: Test | None = None
    sample: tuple[Item, ...] = ()


@dataclass(slots=True)
class _Drawing:
    time: str | None
    measures: list[Measure] = field(default_factory=list[Measure])
    sample: list[Item] = field(default_factory=list[Item])


def find_newest(results: Sequence[Result]) -> float | None:
    """The date of the newest count; without counts of the newest other result."""
    dated = [r.date for r in results if r.date is not None]
    counted = [r.date for r in results if r.date is not None and r.measure]
    return max(counted or dated, default=None)


def gather_results(results: Sequence[Result], now: float | None) -> tuple[tuple[Draw, ...], tuple[Test, ...]]:
    """Counts of one time are one draw, and remarks on the sample stand with it."""
    draws: dict[float | None, _Drawing] = {}
    tests: list[Test] = []
    for result in results:
        day = None if result.date is None or now is None else result.date - now
        if result.test:
            tests.append(Test(result.test.name, result.test.result, day, result.test.specimen))
            continue
        drawing = draws.setdefault(day, _Drawing(result.time))
        drawing.sample += result.sample
        if result.measure:
            drawing.measures.append(result.measure)
    made = tuple(
        Draw(day, d.time, order, tuple(d.measures), tuple(d.sample))
        for order, (day, d) in enumerate(draws.items())
        if d.measures or d.sample
    )
    return made, tuple(tests)
