"""Every cause of the knowledge has a mechanism of the marrow or says why not; its strength gives the recorded count."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("jax")

from leukon.knowledge import load_knowledge
from leukon.marrow import MarrowError
from leukon.marrow.courses import simulate_cause
from leukon.marrow.leukon_model import leukon_model
from leukon.marrow.mechanisms import ACTIONS, Mechanism, find_mechanism, list_mechanisms

WITH_COURSE = [m.cause for m in list_mechanisms() if m.no_course is None]
LASTING = [m.cause for m in list_mechanisms() if m.no_course is None and m.established and m.action != "cyclic"]


def test_every_cause_and_every_way_of_a_drug_is_mapped_once() -> None:
    knowledge = load_knowledge()
    assert [m.cause for m in list_mechanisms()] == [*knowledge.causes, *knowledge.profiles]


@pytest.mark.parametrize("mechanism", list_mechanisms(), ids=lambda m: m.cause)
def test_each_states_its_pace_grade_and_reason_or_why_there_is_no_course(mechanism: Mechanism) -> None:
    if mechanism.no_course is not None:
        assert len(mechanism.no_course) > 20
        return
    assert mechanism.action in ACTIONS and mechanism.others in ACTIONS
    assert mechanism.grade in {"confirmed", "derived", "assumption"}
    assert mechanism.because and mechanism.onset_days > 0 and mechanism.recovery_days > 0
    assert mechanism.strengths


@pytest.mark.parametrize("cause", LASTING)
def test_the_strength_of_a_lasting_cause_gives_the_count_on_record(cause: str) -> None:
    course = simulate_cause(cause, days=42, every_hours=24)
    for lineage, strength in find_mechanism(cause).strengths:
        healthy = leukon_model().parameters[f"{lineage}.baseline"].value
        assert course.series[lineage][0] == pytest.approx(healthy * np.exp(strength.mean), rel=1e-6), lineage


@pytest.mark.parametrize("cause", [c for c in WITH_COURSE if c not in LASTING and c != "cyclic_neutropenia"])
def test_an_acute_cause_lowers_the_count_it_is_known_to_lower_and_lets_it_return(cause: str) -> None:
    mechanism = find_mechanism(cause)
    lowered, strength = min(mechanism.strengths, key=lambda pair: pair[1].mean)
    days, every = (3, 0.1) if mechanism.onset_days < 0.1 else (60, 12)
    course = simulate_cause(cause, days=days, every_hours=every, treatments=["treat the cause day 28"])
    values = course.series[lowered]
    assert values[0] == pytest.approx(leukon_model().parameters[f"{lowered}.baseline"].value)
    assert np.log(values.min() / values[0]) < 0.2 * strength.mean
    if mechanism.recovery_days <= 21 and (mechanism.on(lowered) != "loss" or lowered != "lymphocytes"):
        assert values[-1] > 0.5 * values[0]
    else:  # body lymphocytes and an empty marrow need months
        assert values[-1] > 0.9 * values.min()


def test_a_cause_without_a_course_says_why() -> None:
    with pytest.raises(MarrowError, match=r"in_vitro_artefact has no course of its own: the cells are in the body"):
        simulate_cause("in_vitro_artefact")
    with pytest.raises(MarrowError, match="name them"):
        simulate_cause("cytotoxic_chemotherapy")


def test_chemotherapy_as_a_cause_is_its_drug() -> None:
    line = ["docetaxel 75 mg/m2 day 0, 21"]
    with_cause, alone = (simulate_cause(c, drugs=line, days=42) for c in ("cytotoxic_chemotherapy", []))
    assert np.array_equal(with_cause.count, alone.count)


def test_a_drug_takes_the_way_it_is_known_to_act() -> None:
    assert find_mechanism("drug:methimazole").action == find_mechanism("agranulocytosis").action
    assert find_mechanism("drug:fingolimod").action == "share"


def test_an_unknown_cause_gets_a_hint() -> None:
    with pytest.raises(MarrowError, match="did you mean b12_deficiency"):
        find_mechanism("b12_deficency")
