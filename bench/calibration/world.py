"""The worlds that virtual patients come from: leukon's own model of evidence, and worlds that differ from it.

A world turns what leukon believes (priors, shifts, powers, leaks) into what is so in that world. In leukon's own
world nothing is turned.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from unittest.mock import patch

import numpy as np
from numpy.typing import NDArray

from leukon.causes import likelihood, posterior
from leukon.causes.table import ActorTable, build_table
from leukon.knowledge import Knowledge

__all__ = ["DEVIATIONS", "EXACT", "OTHER", "OWN", "SETTINGS", "Nature", "World", "make_nature", "without_safeguards"]

Floats = NDArray[np.float64]
SETTINGS = ("any", "primary-care", "hospital", "oncology", "paediatric")


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """How a world differs from leukon's model of it. The defaults do not."""

    name: str
    priors: float = 1.0  # the prior of each cause is × or ÷ this, at random in each setting
    shifts: float = 1.0  # the shifts of each cause are × or ÷ this
    leaks: float = 1.0  # the background of each finding is × or ÷ this
    normal: bool = False  # counts scatter like a normal distribution, not a Student-t
    talk: bool = False  # talkative and silent patients; what is present is told more than what is absent
    unknown: float = 0.0  # share of patients whose cause leukon does not know
    three: float = 0.0  # share of patients with three causes at once
    whole: bool = False  # every patient has the complete differential
    plain: bool = False  # findings that speak against a cause are not asked for


OWN = World(name="leukon's own world")
EXACT = World(name="leukon's own world, nothing approximated", whole=True, plain=True)
OTHER = World(
    name="a world that differs", priors=3.0, shifts=1.4, leaks=2.0, normal=True, talk=True, unknown=0.1, three=0.1
)
DEVIATIONS = (
    World(name="priors of each cause 3 times too high or too low", priors=3.0),
    World(name="shifts of the counts 1.4 times too large or too small, normal scatter", shifts=1.4, normal=True),
    World(name="findings told by talkative and silent patients, what is present more than what is absent", talk=True),
    World(name="backgrounds of findings twice or half as high", leaks=2.0),
    World(name="10 % have a cause that leukon does not know", unknown=0.1),
    World(name="10 % have three causes at once", three=0.1),
)


@dataclass(frozen=True, slots=True)
class Nature:
    """What is so in a world: leukon's arrays, turned; and by how much the odds of a cause differ in a setting."""

    world: World
    table: ActorTable
    odds: dict[tuple[str, str], float]  # (setting, actor) -> factor


def make_nature(k: Knowledge, world: World, rng: np.random.Generator) -> Nature:
    """Draws once what is so in this world."""
    table = build_table(k)
    actors = len(table.actors)
    scale = _either(rng, world.shifts, actors)[:, None]
    turned = replace(
        table,
        leak=np.minimum(table.leak * _either(rng, world.leaks, len(table.leak)), np.maximum(table.leak, 0.9)),
        shift=table.shift * scale,
        spread=table.spread * scale,
    )
    factors = _either(rng, world.priors, actors * len(SETTINGS))
    keys = [(setting, actor) for setting in SETTINGS for actor in table.actors]
    return Nature(world, turned, dict(zip(keys, factors.tolist(), strict=True)))


def _either(rng: np.random.Generator, factor: float, size: int) -> Floats:
    """Half of them × the factor, half of them ÷ it."""
    return np.where(rng.random(size) < 0.5, factor, 1 / factor)


@contextmanager
def without_safeguards() -> Iterator[None]:
    """leukon without its deliberate caution: no tempering, no discount within clusters, no cap on a count."""
    with (
        patch.object(posterior, "TEMPER", 1.0),
        patch.object(posterior, "CLUSTER_REST", 1.0),
        patch.object(likelihood, "COUNT_CAP", float("inf")),
    ):
        yield
