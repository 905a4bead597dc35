"""The counts in time, the laboratory's limits, and every leaf of the input settled once."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from leukon.counts import read_counts
from leukon.patient import Draw, Patient
from tests.strategies import COUNT_UNITS, make_draw, make_patient, patients, unit_strings


def leaves(patient: Patient) -> list[str]:
    return sorted(i.path for d in patient.draws for m in d.measures for i in (m.item, *m.limit_items))


def settled(patient: Patient) -> list[str]:
    counts = read_counts(patient)
    return sorted([u.path for u in counts.understood] + [n.path for n in counts.not_used])


def test_draws_are_ordered_by_day_oldest_first() -> None:
    patient = make_patient(make_draw({"wbc": "2.0"}, day=0, order=0), make_draw({"wbc": "5.0"}, day=-30, order=1))
    counts = read_counts(patient)
    assert [(v.day, v.value) for v in counts.of("wbc")] == [(-30, 5.0), (0, 2.0)]
    newest = counts.newest("wbc")
    assert newest is not None
    assert newest.value == 2.0
    assert counts.timed


def test_a_single_count_without_a_day_is_now() -> None:
    counts = read_counts(make_patient(make_draw({"wbc": "2.0"}, day=None), now=7.0))
    assert counts.values[0].day == 7.0
    assert counts.timed


def test_several_counts_without_days_keep_their_order_and_draw_no_tempo() -> None:
    patient = make_patient(make_draw({"wbc": "5"}, day=None), make_draw({"wbc": "2"}, day=None, order=1))
    counts = read_counts(patient)
    assert [v.value for v in counts.values] == [5.0, 2.0]
    assert not counts.timed
    assert counts.notes


def test_two_counts_at_one_time_both_stand_and_are_said() -> None:
    patient = make_patient(make_draw({"wbc": "5"}), make_draw({"wbc": "2"}, order=1))
    counts = read_counts(patient)
    assert len(counts.of("wbc")) == 2
    assert any("at one time" in note for note in counts.notes)


def test_a_second_value_in_one_draw_is_reported_and_the_lower_used() -> None:
    counts = read_counts(make_patient(make_draw({"wbc": "5", "leukocytes": "2"})))
    assert [v.value for v in counts.values] == [2.0]
    assert counts.not_used[0].item == "5"


def test_a_measurement_that_is_not_a_blood_count_is_listed() -> None:
    counts = read_counts(make_patient(make_draw({"wbc": "5", "rdw": "14"})))
    assert [(n.item, n.path) for n in counts.not_used] == [("14", "counts[0].rdw")]


def test_bare_limits_of_our_own_record_are_in_the_default_unit() -> None:
    """`wbc: 3200 /uL` with `limits: {wbc: [4.0, 11.0]}` is the record of the contract."""
    draw = make_draw({"wbc": "3200 /uL"}, limits={"wbc": (4.0, 11.0)})
    counts = read_counts(make_patient(draw))
    assert counts.values[0].limits == (4.0, 11.0)
    assert [u.as_ for u in counts.understood] == ["limit:wbc", "limit:wbc", "count:wbc"]


def test_limits_in_the_unit_of_the_value_are_converted() -> None:
    draw = make_draw({"wbc": "3200 /uL"}, limits={"wbc": (4000, 11000)}, bare_unit=False)
    assert read_counts(make_patient(draw)).values[0].limits == (4.0, 11.0)


def test_limits_with_their_own_unit_are_converted_from_it() -> None:
    draw = make_draw({"hemoglobin": "13.4 g/dL"}, limits={"hemoglobin": (120, 160)}, bare_unit=False, limits_unit="g/L")
    assert read_counts(make_patient(draw)).values[0].limits == (12.0, 16.0)


def test_a_limit_of_the_percentage_does_not_judge_the_absolute_count() -> None:
    draw = make_draw({"wbc": "3.2", "neutrophils": "9 %"}, limits={"neutrophils": (40, 75)})
    counts = read_counts(make_patient(draw))
    row = counts.newest("neutrophils")
    assert row is not None
    assert row.limits is None
    assert any("low by the laboratory's limits of the percentage" in note for note in counts.notes)


def test_a_unit_that_contradicts_the_printed_limits_is_not_believed() -> None:
    """5.2 "/uL" with limits 3.8-10.0: a published FHIR example with the wrong unit."""
    draw = make_draw({"wbc": "5.2 /uL"}, limits={"wbc": (3.8, 10.0)}, bare_unit=False)
    counts = read_counts(make_patient(draw))
    assert not counts.values
    assert "contradicts" in counts.not_used[0].reason


def test_an_unread_unit_of_the_limits_loses_the_limits_only() -> None:
    draw = make_draw({"wbc": "5.2 K/uL"}, limits={"wbc": (3.8, 10.0)}, bare_unit=False, limits_unit="zoz")
    counts = read_counts(make_patient(draw))
    assert counts.values[0].limits is None
    assert len(counts.not_used) == 2


def test_a_limit_that_is_no_number_loses_the_limits_only() -> None:
    draw = make_draw({"wbc": "5.2"}, limits={"wbc": (float("nan"), 10.0)})
    counts = read_counts(make_patient(draw))
    assert counts.values[0].limits is None


def test_no_draws_give_no_counts() -> None:
    assert read_counts(Patient()).values == ()


@given(patients())
def test_every_leaf_is_settled_once(patient: Patient) -> None:
    assert settled(patient) == leaves(patient)


@settings(max_examples=50)
@given(patients(), unit_strings())
def test_a_change_of_unit_changes_no_value(patient: Patient, unit: str) -> None:
    """The same counts written in another unit read the same, to the last digit."""
    before = read_counts(patient)
    after = read_counts(_rewritten(patient, unit))
    assert [(v.analyte, v.value, v.day) for v in before.values] == [(v.analyte, v.value, v.day) for v in after.values]


def _rewritten(patient: Patient, unit: str) -> Patient:
    def draw(given: Draw) -> Draw:
        made: list[Any] = []
        for m in given.measures:
            number, _, old = m.item.text.partition(" ")
            if old in COUNT_UNITS:
                plain = Decimal(number).scaleb(COUNT_UNITS[unit] - COUNT_UNITS[old])
                m = replace(m, item=replace(m.item, text=f"{plain:f} {unit}"))
            made.append(m)
        return replace(given, measures=tuple(made))

    return replace(patient, draws=tuple(draw(d) for d in patient.draws))


@settings(max_examples=50)
@given(patients(), st.randoms(use_true_random=False))
def test_the_order_of_the_input_changes_nothing(patient: Patient, random: Any) -> None:
    """Days order the counts, and the order of names within a draw means nothing."""
    shuffled = [replace(d, measures=tuple(random.sample(d.measures, len(d.measures)))) for d in patient.draws]
    random.shuffle(shuffled)
    assert read_counts(replace(patient, draws=tuple(shuffled))).values == read_counts(patient).values


def test_every_count_of_the_published_cases_is_read(shared: Path) -> None:
    """28 records of published cases: no count is lost, and none is negative or beyond plausibility."""
    files = sorted((shared / "cases").glob("*.yaml"))
    assert len(files) == 28
    for file in files:
        record = yaml.safe_load(file.read_text(encoding="utf-8"))
        draws = [
            make_draw({k: str(v) for k, v in row.items() if k not in ("day", "limits")}, day=row.get("day"), order=i)
            for i, row in enumerate(record["counts"] or [])
        ]
        patient = make_patient(*draws)
        counts = read_counts(patient)
        assert not counts.not_used, (file.name, counts.not_used)
        assert settled(patient) == leaves(patient)
