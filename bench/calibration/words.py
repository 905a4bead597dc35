"""Draws the findings: noisy-OR of what acts over the background, of which a part is told."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from bench.calibration.acting import UNKNOWN, Acting
from bench.calibration.people import Someone, list_context, list_related
from bench.calibration.world import Nature
from leukon.knowledge import Knowledge
from leukon.patient import Item, Patient

__all__ = ["tell_findings"]

Floats = NDArray[np.float64]

# Share of findings that are asked for or looked for, whether present or not.
_ASKED = {"finding": 0.12, "exposure": 0.10, "result": 0.06, "film": 0.10, "marrow": 0.03, "course": 0.05}
_ASKED_ELSE = 0.02
_TELLING = {True: (0.85, 0.05, 2.0), False: (0.35, 0.01, 0.5)}  # talkative or not: present, absent told; noticed
_SETS_LIMITS = "duffy_null_test"  # the count was drawn as low by the usual limits
_UNKNOWN_FINDINGS = 12  # of a cause that leukon does not know


def tell_findings(rng: np.random.Generator, someone: Someone, acting: Acting, nature: Nature, k: Knowledge) -> Patient:
    """The patient with the findings that are told, present or absent, beside what stood on the record."""
    table, related = nature.table, list_related(k)
    settled = {f.id for f in someone.facts.facts} | someone.facts.present | someone.facts.absent
    barred = set(list_context(k)) | {table.names[f] for f in table.restated} | settled | {_SETS_LIMITS}
    barred |= {line for name in settled if name in related for line in related[name][1]}
    talkative = bool(rng.random() < 0.5) if nature.world.talk else None
    chance = _find_chances(rng, someone, acting, nature, talkative)
    is_present = rng.random(len(chance)) < chance
    asked = rng.random(len(chance)) < _find_asked(is_present, talkative, k)
    if nature.world.plain:
        asked &= ~table.against.any(axis=0)
    present: list[str] = []
    absent: list[str] = []
    for place in rng.permutation(len(chance)):
        name = table.names[place]
        if not asked[place] or name in barred:
            continue
        (present if is_present[place] else absent).append(name)
        barred |= {name, *related[name][1]}  # of a line of terms one is told
    old = someone.patient
    return replace(
        old,
        present=old.present + _items("present", present, len(old.present), k),
        absent=old.absent + _items("absent", absent, len(old.absent), k),
    )


def _items(state: str, names: list[str], begin: int, k: Knowledge) -> tuple[Item, ...]:
    return tuple(Item(f"findings.{state}[{begin + n}]", k.findings[name].name) for n, name in enumerate(names))


def _find_chances(
    rng: np.random.Generator, someone: Someone, acting: Acting, nature: Nature, talkative: bool | None
) -> Floats:
    """How likely each finding is present."""
    table = nature.table
    actors = [table.actors[someone.rows[r].actor] for r in acting.rows]
    missed = np.prod(1 - table.power[actors], axis=0)
    if acting.other == UNKNOWN:
        missed[rng.choice(len(missed), _UNKNOWN_FINDINGS, replace=False)] = rng.uniform(0.2, 0.8, _UNKNOWN_FINDINGS)
    leak = table.leak if talkative is None else np.minimum(table.leak * _TELLING[talkative][2], 0.95)
    speaks = np.exp(table.against[actors].sum(axis=0))
    return np.minimum(1.0, (1 - (1 - leak) * missed) * speaks)


def _find_asked(is_present: NDArray[np.bool_], talkative: bool | None, k: Knowledge) -> Floats:
    """How likely each finding is told: whatever its state, or more where it is present."""
    if talkative is not None:
        present, absent, _ = _TELLING[talkative]
        return np.where(is_present, present, absent)
    return np.array([_ASKED.get(f.kind, _ASKED_ELSE) for f in k.findings.values()])
