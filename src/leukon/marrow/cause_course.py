"""What the counts of a person will do when a cause is taken as given: the course that an assessment shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from leukon.marrow.courses import simulate_cause
from leukon.marrow.measures import days_below, lowest
from leukon.marrow.mechanisms import find_mechanism
from leukon.marrow.person import Person
from leukon.marrow.write_lineages import COUNTS

__all__ = ["course_of", "why_no_course"]

Floats = NDArray[np.float64]
_RESIDUAL_SD = 0.3  # of the logarithm of a count that the laboratory measures; that of docetaxel's models
_LIMITS = (0.5, 1.0, 1.5)


def why_no_course(cause_id: str) -> str | None:
    """Why a cause has no course of its own; None where it has one."""
    return find_mechanism(cause_id).no_course


def course_of(
    cause_id: str,
    now: Mapping[str, float] | None = None,
    *,
    person: Person | None = None,
    baseline: Mapping[str, float] | None = None,
    drugs: Sequence[str] = (),
    treatments: Sequence[str] = (),
    days: float = 42.0,
    patients: int = 200,
    seed: int = 1,
    first_day: float = 0.0,
) -> dict[str, Any] | None:
    """The course from now on, as `leukon forecast --format json` writes one; None where the cause has none.

    `now` are today's counts (10⁹/L by lineage), which set how severe the cause is; `first_day` is today on the record's
    axis. An acute cause is taken to be half over. The interval is that of a count the laboratory would measure.
    """
    cause = find_mechanism(cause_id)
    if cause.no_course is not None and not drugs:
        return None
    notes: list[str] = []
    if not cause.established and cause.no_course is None:
        lasts = cause.lasts_days
        cause = replace(cause, established=True, lasts_days=None if lasts is None else lasts / 2)
        if lasts is not None:
            notes.append(f"half of the {lasts:g} days that the cause usually acts are over: assumption")
    course = simulate_cause(
        cause, person, drugs, treatments, days, 24.0, patients=patients, seed=seed, baseline=baseline, now=now
    )
    if any(line for line in treatments):
        notes.append("with " + "; ".join(treatments))
    counts = course.count
    noise = np.random.default_rng(seed).standard_normal(patients)[:, None]
    rows: list[dict[str, Any]] = []
    for name in COUNTS:
        measured = course.series[name] * np.exp(_RESIDUAL_SD * noise)
        middle, low, high = np.percentile(measured, (50, 5, 95), axis=0)
        rows += [{"analyte": name, "day": first_day + float(d), "median": _round(m), "p05": _round(a), "p95": _round(b)}
                 for d, m, a, b in zip(course.days, middle, low, high, strict=True)]  # fmt: skip
    day, value = lowest(course.days, counts)
    return {
        "model": "leukon",
        "cause": cause_id,
        "series": rows,
        "nadir": {"analyte": "neutrophils"} | _spread("value", value) | _spread("day", first_day + day),
        "recovery": _recovery(course.days, counts, first_day),
        "below": [{"limit": limit} | _spread("days", days_below(course.days, counts, limit)) for limit in _LIMITS],
        "fit": {"n": len(now or {}), "ess": None, "residual_sd": _RESIDUAL_SD},
        "assumptions": [*notes, *course.model.assumptions],
        "sources": [{"id": s.id, "citation": s.citation} | ({"doi": s.doi} if s.doi else {})
                    for s in course.model.sources.values()],
        "not_used": [],
    }  # fmt: skip


def _round(value: float) -> float:
    return float(f"{value:.4g}")


def _spread(name: str, values: Floats) -> dict[str, float]:
    middle, low, high = (float(np.percentile(values, q)) for q in (50, 5, 95))
    ends = ("p05", "p95") if name != "day" else ("day_p05", "day_p95")
    return {name: _round(middle), ends[0]: _round(low), ends[1]: _round(high)}


def _recovery(days: Floats, counts: Floats, first_day: float) -> dict[str, Any] | None:
    """The first day from which neutrophils stay at 1.5 or more; None where most do not get there, or never fell."""
    low = counts < 1.5
    if np.mean(low.any(axis=1)) < 0.5:
        return None
    last = np.where(low.any(axis=1), counts.shape[1] - 1 - low[:, ::-1].argmax(axis=1), -1)
    there = last < counts.shape[1] - 1
    if np.mean(there) < 0.5:
        return None
    day = np.where(last < 0, 0.0, days[np.minimum(last + 1, len(days) - 1)])
    middle, early, late = (float(np.percentile(day, q)) for q in (50, 5, 95))
    return {"to": 1.5, "day": first_day + middle, "p05": first_day + early,
            "p95": first_day + late if np.mean(there) >= 0.95 else None}  # fmt: skip
