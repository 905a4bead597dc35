"""What if a test were positive: the results that can be tried on for a suggested test, and what each changes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from leukon.answer import Cause, NotUsed, Report
from leukon.facts.adding import add_results
from leukon.facts.lexicon import build_lexicon
from leukon.facts.results import read_result
from leukon.knowledge import Knowledge
from leukon.knowledge.schema import FindingFact, TestFact
from leukon.patient import Patient, Person

__all__ = ["Changed", "Choice", "Moved", "compare_reports", "keep_results", "list_choices"]

_MOST_NAMED = 4  # findings of a report, beside "normal"
_MOST_MOVED = 8
_BY_NAME = frozenset({"duffy_genotype"})
_MOVED = 0.01  # of probability: less is not shown
_DANGER = 0.05  # by which a cause that must not be missed counts more than its probability
_TOLD = 0.25  # how often, at least, a leading cause shows a finding that is offered


@dataclass(frozen=True, slots=True)
class Choice:
    """One result to try on: what the button says, and the text as a person would type it."""

    label: str
    text: str


@dataclass(frozen=True, slots=True)
class Moved:
    """A cause before and after."""

    name: str
    before: float
    after: float
    must_not_miss: bool


@dataclass(frozen=True, slots=True)
class Changed:
    """What the results that were tried on change against the present ranking."""

    moved: tuple[Moved, ...]
    urgency: tuple[str, str] | None  # level before and after, where it changes
    low: tuple[str, str] | None
    not_used: tuple[NotUsed, ...]
    now: Report  # with the results tried on


def list_choices(test_id: str, report: Report, k: Knowledge) -> tuple[Choice, ...]:
    """The results of a test that say something to leukon; none for a test that only words can answer."""
    test = k.tests[test_id]
    found: dict[frozenset[tuple[str, bool]], Choice] = {}
    for word in _words(test):
        says = _says(test, word, k)
        if says and says not in found:
            found[says] = Choice(_label(test, word, says, k), f"{test.name} {word}")
    named = [Choice(f.name, f"{test.name} {f.name}") for f in _named_findings(test, report, k)]
    return (*named, *found.values())


def _words(test: TestFact) -> tuple[str, ...]:
    """Words of results, in the order in which a person would think of them."""
    if test.kind == "report":
        return ("positive", "normal")
    if test.kind == "quantity" or test.positive in (None, test.low):
        return (*(("high",) if test.high else ()), *(("low",) if test.low else ()), "normal")
    return ("positive", "low", "negative")


def _says(test: TestFact, word: str, k: Knowledge) -> frozenset[tuple[str, bool]]:
    readings = read_result(test, word, Person(), build_lexicon(k), k).readings
    return frozenset((r.id, r.present) for r in readings if r.kind == "finding")


def _label(test: TestFact, word: str, says: frozenset[tuple[str, bool]], k: Knowledge) -> str:
    """The word of the result; of a blood group, which no "positive" tells, the name of what it shows."""
    if test.id not in _BY_NAME:
        return word
    (name, present), *_ = says
    return k.findings[name].name if present else f"not {k.findings[name].name}"


def _named_findings(test: TestFact, report: Report, k: Knowledge) -> list[FindingFact]:
    """What a film or a marrow would show if the leading causes were right."""
    if test.kind != "report" or test.specimen not in ("film", "marrow"):
        return []
    score: dict[str, float] = {}
    for cause in report.causes:
        fact = k.causes.get(cause.id)
        for name, how_often in fact.findings.items() if fact else ():
            finding = k.findings[name]
            if finding.kind == test.specimen and name != test.normal and how_often.p >= max(_TOLD, finding.leak.p):
                weight = cause.probability + (_DANGER if cause.must_not_miss else 0.0)
                score[name] = score.get(name, 0.0) + weight * how_often.p
    ordered = sorted(score, key=lambda name: (-score[name], name))
    told = [f for name in ordered if _says(test, (f := k.findings[name]).name, k) >= {(name, True)}]
    return told[:_MOST_NAMED]


def compare_reports(before: Report, after: Report) -> Changed:
    """The causes that move most, by how far; urgency and lowness where they change."""
    causes = {c.id: c for c in (*after.causes, *before.causes)}

    def share(report: Report, cause: Cause) -> float:
        return next((c.probability for c in report.causes if c.id == cause.id), 0.0)

    moved = [Moved(c.name, share(before, c), share(after, c), c.must_not_miss) for c in causes.values()]
    moved = [m for m in moved if abs(m.after - m.before) >= _MOVED]
    moved.sort(key=lambda m: (-abs(m.after - m.before), m.name))
    levels, lows = (before.urgency.level, after.urgency.level), (before.low, after.low)
    return Changed(
        tuple(moved[:_MOST_MOVED]),
        levels if levels[0] != levels[1] else None,
        lows if lows[0] != lows[1] else None,
        tuple(n for n in after.not_used if n.path.startswith("add[")),
        after,
    )


def keep_results(record: Mapping[str, Any], added: Sequence[str], k: Knowledge) -> dict[str, Any]:
    """The record with the results that were tried on, as if they had been typed."""
    made = add_results(Patient(), added, k)
    tests = [{"name": t.name.text, "result": t.result.text} for t in made.tests if t.result]
    findings = dict(record.get("findings", {}))
    if made.present:
        findings["present"] = [*findings.get("present", []), *(i.text for i in made.present)]
    kept = dict(record) | {"tests": [*record.get("tests", []), *tests], "findings": findings}
    return {key: value for key, value in kept.items() if value}
