"""Whose limit applies: stated group, Duffy-null and pregnancy, laboratory, age, adult."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given

from leukon.answer import LimitUsed
from leukon.limits.choose import LaboratoryLimit, choose_limit, find_group
from leukon.patient import Person
from tests.strategies import people

YEAR = 365.25
ADULT = Person(age_days=40 * YEAR, sex="female")


def limit(analyte: str, person: Person = ADULT, **given: object) -> LimitUsed:
    found = choose_limit(analyte, person, person.age_days, **given)  # type: ignore[arg-type]
    assert found is not None
    return found


def test_an_adult_without_a_laboratory_limit_has_the_defining_ones() -> None:
    used = limit("wbc")
    assert (used.lower, used.owner, used.source) == (4.0, "adult", "merck-leukopenias")
    assert limit("neutrophils").lower == 1.5
    assert limit("lymphocytes").lower == 1.0


def test_the_laboratory_comes_before_the_adult_limit() -> None:
    used = limit("wbc", laboratory=(3.5, 8.8))
    assert (used.lower, used.upper, used.owner) == (3.5, 8.8, "laboratory")


def test_confirmed_duffy_null_comes_before_the_laboratory() -> None:
    used = limit("neutrophils", replace(ADULT, duffy_null=True), laboratory=(1.8, 7.7))
    assert (used.lower, used.owner) == (1.21, "duffy-null")
    assert used.note is not None
    assert "Namibia 0.82" in used.note


def test_duffy_null_says_nothing_of_lymphocytes() -> None:
    assert limit("lymphocytes", replace(ADULT, duffy_null=True)).owner == "adult"


def test_ancestry_never_sets_a_limit() -> None:
    person = replace(ADULT, ancestry="West African")
    assert limit("neutrophils", person) == limit("neutrophils")
    assert limit("neutrophils", replace(person, duffy_null=False)) == limit("neutrophils")


def test_pregnancy_comes_before_the_laboratory() -> None:
    """WBC 4.5 or ANC 2.5 is low at 20 weeks though normal on the adult range."""
    person = replace(ADULT, pregnant=True, pregnancy_weeks=20)
    assert (limit("wbc", person, laboratory=(4.0, 11.0)).lower, limit("wbc", person).owner) == (5.7, "pregnancy")
    assert limit("neutrophils", person).lower == 3.7


@pytest.mark.parametrize(("weeks", "lower"), [(2, 4.0), (4, 4.7), (7, 5.7), (12, 5.7), (39, 5.7)])
def test_pregnancy_limits_follow_the_week(weeks: float, lower: float) -> None:
    assert limit("wbc", replace(ADULT, pregnant=True, pregnancy_weeks=weeks)).lower == lower


@pytest.mark.parametrize(("weeks", "lower"), [(8, 11.0), (20, 10.5), (35, 11.0)])
def test_haemoglobin_in_pregnancy(weeks: float, lower: float) -> None:
    assert limit("hemoglobin", replace(ADULT, pregnant=True, pregnancy_weeks=weeks)).lower == lower


def test_pregnant_without_weeks_is_mid_pregnancy_and_says_so() -> None:
    used = limit("wbc", replace(ADULT, pregnant=True))
    assert used.note is not None
    assert "weeks of pregnancy not given" in used.note


def test_after_delivery_pregnancy_sets_no_limit() -> None:
    assert limit("wbc", replace(ADULT, pregnant=False)).owner == "adult"


def test_a_pregnant_duffy_null_woman_is_not_called_low_by_the_limit_of_pregnancy() -> None:
    used = limit("neutrophils", replace(ADULT, duffy_null=True, pregnant=True, pregnancy_weeks=20))
    assert (used.lower, used.upper, used.owner) == (1.21, 11.6, "duffy-null")


def test_an_adult_range_printed_for_a_child_loses_to_age() -> None:
    child = Person(age_days=1.2 * YEAR)
    used = limit("lymphocytes", child, laboratory=(1.0, 4.8))
    assert (used.lower, used.owner) == (3.0, "age")
    assert used.note is not None
    assert "those of adults" in used.note
    assert limit("wbc", Person(age_days=0.7), laboratory=(4.0, 11.0)).owner == "age"


def test_a_childs_range_printed_for_a_child_stands() -> None:
    child = Person(age_days=1.2 * YEAR)
    used = limit("lymphocytes", child, laboratory=(3.0, 9.5))
    assert (used.lower, used.upper, used.owner) == (3.0, 9.5, "laboratory")


def test_a_laboratory_without_a_lower_limit_leaves_the_question_to_age() -> None:
    assert limit("wbc", laboratory=(None, 11.0)).owner == "adult"


def test_a_limit_that_states_this_persons_group_wins() -> None:
    person = replace(ADULT, duffy_null=True)
    used = limit("neutrophils", person, laboratory=LaboratoryLimit(1.1, 6.0, "Duffy-null adults"))
    assert (used.lower, used.owner) == (1.1, "stated group")
    other = limit("neutrophils", ADULT, laboratory=LaboratoryLimit(1.1, 6.0, "Duffy-null adults"))
    assert other.owner == "laboratory"


@pytest.mark.parametrize(
    ("label", "person", "stated"),
    [
        ("pregnant, 2nd trimester", Person(pregnant=True), True),
        ("non-pregnant", Person(pregnant=True), False),
        ("Duffy-null", Person(), False),
        ("women", Person(sex="female"), True),
        ("male", Person(sex="female"), False),
        ("2-5 years", Person(age_days=3 * YEAR), True),
        ("2-5 years", Person(age_days=9 * YEAR), False),
        ("2-5 years", Person(), False),
        ("healthy", Person(age_days=9 * YEAR), False),
    ],
)
def test_groups_that_laboratories_state(label: str, person: Person, stated: bool) -> None:
    assert find_group(label, person, person.age_days) is stated


@pytest.mark.parametrize(
    ("days", "wbc", "neutrophils", "lymphocytes"),
    [(0.3, 9.0, 6.0, 2.0), (0.7, 13.0, 6.0, 2.0), (2, 9.4, 5.0, 2.0), (5, 5.0, 1.5, 2.0), (60, 5.0, 1.0, 3.0),
     (250, 6.0, 1.0, 3.0), (400, 4.9, 1.5, 3.0), (1000, 4.6, 1.5, 2.0), (3000, 4.0, 1.5, 1.5), (5000, 4.0, 1.5, 1.25),
     (33000, 4.0, 1.5, 1.0)],
)  # fmt: skip
def test_limits_from_the_first_hours_to_old_age(
    days: float, wbc: float, neutrophils: float, lymphocytes: float
) -> None:
    person = Person(age_days=days)
    assert [limit(a, person).lower for a in ("wbc", "neutrophils", "lymphocytes")] == [wbc, neutrophils, lymphocytes]
    assert limit("wbc", person).owner == ("age" if days < 6570 else "adult")


def test_without_an_age_the_adult_limit_is_used_and_said() -> None:
    used = limit("wbc", Person())
    assert used.owner == "adult"
    assert used.note is not None
    assert "age not given" in used.note


def test_bands_have_no_limit() -> None:
    assert choose_limit("bands", ADULT, ADULT.age_days) is None


@pytest.mark.parametrize("analyte", ["blasts", "immature_granulocytes"])
def test_immature_cells_have_no_lower_limit(analyte: str) -> None:
    assert limit(analyte).lower is None


@given(people())
def test_every_limit_names_its_owner_and_source(person: Person) -> None:
    for analyte in ("wbc", "neutrophils", "lymphocytes", "platelets"):
        used = limit(analyte, person)
        assert used.owner in ("duffy-null", "pregnancy", "age", "adult")
        assert used.source
        assert used.lower is not None
        assert used.lower > 0
