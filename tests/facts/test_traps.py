"""Phrases that were once misread: a misread word is worse than an unread one."""

from __future__ import annotations

import pytest

from leukon.answer import Report
from leukon.assess import assess
from leukon.io import read_record


def report_of(phrase: str, where: str = "present") -> Report:
    quoted = phrase.replace("'", "''")
    return assess(read_record(f"counts: [{{wbc: 2}}]\nfindings: {{{where}: ['{quoted}']}}"))


def facts_of(phrase: str, where: str = "present") -> dict[str, bool]:
    facts: dict[str, bool] = {}
    for u in report_of(phrase, where).understood:
        if u.path.startswith("findings"):
            for name, present in (
                (u.as_, u.present),
                *((a.removeprefix("not "), not a.startswith("not ")) for a in u.also),
            ):
                facts[name.split(":")[1]] = present
    return facts


def result_of(name: str, result: str) -> dict[str, bool]:
    report = assess(read_record(f"counts: [{{wbc: 2}}]\ntests: [{{name: {name}, result: '{result}'}}]"))
    facts: dict[str, bool] = {}
    for u in report.understood:
        if u.path.endswith("result"):
            for name_, present in (
                (u.as_, u.present),
                *((a.removeprefix("not "), not a.startswith("not ")) for a in u.also),
            ):
                facts[name_.split(":")[-1]] = present
    return facts


@pytest.mark.parametrize(
    ("phrase", "absent"),
    [
        ("no fever, rash or arthralgia", ["fever", "rash", "arthralgia"]),
        ("denies fever, weight loss or night sweats", ["fever", "weight_loss", "night_sweats"]),
        ("no fever, chills, or cough", ["fever", "chills", "cough"]),
        ("without rash or jaundice", ["rash", "jaundice"]),
    ],
)
def test_a_denied_list_denies_each_of_its_items(phrase: str, absent: list[str]) -> None:
    facts = facts_of(phrase)
    assert {name: facts.get(name) for name in absent} == dict.fromkeys(absent, False)


def test_a_denial_ends_where_the_sentence_does() -> None:
    assert facts_of("no fever, cough or rash; splenomegaly") | {} == {
        "fever": False, "cough": False, "rash": False, "splenomegaly": True,
    }  # fmt: skip
    assert facts_of("no fever but splenomegaly")["splenomegaly"] is True


@pytest.mark.parametrize(("test", "finding"), [("copper", "low_copper"), ("vitamin B12", "low_b12")])
def test_undetectable_is_low_and_not_normal(test: str, finding: str) -> None:
    assert result_of(test, "undetectable")[finding] is True


def test_one_normal_word_does_not_make_a_marrow_normal() -> None:
    facts = result_of("bone marrow", "absent granulocytic precursors with normal erythroid lines")
    assert facts.get("hypocellular_marrow") is not False
    assert result_of("bone marrow", "normal")["hypocellular_marrow"] is False


@pytest.mark.parametrize(
    ("phrase", "finding", "present"),
    [
        ("palpable spleen 2 cm", "splenomegaly", True),
        ("liver palpable 3 cm", "hepatomegaly", True),
        ("BP 80/50", "hypotension", True),
        ("blood pressure 130/80 mmHg", "hypotension", False),
        ("pulse 128/min", "tachycardia", True),
        ("saturation 88%", "hypoxemia", True),
        ("spleen not palpable", "splenomegaly", False),
        ("normal spleen", "splenomegaly", False),
        ("no family history of neutropenia", "family_low_count", False),
    ],
)
def test_signs_as_they_are_written(phrase: str, finding: str, present: bool) -> None:
    assert facts_of(phrase).get(finding) is present


@pytest.mark.parametrize(
    "phrase",
    [
        "vaccinated against hepatitis A and typhoid", "contact with hepatitis B", "rule out leukemia",
        "suspected cyclic neutropenia",
    ],
)  # fmt: skip
def test_what_is_no_fact_of_this_person_is_not_used(phrase: str) -> None:
    report = report_of(phrase)
    assert [n.item for n in report.not_used] == [phrase]


def test_a_white_count_is_not_a_high_white_count() -> None:
    assert "leukocytosis_stated" not in facts_of("white count")


@pytest.mark.parametrize(("result", "present"), [("<5% blasts", False), ("blasts not increased", False)])
def test_few_blasts_are_no_blasts(result: str, present: bool) -> None:
    assert result_of("bone marrow", result).get("blasts") is present


def test_vasculitis_is_not_anca_by_itself() -> None:
    report = assess(read_record("counts: [{wbc: 2}]\nconditions: [polyarteritis nodosa]"))
    assert not [e for c in report.causes for e in c.for_ if "ANCA" in e.item]
