"""The time steps: fine after each dose, coarse when nothing fast is left.

Drug levels fall by orders of magnitude in hours while cells take days, so a step of fixed length is either wrong or
slow. The step grows in proportion to the time since the last event, `first + growth · time`, up to `last`.
Every event and every time asked for is a node, so nothing is interpolated.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

__all__ = ["Grid", "Spacing", "build_grid"]

Floats = NDArray[np.float64]
_SAME = 1e-9  # days: nearer nodes are one


@dataclass(frozen=True, slots=True)
class Spacing:
    """How long the steps are, in days: the first after an event, its growth per day since, the longest."""

    first: float = 0.004
    growth: float = 0.25
    last: float = 0.3


@dataclass(frozen=True, slots=True)
class Grid:
    """Nodes in days, and where among them the times asked for stand."""

    nodes: Floats
    asked: NDArray[np.int64]

    @property
    def steps(self) -> Floats:
        return np.diff(self.nodes)


def build_grid(asked: Floats, events: Sequence[float], spacing: Spacing, refine: int = 1) -> Grid:
    """The nodes from day 0 to the last time asked for.

    `refine` cuts each step into so many: the error of the fourth-order method falls by its fourth power.
    """
    end = float(asked[-1])
    inside = [e for e in events if 0.0 <= e < end]
    forced = _distinct(np.concatenate([[0.0], np.asarray(inside, float), asked]))
    starts = _distinct(np.concatenate([[0.0], np.asarray(inside, float)]))
    nodes: list[Floats] = [np.zeros(1)]
    for left, right in pairwise(forced):
        since = left - starts[np.searchsorted(starts, left + _SAME) - 1]
        nodes.append(_between(left, right, float(since), spacing, refine))
    joined = np.concatenate(nodes)
    at = np.searchsorted(joined, asked - _SAME)
    return Grid(joined, np.minimum(at, len(joined) - 1).astype(np.int64))


def _distinct(times: Floats) -> Floats:
    times = np.sort(times)
    return times[np.concatenate([[True], np.diff(times) > _SAME])]


def _between(left: float, right: float, since: float, spacing: Spacing, refine: int) -> Floats:
    """Nodes after `left` up to `right`; steps counted by the integral of dt / step, so they fit without a sliver."""
    first, count = _count(since, spacing), _count(since + right - left, spacing)
    pieces = max(1, int(np.ceil(count - first - 1e-6))) * refine
    marks = np.linspace(first, count, pieces + 1)[1:]
    out = left + np.array([_time(float(m), spacing) for m in marks]) - since
    out[-1] = right
    return out


def _count(time: float, s: Spacing) -> float:
    turn = max(0.0, (s.last - s.first) / s.growth)
    near = float(np.log1p(s.growth * min(time, turn) / s.first)) / s.growth
    return near + max(0.0, time - turn) / s.last


def _time(count: float, s: Spacing) -> float:
    turn = max(0.0, (s.last - s.first) / s.growth)
    at_turn = _count(turn, s)
    if count <= at_turn:
        return float(np.expm1(count * s.growth)) * s.first / s.growth
    return turn + (count - at_turn) * s.last
