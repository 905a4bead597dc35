"""Writes a course of all lineages as text, CSV or JSON, with and without treatment."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from leukon.marrow.measures import days_below
from leukon.marrow.simulation import Course
from leukon.marrow.write import write_json

__all__ = ["COUNTS", "lineage_rows", "write_lineages_csv", "write_lineages_json", "write_lineages_text"]

Floats = NDArray[np.float64]
COUNTS = ("wbc", "neutrophils", "lymphocytes", "monocytes", "eosinophils", "basophils")


def _band(values: Floats) -> tuple[Floats, Floats | None, Floats | None]:
    if values.ndim == 1:
        return values, None, None
    middle, low, high = np.percentile(values, (50.0, 5.0, 95.0), axis=0)
    return middle, low, high


def lineage_rows(course: Course) -> Iterator[dict[str, Any]]:
    """A row for each count and day: `analyte, day, value`, with p05 and p95 where there are virtual people."""
    for name in COUNTS:
        middle, low, high = _band(course.series[name])
        for i, day in enumerate(course.days):
            row: dict[str, Any] = {"analyte": name, "day": round(float(day), 6), "value": _round(middle[i])}
            if low is not None and high is not None:
                row |= {"p05": _round(low[i]), "p95": _round(high[i])}
            yield row


def _round(value: float) -> float:
    return float(f"{value:.6g}")


def write_lineages_csv(course: Course) -> str:
    """`day, analyte, value`, with p05 and p95 where there are virtual people; 10⁹/L."""
    rows = list(lineage_rows(course))
    names = ["day", "analyte", "value", *(("p05", "p95") if "p05" in rows[0] else ())]
    return "\n".join([",".join(names), *(",".join(_text(row[n]) for n in names) for row in rows)])


def _text(value: float | str) -> str:
    return value if isinstance(value, str) else f"{value:g}"


def write_lineages_json(course: Course, about: dict[str, Any], without: Course | None = None) -> str:
    """As any simulation, with a row for every lineage; the nadir and the days below limits are of neutrophils."""
    whole: dict[str, Any] = json.loads(write_json(course, about))
    whole["series"] = list(lineage_rows(course))
    whole["causes"] = about["causes"]
    if without is not None:
        whole["without_treatment"] = list(lineage_rows(without))
    return json.dumps(whole, ensure_ascii=False, indent=1)


def write_lineages_text(course: Course, about: dict[str, Any], without: Course | None = None) -> str:
    """For reading: what is assumed to happen, the counts by day, time below limits, assumptions, sources."""
    model, days = course.model, course.days
    lines = [f"{model.title} (leukon model of the marrow)", ""]
    lines += [f"{c['name']}: {c['how']}. Evidence: {c['grade']}." for c in about["causes"]]
    lines += [f"{line}" for line in about["written"]]
    if lines[-1]:
        lines.append("")
    lines += [f"10^9/L, day {days[0]:g} to {days[-1]:g}" + (
        f", median of {about['patients']} virtual people" if about["patients"] else "")]  # fmt: skip
    names = [n for n in COUNTS if n in course.series]
    head = f"  {'day':>5}" + "".join(f"  {n[:11]:>11}" for n in names)
    lines.append(head + ("  neutrophils without treatment" if without is not None else ""))
    for mark in _marks(days):
        row = f"  {mark:>5.4g}"
        for name in names:
            row += f"  {np.interp(mark, days, _band(course.series[name])[0]):>11.2f}"
        if without is not None:
            row += f"  {np.interp(mark, days, _band(without.count)[0]):>11.2f}"
        lines.append(row)
    lines += ["", *_neutrophils(course, "Neutrophils")]
    if without is not None:
        lines += _neutrophils(without, "Without treatment")
    if without is not None and any("filgrastim" in line for line in about["written"]):
        lines.append("Compare the time below a limit: G-CSF can make the lowest count earlier and deeper, yet shorter.")
    lines += ["", "Assumed", *(f"  {text}" for text in model.assumptions), "", "Sources"]
    lines += [f"  {s.citation}" + (f". doi:{s.doi}" if s.doi else "") for s in model.sources.values()]
    return "\n".join(lines)


def _marks(days: Floats) -> Floats:
    span = float(days[-1] - days[0])
    step = next((s for s in (0.05, 0.125, 0.25, 0.5, 1, 2, 3, 7, 14, 28, 56, 112) if span / s <= 15), 365)
    return np.arange(float(days[0]), float(days[-1]) + 1e-9, step)


def _neutrophils(course: Course, label: str) -> list[str]:
    people = np.atleast_2d(course.count)
    i = people.argmin(axis=1)
    low = people[np.arange(len(people)), i]
    day = course.days[i]
    if len(people) == 1:
        line = f"{label}: lowest {low[0]:.2f} on day {day[0]:.3g}"
    else:
        a, b, c = np.percentile(low, (50, 5, 95))
        line = f"{label}: lowest {a:.2f} ({b:.2f} to {c:.2f}; the band holds 90 % of the people)"
    parts = [f"{float(np.median(d)):.1f} days below {limit:g}" for limit in (0.5, 1.0, 1.5)
             if np.median(d := days_below(course.days, people, limit)) > 0]  # fmt: skip
    return [line + (", " + ", ".join(parts) if parts else "")]
