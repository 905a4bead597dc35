"""Treatments tried on and off: a likely cause taken for granted, simulated with and without them.

It says what the model of the marrow would do, not what should be done: the options stand in the report.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from leukon.answer import CountRow, Report
from leukon.knowledge import load_knowledge
from leukon.limits.expected import expected_count
from leukon.patient import Patient
from leukon.report.course_measures import show_count
from leukon.service.web.charts import chart_forecast
from leukon.service.web.course import DAYS, cite_source, draw_days

if TYPE_CHECKING:
    from leukon.marrow.mechanisms import Mechanism

__all__ = ["Treatment", "Tried", "try_treatments"]

_MOST_CAUSES = 5
_LIKELY = 0.02
_LIMITS = (0.5, 1.0, 1.5)
_LINEAGES = ("neutrophils", "lymphocytes", "monocytes", "eosinophils", "basophils")
_GROWTH = ("filgrastim 5 ug/kg day 0-6", "filgrastim 5 µg/kg a day for 7 days")
_LOW = 1.5  # neutrophils under which a growth factor can be tried on
_STOP, _TREAT = "stop the drug", "treatment of the cause"


@dataclass(frozen=True, slots=True)
class Treatment:
    line: str  # as `leukon simulate --treat` reads it
    label: str
    on: bool


@dataclass(frozen=True, slots=True)
class Tried:
    """A cause taken for granted, with and without what is tried on."""

    causes: tuple[tuple[str, str], ...]  # those that can be chosen: id and name
    cause: str
    name: str
    treatments: tuple[Treatment, ...]
    drawn: Markup
    spec: dict[str, Any]
    rows: tuple[tuple[str, ...], ...]
    assumed: tuple[str, ...]
    sources: tuple[tuple[str, str | None], ...]


def try_treatments(patient: Patient, report: Report, cause: str | None, lines: Sequence[str]) -> Tried | None:
    """A likely cause with and without treatments, simulated; None where no likely cause can be simulated."""
    from leukon.marrow.cause_course import course_of
    from leukon.marrow.mechanisms import find_mechanism

    causes = _find_causes(report)
    if not causes:
        return None
    chosen = cause if cause in dict(causes) else causes[0][0]
    mechanism = find_mechanism(chosen)
    now = _find_now(report)
    offered = _offer(mechanism, dict(causes)[chosen], now) if report.low == "low" else []
    on = [line for line, _ in offered if line in lines]
    how: dict[str, Any] = {"baseline": _find_usual(patient, report, now), "days": float(DAYS)}
    without = course_of(chosen, now, **how)
    with_ = course_of(chosen, now, treatments=on, **how) if on else without
    assert without is not None and with_ is not None, "only causes with a course are offered"
    series, others = _neutrophils(with_), _neutrophils(without) if on else []
    title = "Neutrophils, 10⁹/L" + (", with and without" if on else "")
    return Tried(
        causes=causes,
        cause=chosen,
        name=dict(causes)[chosen],
        treatments=tuple(Treatment(line, label, line in on) for line, label in offered),
        drawn=draw_days("tried", title, series, others),
        spec=chart_forecast(series, without=others),
        rows=_compare(with_, without if on else None),
        assumed=tuple(with_["assumptions"]),
        sources=tuple(cite_source(s) for s in with_["sources"]),
    )


def _find_causes(report: Report) -> tuple[tuple[str, str], ...]:
    """The likely causes that have a course of their own."""
    from leukon.marrow.library import MarrowError
    from leukon.marrow.mechanisms import find_mechanism

    found: list[tuple[str, str]] = []
    for cause in report.causes[: 2 * _MOST_CAUSES]:
        if cause.family == "cytotoxic_chemotherapy":  # its published models are fitted in the forecast itself
            continue
        try:
            simulated = cause.probability >= _LIKELY and find_mechanism(cause.id).no_course is None
        except MarrowError:
            simulated = False
        if simulated:
            found.append((cause.id, cause.name))
    return tuple(found[:_MOST_CAUSES])


def _offer(mechanism: Mechanism, name: str, now: Mapping[str, float]) -> list[tuple[str, str]]:
    """What can be tried on under a cause: a line for the simulation and a label."""
    drug = load_knowledge().drugs.get(mechanism.cause.removeprefix("drug:"))
    offered: list[tuple[str, str]] = []
    for answer in mechanism.answers_to:
        if answer == _TREAT:
            offered.append((f"{_TREAT} day 0", f"treatment of {name}, whatever the means"))
        elif answer != _STOP:
            offered.append((f"{answer} day 0", answer))
        else:
            offered.append((f"{_STOP} day 0", f"stop {drug.name if drug else 'the drug'}"))
    if now.get("neutrophils", _LOW) < _LOW and mechanism.action != "cyclic":
        offered.append(_GROWTH)
    return offered


def _find_now(report: Report) -> dict[str, float]:
    """The newest count of each kind of white cell, 10⁹/L."""
    newest = {r.analyte: r for r in report.counts if r.unit == "10*9/L"}
    return {name: newest[name].value for name in _LINEAGES if name in newest}


def _find_usual(patient: Patient, report: Report, now: Mapping[str, float]) -> dict[str, float]:
    """What each count is when nothing acts: the person's own earlier ones that were not low, else people like them."""
    usual: dict[str, float] = {}
    for name in now:
        rows: list[CountRow] = [r for r in report.counts if r.analyte == name][:-1]
        own = [math.log(r.value) for r in rows if r.status == "normal" and r.value > 0]
        expected = expected_count(name, patient.person, patient.person.age_days)
        if own:
            usual[name] = math.exp(sum(own) / len(own))
        elif expected is not None:
            usual[name] = expected.median
    return usual


def _neutrophils(course: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [row for row in course["series"] if row["analyte"] == "neutrophils"]


def _compare(with_: Mapping[str, Any], without: Mapping[str, Any] | None) -> tuple[tuple[str, ...], ...]:
    """What is asked of a course, with what was tried on and without it."""
    both = [with_] if without is None else [with_, without]
    rows = [
        (f"Days below {limit:.1f}", *(_show_spread(c["below"][place], "days", "{:.1f}".format) for c in both))
        for place, limit in enumerate(_LIMITS)
    ]
    rows.append(("Lowest count", *(_show_spread(c["nadir"], "value", show_count) for c in both)))
    rows.append(("Back at 1.5", *(_show_back(c["recovery"]) for c in both)))
    return tuple(rows)


def _show_spread(held: Mapping[str, float], key: str, show: Callable[[float], str]) -> str:
    return f"{show(held[key])} ({show(held['p05'])} to {show(held['p95'])})"


def _show_back(back: Mapping[str, float | None] | None) -> str:
    if back is None or back["day"] is None:
        return f"not within {DAYS} days"
    late = "later" if back["p95"] is None else f"{back['p95']:.0f}"
    early = "?" if back["p05"] is None else f"{back['p05']:.0f}"
    return f"day {back['day']:.0f} ({early} to {late})"
