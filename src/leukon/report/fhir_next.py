"""What comes next in FHIR: tests as proposed ServiceRequests, everything else as a GuidanceResponse with parameters."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from leukon.answer import Report
from leukon.knowledge import Knowledge
from leukon.report.cite import link_source
from leukon.report.fhir_counts import refer_counts
from leukon.report.fhir_parts import LOINC, URN, Names, Resource, coding, concept, list_notes, round_number
from leukon.report.words import (
    INFORMS,
    LINES,
    VERDICTS,
    clean,
    describe_consequence,
    describe_level,
    describe_policy,
    describe_score,
    show_number,
)

__all__ = ["write_guidance", "write_outcome", "write_parameters", "write_tests"]

_PRIORITIES = {"emergency": "stat", "same day": "asap", "urgent": "urgent"}


def write_tests(report: Report, names: Names, knowledge: Knowledge) -> list[Resource]:
    """Proposals, never orders: status draft, intent proposal. The priority is the urgency of the whole situation."""
    low = refer_counts(report, names, newest=True)
    made: list[Resource] = []
    for test in report.workup:
        fact = knowledge.tests.get(test.id)
        codes = [coding(LOINC, fact.loinc[0])] if fact and fact.loinc else []
        burden = test.burden if test.burden not in ("", "none") else None
        made.append(
            names.make(
                "ServiceRequest",
                test.id,
                f"Proposed: {test.test}, {test.because}",
                status="draft",
                intent="proposal",
                category=[concept(LINES[test.line], coding("line", f"{test.line}"))],
                priority=_PRIORITIES.get(report.urgency.level, "routine"),
                code=concept(test.test, *codes, coding("test", test.id)),
                subject=names.person,
                requester=names.device,
                reasonCode=[concept(test.because)],
                reasonReference=low,
                supportingInfo=[names.refer("RiskAssessment", "causes")],
                note=list_notes([_say_gain(test.gain), burden, _cite(test.sources)]),
            )
        )
    return made


def _say_gain(bits: float) -> str | None:
    return f"tells {show_number(bits)} bits about the causes" if bits > 0 else None


def _cite(ids: Sequence[str]) -> str | None:
    return f"sources: {', '.join(ids)}" if ids else None


def write_guidance(report: Report, names: Names) -> Resource:
    """The answer as a whole. "data-requested" says that answers to questions may change it."""
    u = report.urgency
    stop = f"Stop here: {report.stop_here}" if report.stop_here else None
    return names.make(
        "GuidanceResponse",
        "",
        report.summary,
        moduleUri=f"{URN}assess",
        status="data-requested" if report.ask else "success",
        subject=names.person,
        performer=names.device,
        reasonCode=[concept(text) for text in u.because],
        note=list_notes([report.summary, describe_level(report), stop, INFORMS]),
        evaluationMessage=[names.refer("OperationOutcome", "")],
        outputParameters=names.refer("Parameters", ""),
    )


def write_parameters(report: Report, names: Names) -> Resource:
    """Urgency, verdicts, questions, options and sources, each as one parameter with parts."""
    u, r = report.urgency, report.real
    found: list[Resource | None] = [
        _group("urgency", level=u.level, because=u.because, source=u.sources),
        _say("low", report.low),
        _group("real", verdict=r.verdict, text=VERDICTS[r.verdict], because=r.because, source=r.sources),
        *(_say("state", s) for s in report.states),
        *(
            _group("episode", analyte=e.analyte, threshold=e.threshold, nadir=e.nadir, open=e.open,
                   **{"from": e.from_, "to": e.to})
            for e in report.episodes
        ),
        *(_group("must-not-miss", id=m.id, name=m.name, because=m.because) for m in report.must_not_miss),
        _say("stop-here", report.stop_here),
        *(_group("ask", id=a.id, question=a.question, because=a.because) for a in report.ask),
        *(
            _group("option", id=o.id, kind=o.kind, option=o.option, drug=o.drug, because=o.because, caution=o.caution,
                   jurisdiction=o.jurisdiction, date=o.date, source=o.sources)
            for o in report.care
        ),
        *(_group("leads-to", id=c.id, text=describe_consequence(c), because=c.because, source=c.sources)
          for c in report.leads_to),
        *(_group("score", id=s.id, text=describe_score(s), source=s.sources) for s in report.scores),
        _say("scores-compared", report.scores_compared),
        *(_say("policy", line) for line in describe_policy(report)),
        *(_say("note", n) for n in report.notes),
        *(_group("source", id=s.id, citation=s.citation, link=link_source(s)) for s in report.sources),
    ]  # fmt: skip
    return names.make("Parameters", "", parameter=[p for p in found if p])


def _say(name: str, value: Any) -> Resource | None:
    """One parameter, or None where there is nothing to say."""
    if isinstance(value, bool):
        return {"name": name, "valueBoolean": value}
    if isinstance(value, (int, float)):
        return {"name": name, "valueDecimal": round_number(value)}
    text = clean(value) if value else ""
    return {"name": name, "valueString": text} if text else None


def _group(name: str, /, **parts: Any) -> Resource:
    """One parameter with parts; a list gives a part each."""
    held: list[Resource] = []
    for key, value in parts.items():
        values = cast("tuple[Any, ...]", value) if isinstance(value, tuple) else (value,)
        held += [part for one in values if (part := _say(key, one))]
    return {"name": name, "part": held}


def write_outcome(report: Report, names: Names) -> Resource:
    """What of the input was not used, and why; where all was read, that."""
    lost = [(n.item, n.path, n.reason) for n in report.not_used]
    lost += [(u.item, u.path, f"this part was not understood: {u.unread}") for u in report.understood if u.unread]
    issues = [
        {
            "severity": "warning",
            "code": "not-supported",
            "details": {"text": clean(item) or "–"},
            "diagnostics": clean(f"{path}: {reason}"),
        }
        for item, path, reason in lost
    ]
    read = {"severity": "information", "code": "informational", "details": {"text": "every item was read"}}
    return names.make("OperationOutcome", "", issue=issues or [read])
