"""Every number of the library has a source, a place and a grade; every drug a model."""

from __future__ import annotations

import subprocess
import sys

import pytest

from leukon.marrow import MarrowError, Person, find_model, list_drugs, list_missing, list_models, read_person


@pytest.mark.parametrize("model", list_models(), ids=lambda m: m.id)
def test_each_parameter_says_where_it_comes_from(model: object) -> None:
    for name, figure in model.parameters.items():  # type: ignore[attr-defined]
        assert figure.source in model.sources, name  # type: ignore[attr-defined]
        assert model.sources[figure.source].citation  # type: ignore[attr-defined]
        assert figure.locator, name
        assert figure.grade in {"confirmed", "derived", "assumption"}
        assert figure.grade == "confirmed" or figure.note or figure.locator, name
        assert figure.in_days == figure.in_days
    assert model.analyte in {"neutrophils", "wbc"}  # type: ignore[attr-defined]


def test_an_assumption_is_visible() -> None:
    ozawa = find_model("ozawa-2007-docetaxel")
    assert ozawa.parameters["circ0"].grade == "assumption"
    assert any("circ0" in line for line in ozawa.assumptions)


def test_every_drug_has_a_model_and_every_model_only_drugs_that_can_be_named() -> None:
    drugs = {drug.id for drug in list_drugs()}
    for drug in list_drugs():
        usual = find_model(drug.model or "")
        assert usual.system == "leukon" or drug.id in usual.drugs
    for model in list_models():
        assert set(model.drugs) <= drugs


def test_hours_become_days() -> None:
    """MTT 88.7 h is 3.696 days, a rate of 5.2 per hour 124.8 per day."""
    p = find_model("friberg-2002-docetaxel").parameters
    assert p["mtt"].in_days == pytest.approx(88.7 / 24)
    assert p["k10"].in_days == pytest.approx(124.8)


def test_what_is_not_available_says_why() -> None:
    for gap in list_missing():
        with pytest.raises(MarrowError, match=f"{gap.id} is not available because"):
            find_model(gap.id)
    with pytest.raises(MarrowError, match="did you mean friberg-2002-docetaxel"):
        find_model("friberg-2002-docetaxl")


@pytest.mark.parametrize(
    ("text", "bsa", "weight", "traits"),
    [
        ("180 cm, 80 kg", 2.0, 80, {}),
        ("height 1.8 m, weight 80 kg", 2.0, 80, {}),
        ("1.9 m2", 1.9, 70, {}),
        ("bsa 1.6, 55 kg, aag 2.1, female, age 60", 1.6, 55, {"aag": 2.1, "female": 1.0, "age": 60.0}),
        ("60 kg", 1.8, 60, {}),
    ],
)
def test_a_person_is_read(text: str, bsa: float, weight: float, traits: dict[str, float]) -> None:
    person = read_person(text)
    assert (person.bsa_m2, person.weight_kg) == (pytest.approx(bsa), weight)
    assert person.traits == traits
    assert Person() == Person(1.8, 70.0, {})


@pytest.mark.parametrize("text", ["80", "tall", "180 cm, 8000 kg", "20 m2"])
def test_a_person_that_cannot_be_read_is_said(text: str) -> None:
    with pytest.raises(MarrowError, match="person:"):
        read_person(text)


def test_reading_schedules_and_listing_models_needs_no_jax() -> None:
    code = """
import sys, leukon, leukon.marrow as m
m.read_schedule("docetaxel 75 mg/m2 day 0", 9), m.list_models()
print("jax" in sys.modules)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True, timeout=60)
    assert done.stdout.strip() == "False"
