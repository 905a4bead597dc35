"""The sets of causes that are weighed, and where each would put the counts: the same for all people with the same rows.

What depends on the causes alone is worked out once and kept; a person brings priors, findings and counts.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from leukon.causes.likelihood import severity_nodes
from leukon.causes.rows import Row
from leukon.causes.table import ActorTable, build_table
from leukon.knowledge import Knowledge
from leukon.knowledge.once import once_per_version
from leukon.knowledge.schema import LINEAGES

__all__ = ["SetIndex", "Sets", "build_index", "find_sets", "make_sets", "sum_by_row"]

Floats = NDArray[np.float64]
_Sum = tuple[tuple[str, ...], tuple[float, ...]]  # lineages; how many cells of each are usual, where there are several
_Move = tuple[Floats, Floats]
_SEVERITY_SD = 0.354  # of the nodes in constants.SEVERITY
_MOST_MOVES = 32  # kept for one list of causes: 160 kB each, 240 kB where parts are summed
_MOST_LISTS = 8  # lists of causes whose sets are kept


@dataclass(frozen=True, slots=True)
class SetIndex:
    """The sets: 0 = nothing acts; then each row alone; then each pair of rows. The last place is "none of these"."""

    first: NDArray[np.intp]  # row of the first cause, or n (a silent row) where there is none
    second: NDArray[np.intp]
    rows: int


@dataclass(frozen=True, slots=True, eq=False)
class Sets:
    """The sets over one list of rows, as arrays; "none of these" is not among them."""

    index: SetIndex
    actors: NDArray[np.intp]  # of each row, in the table
    seconds: Floats  # causes beyond the first that must be paid for; infinite where both are one cause
    shift: Floats  # lineages × rows, a silent row last: mean of ln(value with the cause / value without)
    variance: Floats  # the same: what the shared severity does not carry of its spread
    moves: dict[_Sum, _Move] = field(default_factory=dict[_Sum, _Move])  # filled as they are asked for

    def move(self, parts: tuple[str, ...], expected: tuple[float, ...]) -> _Move:
        """Shift (severities × sets) and variance of ln of a lineage, or of a sum of lineages as large as `expected`."""
        key = parts, expected if len(parts) > 1 else ()
        if key not in self.moves:
            if len(self.moves) >= _MOST_MOVES:
                self.moves.clear()
            self.moves[key] = self._move(parts, expected)
        return self.moves[key]

    def _move(self, parts: tuple[str, ...], expected: tuple[float, ...]) -> _Move:
        nodes, _ = severity_nodes()
        lineages = [LINEAGES.index(part) for part in parts]
        first, second = self.index.first, self.index.second
        mean = np.stack([self.shift[x][first] + self.shift[x][second] for x in lineages])
        variance = np.stack([self.variance[x][first] + self.variance[x][second] for x in lineages])
        if len(parts) == 1:
            return nodes[:, None] * mean, variance[0]
        usual = np.array(expected)[:, None]
        cells = usual * np.exp(nodes[:, None, None] * mean)
        total = cells.sum(axis=1)
        share = cells / total[:, None]
        return np.log(total / usual.sum()), (share**2 * variance).sum(axis=1)


@lru_cache(maxsize=256)
def build_index(rows: int) -> SetIndex:
    i, j = np.triu_indices(rows, 1)
    alone = np.arange(rows)
    silent = np.full(rows, rows)
    return SetIndex(
        np.concatenate([[rows], alone, i]).astype(np.intp), np.concatenate([[rows], silent, j]).astype(np.intp), rows
    )


def sum_by_row(weight: Floats, index: SetIndex) -> Floats:
    """The probability of each row: the sum over the sets that hold it ("none of these", the last, holds none)."""
    sets = weight[:-1]
    size = index.rows + 1
    both = np.bincount(index.first, sets, size) + np.bincount(index.second, sets, size)
    return both[: index.rows].astype(np.float64)


def find_sets(rows: Sequence[Row], k: Knowledge) -> Sets:
    """The sets over these rows; kept for the next person with the same."""
    return _keep_sets(k)(tuple([(r.id, r.actor) for r in rows]))


@once_per_version
def _keep_sets(k: Knowledge) -> Callable[[tuple[tuple[str, str], ...]], Sets]:
    table = build_table(k)

    @lru_cache(maxsize=_MOST_LISTS)
    def get(rows: tuple[tuple[str, str], ...]) -> Sets:
        return make_sets([_Actor(i, a, k.causes[i].travels_with if i in k.causes else ()) for i, a in rows], table)

    return get


@dataclass(frozen=True, slots=True)
class _Actor:
    """What the sets need to know of a row."""

    id: str
    actor: str
    travels_with: tuple[str, ...]


def make_sets(rows: Sequence[Row | _Actor], table: ActorTable) -> Sets:
    """The sets over these rows, which come with odds and reasons of one person or without."""
    index = build_index(len(rows))
    actors = np.array([table.actors[r.actor] for r in rows], dtype=np.intp)
    silent = np.zeros(len(LINEAGES))
    shift = np.vstack([table.shift[actors], silent]).T.copy()
    spread = np.vstack([table.spread[actors], silent]).T
    # The shared severity carries part of the spread; the rest is the lineage's own.
    own = np.maximum(spread**2 - (_SEVERITY_SD * shift) ** 2, (0.5 * spread) ** 2)
    return Sets(index, actors, _count_seconds(rows, index), shift, own)


def _count_seconds(rows: Sequence[Row | _Actor], index: SetIndex) -> Floats:
    seconds = np.ones(len(index.first))
    seconds[: index.rows + 1] = 0.0
    places: dict[str, list[int]] = {}
    for n, row in enumerate(rows):
        places.setdefault(row.id, []).append(n)
    for n, row in enumerate(rows):
        for m in (m for other in row.travels_with for m in places.get(other, ())):
            seconds[_find_pair(n, m, index.rows)] = 0.0
    for ways in places.values():
        for n, m in combinations(ways, 2):
            seconds[_find_pair(n, m, index.rows)] = np.inf
    return seconds


def _find_pair(n: int, m: int, rows: int) -> int:
    """The place of a pair of rows among the sets."""
    i, j = min(n, m), max(n, m)
    return 1 + rows + i * rows - i * (i + 1) // 2 + j - i - 1
