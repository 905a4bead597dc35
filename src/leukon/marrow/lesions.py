"""How strong a cause must act to give a count: the steady state of the marrow, solved backwards.

At rest a lineage with `b` times its normal pool has as many progenitors as the drive of that pool allows,
`P = pmax - (pmax - pon) · min(speed / drive, 1)`, so the part that is lost is `b / (speed · P)`. That part is the
factor on capacity or survival, or the inverse of the factor on loss.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from leukon.marrow.mechanisms import Action, Mechanism

__all__ = ["CYCLIC", "RETAINED", "lesion", "severities"]

Floats = NDArray[np.float64]
_LINEAGES = ("neutrophils", "monocytes", "eosinophils", "basophils", "lymphocytes")
RETAINED = 0.02
"""Release of the reserve in myelokathexis, times normal: an assumption that meets Dale 2011."""
CYCLIC: Mapping[str, float] = {"mtt_h": 140.0, "gamma": 0.75, "pon": 4.0, "pmax": 8.0, "setpoint": 0.15, "swap": 0.25}
"""A marrow that swings: an assumption that meets period, nadir and peak of cyclic neutropenia."""
_IN_MARROW = 0.7  # of a drug's destruction: the part that strikes progenitors (logarithm)
_TOGETHER = 0.7  # correlation of the severities of two lineages of one person


def severities(mechanism: Mechanism, people: int | None, rng: np.random.Generator) -> dict[str, Floats]:
    """ln(count / expected) by lineage: the mean, or one draw a person; what lowers a lineage never raises it."""
    shared = rng.standard_normal(people) if people else np.zeros(())
    drawn: dict[str, Floats] = {}
    for name, strength in mechanism.strengths:
        own = rng.standard_normal(people) if people else np.zeros(())
        normal = np.sqrt(_TOGETHER) * shared + np.sqrt(1.0 - _TOGETHER) * own
        value = strength.mean + strength.sd * (normal if strength.mean <= 0 else -normal)
        low, high = (-7.0, 0.0) if strength.mean < 0 else (0.0, 3.5)
        drawn[name] = np.clip(value, low, high) if strength.mean else 0.0 * value
    return drawn


def lesion(
    mechanism: Mechanism, shifts: Mapping[str, Floats], p: Mapping[str, Floats], *, whole: bool
) -> dict[str, Floats]:
    """The logarithms of the factors of one cause; `p` are the assembled parameters of the same people."""
    shape = np.shape(p["pon"])
    made: dict[str, Floats] = {name: np.zeros(shape) for name in ("capacity", "survival", "loss", "share", "setpoint")}
    made |= {name: np.zeros(shape[:-1]) for name in ("release", "reserve_loss", "swap")}
    for i, name in enumerate(_LINEAGES):
        if name not in shifts:
            continue
        shift = np.broadcast_to(shifts[name], shape[:-1])
        _put(made, mechanism.on(name), i, shift, p, whole and name == "neutrophils")
    return made


def _put(made: dict[str, Floats], action: Action, i: int, shift: Floats, p: Mapping[str, Floats], whole: bool) -> None:
    if action == "cyclic":
        if i == 0:
            made["setpoint"][..., 0] = np.log(CYCLIC["setpoint"])
            made["swap"] += CYCLIC["swap"]
        return
    if action in ("share", "setpoint"):
        made[action][..., i] = shift
        return
    raised = np.maximum(shift, 0.0)
    made["setpoint"][..., i] += raised
    lost = np.where(shift < 0, _lost(np.exp(np.minimum(shift, 0.0)), i, p, whole, retained=action == "release"), 0.0)
    if action == "release" and whole:
        speed = _speed(np.exp(np.minimum(shift, 0.0)), p)
        stale = p["stale"]
        dead = RETAINED * speed * ((1.0 + stale) / np.exp(lost) - 1.0)
        made["release"] += np.log(RETAINED)
        made["reserve_loss"] += np.log(dead / stale)
    elif action in ("survival", "release"):
        made["survival"][..., i] = lost
    elif action == "destruction":
        made["capacity"][..., i] = _IN_MARROW * lost
        made["loss"][..., i] = -(1.0 - _IN_MARROW) * lost
    elif action == "loss":
        made["loss"][..., i] = -lost
    else:
        made["capacity"][..., i] = lost


def _signal(b: Floats, p: Mapping[str, Floats]) -> Floats:
    return (1.0 + p["uptake"]) / (1.0 + p["uptake"] * b)


def _speed(b: Floats, p: Mapping[str, Floats]) -> Floats:
    return _signal(b, p) ** p["beta"]


def _lost(b: Floats, i: int, p: Mapping[str, Floats], whole: bool, *, retained: bool) -> Floats:
    """ln of the part of the cells that must get lost for a pool of `b` times normal."""
    drive, speed = b ** -p["gamma"][..., i], np.ones_like(b)
    through = speed
    if whole:
        drive, speed = _signal(b, p) ** p["gamma"][..., i], _speed(b, p)
        through = speed if retained else speed * (1.0 + p["stale"]) * speed / (speed + p["stale"])
    most, free = p["pmax"][..., i], p["pon"][..., i]
    progenitors = most - (most - free) * np.minimum(speed / drive, 1.0)
    return np.log(b / (through * progenitors))
