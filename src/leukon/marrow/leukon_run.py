"""Runs the leukon model: what happens when, put on a grid, and one compiled program for one person or many."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from leukon.marrow._jax import Array, array, compiled, mapped, to_numpy
from leukon.marrow.grid import Grid, Spacing, build_grid
from leukon.marrow.kinetics import Modes, absorb, one_mode, stack_modes
from leukon.marrow.library import Part
from leukon.marrow.lineages import leukocytes
from leukon.marrow.solve import Params, Steps, solve
from leukon.marrow.stimuli import LEVELS
from leukon.marrow.systems import drug_modes

__all__ = ["Happening", "lay_out", "run_many", "run_one"]

Floats = NDArray[np.float64]
_BATCH = 500
_LN2 = 0.6931471805599453


@dataclass(frozen=True, slots=True)
class Happening:
    """Something that starts on a day: an amount given (`hours` 0 or more), or a level held to the day `end`."""

    column: int  # place among `LEVELS`, then splenectomy, then the causes
    day: float
    amount: float
    hours: float = 0.0
    end: float | None = None


def lay_out(happenings: Sequence[Happening], columns: int, asked: Floats, spacing: Spacing) -> tuple[Steps, Array]:
    """The steps from day 0 to the last day asked for, and where the asked days stand among the nodes."""
    last = float(asked[-1])
    events = [t for h in happenings for t in (h.day, h.day + h.hours / 24.0, h.end) if t is not None and 0 <= t < last]
    grid = build_grid(asked, events, spacing)
    count = len(grid.nodes) - 1
    padded = _rounded(count)
    given, rates = np.zeros((padded, columns)), np.zeros((padded, columns))
    for h in happenings:
        if h.day >= last:
            continue
        first = _at(grid, h.day)
        if h.end is not None:
            rates[first : _at(grid, min(h.end, last)), h.column] = h.amount
        elif h.hours > 0:
            rates[first : _at(grid, min(h.day + h.hours / 24.0, last)), h.column] += h.amount * 24.0 / h.hours
        else:
            given[first, h.column] += h.amount
    lengths = np.zeros(padded)
    lengths[:count] = grid.steps
    place = np.zeros(_rounded(len(asked)), dtype=np.int64)
    place[: len(asked)] = grid.asked
    return Steps(array(lengths), array(given), array(rates)), array(place)


def _rounded(count: int) -> int:
    """256, 384, 512, 768, …: few sizes, so that few programs are compiled."""
    size = 256
    while size < count:
        size += size // 2 if size & (size - 1) == 0 else size // 3
    return size


def _at(grid: Grid, day: float) -> int:
    return int(np.searchsorted(grid.nodes, day - 1e-9))


def _modes(part: Part | None, whole: bool, p: Params) -> tuple[Modes, tuple[int, ...]]:
    """The levels of `LEVELS`: the drug as published, the rest as sums of exponentials."""
    drug = drug_modes((part,), p)[0] if part is not None else one_mode(array(1.0), 0.0)
    if not whole:
        return stack_modes((drug, *(one_mode(array(1.0), 0.0) for _ in LEVELS[1:])))
    slow = _LN2 / p["etiocholanolone.half"]
    return stack_modes((
        drug,
        *(one_mode(_LN2 / p[f"steroid.{name}"]) for name in ("hours", "usual", "days")),
        absorb(one_mode(_LN2 / p["endotoxin.half"]), 72.0 + 0.0 * slow),
        absorb(one_mode(slow), 1.001 * slow),
        absorb(one_mode(_LN2 / p["plerixafor.half"]), 33.0 + 0.0 * slow),
        one_mode(p["growth.ka"], p["growth.ka"] * p["growth.f"]),
    ))  # fmt: skip


@cache
def _program(effect: str, part: Part | None, whole: bool, many: bool) -> Callable[..., Array]:
    structure = leukocytes(effect, whole=whole)

    def one(params: dict[str, Array], steps: Steps, asked: Array) -> Array:
        modes, feeds = _modes(part, whole, params)
        return solve(structure, modes, feeds, params, steps)[:, asked]

    if not many:
        return compiled(one)

    @compiled
    def all_of_them(params: dict[str, Array], steps: Steps, asked: Array) -> Array:
        def own(person: dict[str, Array]) -> Array:
            return one(person, steps, asked)

        return mapped(own)(params)

    return all_of_them


def run_one(
    effect: str, part: Part | None, whole: bool, params: Mapping[str, Floats], steps: Steps, asked: Array, rows: int
) -> Floats:
    """The outputs of one person, shape (outputs, rows)."""
    run = _program(effect, part, whole, False)
    return to_numpy(run({k: array(v) for k, v in params.items()}, steps, asked))[:, :rows]


def run_many(
    effect: str, part: Part | None, whole: bool, params: Mapping[str, Floats], steps: Steps, asked: Array, rows: int
) -> Floats:
    """The outputs of many people (first axis of every parameter), shape (people, outputs, rows)."""
    run = _program(effect, part, whole, True)
    people = len(next(iter(params.values())))
    size = min(_BATCH, people)
    found: list[Floats] = []
    for first in range(0, people, size):
        take = np.minimum(np.arange(first, first + size), people - 1)  # the last batch repeats its last person
        got = to_numpy(run({k: array(v[take]) for k, v in params.items()}, steps, asked))
        found.append(got[: min(size, people - first), :, :rows])
    return np.concatenate(found)
