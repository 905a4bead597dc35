"""Made-up patients, typical of each cause: together they use everything that leukon knows, and no word is lost.

Each `tests/records/*.yaml` is one patient as a clinician would type it; `expected.csv` says what must come out: the
families that are acceptable first (1) or among the first three (3), the urgency, a test that must be suggested and an
option that must be offered. An empty cell asks nothing.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from leukon.answer import Report
from leukon.assess import assess
from leukon.counts import read_counts
from leukon.facts import Facts, read_facts
from leukon.facts.adding import promote_counts
from leukon.io import read_record
from leukon.knowledge import load_knowledge
from leukon.limits import judge_counts
from leukon.patient import Patient
from leukon.policy import Policy, Thresholds
from leukon.rules import Situation, holds
from leukon.severity.situation import make_situation

RECORDS = Path(__file__).parent / "records"
K = load_knowledge()
POLICY = Policy(thresholds=Thresholds(next_cycle_anc=1.5, next_cycle_platelets=100, treat_anc=1.5))


@dataclass(frozen=True)
class Expected:
    """One line of expected.csv."""

    record: str
    cause: str
    families: tuple[str, ...]
    in_first: int | None
    urgency: str
    test: str
    option: str


@dataclass(frozen=True)
class Read:
    """One record, read and assessed."""

    patient: Patient
    report: Report
    facts: Facts
    situation: Situation


def _read_expected() -> list[Expected]:
    with (RECORDS / "expected.csv").open(newline="") as lines:
        return [
            Expected(
                row["record"],
                row["cause"],
                tuple(row["acceptable_families"].split()),
                int(row["in_first"]) if row["in_first"] else None,
                row["urgency"],
                row["test"],
                row["option"],
            )
            for row in csv.DictReader(lines)
        ]


EXPECTED = _read_expected()


@cache
def _assess(record: str) -> Read:
    patient = read_record((RECORDS / f"{record}.yaml").read_text(), record)
    report = assess(patient, knowledge=K)
    promoted = promote_counts(patient)
    facts = read_facts(promoted, K)
    situation = make_situation(judge_counts(read_counts(promoted), promoted), facts, promoted, drugs=K.drugs)
    return Read(patient, report, facts, situation)


def _assess_all() -> list[Read]:
    return [_assess(line.record) for line in EXPECTED]


def _list_families(report: Report) -> list[str]:
    return list(dict.fromkeys(cause.family for cause in report.causes))


def _ids(line: Expected) -> str:
    return line.record


def test_each_record_stands_once_among_the_expected_answers() -> None:
    assert sorted(line.record for line in EXPECTED) == sorted(path.stem for path in RECORDS.glob("*.yaml"))
    assert {line.cause for line in EXPECTED} >= set(K.causes), "each cause has a patient of its own"


@pytest.mark.parametrize("line", EXPECTED, ids=_ids)
def test_no_word_of_the_patient_is_lost(line: Expected) -> None:
    assert [(n.item, n.reason) for n in _assess(line.record).report.not_used] == []


@pytest.mark.parametrize("line", [x for x in EXPECTED if x.in_first], ids=_ids)
def test_the_typical_patient_is_recognised(line: Expected) -> None:
    found = _list_families(_assess(line.record).report)
    assert line.in_first is not None
    assert set(found[: line.in_first]) & set(line.families), found[:4]


@pytest.mark.parametrize("line", [x for x in EXPECTED if x.urgency], ids=_ids)
def test_the_patient_is_seen_as_soon_as_needed(line: Expected) -> None:
    urgency = _assess(line.record).report.urgency
    assert urgency.level == line.urgency, urgency.because


@pytest.mark.parametrize("line", [x for x in EXPECTED if x.test], ids=_ids)
def test_the_test_that_settles_it_is_suggested(line: Expected) -> None:
    assert line.test in [test.id for test in _assess(line.record).report.workup]


@pytest.mark.parametrize("line", [x for x in EXPECTED if x.option], ids=_ids)
def test_what_to_do_is_offered(line: Expected) -> None:
    assert line.option in {care.id for care in _assess(line.record).report.care}


def test_every_finding_is_present_in_some_patient() -> None:
    seen = frozenset[str]().union(*(read.facts.present for read in _assess_all()))
    assert sorted(set(K.findings) - seen) == []


def test_every_option_is_offered_to_some_patient() -> None:
    """Those that speak of a site's limits, where the site has a policy."""
    offered = {care.id for read in _assess_all() for care in read.report.care}
    reports = (assess(read.patient, policy=POLICY, knowledge=K) for read in _assess_all())
    offered |= {care.id for report in reports for care in report.care}
    assert sorted({option.id for option in K.care} - offered) == []


def test_every_red_flag_holds_in_some_patient() -> None:
    situations = [read.situation for read in _assess_all()]
    assert [flag.id for flag in K.red_flags if not any(holds(flag.when, s) for s in situations)] == []


def test_every_question_is_put_to_some_patient() -> None:
    asked = {ask.id for read in _assess_all() for ask in read.report.ask}
    assert sorted({question.id for question in K.questions} - asked) == []


def test_every_test_is_named_for_or_suggested_to_some_patient() -> None:
    named = {name for read in _assess_all() for name in read.facts.tests}
    suggested = {test.id for read in _assess_all() for test in read.report.workup}
    assert sorted(set(K.tests) - named - suggested) == []


def _list_findings_of(when: Any) -> set[str]:
    inner = {name for part in (*when.all, *when.any, *when.none) for name in _list_findings_of(part)}
    return inner | ({when.finding} - {None})


def _list_wider(name: str) -> set[str]:
    wider = {w for parent in K.findings[name].parents for w in _list_wider(parent)}
    return wider | set(K.findings[name].parents)


def _list_figures() -> set[str]:
    """Findings for which some cause, or some way in which drugs act, holds a figure."""
    held = {name for actor in (*K.causes.values(), *K.profiles.values()) for name in (*actor.findings, *actor.against)}
    for cause in K.causes.values():
        held |= {*cause.raised_by, *cause.needs, *(name for t in cause.triggers for name in t.split(" + "))}
    return held.union(*(drug.raised_by for drug in K.drugs.values()))


def _list_ruled() -> set[str]:
    """Findings that a rule, an option or a question speaks of."""
    rules = [*(option.when for option in K.care), *(flag.when for flag in K.red_flags)]
    rules += [question.when for question in K.questions if question.when]
    asked = {name for question in K.questions for name in question.settles}
    return asked.union(*(_list_findings_of(when) for when in rules))


def test_every_finding_says_something_of_a_cause() -> None:
    """Through a figure of its own or of a wider or narrower term, a rule, a question, or as a word for a count."""
    wider = {name: _list_wider(name) for name in K.findings}
    told = _list_figures() | _list_ruled()
    told |= {name for name, finding in K.findings.items() if finding.at_most or finding.kind == "restates count"}
    linked = told | {name for name in K.findings if wider[name] & told}
    linked |= {w for name in told & set(K.findings) for w in wider[name]}
    assert sorted(set(K.findings) - linked) == []
