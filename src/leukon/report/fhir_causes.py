"""Causes as a FHIR RiskAssessment, the forecast as another, and a DetectedIssue for each drug that may be the cause."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from leukon.answer import Cause, Evidence, Report
from leukon.knowledge import Knowledge
from leukon.report.cite import link_source
from leukon.report.fhir_counts import refer_counts
from leukon.report.fhir_parts import Names, Resource, coding, concept, extend, list_notes
from leukon.report.words import ANALYTES, ESTIMATE, show_number, show_percent

__all__ = ["list_issues", "write_causes", "write_course", "write_issues", "write_medications"]

_SAID = 0.01  # a drug less likely than this is a cause in the list and no issue of its own
_RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
_ATC = "http://www.whocc.no/atc"


def write_causes(report: Report, names: Names) -> Resource:
    """The ranked causes, then "none of these" and this person's normal.

    R4 gives `probabilityDecimal` in percent (at most 100); the extension urn:leukon:probability holds it from 0 to 1.
    """
    predictions = [_predict_cause(c) for c in report.causes]
    predictions.append(_predict("none_of_these", "none of these causes", None, report.none_of_these, None))
    if all(c.id != "no_leukopenia" for c in report.causes):
        predictions.append(
            _predict("no_leukopenia", "this person's normal", "no_leukopenia", report.this_persons_normal, None)
        )
    listed = {c.id for c in report.causes}
    unlisted = [f"must not miss: {m.name} ({m.because})" for m in report.must_not_miss if m.id not in listed]
    leading = report.causes[0] if report.causes else None
    return names.make(
        "RiskAssessment",
        "causes",
        f"Most likely: {leading.name} ({show_percent(leading.probability)})" if leading else "No cause to rank",
        status="preliminary",
        method=concept(report.leukon.model, coding("model", report.leukon.model)),
        code=concept("causes of the low count", coding("assessment", "causes")),
        subject=names.person,
        performer=names.device,
        basis=refer_counts(report, names),
        prediction=predictions,
        note=list_notes(
            [
                "Probabilities are in percent. Several causes may act at once: they need not add up to 100.",
                f"{report.calibration.get('status', '')}: {report.calibration.get('note', '')}",
                *unlisted,
                report.not_looked_for,
            ]
        ),
    )


def _predict_cause(cause: Cause) -> Resource:
    parts = [show_percent(cause.probability)]
    if cause.must_not_miss:
        parts.append("must not miss")
    parts += [
        f"{word}: {'; '.join(map(_weigh, found))}"
        for word, found in (("for", cause.for_), ("against", cause.against))
        if found
    ]
    if cause.confirm:
        parts.append(f"confirmed by: {', '.join(cause.confirm)}")
    made = _predict(cause.id, cause.name, cause.family, cause.probability, ". ".join(parts))
    if cause.must_not_miss:
        made["extension"].append(extend("must-not-miss", "valueBoolean", True))
    return made


def _predict(id: str, name: str, family: str | None, probability: float, rationale: str | None) -> Resource:
    families = [coding("family", family)] if family else []
    return {
        "extension": [extend("probability", "valueDecimal", round(probability, 9))],
        "outcome": concept(name, coding("cause", id), *families),
        "probabilityDecimal": round(100 * probability, 7),
        "rationale": " ".join((rationale or show_percent(probability)).split()),
    }


def _weigh(evidence: Evidence) -> str:
    source = "" if evidence.source == ESTIMATE else f", {evidence.source}"
    return f"{evidence.item} ({evidence.weight:+.2f} log odds, {evidence.sure}{source})"


def list_issues(report: Report) -> list[Cause]:
    """The drugs worth an issue: one in a hundred or likelier, or one that an option speaks of."""
    spoken = {o.drug for o in report.care if o.drug}
    return [c for c in report.causes if c.drug and (c.probability >= _SAID or c.drug in spoken)]


def write_medications(report: Report, names: Names, knowledge: Knowledge) -> list[Resource]:
    """Each drug of an issue, once. A code only where the drug has exactly one in that system."""
    made: dict[str, Resource] = {}
    for cause in list_issues(report):
        assert cause.drug
        fact = knowledge.drugs.get(cause.id.removeprefix("drug:"))
        systems = ((_RXNORM, fact.rxnorm), (_ATC, fact.atc)) if fact else ()
        codes = [coding(system, codes[0]) for system, codes in systems if len(codes) == 1]
        made.setdefault(cause.drug, names.make("Medication", cause.drug, cause.drug, code=concept(cause.drug, *codes)))
    return list(made.values())


def write_issues(report: Report, names: Names) -> list[Resource]:
    """One DetectedIssue a drug that may lower the count. Its mitigation stays empty: that is for acts, not options."""
    return [_write_issue(cause, report, names) for cause in list_issues(report)]


def _write_issue(cause: Cause, report: Report, names: Names) -> Resource:
    links = {s.id: link for s in report.sources if (link := link_source(s))}
    said = f"{cause.drug} may be the cause: {cause.name} ({show_percent(cause.probability)})"
    return names.make(
        "DetectedIssue",
        cause.id,
        said,
        status="preliminary",
        code=concept("drug that may lower the count", coding("issue", "drug-lowers-count")),
        severity="high" if cause.must_not_miss else "moderate",
        patient=names.person,
        author=names.device,
        implicated=[names.refer("Medication", cause.drug or "", cause.drug)],
        evidence=[
            {
                "code": [concept(_weigh(e)) for e in cause.for_],
                "detail": [names.refer("RiskAssessment", "causes"), *refer_counts(report, names, newest=True)],
            }
            if cause.for_
            else {"detail": [names.refer("RiskAssessment", "causes")]}
        ],
        detail=" ".join(said.split()),
        reference=next((links[e.source] for e in cause.for_ if e.source in links), None),
    )


def write_course(report: Report, names: Names) -> list[Resource]:
    """The forecast in sentences, where the report holds one: lowest point, recovery, days below limits."""
    course = report.course
    if not course:
        return []
    said = [*_say_course(course)]
    return [
        names.make(
            "RiskAssessment",
            "course",
            ". ".join(said) or "The course of the count cannot be foretold",
            status="preliminary",
            method=concept(str(course.get("model") or "forecast"), coding("assessment", "course")),
            code=concept("forecast of the count", coding("assessment", "course")),
            subject=names.person,
            performer=names.device,
            basis=refer_counts(report, names),
            prediction=[{"outcome": concept(text)} for text in said] + _predict_range(course),
            note=list_notes(
                [
                    "Days lie on the axis of the record; 5th to 95th centile in brackets.",
                    *(f"{a}" for a in course.get("assumptions") or ()),
                    *(f"source: {s['citation']}" for s in course.get("sources") or ()),
                ]
            ),
        )
    ]


def _predict_range(course: Mapping[str, Any]) -> list[Resource]:
    """How likely the count falls into the range of febrile neutropenia."""
    found = course.get("febrile_neutropenia_range")
    if not found:
        return []
    text = f"neutrophils below {show_number(found['limit'])}, the range of febrile neutropenia"
    return [_predict("febrile_neutropenia_range", text, None, found["probability"], None)]


def _say_course(course: Mapping[str, Any]) -> list[str]:
    said: list[str] = []
    if low := course.get("nadir"):
        title = ANALYTES.get(low["analyte"], low["analyte"])
        value = _span(low["value"], low["p05"], low["p95"])
        said.append(f"lowest {title} {value} on day {_span(low['day'], low['day_p05'], low['day_p95'])}")
    if (back := course.get("recovery")) and back.get("day") is not None:
        when = _span(back["day"], back["p05"], back["p95"])
        said.append(f"back at {show_number(back['to'])} on day {when}")
    said += [
        f"days below {show_number(b['limit'])}: {_span(b['days'], b['p05'], b['p95'])}"
        for b in course.get("below") or ()
    ]
    return said


def _span(middle: float, low: float | None, high: float | None) -> str:
    """A number with the interval that holds it with 90 %."""
    if low is None or high is None:
        return show_number(middle)
    return f"{show_number(middle)} ({show_number(low)} to {show_number(high)})"
