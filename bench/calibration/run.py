"""Runs all parts of the calibration; the page is written from what this gives."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.calibration.answers import Answer, answer_all
from bench.calibration.patients import draw_patients
from bench.calibration.records import Published, judge_folder
from bench.calibration.world import DEVIATIONS, EXACT, OTHER, OWN, World, without_safeguards
from leukon.knowledge import Knowledge

__all__ = ["Results", "run_all", "run_world"]


@dataclass(frozen=True, slots=True)
class Results:
    """Answers by world, and judged folders of records."""

    knowledge: str
    n: int
    seed: int
    exact: list[Answer]
    own: list[Answer]
    other: list[Answer]
    deviations: list[tuple[World, list[Answer]]]
    published: list[Published]


def run_world(k: Knowledge, world: World, n: int, seed: int) -> list[Answer]:
    """leukon, as it is used, on `n` patients of a world."""
    return list(answer_all(draw_patients(k, world, n, seed), k))


def run_all(k: Knowledge, n: int, seed: int, folders: Sequence[Path]) -> Results:
    """Everything the page shows: `n` patients in each world, a quarter for each single deviation."""
    _say(f"{n} patients of leukon's own world, safeguards off")
    with without_safeguards():
        exact = run_world(k, EXACT, n, seed)
    _say(f"{n} patients of leukon's own world")
    own = run_world(k, OWN, n, seed + 1)
    _say(f"{n} patients of a world that differs")
    other = run_world(k, OTHER, n, seed + 2)
    deviations: list[tuple[World, list[Answer]]] = []
    for place, world in enumerate(DEVIATIONS):
        _say(world.name)
        deviations.append((world, run_world(k, world, max(1, n // 4), seed + 3 + place)))
    published = [judge_folder(folder, k) for folder in folders]
    return Results(k.version, n, seed, exact, own, other, deviations, published)


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
