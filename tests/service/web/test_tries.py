"""A result tried on: each button says something to leukon, and what changes is the difference of two reports."""

from __future__ import annotations

import pytest

from leukon.assess import assess
from leukon.io import read_record
from leukon.knowledge import load_knowledge
from leukon.service.web.tries import compare_reports, keep_results, list_choices

LUPUS = """
person: {age: 28 years, sex: female}
counts: [{wbc: 2.8, neutrophils: 1.9, lymphocytes: 0.6, hemoglobin: 11, platelets: 140}]
findings: {present: [malar rash, joint pain]}
"""


def test_each_choice_of_each_test_is_understood_as_a_result_of_that_test() -> None:
    k = load_knowledge()
    patient = read_record(LUPUS)
    report = assess(patient)
    choices = [(t.id, c) for t in k.tests.values() if t.suggest for c in list_choices(t.id, report, k)]
    assert len(choices) > 300
    texts = tuple(c.text for _, c in choices)
    with_all = assess(patient, add=texts)
    refused = {n.path.partition(".")[0] for n in with_all.not_used if n.path.startswith("add[")}
    assert not refused, [choices[int(p[4:-1])] for p in refused]
    read = {u.path: u for u in with_all.understood if u.path.startswith("add[")}
    for place, (test, choice) in enumerate(choices):
        assert f"test:{test}" in (read[f"add[{place}].name"].as_, *read[f"add[{place}].name"].also), choice
        result = read[f"add[{place}].result"]
        assert result.as_.startswith("finding:") and result.unread is None, choice


def test_no_two_choices_of_a_test_say_the_same() -> None:
    k = load_knowledge()
    report = assess(read_record(LUPUS))
    for test in k.tests.values():
        labels = [c.label for c in list_choices(test.id, report, k)]
        assert len(labels) == len(set(labels)), test.id


@pytest.mark.parametrize(
    ("test", "labels"),
    [
        ("b12", ["low", "normal"]),
        ("ferritin", ["high", "low", "normal"]),
        ("complement_c3_c4", ["low", "normal"]),
        ("malaria_film", ["positive", "negative"]),
        ("duffy_genotype", ["Duffy-null shown by test", "not Duffy-null shown by test"]),
        ("repeat_count", []),
    ],
)
def test_choices_are_the_words_a_person_thinks_of(test: str, labels: list[str]) -> None:
    assert [c.label for c in list_choices(test, assess(read_record(LUPUS)), load_knowledge())] == labels


def test_a_film_is_offered_what_dangerous_and_likely_causes_would_show() -> None:
    report = assess(read_record("counts: [{wbc: 1.4, neutrophils: 0.4, hemoglobin: 7.9, platelets: 22}]"))
    labels = [c.label for c in list_choices("blood_film", report, load_knowledge())]
    assert "blasts" in labels and labels[-1] == "normal"


def test_a_positive_test_raises_its_cause_and_the_change_is_shown() -> None:
    patient = read_record(LUPUS)
    changed = compare_reports(assess(patient), assess(patient, add=("anti-dsDNA positive",)))
    lupus = next(m for m in changed.moved if "lupus" in m.name)
    assert lupus.after > lupus.before + 0.01
    assert [abs(m.after - m.before) for m in changed.moved] == sorted(
        (abs(m.after - m.before) for m in changed.moved), reverse=True
    )


def test_fever_tried_on_in_severe_neutropenia_is_an_emergency() -> None:
    patient = read_record("counts: [{neutrophils: 0.3}]")
    changed = compare_reports(assess(patient), assess(patient, add=("fever",)))
    assert changed.urgency is not None and changed.urgency[1] == "emergency"


def test_what_is_not_understood_changes_nothing_and_is_said() -> None:
    patient = read_record(LUPUS)
    changed = compare_reports(assess(patient), assess(patient, add=("frobnication",)))
    assert changed.moved == () and [n.item for n in changed.not_used] == ["frobnication"]


def test_kept_results_are_as_if_typed() -> None:
    record = keep_results({"tests": ["CRP 3"]}, ("ANA 1:640", "no fever", "joint pain"), load_knowledge())
    assert record == {
        "tests": ["CRP 3", {"name": "ANA", "result": "1:640"}],
        "findings": {"present": ["no fever", "joint pain"]},
    }
