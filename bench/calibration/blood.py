"""Draws the blood count: what people like this one have, shifted by what acts, with a shared severity."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bench.calibration.acting import NONE, UNKNOWN, Acting
from bench.calibration.people import Someone
from bench.calibration.world import Nature
from leukon.causes.constants import BROAD_SD, COUNT_DF, SEVERITY
from leukon.causes.observe import PARTS
from leukon.counts.analytes import ANALYTES
from leukon.knowledge.schema import LINEAGES
from leukon.limits.choose import choose_limit
from leukon.limits.expected import Expected, expected_count
from leukon.limits.judge import LOW_OF, judge_value
from leukon.patient import Draw, Item, Measure, Person

__all__ = ["Blood", "draw_blood", "expect_blood"]

_UNITS = {"hemoglobin": "g/dL", "mcv": "fL"}
_SEVERITY_SD = float(np.sqrt(sum(w * (v - 1) ** 2 for v, w in SEVERITY)))
# What a laboratory reports, and in what share of people.
_WHOLE = (*PARTS, "hemoglobin", "mcv", "platelets")
_REPORTED = (
    (0.7, ("wbc", *_WHOLE)),
    (0.2, ("wbc", "neutrophils", "hemoglobin", "mcv", "platelets")),
    (0.1, ("wbc", "hemoglobin", "platelets")),
)


@dataclass(frozen=True, slots=True)
class Blood:
    """What the counts of one person are drawn from: medians and spreads, and the lower limits that judge them."""

    expected: dict[str, Expected]
    lower: dict[str, float | None]


def expect_blood(person: Person) -> Blood:
    """What this person would have, and what is low for them. Reticulocytes are left out."""
    found = {name: expected_count(name, person, person.age_days) for name in _WHOLE}
    limits = {name: choose_limit(name, person, person.age_days) for name in LOW_OF}
    return Blood(
        {name: e for name, e in found.items() if e},
        {name: limit.lower if limit else None for name, limit in limits.items()},
    )


def draw_blood(rng: np.random.Generator, someone: Someone, acting: Acting, blood: Blood, nature: Nature) -> Draw | None:
    """One count; None where it is not low, or where no laboratory would print it."""
    values = _draw_values(rng, someone, acting, blood, nature)
    reported = _REPORTED[0][1] if nature.world.whole else _choose_report(rng)
    values["wbc"] = sum(round(values[p], 3) for p in PARTS if p in values)
    shown = {name: round(values[name], 3) for name in reported if name in values}
    for name, value in shown.items():
        low, high = ANALYTES[name].plausible
        if not low <= value <= high:
            return None
    if not any(name in shown and judge_value(shown[name], blood.lower[name], None) == "low" for name in LOW_OF):
        return None
    measures = tuple(
        Measure(Item(f"counts[0].{name}", f"{value:.3f} {_UNITS.get(name, '10*9/L')}"), name)
        for name, value in shown.items()
    )
    return Draw(0.0, None, 0, measures)


def _choose_report(rng: np.random.Generator) -> tuple[str, ...]:
    return _REPORTED[int(rng.choice(len(_REPORTED), p=[share for share, _ in _REPORTED]))][1]


def _draw_values(
    rng: np.random.Generator, someone: Someone, acting: Acting, blood: Blood, nature: Nature
) -> dict[str, float]:
    names = [name for name in LINEAGES if name in blood.expected]
    where = [LINEAGES.index(name) for name in names]
    usual = np.array([np.log(blood.expected[name].median) for name in names])
    sd = np.array([blood.expected[name].sd_log for name in names])
    if not acting.rows and acting.other is None:
        return _values(names, usual + sd * rng.standard_normal(len(names)))
    if acting.other == NONE:
        shift, own = np.zeros(len(names)), np.array([BROAD_SD[name] for name in names]) ** 2
    elif acting.other == UNKNOWN:
        # White cells fall, the rest may: like some cause, but none that leukon knows.
        falls = np.where([n in PARTS for n in names], rng.uniform(0.3, 2.0), rng.choice([0.0, 0.3]))
        shift, own = -falls * (rng.random(len(names)) < 0.7), np.full(len(names), 0.4**2)
    else:
        actors = [nature.table.actors[someone.rows[r].actor] for r in acting.rows]
        means, spreads = nature.table.shift[actors][:, where], nature.table.spread[actors][:, where]
        severity = rng.choice([v for v, _ in SEVERITY], p=[w for _, w in SEVERITY])
        shift = severity * means.sum(axis=0)
        # The severity carries part of the spread of each cause; the rest, at least half of it, is the lineage's own.
        own = np.maximum(spreads**2 - (_SEVERITY_SD * means) ** 2, (0.5 * spreads) ** 2).sum(axis=0)
    scatter = rng.standard_normal(len(names)) if nature.world.normal else rng.standard_t(COUNT_DF, len(names))
    return _values(names, usual + shift + np.sqrt(sd**2 + own) * scatter)


def _values(names: list[str], logs: np.ndarray) -> dict[str, float]:
    return dict(zip(names, np.exp(np.clip(logs, -20, 20)).tolist(), strict=True))
