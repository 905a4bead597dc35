"""What people like this one have when nothing acts on the count."""

from __future__ import annotations

import pytest
from hypothesis import given

from leukon.knowledge.schema import LINEAGES
from leukon.limits.choose import choose_limit
from leukon.limits.expected import Expected, expected_count
from leukon.limits.intervals import load_sources
from leukon.patient import Person
from tests.strategies import people

YEAR = 365.25


def expect(analyte: str, person: Person) -> Expected:
    found = expected_count(analyte, person, person.age_days)
    assert found is not None, (analyte, person)
    return found


@given(people())
def test_everyone_has_an_expected_count_in_all_lineages(person: Person) -> None:
    """White cells and nine lineages, newborn to old age, each with its source."""
    for analyte in ("wbc", *LINEAGES):
        found = expect(analyte, person)
        assert found.median > 0
        assert 0.02 < found.sd_log < 1.0
        assert found.source in load_sources()


@given(people())
def test_the_expected_count_is_not_low(person: Person) -> None:
    for analyte in ("wbc", "neutrophils", "lymphocytes", "platelets"):
        limit = choose_limit(analyte, person, person.age_days)
        assert limit is not None
        assert limit.lower is not None
        if not (person.pregnant and person.duffy_null):
            assert expect(analyte, person).median > limit.lower


def test_a_newborn_at_twelve_hours_has_many_neutrophils() -> None:
    assert expect("neutrophils", Person(age_days=0.6)).median == 15.5


def test_a_toddler_has_more_lymphocytes_than_an_adult() -> None:
    toddler, adult = Person(age_days=1.5 * YEAR), Person(age_days=40 * YEAR)
    assert expect("lymphocytes", toddler).median > 2 * expect("lymphocytes", adult).median


def test_duffy_null_people_have_fewer_neutrophils() -> None:
    assert expect("neutrophils", Person(age_days=40 * YEAR, duffy_null=True)).median == 2.6
    assert expect("neutrophils", Person(age_days=40 * YEAR)).median == pytest.approx(4.04)


def test_pregnant_women_have_more_neutrophils_and_less_haemoglobin() -> None:
    woman = Person(age_days=30 * YEAR, sex="female")
    pregnant = Person(age_days=30 * YEAR, sex="female", pregnant=True, pregnancy_weeks=20)
    assert expect("neutrophils", pregnant).median > 1.5 * expect("neutrophils", woman).median
    assert expect("hemoglobin", pregnant).median < expect("hemoglobin", woman).median


def test_men_have_more_haemoglobin_and_unknown_sex_lies_between_with_more_spread() -> None:
    woman, man, unknown = (expect("hemoglobin", Person(age_days=40 * YEAR, sex=s)) for s in ("female", "male", None))
    assert woman.median < unknown.median < man.median
    assert unknown.sd_log > max(woman.sd_log, man.sd_log)


def test_immature_cells_are_not_expected() -> None:
    assert expected_count("blasts", Person(), None) is None
