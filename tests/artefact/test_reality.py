"""Is the low count real?"""

from __future__ import annotations

import pytest

from leukon.answer import Urgency
from leukon.artefact import judge_reality

_WELL = {"lymphocytes": 1.6, "hemoglobin": 13.5, "platelets": 230}
_MILD = {"wbc": 3.7, "neutrophils": 2.0, **_WELL}
_CALM = Urgency("routine", ("a reason",), ())


@pytest.fixture
def verdict(someone, judge, drugs):
    """The verdict, with the urgency that the red flags give."""

    def of(*args: object, **kwargs: object):
        who = someone(*args, **kwargs)
        return judge_reality(who.judged, who.facts, who.patient, judge(who), drugs)

    return of


def _says(real, words: str) -> bool:
    return any(words in reason for reason in real.because)


class TestSample:
    """Step 1: a sample that cannot be counted."""

    def test_clumps_call_for_a_film_and_a_count_at_37_degrees_or_by_hand(self, verdict) -> None:
        real = verdict([{"wbc": 2.1, "neutrophils": 1.1, **_WELL}], present=["clumped_cells"])
        assert real.verdict == "artefact"
        assert _says(real, "37 °C or by hand") and _says(real, "citrate or heparin does not always help")
        assert "rohr-1990-aggregates" in real.sources

    @pytest.mark.parametrize(
        "words",
        ["clotted", "platelet clumps on film", "drawn above a drip", "EDTA aggregates flagged", "sample 30 h old",
         "30 hours old", "50 hours old, kept at 4 °C", "please send a new specimen", "recollect"],
    )  # fmt: skip
    def test_what_is_said_of_the_sample_is_heard(self, verdict, words: str) -> None:
        assert verdict([{"wbc": 2.1, "sample": words}]).verdict == "artefact"

    @pytest.mark.parametrize(
        "words",
        ["no clumps", "not clotted", "4 hours old", "30 hours old, refrigerated", "fasting", "no fresh sample needed"],
    )
    def test_a_sound_sample_is_not_doubted(self, verdict, words: str) -> None:
        assert verdict([{"wbc": 2.1, "sample": words}]).verdict != "artefact"

    @pytest.mark.parametrize(("hemoglobin", "spoiled"), [(0, True), ("0.0", True), (0.4, False), (7.1, False)])
    def test_a_sample_without_haemoglobin_is_an_empty_one(self, verdict, hemoglobin: object, spoiled: bool) -> None:
        real = verdict([{"wbc": 0.01, "neutrophils": 0, "hemoglobin": hemoglobin, "platelets": 0}])
        assert (real.verdict == "artefact") is spoiled

    def test_only_the_newest_sample_counts(self, verdict) -> None:
        counts = [{"day": 0, "wbc": 2.1, "sample": "clotted"}, {"day": 3, "wbc": 2.2}]
        assert verdict(counts).verdict != "artefact"

    def test_three_lines_falling_by_the_same_share_in_a_week_may_be_dilution(self, verdict) -> None:
        before = {"day": 0, "wbc": 6.0, "hemoglobin": 13.5, "platelets": 240}
        diluted = {"day": 2, "wbc": 3.6, "hemoglobin": 8.1, "platelets": 150}
        real = verdict([before, diluted])
        assert real.verdict == "artefact" and _says(real, "diluted")
        assert verdict([before, {**diluted, "day": 20}]).verdict != "artefact"
        assert verdict([before, {**diluted, "hemoglobin": 13.0}]).verdict != "artefact"

    def test_a_spoiled_sample_of_a_septic_person_is_still_treated_as_infection(self, verdict) -> None:
        real = verdict([{"wbc": 1.2, "sample": "clotted"}], present=["fever", "hypotension"])
        assert _says(real, "treat as infection") and _says(real, "the urgency stands")


class TestInfection:
    """Steps 3 to 6: cells that have left the blood, or a marrow that fails."""

    def test_a_marginated_count_in_a_septic_person_is_treated_as_infection(self, verdict) -> None:
        real = verdict([{"wbc": 2.1, "neutrophils": 1.1, **_WELL}], present=["fever", "hypotension"])
        assert real.verdict == "redistribution possible"
        assert _says(real, "treat as infection") and _says(real, "the urgency stands")

    def test_a_left_shift_and_sound_other_lines_support_it(self, verdict) -> None:
        real = verdict([{"wbc": 2.1, "neutrophils": 1.1, "bands": 0.4, **_WELL}], present=["fever"])
        assert _says(real, "left shift") and _says(real, "other cell lines are not low")

    def test_a_repeat_that_rises_within_two_days_confirms_it(self, verdict) -> None:
        counts = [{"day": 0, "neutrophils": 0.9, "wbc": 2.0}, {"day": 0.5, "neutrophils": 2.6, "wbc": 5.2}]
        real = verdict(counts, present=["fever"])
        assert real.verdict == "redistribution possible" and _says(real, "within 12 hours")

    def test_a_repeat_that_stays_low_for_two_days_refutes_it(self, verdict) -> None:
        counts = [{"day": 0, "neutrophils": 0.9}, {"day": 2.5, "neutrophils": 0.8}]
        assert verdict(counts, present=["fever"]).verdict == "real"
        soon = [{"day": 0, "neutrophils": 0.9}, {"day": 0.5, "neutrophils": 0.8}]
        assert verdict(soon, present=["fever"]).verdict == "redistribution possible"

    def test_neutrophils_under_0_5_are_real_and_treated(self, verdict) -> None:
        real = verdict([{"wbc": 3.2, "neutrophils": "9 %", **_WELL}], present=["fever"])
        assert real.verdict == "real" and _says(real, "treat as infection")

    def test_no_left_shift_with_neutrophils_under_1_0_refutes_it(self, verdict) -> None:
        counts = [{"neutrophils": 0.8}]
        assert verdict(counts, present=["fever"], absent=["left_shift"]).verdict == "real"
        assert verdict(counts, present=["fever"]).verdict == "redistribution possible"

    def test_a_child_with_a_cold_is_not_sent_for_cultures(self, verdict) -> None:
        counts = [{"wbc": 4.9, "neutrophils": 1.2, "lymphocytes": 3.2, "hemoglobin": 12.5, "platelets": 250}]
        real = verdict(counts, years=3, present=["fever", "upper_respiratory_symptoms"])
        assert _says(real, "when the infection is over") and not _says(real, "cultures")


class TestReal:
    def test_two_low_counts_agree(self, verdict) -> None:
        assert verdict([{"day": 0, "neutrophils": 1.2}, {"day": 20, "neutrophils": 1.3}]).verdict == "real"

    def test_pancytopenia_is_real_on_one_count(self, verdict) -> None:
        assert verdict([{"wbc": 2.0, "hemoglobin": 9.0, "platelets": 30}]).verdict == "real"

    def test_chemotherapy_explains_a_low_count(self, verdict) -> None:
        assert verdict([{"wbc": 2.0, "neutrophils": 0.9}], drugs={"docetaxel": (-9, -9)}).verdict == "real"

    def test_a_count_said_to_be_low_for_years_is_real(self, verdict) -> None:
        assert verdict([{"neutrophils": 1.2}], present=["stable_counts"]).verdict == "real"

    def test_nothing_low_is_nothing_to_doubt(self, verdict) -> None:
        assert verdict([{"wbc": 6.0, "neutrophils": 3.5, **_WELL}]).verdict == "real"


class TestVariant:
    """Step 7: low by definition, normal for this person."""

    def test_white_cells_of_3_7_and_nothing_else_low(self, verdict) -> None:
        real = verdict([_MILD])
        assert real.verdict == "normal variant" and _says(real, "one repeat is enough")

    @pytest.mark.parametrize(
        ("change", "more"),
        [({"platelets": 100}, {}), ({"neutrophils": 1.3}, {}), ({"wbc": 3.4}, {}), ({}, {"pregnant": True}),
         ({}, {"years": 8}), ({}, {"present": ["splenomegaly"]}), ({}, {"present": ["fever"]})],
    )  # fmt: skip
    def test_anything_else_out_of_order_makes_it_none(self, verdict, change, more) -> None:
        assert verdict([{**_MILD, **change}], **more).verdict != "normal variant"

    def test_white_cells_of_3_7_alone_cannot_be_judged(self, verdict) -> None:
        assert verdict([{"wbc": 3.7}]).verdict == "cannot say"

    def test_a_white_count_that_has_halved_is_no_variant(self, verdict) -> None:
        assert verdict([{**_MILD, "day": -30, "wbc": 8.0}, {**_MILD, "day": 0}]).verdict != "normal variant"

    def test_a_stable_duffy_null_count(self, verdict) -> None:
        counts = [{"day": d, "wbc": 3.4, "neutrophils": 1.3, **_WELL} for d in (0, 300, 700)]
        real = verdict(counts, duffy_null=True)
        assert real.verdict == "normal variant" and _says(real, "nothing more is needed")
        assert verdict(counts).verdict == "real"  # the same counts without the test are a true neutropenia

    def test_duffy_null_limits_differ_by_country(self, verdict) -> None:
        steady = [{"day": d, "wbc": 3.4, "neutrophils": 1.15, **_WELL} for d in (0, 300, 700)]
        assert verdict(steady, duffy_null=True).verdict == "normal variant"
        assert verdict(steady[-1:], duffy_null=True).verdict != "normal variant"

    @pytest.mark.parametrize("more", [{"present": ["fever"]}, {"present": ["oral_ulcers"]}])
    def test_duffy_null_explains_nothing_in_someone_ill(self, verdict, more) -> None:
        counts = [{"day": d, "wbc": 3.4, "neutrophils": 1.3, **_WELL} for d in (0, 300, 700)]
        assert verdict(counts, duffy_null=True, **more).verdict != "normal variant"

    def test_duffy_null_does_not_explain_0_4(self, verdict) -> None:
        counts = [{"day": d, "neutrophils": 0.4, **_WELL} for d in (0, 300, 700)]
        assert verdict(counts, duffy_null=True).verdict == "real"


class TestCannotSay:
    def test_one_mild_low_count_is_to_be_repeated(self, verdict) -> None:
        real = verdict([{"wbc": 2.9, "neutrophils": 1.2}])
        assert real.verdict == "cannot say" and _says(real, "repeat it")

    def test_no_white_count(self, verdict) -> None:
        assert verdict([{"hemoglobin": 9.0}]).verdict == "cannot say"

    def test_dialysis_moves_neutrophils_for_an_hour(self, verdict) -> None:
        real = verdict([{"wbc": 2.9}], present=["dialysis"])
        assert real.verdict == "redistribution possible" and "donovan-1992-dialysis" in real.sources


def test_every_verdict_says_why(someone, drugs) -> None:
    for counts in ([], [{"wbc": 2.9}], [{"wbc": 6.0}], [{"neutrophils": 0.1}]):
        who = someone(counts)
        real = judge_reality(who.judged, who.facts, who.patient, _CALM, drugs)
        assert real.because and all(real.because) and all(real.sources)
