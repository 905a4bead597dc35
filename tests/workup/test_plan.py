"""Tests that a situation asks for, and tests not worth a line."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from leukon.answer import Report
from leukon.assess import assess
from leukon.io import read_record

FIRST = ("earlier_counts", "repeat_count", "blood_film")
ACTIONS = {
    "acute_leukemia-319a": {"bone_marrow"},
    "aplastic_anemia-41eb": {"bone_marrow"},
    "autoimmune_sle-3ee7": {"anti_dsdna"},
    "copper_deficiency-4c2f": {"copper", "zinc"},
}


def suggested(text: str) -> list[str]:
    return [t.id for t in assess(read_record(text)).workup if t.id not in FIRST]


def test_pancytopenia_without_a_clear_cause_asks_for_a_marrow() -> None:
    assert suggested("counts: [{wbc: 1.8, neutrophils: 0.7, hemoglobin: 8, platelets: 30}]")[0] == "bone_marrow"


def test_a_mild_isolated_neutropenia_asks_for_none() -> None:
    text = "counts: [{wbc: 3.4, neutrophils: 1.3, lymphocytes: 1.6, hemoglobin: 14, platelets: 240}]"
    assert "bone_marrow" not in suggested(text)


def test_chemotherapy_explains_a_pancytopenia() -> None:
    text = (
        "counts: [{day: 0, wbc: 1.0, neutrophils: 0.2, hemoglobin: 9, platelets: 60}]\n"
        "drugs: [{name: docetaxel, start: -8, stop: -8}, {name: carboplatin, start: -8, stop: -8}]\n"
        "conditions: [lung cancer]"
    )
    assert "bone_marrow" not in suggested(text)


@pytest.mark.parametrize("record", sorted(ACTIONS))
def test_the_test_that_experts_named_is_among_the_first_three(shared: Path, record: str) -> None:
    with (shared / "cases" / "answers.csv").open(encoding="utf-8") as lines:
        kinds = {row["record"]: row["action_type"] for row in csv.DictReader(lines)}
    assert kinds[record] == "test"
    path = shared / "cases" / f"{record}.yaml"
    report: Report = assess(read_record(path.read_text(), path.name))
    assert ACTIONS[record] & set([t.id for t in report.workup if t.id not in FIRST][:3])


def test_two_tests_never_confirm_the_same_unlikely_cause() -> None:
    report = assess(read_record("counts: [{wbc: 2.9, neutrophils: 0.9}]\nfindings: [fatigue]"))
    low = [t.because for t in report.workup if "(1%)" in t.because or "(2%)" in t.because or "(3%)" in t.because]
    assert len(low) == len(set(low))


LESS_IS_MORE = {
    "Duffy-null, well, stable": """
person: {age: 35 years, sex: female, duffy_null: true}
counts:
- {day: -700, wbc: 3.4, neutrophils: 1.3}
- {day: -300, wbc: 3.2, neutrophils: 1.2}
- {day: 0, wbc: 3.3, neutrophils: 1.2, hemoglobin: 13, platelets: 240}
""",
    "a child with a cold": """
person: {age: 3 years}
counts: [{wbc: 4.2, neutrophils: 1.2, lymphocytes: 2.6, hemoglobin: 12.2, platelets: 260}]
findings: {present: [runny nose, cough]}
""",
    "white cells 3.7 alone": """
person: {age: 40 years, sex: female}
counts: [{wbc: 3.7}]
""",
    "1.3 for three years": """
person: {age: 45 years, sex: female}
counts:
- {day: -1095, wbc: 3.4, neutrophils: 1.3, hemoglobin: 13, platelets: 230}
- {day: 0, wbc: 3.4, neutrophils: 1.3, lymphocytes: 1.6, hemoglobin: 13.1, platelets: 235}
""",
    "2.5 in pregnancy": """
person: {age: 30 years, sex: female, pregnancy: {weeks: 24}}
counts: [{wbc: 4.6, neutrophils: 2.5, hemoglobin: 11.5, platelets: 210}]
""",
    "an expected nadir without fever": """
person: {age: 60 years, sex: female}
counts: [{day: 0, wbc: 1.6, neutrophils: 0.6, hemoglobin: 10.8, platelets: 110}]
drugs: [{name: docetaxel, start: -8, stop: -8}]
conditions: [breast cancer]
""",
}


@pytest.mark.parametrize("who", LESS_IS_MORE)
def test_less_is_more(who: str) -> None:
    report = assess(read_record(LESS_IS_MORE[who]))
    assert report.stop_here
    assert {t.id for t in report.workup} <= {"repeat_count"}
    assert report.urgency.level in ("routine", "soon")


@pytest.mark.parametrize("finding", ["splenomegaly", "weight loss", "enlarged lymph nodes", "night sweats"])
def test_an_open_finding_speaks_against_stopping(finding: str) -> None:
    text = LESS_IS_MORE["white cells 3.7 alone"] + f"findings: {{present: [{finding}]}}"
    assert assess(read_record(text)).stop_here is None
    text = LESS_IS_MORE["1.3 for three years"] + f"findings: {{present: [{finding}]}}"
    assert assess(read_record(text)).stop_here is None


def test_a_test_is_worth_most_where_its_result_would_change_what_is_done() -> None:
    """B12, folate or alcohol: their tests decide."""
    text = "counts: [{wbc: 2.8, hemoglobin: 8, mcv: 118, platelets: 90}]\nfindings: [drinks alcohol]"
    rises = {t.id: t.rise for t in assess(read_record(text)).workup}
    assert max(rises.values()) > 0.02
    assert all(0 <= rise <= 1 for rise in rises.values())
