"""The ranking keeps its head: units, order and unrelated findings do not move it; chances add up."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from leukon.assess import assess
from leukon.causes import Ranking, rank_causes
from leukon.counts import read_counts
from leukon.facts import read_facts
from leukon.io import read_record
from leukon.knowledge import load_knowledge
from leukon.limits import judge_counts, low_of
from leukon.patient import Draw, Drug, Item, Measure, Patient, Person

FINDINGS = (
    "fever", "sore throat", "splenomegaly", "petechiae", "weight loss", "lymphadenopathy", "rash", "pallor",
    "joint pain", "jaundice", "cough", "oral ulcers",
)  # fmt: skip


def make_patient(
    *findings: str, wbc: str = "1.2 10*9/L", anc: str = "0.2 10*9/L", drugs: tuple[Drug, ...] = (), years: float = 40
) -> Patient:
    measures = (
        Measure(Item("counts[0].wbc", wbc), "wbc"),
        Measure(Item("counts[0].neutrophils", anc), "neutrophils"),
        Measure(Item("counts[0].hemoglobin", "13.5 g/dL"), "hemoglobin"),
        Measure(Item("counts[0].platelets", "210 10*9/L"), "platelets"),
    )
    items = tuple(Item(f"findings.present[{n}]", text) for n, text in enumerate(findings))
    return Patient(
        person=Person(age_days=years * 365.25, sex="female"),
        draws=(Draw(0.0, None, 0, measures),),
        present=items,
        drugs=drugs,
    )


def rank(patient: Patient, setting: str = "any") -> Ranking:
    k = load_knowledge()
    judged = judge_counts(read_counts(patient), patient)
    facts = read_facts(patient, k)
    return rank_causes(judged, facts, patient.person, k, now=patient.now, low=low_of(judged), setting=setting)


def chances(ranking: Ranking) -> dict[str, float]:
    return ranking.probabilities


findings = st.lists(st.sampled_from(FINDINGS), unique=True, max_size=5)
few = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@few
@given(findings)
def test_sets_and_none_of_these_sum_to_one(present: list[str]) -> None:
    found = rank(make_patient(*present))
    assert found.posterior.weight.sum() == pytest.approx(1.0, abs=1e-9)
    assert found.normal + found.none_of_these < 1.0


@few
@given(findings)
def test_a_fractured_finger_moves_nothing(present: list[str]) -> None:
    with_it = rank(make_patient(*present, "fracture of a finger"))
    assert chances(with_it) == pytest.approx(chances(rank(make_patient(*present))), abs=1e-12)


@few
@given(findings, st.randoms(use_true_random=False))
def test_the_order_of_findings_moves_nothing(present: list[str], rng: object) -> None:
    shuffled = list(present)
    rng.shuffle(shuffled)  # type: ignore[attr-defined]
    assert chances(rank(make_patient(*shuffled))) == pytest.approx(chances(rank(make_patient(*present))), abs=1e-9)


@pytest.mark.parametrize(("wbc", "anc"), [("1200 /uL", "200 /mm3"), ("1.2 K/uL", "0.2 G/L"), ("1.2", "0.2 x10E3/uL")])
def test_the_unit_moves_nothing(wbc: str, anc: str) -> None:
    same = rank(make_patient("fever", wbc=wbc, anc=anc))
    assert chances(same) == pytest.approx(chances(rank(make_patient("fever"))), abs=1e-12)


def test_the_drug_begun_six_weeks_ago_is_the_leading_culprit() -> None:
    """Methimazole, fever and a sore throat with hardly a neutrophil: the classic."""
    drug = Drug(Item("drugs[0].name", "methimazole"), start=-42.0)
    found = rank(make_patient("fever", "sore throat", wbc="1.8 10*9/L", anc="0.02 10*9/L", drugs=(drug,)))
    assert found.causes[0].id == "drug:methimazole"
    assert found.causes[0].family == "drug_induced_nonchemo"


def test_a_drug_stopped_long_ago_is_no_cause() -> None:
    drug = Drug(Item("drugs[0].name", "methimazole"), start=-900.0, stop=-400.0)
    assert "drug:methimazole" not in rank(make_patient("fever", drugs=(drug,))).probabilities


@pytest.mark.parametrize("order", [1, -1])
def test_of_a_drug_ordered_again_the_course_that_fits_the_count_is_weighed(order: int) -> None:
    """Methimazole for years, stopped, and begun anew six weeks ago: the new start is the dangerous one."""
    courses = ((-1500.0, -1200.0), (-42.0, None), (60.0, None))[::order]
    drugs = tuple(
        Drug(Item(f"drugs[{n}].name", "methimazole"), start=start, stop=stop) for n, (start, stop) in enumerate(courses)
    )
    alone = rank(make_patient("fever", drugs=(Drug(Item("drugs[0].name", "methimazole"), start=-42.0),)))
    assert chances(rank(make_patient("fever", drugs=drugs))) == pytest.approx(chances(alone), abs=1e-12)


def test_an_anaemia_in_words_beside_a_haemoglobin_counts_once() -> None:
    assert chances(rank(make_patient("fever", "anemia"))) == pytest.approx(
        chances(rank(make_patient("fever"))), abs=1e-12
    )


def test_every_probability_says_why() -> None:
    found = rank(make_patient("fever", "sore throat", "splenomegaly"))
    for cause in found.causes[:5]:
        assert cause.for_ or cause.against, cause.id
        assert all(e.source for e in (*cause.for_, *cause.against))


def test_no_causes_of_one_drug_act_twice() -> None:
    drug = Drug(Item("drugs[0].name", "carbamazepine"), start=-60.0)
    found = rank(make_patient(drugs=(drug,)))
    assert 0 <= found.probabilities["drug:carbamazepine"] <= 1


def test_the_person_without_low_counts_is_most_likely_normal() -> None:
    patient = make_patient(wbc="6.5 10*9/L", anc="3.9 10*9/L")
    found = rank(patient)
    assert found.causes[0].id == "no_leukopenia"
    assert found.normal > 0.8


def test_earlier_counts_of_ones_own_make_a_fall_stand_out() -> None:
    """WBC 3.9 after years at 8.0 is less "this person's normal" than 3.9 alone."""
    alone = make_patient(wbc="3.9 10*9/L", anc="2.0 10*9/L")
    before = tuple(
        Draw(day, None, n + 1, (Measure(Item(f"counts[{n + 1}].wbc", "8.0 10*9/L"), "wbc"),
                                Measure(Item(f"counts[{n + 1}].neutrophils", "5.0 10*9/L"), "neutrophils")))
        for n, day in enumerate((-700.0, -400.0, -100.0))
    )  # fmt: skip
    with_history = replace(alone, draws=(*before, *alone.draws))
    assert rank(with_history).normal < rank(alone).normal / 2


def test_a_family_is_as_likely_as_its_likeliest_cause_and_no_likelier_than_their_sum() -> None:
    found = rank(make_patient("fever", "sore throat"))
    for family, probability in found.families.items():
        own = [found.probabilities[r.id] for r in found.rows if r.family == family]
        assert max(own) - 1e-9 <= probability <= sum(own) + 1e-9


@pytest.mark.parametrize("written", ["60", "1.2 %"])
def test_usual_reticulocytes_in_either_unit_are_no_evidence_of_anything(written: str) -> None:
    def observed(text: str) -> float:
        report = assess(read_record(text))
        items = [e.weight for c in report.causes for e in (*c.for_, *c.against) if e.item.startswith("reticulocytes")]
        return max(map(abs, items), default=0.0)

    anaemic = (
        "person: {age: 50 years, sex: female}\ncounts: [{wbc: 2.5, hemoglobin: 8, platelets: 60, reticulocytes: %s}]"
    )
    assert observed(anaemic % written) < 2.5
    assert observed(anaemic % ("4" if written == "60" else "0.1 %")) > 0.5
