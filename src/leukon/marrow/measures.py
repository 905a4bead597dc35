"""What people ask of a course: the lowest count, the time below a limit, the day it is back."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["below", "days_below", "lowest", "recovery"]

Floats = NDArray[np.float64]


def lowest(days: Floats, counts: Floats) -> tuple[Floats, Floats]:
    """Day and value of the nadir of each course (rows): the vertex of the parabola through the lowest three neighbours.

    >>> day, value = lowest(np.array([0.0, 1.0, 2.0, 3.0]), np.array([[4.0, 1.0, 0.0, 1.0]]))
    >>> float(day[0]), float(value[0])
    (2.0, 0.0)
    """
    row = np.arange(len(counts))
    i = counts.argmin(axis=1)
    if counts.shape[1] < 3:
        return days[i], counts[row, i]
    k = np.clip(i, 1, counts.shape[1] - 2)
    left, right = days[k] - days[k - 1], days[k + 1] - days[k]
    down, up = counts[row, k - 1] - counts[row, k], counts[row, k + 1] - counts[row, k]
    bend = (down / left + up / right) / (left + right)
    slope = (up * left / right - down * right / left) / (left + right)
    inner = (i == k) & (bend > 0)
    shift = np.where(inner, np.clip(-slope / (2 * np.where(inner, bend, 1.0)), -left, right), 0.0)
    vertex = counts[row, k] + shift * (slope + bend * shift)
    return np.where(inner, days[k] + shift, days[i]), np.where(inner, vertex, counts[row, i])


def below(days: Floats, counts: Floats, limit: float) -> list[tuple[float, float]]:
    """The spells below a limit, crossing times by straight lines; one that has not ended ends with the course.

    >>> below(np.array([0.0, 1.0, 2.0]), np.array([2.0, 0.0, 2.0]), 1.0)
    [(0.5, 1.5)]
    """
    low = counts < limit
    spells: list[tuple[float, float]] = []
    begin = float(days[0]) if low[0] else None
    for i in np.flatnonzero(np.diff(low.astype(int))):
        share = (limit - counts[i]) / (counts[i + 1] - counts[i])
        at = float(days[i] + share * (days[i + 1] - days[i]))
        if low[i + 1]:
            begin = at
        else:
            spells.append((begin if begin is not None else float(days[0]), at))
            begin = None
    if begin is not None:
        spells.append((begin, float(days[-1])))
    return spells


def days_below(days: Floats, counts: Floats, limit: float) -> Floats:
    """How long, in days, each course (rows) is below a limit in all; crossings by straight lines.

    >>> float(days_below(np.array([0.0, 1.0, 2.0]), np.array([[2.0, 0.0, 2.0]]), 1.0)[0])
    1.0
    """
    a, b = counts[:, :-1] - limit, counts[:, 1:] - limit
    crossing = (a < 0) != (b < 0)
    share = np.where(crossing, np.minimum(a, b) / np.where(crossing, -np.abs(a - b), 1.0), a < 0)
    return (share * np.diff(days)).sum(axis=1)


def recovery(days: Floats, counts: Floats, limit: float) -> float | None:
    """The day the count is back at a limit after the nadir; None if it is not, or never fell below it."""
    i = int(np.argmin(counts))
    if counts[i] >= limit:
        return None
    back = np.flatnonzero(counts[i:] >= limit)
    if len(back) == 0:
        return None
    k = i + int(back[0])
    share = (limit - counts[k - 1]) / (counts[k] - counts[k - 1])
    return float(days[k - 1] + share * (days[k] - days[k - 1]))
