"""Draws virtual patients whose count is low, as those are of whom leukon is asked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from bench.calibration.acting import Acting, draw_acting
from bench.calibration.blood import draw_blood, expect_blood
from bench.calibration.people import Someone, draw_someone
from bench.calibration.words import tell_findings
from bench.calibration.world import Nature, World, make_nature
from leukon.knowledge import Knowledge
from leukon.patient import Patient

__all__ = ["Virtual", "draw_patients"]

_TRIES = 40  # counts drawn for one person until one is low


@dataclass(frozen=True, slots=True)
class Virtual:
    """A virtual patient as a record, and the truth about them."""

    patient: Patient
    setting: str
    someone: Someone
    acting: Acting


def draw_patients(k: Knowledge, world: World, n: int, seed: int) -> Iterator[Virtual]:
    """`n` virtual patients of a world; the same seed and knowledge give the same patients."""
    rng = np.random.default_rng(seed)
    nature = make_nature(k, world, rng)
    made = 0
    while made < n:
        virtual = _draw_patient(rng, k, nature)
        if virtual is not None:
            made += 1
            yield virtual


def _draw_patient(rng: np.random.Generator, k: Knowledge, nature: Nature) -> Virtual | None:
    someone = draw_someone(rng, k, nature)
    blood = expect_blood(someone.patient.person)
    for acting in draw_acting(rng, someone, nature, _TRIES):
        draw = draw_blood(rng, someone, acting, blood, nature)
        if draw is not None:
            patient = replace(tell_findings(rng, someone, acting, nature, k), draws=(draw,))
            return Virtual(patient, someone.setting, someone, acting)
    return None
