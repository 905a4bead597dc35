"""The names of what is present."""

from __future__ import annotations

import pytest

from leukon.severity.names import STATES, imply_states, name_states

_WELL = {"hemoglobin": 13.5, "platelets": 230}


@pytest.fixture
def named(someone, drugs):
    def name(*args: object, **kwargs: object) -> tuple[str, ...]:
        who = someone(*args, **kwargs)
        return name_states(who.judged, who.facts, who.patient, drugs)

    return name


@pytest.mark.parametrize(
    ("anc", "depth"),
    [(1.49, "mild"), (1.0, "mild"), (0.99, "moderate"), (0.5, "moderate"), (0.49, "severe"), (0.1, "severe"),
     (0.09, "profound"), (0.0, "profound")],
)  # fmt: skip
def test_neutropenia_is_named_by_its_depth(named, anc: float, depth: str) -> None:
    assert f"neutropenia, {depth}" in named([{"neutrophils": anc}])


def test_neutrophils_of_1_5_are_no_neutropenia(named) -> None:
    assert named([{"neutrophils": 1.5}]) == ()


def test_a_low_white_count_with_normal_neutrophils_is_leukopenia_only(named) -> None:
    assert named([{"wbc": 3.0, "neutrophils": 1.9}]) == ("leukopenia",)


def test_a_normal_white_count_can_hide_severe_neutropenia(named) -> None:
    assert "neutropenia, severe" in named([{"wbc": 5.0, "neutrophils": 0.3, "lymphocytes": 4.5}])


def test_duffy_null_1_3_is_no_neutropenia_and_0_4_is(named) -> None:
    assert named([{"neutrophils": 1.3}], duffy_null=True) == ()
    assert "neutropenia, severe" in named([{"neutrophils": 0.4}], duffy_null=True)


def test_neutrophils_of_2_5_in_pregnancy_are_low_for_her_but_no_neutropenia(named) -> None:
    assert named([{"neutrophils": 2.5}], pregnant=True) == ("neutrophils low for this person",)


def test_an_infant_with_1_2_has_no_neutropenia(named) -> None:
    assert not any(s.startswith("neutropenia") for s in named([{"neutrophils": 1.2}], years=0.5))


def test_lymphopenia_goes_by_age(named) -> None:
    assert "lymphopenia" in named([{"lymphocytes": 2.0}], years=1)
    assert named([{"lymphocytes": 2.0}], years=40) == ()
    assert "lymphopenia, severe" in named([{"lymphocytes": 0.4}])


def test_two_lines_are_bicytopenia_three_are_pancytopenia(named) -> None:
    assert "bicytopenia" in named([{"wbc": 2.0, "hemoglobin": 9.0, "platelets": 230}])
    three = named([{"wbc": 2.0, "neutrophils": 0.8, "hemoglobin": 9.0, "platelets": 40}])
    assert "pancytopenia" in three and "bicytopenia" not in three
    assert "bicytopenia" in imply_states(three)


def test_white_cells_and_neutrophils_are_one_line(named) -> None:
    assert not {"bicytopenia", "pancytopenia"} & set(named([{"wbc": 2.0, "neutrophils": 0.8, **_WELL}]))


def test_a_haemoglobin_of_last_year_makes_no_bicytopenia_today(named) -> None:
    assert "bicytopenia" not in named([{"day": -365, "hemoglobin": 8.0}, {"day": 0, "wbc": 2.0}])


def test_isolated_needs_the_other_lines_measured(named) -> None:
    assert "neutropenia, isolated" in named([{"neutrophils": 1.2, **_WELL}])
    assert "neutropenia, isolated" not in named([{"neutrophils": 1.2}])


def test_chronic_is_low_in_every_count_for_more_than_three_months(named) -> None:
    low = [{"day": d, "neutrophils": 1.2} for d in (0, 50, 91)]
    assert "neutropenia, chronic" in named(low)
    assert "neutropenia, chronic" not in named(low[1:])
    broken = [low[0], {"day": 50, "neutrophils": 2.5}, low[2]]
    assert "neutropenia, chronic" not in named(broken)


class TestAgranulocytosis:
    def test_severe_neutropenia_on_a_drug_known_for_it(self, named) -> None:
        assert named([{"neutrophils": 0.3}], drugs={"methimazole": (-30, None)})[0] == "agranulocytosis"

    def test_a_drug_stopped_three_weeks_ago_still_counts_one_stopped_a_year_ago_does_not(self, named) -> None:
        assert "agranulocytosis" in named([{"neutrophils": 0.3}], drugs={"methimazole": (-60, -21)})
        assert "agranulocytosis" not in named([{"neutrophils": 0.3}], drugs={"methimazole": (-800, -365)})

    def test_not_by_chemotherapy_nor_by_a_harmless_drug(self, named) -> None:
        for drug in ("docetaxel", "amlodipine"):
            assert "agranulocytosis" not in named([{"neutrophils": 0.3}], drugs={drug: (-10, None)})

    def test_not_when_the_count_was_low_for_years(self, named) -> None:
        counts = [{"day": -400, "neutrophils": 0.3}, {"day": 0, "neutrophils": 0.3}]
        assert "agranulocytosis" not in named(counts, drugs={"methimazole": (-30, None)})

    def test_not_at_0_5(self, named) -> None:
        assert "agranulocytosis" not in named([{"neutrophils": 0.5}], drugs={"methimazole": (-30, None)})


class TestFebrileNeutropenia:
    def test_fever_with_neutrophils_under_0_5(self, named) -> None:
        assert "febrile neutropenia" in named([{"neutrophils": 0.49}], present=["fever"])

    def test_fever_with_white_cells_under_0_5_needs_no_differential(self, named) -> None:
        assert "febrile neutropenia" in named([{"wbc": 0.4}], present=["fever"])

    def test_under_1_0_only_when_expected_to_fall(self, named) -> None:
        assert "febrile neutropenia" in named([{"neutrophils": 0.8}], present=["fever"], drugs={"docetaxel": (-6, -6)})
        assert "possible febrile neutropenia" in named([{"neutrophils": 0.8}], present=["fever"])

    def test_not_without_fever_and_not_at_1_0(self, named) -> None:
        assert not any("febrile" in s for s in named([{"neutrophils": 0.3}]))
        assert not any("febrile" in s for s in named([{"neutrophils": 1.0}], present=["fever"]))

    @pytest.mark.parametrize("sign", ["fever", "chills", "hypothermia", "malaise"])
    def test_possible_on_white_cells_of_0_6(self, named, sign: str) -> None:
        assert "possible febrile neutropenia" in named([{"wbc": 0.6}], present=[sign])

    @pytest.mark.parametrize("sign", ["fever", "chills", "hypothermia", "malaise"])
    def test_possible_after_chemotherapy_with_no_count_at_all(self, named, sign: str) -> None:
        assert named([], present=[sign], drugs={"docetaxel": (-41, -41)}) == ("possible febrile neutropenia",)
        assert named([], present=[sign], drugs={"docetaxel": (-43, -43)}) == ()

    def test_chemotherapy_said_in_words_counts_too(self, named) -> None:
        assert named([], present=["fever", "chemotherapy_recent"]) == ("possible febrile neutropenia",)

    def test_planned_chemotherapy_does_not_count(self, named) -> None:
        assert named([], present=["fever"], drugs={"docetaxel": (3, 3)}) == ()

    def test_not_when_the_neutrophils_after_chemotherapy_are_known_and_fine(self, named) -> None:
        assert not any("febrile" in s for s in named([{"neutrophils": 3.0}], present=["fever", "chemotherapy_recent"]))


def test_every_name_has_a_definition_and_a_source() -> None:
    for name, (definition, source) in STATES.items():
        assert definition and source, name
