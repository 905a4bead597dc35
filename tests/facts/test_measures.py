"""Sizes, temperatures and ages at birth as people write them."""

from __future__ import annotations

import pytest

from leukon.assess import assess
from leukon.facts.measures import read_measure
from leukon.io import read_record


@pytest.mark.parametrize(
    ("words", "finding", "present"),
    [
        ("spleen 4 cm below costal margin", "splenomegaly", True),
        ("spleen 24 cm", "massive_spleen", True),
        ("spleen 10.5 cm", "splenomegaly", False),
        ("spleen 130 mm", "splenomegaly", True),
        ("splenomegaly 3 cm below costal margin", "splenomegaly", True),
        ("spleen 2 fingers below the left costal margin", "splenomegaly", True),
        ("liver span 20 cm", "hepatomegaly", True),
        ("temperature 38.3 C", "fever", True),
        ("temperature 36.8 °C", "fever", False),
        ("temp 101.5 F", "fever", True),
        ("103 F", "fever", True),
        ("temperature 35.2 C", "hypothermia", True),
        ("born at 38 weeks", "prematurity", False),
        ("born at 29 weeks", "prematurity", True),
    ],
)
def test_a_measure_is_read_as_what_it_means(words: str, finding: str, present: bool) -> None:
    assert [(r.id, r.present) for r in read_measure(words)] == [(finding, present)]


@pytest.mark.parametrize("words", ["fever", "spleen", "vitamin C", "500 C", "weight 38 kg", "35 C"])
def test_what_is_no_measure_is_left_to_the_words(words: str) -> None:
    assert read_measure(words) == ()


def read(result: str) -> tuple[list[str], list[str]]:
    report = assess(read_record(f"counts: [{{wbc: 2}}]\ntests: [{result}]"))
    leaf = [u for u in report.understood if u.path.endswith("result")]
    return [f"{u.as_}{'' if u.present else ' not'}" for u in leaf], [n.reason for n in report.not_used]


def test_a_missing_unit_is_accepted_where_every_plausible_unit_says_the_same() -> None:
    assert read("{name: LDH, result: '4848'}")[1] == []
    assert read("{name: AST, result: '276'}")[1] == []


def test_a_missing_unit_is_refused_where_the_units_disagree() -> None:
    assert "needs its unit" in read("{name: bilirubin, result: '2.1'}")[1][0]


@pytest.mark.parametrize("written", ["666 IU", "666 IU/L", "666 U/l", "666 units/L"])
def test_international_units_are_written_in_many_ways(written: str) -> None:
    assert read(f"{{name: AST, result: {written}}}")[0] == ["finding:raised_transaminases"]


def test_any_number_of_copies_of_a_virus_is_a_positive_result() -> None:
    assert read("{name: CMV PCR, result: '1,700,000 copies/mL'}")[0] == ["finding:cmv_positive"]


def test_chemotherapy_in_the_past_is_no_chemotherapy_now() -> None:
    def chance(words: str) -> float:
        report = assess(read_record(f"counts: [{{wbc: 1.2}}]\nconditions: [{words}]"))
        return sum(c.probability for c in report.causes if c.family == "cytotoxic_chemotherapy")

    assert chance("'breast cancer, adjuvant chemotherapy in the past'") == 0
    assert chance("'breast cancer, adjuvant chemotherapy'") > 0.3


def test_a_left_shift_of_the_marrow_is_none_of_the_blood() -> None:
    got, _ = read("{name: bone marrow biopsy, result: left shift}")
    assert "finding:left_shift" not in got


@pytest.mark.parametrize(("percent", "present"), [("2", False), ("8-10", True), ("60", True)])
def test_blasts_of_a_marrow_count_from_five_percent(percent: str, present: bool) -> None:
    got, _ = read(f"{{name: bone marrow, result: '{percent}% blasts'}}")
    assert got == ["finding:blasts" + ("" if present else " not")]


def test_ancestry_is_no_stay_in_a_country() -> None:
    report = assess(read_record("person: {ancestry: Sri Lankan}\ncounts: [{wbc: 2}]"))
    assert not [u for u in report.understood if "travel" in u.as_ or "place" in u.as_]


def test_thalassaemia_explains_its_own_anaemia() -> None:
    def chance(conditions: str) -> float:
        text = f"counts: [{{wbc: 2.5, hemoglobin: 6.0}}]\nconditions: {conditions}"
        return sum(c.probability for c in assess(read_record(text)).causes if c.family == "acute_leukemia")

    assert chance("[beta thalassaemia]") < chance("[]")
