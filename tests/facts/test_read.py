"""Five published records, each reading checked by hand against what a clinician would understand."""

from __future__ import annotations

from pathlib import Path

import pytest

from leukon.facts import Facts, read_facts
from leukon.facts.adding import add_results, promote_counts
from leukon.io import read_record
from leukon.knowledge import load_knowledge
from leukon.patient import Item, Patient

READINGS: dict[str, dict[str, str]] = {
    "drug_induced_nonchemo-1208": {
        "drugs[0].name": "drug:methimazole",
        "drugs[0].note": "time:recently begun",
        "conditions[0]": "condition:graves_disease",
        "findings.present[0]": "finding:fever",
        "findings.present[3]": "finding:chills",
        "findings.present[5]": "finding:sore_throat",
        "findings.absent[0]": "not finding:tonsillar_exudate",
        "findings.absent[1]": "not finding:crackles",
    },
    "hlh-756d": {
        "findings.present[1]": "finding:hepatosplenomegaly",
        "findings.present[2]": "finding:anemia_stated",
        "findings.absent[2]": "not finding:seizures",
        "tests[0].name": "test:ast",
        "tests[0].result": "finding:raised_transaminases, not finding:transaminases_above_1000",
        "tests[3].result": "not finding:positive_culture",
        "tests[4].result": "finding:cmv_igg_positive",
        "tests[5].result": "not finding:cmv_positive",
        "tests[6].result": "not finding:hiv_positive, not finding:syphilis_positive, not finding:parvovirus_positive, "
        "not finding:malaria_positive, not finding:dengue_positive",
        "exposures[0]": "finding:sibling_died",
    },
    "viral_infection-447d": {
        "findings.present[0]": "finding:fever",
        "findings.present[4]": "finding:retro_orbital_pain",
        "findings.present[5]": "finding:lymphadenopathy",
        "findings.present[6]": "finding:rash",
        "exposures[0]": "finding:travel_unspecified, finding:place_east_asia",
        "exposures[1]": "finding:hiv_exposure",
        "tests[0].result": "finding:raised_transaminases, not finding:transaminases_above_1000",
        "tests[2].result": "not finding:raised_bilirubin",
        "tests[5].result": "not finding:hiv_positive",
    },
    "drug_induced_nonchemo-3918": {
        "drugs[0].name": "drug:benzylpenicillin",
        "drugs[0].note": "route",
        "exposures[0]": "finding:cocaine_use",
        "exposures[2]": "finding:alcohol_use",
        "findings.present[5]": "finding:lymphadenopathy",
        "tests[0].result": "finding:leukopenia_stated, finding:neutropenia_stated, not finding:blasts",
        "tests[1].result": "not finding:positive_culture",
        "tests[2].result": "not finding:other_virus_positive",
    },
    "folate_deficiency-1cde": {
        "drugs[0].note": "indication:edema_known",
        "drugs[1].name": "drug:trimethoprim_sulfamethoxazole",
        "exposures[0]": "finding:alcohol_excess",
        "findings.present[2]": "finding:pallor",
        "findings.absent[0]": "not finding:severe_infections",
        "findings.absent[1]": "not finding:bleeding",
        "tests[0].name": "test:b12, test:ferritin, test:iron",
        "tests[1].result": "finding:hypercellular_marrow, finding:megaloblastic_marrow",
    },
}


def read(text: str) -> Facts:
    return read_facts(read_record(text), load_knowledge())


def say(facts: Facts) -> dict[str, str]:
    return {u.path: ", ".join((u.as_ if u.present else f"not {u.as_}", *u.also)) for u in facts.understood}


@pytest.mark.parametrize("record", READINGS)
def test_a_published_record_is_read_as_a_clinician_would(record: str, shared: Path) -> None:
    said = say(read((shared / "cases" / f"{record}.yaml").read_text()))
    assert {path: said.get(path) for path in READINGS[record]} == READINGS[record]


def test_a_wider_finding_is_implied_by_a_narrower_one() -> None:
    assert {"massive_spleen", "splenomegaly"} <= read("findings: [massive splenomegaly]").present


@pytest.mark.parametrize(
    ("name", "result", "reading"),
    [
        ("ANA", "1:640", "finding:ana_positive"),
        ("ANA", "1:40", "not finding:ana_positive"),
        ("CD4", "51/mm3", "finding:low_cd4"),
        ("B12", "90 pg/mL", "finding:low_b12"),
        ("B12", "450 pg/mL", "not finding:low_b12"),
        ("vitamin B12", "above normal", "not finding:low_b12"),
        ("HIV", "negative", "not finding:hiv_positive"),
        ("blood cultures", "no growth", "not finding:positive_culture"),
        ("malaria smear", "ring forms seen", "finding:malaria_positive"),
        ("bone marrow", "cellularity 10 %", "finding:hypocellular_marrow"),
        ("B12 and folic acid", "normal", "not finding:low_b12, not finding:low_folate"),
    ],
)
def test_results_are_read_against_the_tests_own_limits(name: str, result: str, reading: str) -> None:
    facts = read(f"tests: [{{name: '{name}', result: '{result}'}}]\nfindings: [fever]")
    assert say(facts)["tests[0].result"] == reading or say(facts)["tests[0].result"].startswith(reading)


def test_a_result_in_an_unknown_unit_is_listed_not_guessed() -> None:
    facts = read("tests: [{name: B12, result: 90 bushels}]\nfindings: [fever]")
    assert any(n.path == "tests[0].result" and "unit" in n.reason for n in facts.not_used)


def test_a_cytomegalovirus_igg_is_the_past_and_not_disease() -> None:
    assert "cmv_positive" not in read("tests: [{name: CMV IgG, result: positive}]").present


def test_reticulocytes_among_the_tests_join_the_counts() -> None:
    patient = promote_counts(
        read_record("counts: [{day: 0, wbc: 2.0}]\ntests: [{name: reticulocytes, result: 1-2 percent}]")
    )
    assert [m.analyte for m in patient.draws[0].measures] == ["wbc", "reticulocytes"]
    assert patient.tests == ()


def test_results_typed_by_hand_become_tests_or_findings() -> None:
    patient = add_results(read_record("findings: [fever]"), ("ANA 1:640", "no splenomegaly"), load_knowledge())
    assert [(t.name.text, t.result.text) for t in patient.tests if t.result] == [("ANA", "1:640")]
    assert patient.present[-1].text == "no splenomegaly"


@pytest.mark.parametrize(
    ("code", "text", "condition"),
    [
        ("ICD10CM:M32.14", "Glom dis in SLE", "systemic_lupus_erythematosus"),
        ("ICD10CM:M3214", "", "systemic_lupus_erythematosus"),
        ("ICD10CM:I50.22", "Chronic HFrEF", "heart_failure"),
        ("ICD10CM:B50.9", "", "malaria_known"),
        ("ICD10CM:M05.011", "", "felty"),
        ("ICD10CM:M05.79", "", "rheumatoid_arthritis"),
        ("ICD10CM:C91.10", "", "cll_known"),
        ("ICD10CM:N18.6", "", "dialysis_known"),
        ("ICD10CM:N18.30", "", "chronic_kidney_disease"),
        ("ICD10CM:D61.810", "", None),  # by chemotherapy: not the aplastic anaemia of D61.9
        ("ICD10CM:D70.1", "", None),  # by chemotherapy: not the inborn one of D70.0
        ("ICD10CM:K57.30", "", None),  # pouches without inflammation
        ("ICD10CM:Q82.8", "", None),  # any other malformation of the skin
        ("ICD10CM:Z", "", None),
    ],
)
def test_a_code_of_icd_10_is_read_by_the_nearest_known_one_above_it(
    code: str, text: str, condition: str | None
) -> None:
    facts = read_facts(Patient(conditions=(Item("conditions[0]", text or code, code),)), load_knowledge())
    assert [fact.id for fact in facts.conditions] == ([condition] if condition else [])
    assert bool(facts.not_used) is (condition is None)


def test_words_say_more_than_a_wider_code() -> None:
    said = Item("conditions[0]", "Felty's syndrome", "ICD10CM:M05.9")
    assert [f.id for f in read_facts(Patient(conditions=(said,)), load_knowledge()).conditions] == ["felty"]
