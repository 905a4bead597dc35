"""Writes a course as text, CSV or JSON; the reasons and sources stand beside the numbers."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
from numpy.typing import NDArray

from leukon.marrow.library import Figure, Model
from leukon.marrow.measures import below, days_below, lowest, recovery
from leukon.marrow.simulation import Course

__all__ = ["write_csv", "write_json", "write_text"]

Floats = NDArray[np.float64]
_LIMITS = (0.5, 1.0, 1.5)  # 10^9/L
_BARS = "▁▂▃▄▅▆▇█"


def _limits(model: Model) -> tuple[float, ...]:
    return _LIMITS if model.unit == "10^9/L" else ()


def _rows(course: Course) -> tuple[Floats, Floats | None, Floats | None]:
    """Median, p05, p95; without virtual people the value alone."""
    if course.count.ndim == 1:
        return course.count, None, None
    return course.band()


def write_csv(course: Course, about: dict[str, Any]) -> str:
    """`day, analyte, value`, with p05 and p95 where there are virtual people; 10⁹/L."""
    middle, low, high = _rows(course)
    name = course.model.analyte
    if course.model.unit != "10^9/L":  # the column is 10^9/L: another unit must not look like it
        name = f"{name} ({course.model.unit})"
    if low is None or high is None:
        return "\n".join(
            ["day,analyte,value", *(f"{d:g},{name},{_number(v)}" for d, v in zip(course.days, middle, strict=True))]
        )
    rows = zip(course.days, middle, low, high, strict=True)
    lines = (f"{d:g},{name},{_number(v)},{_number(a)},{_number(b)}" for d, v, a, b in rows)
    return "\n".join(["day,analyte,value,p05,p95", *lines])


def _number(value: float) -> str:
    return f"{value:.6g}"


def write_json(course: Course, about: dict[str, Any]) -> str:
    """The whole of it: course, nadir, days below limits, every parameter with source and grade."""
    model = course.model
    middle, low, high = _rows(course)
    series: list[dict[str, Any]] = []
    for i, (day, value) in enumerate(zip(course.days, middle, strict=True)):
        row: dict[str, Any] = {"analyte": model.analyte, "day": round(float(day), 6), "value": _round(value)}
        if low is not None and high is not None:
            row |= {"p05": _round(low[i]), "p95": _round(high[i])}
        series.append(row)
    people = np.atleast_2d(course.count)
    whole: dict[str, Any] = {
        "model": {"id": model.id, "title": model.title, "population": model.population},
        "person": about["person"],
        "doses": about["doses"],
        "patients": about["patients"],
        "seed": about["seed"],
        "unit": model.unit.replace("^", "*"),
        "series": series,
        "nadir": _nadir(course.days, people),
        "below": [_below(course.days, people, limit) for limit in _limits(model)],
        "parameters": [_parameter(name, figure) for name, figure in model.parameters.items()],
        "residual": dict(model.residual),
        "other_models": about["others"],
        "assumptions": list(model.assumptions),
        "not_used": about["not_used"],
        "sources": _sources(model),
    }
    return json.dumps(whole, ensure_ascii=False, indent=1)


def _round(value: float) -> float:
    return float(f"{value:.6g}")


def _spread(name: str, values: Floats) -> dict[str, Any]:
    if len(values) == 1:
        return {name: _round(float(values[0]))}
    middle, low, high = (float(np.percentile(values, q)) for q in (50, 5, 95))
    return {name: _round(middle), f"{name}_p05": _round(low), f"{name}_p95": _round(high)}


def _nadir(days: Floats, people: Floats) -> dict[str, Any]:
    day, value = lowest(days, people)
    return _spread("day", day) | _spread("value", value)


def _below(days: Floats, people: Floats, limit: float) -> dict[str, Any]:
    lasting = days_below(days, people, limit)
    share = float(np.mean(lasting > 0))
    found: dict[str, Any] = {"limit": limit} | _spread("days", lasting)
    return found if len(people) == 1 else found | {"people": round(share, 4)}


def _parameter(name: str, figure: Figure) -> dict[str, Any]:
    held: dict[str, Any] = {"name": name, "value": figure.value, "unit": figure.unit, "source": figure.source,
                            "locator": figure.locator, "grade": figure.grade}  # fmt: skip
    if figure.omega is not None:
        held["sd_log"] = round(figure.omega, 4)
    if figure.note:
        held["note"] = figure.note
    return held


def _sources(model: Model) -> list[dict[str, Any]]:
    return [
        {"id": s.id, "citation": s.citation} | ({"doi": s.doi} if s.doi else {}) | ({"url": s.url} if s.url else {})
        for s in model.sources.values()
    ]


def write_text(course: Course, about: dict[str, Any]) -> str:
    """For reading: the course in a line, the nadir, time below limits, what is assumed, where it comes from."""
    model, days = course.model, course.days
    middle, low, high = _rows(course)
    person = about["person"]
    lines = [f"{model.title} ({model.id})", f"People of the paper: {model.population}", ""]
    lines.append(f"Person: {person['bsa_m2']:g} m2, {person['weight_kg']:g} kg" + "".join(
        f", {k} {v:g}" for k, v in person.items() if k not in {"bsa_m2", "weight_kg"}))  # fmt: skip
    lines += _dose_lines(about["doses"])
    if about["beyond"]:
        lines.append(f"{about['beyond']} planned doses lie after the last day shown")
    name = "Leukocytes" if model.analyte == "wbc" else model.analyte.capitalize()
    lines += ["", f"{name}, {model.unit}, day {days[0]:g} to {days[-1]:g}", f"  {_spark(days, middle)}"]
    lines += _table(days, middle, low, high)
    lines += ["", *_findings(course, middle)]
    if about["needs"]:
        lines.append(f"Traits the paper uses, at its reference here: {', '.join(about['needs'])}")
    lines += [f"Not used: {gap['item']} ({gap['reason']})" for gap in about["not_used"]]
    if about["others"]:
        lines.append(f"Other published models hold the same drugs and may disagree: {', '.join(about['others'])}")
    if model.assumptions:
        lines += ["", "Assumed", *(f"  {text}" for text in model.assumptions)]
    lines += [
        "",
        "Sources",
        *(f"  {s['citation']}" + (f". doi:{s['doi']}" if "doi" in s else "") for s in _sources(model)),
    ]
    return "\n".join(lines)


def _dose_lines(doses: list[dict[str, Any]]) -> list[str]:
    groups: dict[tuple[str, str, float, str], list[float]] = {}
    for dose in doses:
        key = (dose["drug"], dose["amount"], dose["hours"], dose["route"])
        groups.setdefault(key, []).append(dose["day"])
    lines: list[str] = []
    for (drug, amount, hours, route), when in groups.items():
        how = f" over {hours:.3g} h" if hours else ("" if route == "radiation" else f" {route}")
        shown = ", ".join(f"{day:g}" for day in when[:8]) + (
            f", … ({len(when)} doses to day {when[-1]:g})" if len(when) > 8 else ""
        )
        lines.append(f"{drug.capitalize()} {amount}{how}, day {shown}")
    return lines


def _spark(days: Floats, counts: Floats) -> str:
    """Sixty columns of the course, bottom 0."""
    at: Floats = np.interp(np.linspace(float(days[0]), float(days[-1]), 60), days, counts)
    top = max(float(at.max()), 1e-9)
    return "".join(_BARS[min(7, int(8 * v / top))] for v in at)


def _table(days: Floats, middle: Floats, low: Floats | None, high: Floats | None) -> list[str]:
    """About a dozen days."""
    step = max(1, round((days[-1] - days[0]) / 12))
    marks: Floats = np.arange(float(days[0]), float(days[-1]) + 1e-9, step)
    rows = [f"  {'day':>5}  {'count':>7}" + ("" if low is None else f"  {'5 %':>7}  {'95 %':>7}")]
    for mark in marks:
        value = f"  {mark:>5g}  {np.interp(mark, days, middle):>7.2f}"
        if low is not None and high is not None:
            value += f"  {np.interp(mark, days, low):>7.2f}  {np.interp(mark, days, high):>7.2f}"
        rows.append(value)
    return rows


def _findings(course: Course, middle: Floats) -> list[str]:
    days, people = course.days, np.atleast_2d(course.count)
    if len(people) == 1:
        day, value = (float(x[0]) for x in lowest(days, people))
        lines = [f"Lowest: {value:.2f} on day {day:.1f}"]
        if middle.max() > 1.5 * middle[0]:
            lines.append(f"Highest: {middle.max():.1f} on day {days[int(middle.argmax())]:.1f}")
        for limit in _limits(course.model):
            spells = below(days, middle, limit)
            if spells:
                total = sum(end - begin for begin, end in spells)
                when = ", ".join(f"{begin:.1f} to {end:.1f}" for begin, end in spells[:6])
                more = f" and {len(spells) - 6} more times" if len(spells) > 6 else ""
                lines.append(f"Below {limit:g}: {total:.1f} days (day {when}{more})")
        back = recovery(days, middle, 1.5) if _limits(course.model) else None
        return [*lines, f"Back at 1.5: day {back:.1f}"] if back is not None else lines
    found = _nadir(days, people)
    lines = [
        f"{len(people)} virtual people: median and the band that holds 90 % of them; measurement error is not in it",
        f"Lowest: {found['value']:.2f} ({found['value_p05']:.2f} to {found['value_p95']:.2f}) "
        f"on day {found['day']:.1f} ({found['day_p05']:.1f} to {found['day_p95']:.1f})",
    ]
    for limit in _limits(course.model):
        part = _below(days, people, limit)
        if part["people"]:
            lines.append(f"Below {limit:g}: {100 * part['people']:.0f} % of them, {part['days']:.1f} days "
                         f"({part['days_p05']:.1f} to {part['days_p95']:.1f})")  # fmt: skip
    return lines
