"""Treatments as people write them, and what they do: with and without, for the same people."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("jax")

from leukon.marrow import MarrowError
from leukon.marrow.cause_course import course_of
from leukon.marrow.courses import compare_treatments, simulate_cause
from leukon.marrow.mechanisms import find_mechanism
from leukon.marrow.treatments import read_treatments


def _back(course: object, limit: float) -> float:
    count = course.count  # type: ignore[attr-defined]
    return float(course.days[np.flatnonzero(count < limit)[-1] + 1])  # type: ignore[attr-defined]


@pytest.mark.parametrize(("line", "amounts", "days"), [
    ("reduce docetaxel 20 %", [60.0, 60.0, 60.0], [0, 21, 42]),
    ("reduce docetaxel by 20 percent from day 21", [75.0, 60.0, 60.0], [0, 21, 42]),
    ("delay docetaxel 7 days from day 21", [75.0, 75.0, 75.0], [0, 28, 49]),
    ("stop docetaxel day 30", [75.0, 75.0], [0, 21]),
])  # fmt: skip
def test_a_plan_is_reduced_delayed_or_stopped(line: str, amounts: list[float], days: list[float]) -> None:
    plan = read_treatments(["docetaxel 75 mg/m2 day 0, 21, 42"], [line], [], 60)
    assert [dose.amount for dose in plan.drugs] == amounts
    assert [dose.day for dose in plan.drugs] == days


def test_a_treatment_that_does_not_act_on_the_cause_is_named_and_changes_nothing() -> None:
    plan = read_treatments([], ["vitamin B12 1000 ug day 3"], [find_mechanism("folate_deficiency")], 42)
    assert plan.ended == {}
    assert plan.not_used == (("vitamin B12 1000 ug day 3", "vitamin b12 is not known to act on folate_deficiency"),)


@pytest.mark.parametrize(("line", "fault"), [
    ("stop docetaxel day 3", "no dose of docetaxel is planned"),
    ("vitamin Q day 0", "no published model knows the drug"),
    ("prednisone 40 day 0", "has no unit"),
])  # fmt: skip
def test_what_is_not_understood_ends_in_one_line(line: str, fault: str) -> None:
    with pytest.raises(MarrowError, match=fault) as caught:
        read_treatments([], [line], [], 42)
    assert "\n" not in str(caught.value)


def test_filgrastim_and_pegfilgrastim_are_not_given_together() -> None:
    with pytest.raises(MarrowError, match="choose one"):
        read_treatments([], ["filgrastim 300 ug day 0", "pegfilgrastim 6 mg day 0"], [], 42)


def test_b12_brings_neutrophils_back_in_one_to_two_weeks_and_folate_does_not() -> None:
    without, treated = compare_treatments("b12_deficiency", ["vitamin B12 1000 ug day 0"], days=42)
    assert np.array_equal(without.count, simulate_cause("b12_deficiency", days=42).count)
    assert 5 <= _back(treated, 3.0) <= 14
    _, folate = compare_treatments("b12_deficiency", ["folate 5 mg day 0"], days=42)
    assert np.array_equal(folate.count, without.count)


def test_copper_takes_weeks() -> None:
    _, treated = compare_treatments("copper_deficiency", ["copper day 0"], days=120)
    assert 14 <= _back(treated, 3.0) <= 84


def test_agranulocytosis_recovers_a_week_after_the_drug_is_stopped_and_days_sooner_with_growth_factor() -> None:
    """Methimazole: a median of about 7 to 9 days, about 4 with G-CSF."""
    now, stopped = {"neutrophils": 0.05}, "stop methimazole day 0"
    alone = course_of("drug:methimazole", now, treatments=[stopped])
    helped = course_of("drug:methimazole", now, treatments=[stopped, "filgrastim 5 ug/kg day 0-7"], patients=40)
    assert alone is not None and helped is not None
    assert 6 <= alone["recovery"]["day"] <= 10
    assert 2 <= helped["recovery"]["day"] <= alone["recovery"]["day"] - 2


def test_without_stopping_the_drug_agranulocytosis_stays() -> None:
    assert simulate_cause("drug:methimazole", days=42).count[-1] < 0.3


def test_splenectomy_brings_the_pooled_cells_back_at_once() -> None:
    without, treated = compare_treatments("hypersplenism", ["splenectomy day 10"])
    assert without.count[-1] == pytest.approx(without.count[0])
    assert treated.count[treated.days < 10].max() < 0.55 * 3.9
    assert treated.count[treated.days > 11].min() > 3.9
    assert np.ptp(treated.series["body neutrophils"]) < 1e-9 * treated.series["body neutrophils"][0]


def test_growth_factor_after_docetaxel_makes_the_nadir_earlier_and_shorter() -> None:
    without, helped = compare_treatments([], ["filgrastim 5 ug/kg day 2-9"], drugs=["docetaxel 100 mg/m2 day 0"])
    assert helped.days[helped.count.argmin()] < without.days[without.count.argmin()]
    assert (helped.count < 1.0).sum() < (without.count < 1.0).sum()


def test_a_smaller_dose_makes_a_shallower_nadir_in_every_virtual_person() -> None:
    without, reduced = compare_treatments(
        [],
        ["reduce docetaxel 20 %"],
        drugs=["docetaxel 100 mg/m2 day 0"],
        patients=40,
        every_hours=24,
        seed=5,
        days=21,
        model="kloft-2006-docetaxel",
    )
    assert np.all(reduced.count.min(axis=1) > without.count.min(axis=1))
    assert np.array_equal(reduced.count[:, 0], without.count[:, 0])


def test_growth_factor_raises_the_count_in_congenital_neutropenia() -> None:
    without, helped = compare_treatments("severe_congenital_neutropenia", ["filgrastim 5 ug/kg day 0-5"], days=7)
    at = np.searchsorted(without.days, 5)
    assert helped.count[at] > 2 * without.count[at]
