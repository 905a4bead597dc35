"""Low, not low, or it cannot be said: for this person, at the age of the count."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings

from leukon.counts import find_analyte, read_counts
from leukon.limits.judge import Judged, judge_counts, judge_value, low_of
from leukon.patient import Draw, Patient
from tests.strategies import make_draw, make_patient, patients

YEAR = 365.25


def judge(patient: Patient) -> tuple[Judged, ...]:
    return judge_counts(read_counts(patient), patient)


def verdicts(*draws: Draw, **person: object) -> dict[str, str]:
    return {j.count.analyte: j.status for j in judge(make_patient(*draws, **person))}


def test_the_limit_itself_is_normal() -> None:
    assert verdicts(make_draw({"wbc": "4.0", "neutrophils": "1.5"}), age_days=40 * YEAR) == {
        "wbc": "normal",
        "neutrophils": "normal",
    }
    assert verdicts(make_draw({"wbc": "3999 /uL"}), age_days=40 * YEAR) == {"wbc": "low"}


def test_duffy_null_1_3_is_normal_and_the_laboratory_calls_it_low() -> None:
    draw = make_draw({"neutrophils": "1.3"}, limits={"neutrophils": (1.8, 7.7)})
    row = judge(make_patient(draw, age_days=30 * YEAR, duffy_null=True))[0]
    assert row.status == "normal"
    assert row.laboratory is not None
    assert row.laboratory.status == "low"


def test_a_count_is_judged_at_the_age_it_was_taken() -> None:
    """A three-year-old's lymphocytes of two years ago are those of a one-year-old."""
    then = make_draw({"lymphocytes": "2.5"}, day=-2 * YEAR)
    now = make_draw({"lymphocytes": "2.5"}, day=0, order=1)
    rows = judge(make_patient(then, now, age_days=3 * YEAR))
    assert [r.status for r in rows] == ["low", "normal"]


def test_a_count_before_the_pregnancy_is_not_judged_by_it() -> None:
    then = make_draw({"wbc": "4.5"}, day=-300)
    now = make_draw({"wbc": "4.5"}, day=0, order=1)
    rows = judge(make_patient(then, now, age_days=30 * YEAR, sex="female", pregnant=True, pregnancy_weeks=20))
    assert [r.status for r in rows] == ["normal", "low"]


def test_a_count_before_birth_cannot_be_judged() -> None:
    rows = judge(make_patient(make_draw({"wbc": "3"}, day=-400), make_draw({"wbc": "9"}, order=1), age_days=30.0))
    assert rows[0].status == "cannot say"


def test_haemoglobin_between_the_limits_of_the_sexes_cannot_be_said() -> None:
    """12.5 g/dL is anaemia in a man, not in a woman."""
    draw = make_draw({"hemoglobin": "12.5"})
    assert verdicts(draw, age_days=40 * YEAR)["hemoglobin"] == "cannot say"
    assert verdicts(draw, age_days=40 * YEAR, sex="male")["hemoglobin"] == "low"
    assert verdicts(draw, age_days=40 * YEAR, sex="female")["hemoglobin"] == "normal"
    assert verdicts(make_draw({"hemoglobin": "7"}), age_days=40 * YEAR)["hemoglobin"] == "low"


@pytest.mark.parametrize("wbc", ["4.0", "4.2", "4490 /uL"])
def test_4_0_to_4_5_is_not_low_and_said_to_be_at_the_edge(wbc: str) -> None:
    row = judge(make_patient(make_draw({"wbc": wbc}), age_days=40 * YEAR))[0]
    assert row.status == "normal"
    assert row.edge is not None
    assert "at the edge" in row.edge


def test_3_7_is_low_by_definition_and_4_5_is_not_at_the_edge() -> None:
    assert verdicts(make_draw({"wbc": "3.7"}), age_days=40 * YEAR)["wbc"] == "low"
    assert judge(make_patient(make_draw({"wbc": "4.5"}), age_days=40 * YEAR))[0].edge is None


def test_any_blast_is_high_and_none_is_normal() -> None:
    assert verdicts(make_draw({"blasts": "0.1"}), age_days=40 * YEAR)["blasts"] == "high"
    assert verdicts(make_draw({"blasts": "0"}), age_days=40 * YEAR)["blasts"] == "normal"


def test_bands_are_never_low() -> None:
    assert verdicts(make_draw({"bands": "0"}), age_days=40 * YEAR)["bands"] == "cannot say"


def test_a_count_under_the_detection_limit_is_low_or_open() -> None:
    assert judge_value(0.1, 1.5, 7.7, censored=True) == "low"
    assert judge_value(1.5, 1.5, 7.7, censored=True) == "low"
    assert judge_value(5.0, 1.5, 7.7, censored=True) == "cannot say"
    assert judge_value(0.01, 0.0, 0.5, censored=True) == "normal"


def test_a_count_over_a_bound_is_high_or_open() -> None:
    assert judge_value(100, 4, 11, over=True) == "high"
    assert judge_value(2, 4, 11, over=True) == "cannot say"


def test_low_if_one_of_the_three_is_low() -> None:
    """A normal white count can hide agranulocytosis."""
    rows = judge(make_patient(make_draw({"wbc": "6", "neutrophils": "2 %", "lymphocytes": "90 %"}), age_days=40 * YEAR))
    assert low_of(rows) == "low"


def test_not_low_if_what_was_counted_is_not() -> None:
    assert low_of(judge(make_patient(make_draw({"wbc": "6", "platelets": "20"}), age_days=40 * YEAR))) == "not low"


def test_without_a_white_count_it_cannot_be_said() -> None:
    assert low_of(judge(make_patient(make_draw({"platelets": "20"}), age_days=40 * YEAR))) == "cannot say"
    assert low_of(()) == "cannot say"
    assert low_of(judge(make_patient(make_draw({"wbc": "6", "neutrophils": "<5"}), age_days=40 * YEAR))) == "cannot say"


def test_only_the_newest_count_says_low() -> None:
    earlier, now = make_draw({"wbc": "2"}, day=-90), make_draw({"wbc": "6"}, order=1)
    assert low_of(judge(make_patient(earlier, now, age_days=40 * YEAR))) == "not low"


def test_a_platelet_count_after_the_white_count_is_not_the_newest_count() -> None:
    earlier, now = make_draw({"wbc": "2"}, day=-2), make_draw({"platelets": "200"}, order=1)
    assert low_of(judge(make_patient(earlier, now, age_days=40 * YEAR))) == "low"


@given(patients())
def test_an_anc_of_zero_is_always_low(patient: Patient) -> None:
    """0 is a count, not a gap, and low for everyone."""
    zero = make_draw({"neutrophils": "0"}, day=1, order=99)
    rows = judge(replace(patient, draws=(*patient.draws, zero), now=1.0))
    newest = [r for r in rows if r.count.analyte == "neutrophils"][-1]
    assert (newest.count.value, newest.status) == (0, "low")
    assert low_of(rows) == "low"


@settings(max_examples=60)
@given(patients())
def test_every_count_has_a_verdict_and_low_means_below_its_limit(patient: Patient) -> None:
    for row in judge(patient):
        assert row.status in ("low", "normal", "high", "cannot say")
        if row.status == "low":
            assert row.limit is not None
            assert row.limit.lower is not None
            assert row.count.value < row.limit.lower or row.count.analyte == "hemoglobin"
        if row.count.analyte in ("wbc", "neutrophils", "lymphocytes") and row.count.day is not None:
            born = patient.person.age_days is None or patient.person.age_days + row.count.day >= -1
            assert row.status != "cannot say" or not born


@pytest.mark.parametrize(
    ("value", "unit", "low", "high", "flag"),
    [("value", "unit", "range_low", "range_high", "flag_from_original_units"),
     ("std_value", "std_unit", "std_range_low", "std_range_high", "flag_from_std_units")],
)  # fmt: skip
def test_flags_of_a_clinical_trial_are_reproduced_in_both_unit_systems(
    shared: Path, value: str, unit: str, low: str, high: str, flag: str
) -> None:
    """The published LOW, NORMAL and HIGH of 1,779 trial results, in the unit in which value and limits were printed."""
    checked = 0
    with (shared / "grading" / "cdisc_pilot_flags.csv").open(encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            name = row["test"]
            if find_analyte(name) is None or not row[unit] or name.endswith("LE"):
                continue
            limits = {name: (float(row[low]), float(row[high]))}
            draw = make_draw({name: f"{row[value]} {row[unit]}"}, limits=limits, bare_unit=False)
            laboratory = judge(make_patient(draw, age_days=70 * YEAR, sex="male"))[0].laboratory
            assert laboratory is not None, row
            assert laboratory.status == row[flag].lower(), row
            checked += 1
    assert checked > 1700
