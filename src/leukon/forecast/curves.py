"""Draws of the course to come, whatever made them, and what people ask of them."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from leukon.forecast.answer import Below, FebrileRange, Nadir, NextCycle, Point, Recovered
from leukon.marrow.measures import days_below, lowest

__all__ = [
    "LIMITS", "Curves", "Measured", "find_nadir", "find_recoveries", "measure", "measure_below", "meet_limit",
    "normal_draws", "quantiles", "show_series", "weigh_febrile_range",
]  # fmt: skip

Floats = NDArray[np.float64]
LIMITS = (0.5, 1.0)
_BACK = (1.0, 1.5)
_FEBRILE = 0.5  # 10⁹/L, as in every definition of febrile neutropenia
_WEEK = 7.0


class Measured(NamedTuple):
    """A measured count by day: median, 5th and 95th centile, and the chance that it is under 0.5 and under 1.0."""

    median: Floats
    p05: Floats
    p95: Floats
    below_0_5: Floats
    below_1: Floats


@dataclass(frozen=True, slots=True)
class Curves:
    """Equal-weight draws (rows) of the underlying course on `days`, and the interval of a measured count by day."""

    analyte: str
    last: float  # day of the last count
    start: float  # of the time that nadir and days below speak of: the last dose, else the last count
    end: float  # of the forecast asked for
    days: Floats  # rising, from `start` past `end`
    course: Floats  # draws × days, 10⁹/L
    series_days: Floats
    measured: Measured

    def between(self, first: float, last: float) -> tuple[Floats, Floats]:
        inside = (self.days >= first - 1e-6) & (self.days <= last + 1e-6)
        return self.days[inside], self.course[:, inside]


def quantiles(values: Floats) -> tuple[float, float, float]:
    """Median, 5th and 95th centile of draws; infinite ones are allowed."""
    p50, p05, p95 = np.quantile(values, (0.5, 0.05, 0.95), method="inverted_cdf")
    return float(p50), float(p05), float(p95)


def measure(draws: Floats) -> Measured:
    """The interval and the chances of draws (rows) of a measured count by day."""
    p50, p05, p95 = np.quantile(draws, (0.5, 0.05, 0.95), axis=0)
    deep, low = ((draws < limit).mean(axis=0) for limit in LIMITS)
    return Measured(p50, p05, p95, deep, low)


def normal_draws(size: int, columns: int, rng: np.random.Generator) -> Floats:
    """Standard normal draws, evenly spread within each column: quantiles of few draws are as those of many."""
    spread = np.array([NormalDist().inv_cdf((i + 0.5) / size) for i in range(size)])
    return np.stack([rng.permutation(spread) for _ in range(columns)], axis=1)


def show_series(c: Curves) -> tuple[Point, ...]:
    """The interval of a measured count on each day from the last count on."""
    rows = zip(c.series_days.tolist(), *(m.tolist() for m in c.measured), strict=True)
    known = c.analyte == "neutrophils"
    return tuple(
        Point(c.analyte, _day(d), _count(m), _count(lo), _count(hi), round(deep, 4) if known else None,
              round(low, 4) if known else None)
        for d, m, lo, hi, deep, low in rows
    )  # fmt: skip


def find_nadir(c: Curves) -> Nadir | None:
    """The lowest point of each draw within the time of the forecast."""
    days, course = c.between(c.start, c.end)
    if len(days) < 2:
        return None
    day, value = lowest(days, course)
    v, d = quantiles(value), quantiles(day)
    return Nadir(c.analyte, *map(_count, v), *map(_day, d))


def measure_below(c: Curves) -> tuple[Below, ...]:
    days, course = c.between(c.start, c.end)
    if len(days) < 2:
        return ()
    held = [(limit, quantiles(days_below(days, course, limit))) for limit in LIMITS]
    return tuple(Below(limit, *(round(x, 1) for x in q)) for limit, q in held)


def find_recoveries(c: Curves) -> tuple[Recovered, ...]:
    """The day each limit is met again, of the draws that fall below it; a limit most never fall below is left out."""
    found: list[Recovered] = []
    for limit in _BACK if c.analyte == "neutrophils" else ():
        low = c.course.min(axis=1) < limit
        if low.mean() < 0.5:
            continue
        back = _first_back(c.days, c.course[low], limit)
        found.append(Recovered(limit, *map(_finite, quantiles(back))))
    return tuple(found)


def weigh_febrile_range(c: Curves) -> FebrileRange | None:
    days, course = c.between(c.last, c.end)
    if len(days) < 2 or c.analyte != "neutrophils":
        return None
    long = days_below(days, course, _FEBRILE) > _WEEK
    return FebrileRange(_FEBRILE, round(float((course.min(axis=1) < _FEBRILE).mean()), 3), round(float(long.mean()), 3))


def meet_limit(c: Curves, limit: float, limit_by: str, before: float | None = None) -> NextCycle:
    """The first day from the last count on, after the nadir, at which the course is at the limit.

    `before`: the day of the next dose where one is planned; what comes after belongs to it.
    """
    days, course = c.between(c.start, c.days[-1] if before is None else before)
    back = np.maximum(_first_back(days, course, limit), c.last)
    return NextCycle(limit, limit_by, *map(_finite, quantiles(back)))


def _first_back(days: Floats, course: Floats, limit: float) -> Floats:
    """Day of the first crossing up to the limit after each draw's lowest point; that point where it is not below."""
    at: NDArray[np.int64] = np.argmin(course, axis=1)
    column = np.arange(course.shape[1], dtype=np.int64)
    met: NDArray[np.bool_] = np.logical_and(np.greater_equal.outer(-at, -column), course >= limit)
    first: NDArray[np.int64] = np.argmax(met, axis=1)
    row = np.arange(len(course))
    before = np.maximum(first - 1, 0)
    low, high = course[row, before], course[row, first]
    share = np.where(high > low, (limit - low) / np.where(high > low, high - low, 1.0), 1.0)
    crossed = days[before] + np.clip(share, 0.0, 1.0) * (days[first] - days[before])
    return np.where(np.any(met, axis=1), np.where(first > at, crossed, days[first]), np.inf)


def _finite(day: float) -> float | None:
    return _day(day) if np.isfinite(day) else None


def _day(value: float) -> float:
    return round(float(value), 2)


def _count(value: float) -> float:
    return float(f"{float(value):.4g}")
