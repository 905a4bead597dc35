"""The same words, however they are spelt, fold to one form; opposites never meet."""

from __future__ import annotations

import pytest

from leukon.facts.words import fold, has_opposite_sense, strip_modifiers


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Haemorrhage", "hemorrhages"),
        ("leucopenia", "Leukopenia"),
        ("oedema", "edema"),
        ("Diarrhoea", "diarrhea"),
        ("swollen lymph-nodes", "Swollen lymph node"),
        ("Graves' disease", "graves disease"),
        ("tumours", "tumor"),
        ("anaemia", "anemia"),
        ("coeliac disease", "celiac disease"),
    ],
)
def test_british_and_american_plural_and_singular_are_one(one: str, other: str) -> None:
    assert fold(one) == fold(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("hypokalemia", "hyperkalemia"),
        ("neutropenia", "neutrophilia"),
        ("lymphopenia", "lymphocytosis"),
        ("bradycardia", "tachycardia"),
        ("microcytosis", "macrocytosis"),
        ("low sodium", "high sodium"),
        ("abnormal smear", "normal smear"),
        ("symptomatic", "asymptomatic"),
        ("weight gain", "weight loss"),
    ],
)
def test_opposites_are_told_apart(one: str, other: str) -> None:
    assert has_opposite_sense(one, other)
    assert has_opposite_sense(other, one)


@pytest.mark.parametrize(
    ("one", "other"), [("splenomegally", "splenomegaly"), ("lymphadenopaty", "lymphadenopathy"), ("feverr", "fever")]
)
def test_slips_of_the_pen_are_no_opposites(one: str, other: str) -> None:
    assert not has_opposite_sense(one, other)


def test_adjectives_of_degree_are_set_aside() -> None:
    assert strip_modifiers(("marked", "cervical", "lymphadenopathy")) == ("cervical", "lymphadenopathy")
