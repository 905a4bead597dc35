"""What to consider doing, in clinical sentences."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, cast

import pytest

from leukon.answer import Care
from leukon.care import list_options
from leukon.knowledge import load_knowledge
from leukon.rules import Situation, holds
from leukon.severity.names import STATES

K = load_knowledge()
DEEP = Situation(
    states=frozenset({"neutropenia", "neutropenia, severe"}), low="low", worst_anc=0.1, counts={"neutrophils": 0.1}
)


@dataclass(frozen=True)
class _Ranking:
    probabilities: dict[str, float] = field(default_factory=dict[str, float])


def _list(situation: Situation, **probabilities: float) -> dict[str, Care]:
    ranking = cast(Any, _Ranking({f"drug:{drug}": p for drug, p in probabilities.items()}))
    return {care.id: care for care in list_options(ranking, situation, K)[0]}


def _with(situation: Situation, *states: str, **fields: Any) -> Situation:
    return replace(situation, states=situation.states | set(states), **fields)


def _names(when: Any, name: str) -> set[str]:
    inner = {x for w in (*when.all, *when.any, *when.none) for x in _names(w, name)}
    return inner | ({getattr(when, name)} - {None})


def test_febrile_neutropenia_puts_antibiotics_within_the_hour_first() -> None:
    given = _list(_with(DEEP, "febrile neutropenia", "recent chemotherapy", "sign of infection", age_years=50.0))
    first = next(iter(given.values()))
    assert first.id == "febrile_neutropenia_antibiotics"
    assert "60 minutes" in first.option and "do not wait" in first.option
    assert "expected_nadir" not in given and "no_antibiotic_for_number" not in given


@pytest.mark.parametrize("sign", ["hypotension", "confusion", "pneumonia", "abd_pain"])
def test_no_outpatient_care_with_a_sign_of_danger(sign: str) -> None:
    low_risk = _with(DEEP, "febrile neutropenia", "recent chemotherapy", age_years=50.0)
    assert "fn_low_risk_outpatient" in _list(low_risk)
    assert "fn_low_risk_outpatient" not in _list(replace(low_risk, present=frozenset({sign})))


def test_outpatient_care_is_not_offered_to_a_child_or_where_the_age_is_not_known() -> None:
    fever = _with(DEEP, "febrile neutropenia", "recent chemotherapy")
    assert "fn_low_risk_outpatient" not in _list(fever)
    assert "fn_low_risk_outpatient" not in _list(replace(fever, age_years=6.0))


def test_expected_nadir_without_fever_needs_a_fever_card_and_no_antibiotics() -> None:
    given = _list(_with(DEEP, "recent chemotherapy"))
    assert "expected_nadir" in given and "fever" in given["expected_nadir"].option
    assert "febrile_neutropenia_antibiotics" not in given


def test_methimazole_agranulocytosis_is_stopped_for_good_and_not_crossed_to_ptu() -> None:
    given = _list(_with(DEEP, "agranulocytosis", "culprit drug"), methimazole=0.8)
    assert given["stop_culprit_agranulocytosis"].drug == K.drugs["methimazole"].name
    assert given["stop_culprit_agranulocytosis"].kind == "stop drug"
    assert {"no_rechallenge", "no_cross_antithyroid", "agranulocytosis_g_csf"} <= set(given)


def test_carbamazepine_agranulocytosis_is_replaced_under_cover_not_stopped() -> None:
    given = _list(_with(DEEP, "agranulocytosis", "culprit drug"), carbamazepine=0.8)
    assert "stop_culprit_agranulocytosis" not in given
    assert "status epilepticus" in given["substitute_culprit_agranulocytosis"].caution


def test_clozapine_agranulocytosis_is_stopped_with_the_psychiatric_team() -> None:
    given = _list(_with(DEEP, "agranulocytosis", "culprit drug"), clozapine=0.8)
    assert given["stop_antipsychotic_agranulocytosis"].kind == "stop drug"
    assert "substitute_culprit_agranulocytosis" not in given


def test_quetiapine_with_mild_neutropenia_is_not_stopped() -> None:
    mild = Situation(states=frozenset({"neutropenia", "neutropenia, mild"}), low="low", worst_anc=1.2)
    given = _list(mild, quetiapine=0.5)
    assert "do_not_stop_abruptly" in given
    assert not [care for care in given.values() if care.kind == "stop drug"]


def test_clozapine_rules_of_the_us_and_the_uk_stand_side_by_side() -> None:
    taken = Situation(drugs=frozenset({"clozapine"}), counts={"neutrophils": 1.2}, low="low", worst_anc=1.2)
    given = _list(taken, clozapine=0.6)
    assert "do_not_stop_abruptly" not in given, "it has rules of its own"
    assert (given["clozapine"].jurisdiction, given["clozapine_uk"].jurisdiction) == ("US", "UK")


def test_chemotherapy_is_never_among_the_drugs_to_stop() -> None:
    given = _list(_with(DEEP, "recent chemotherapy"), docetaxel=0.9)
    assert not [care for care in given.values() if care.drug]


def test_another_drug_beside_chemotherapy_goes_to_the_oncologist() -> None:
    given = _list(_with(DEEP, "recent chemotherapy", "culprit drug"), docetaxel=0.9, metamizole=0.2)
    assert given["culprit_beside_chemotherapy"].drug == K.drugs["metamizole"].name
    assert not [care for care in given.values() if care.kind == "stop drug"]


def test_each_suspected_drug_has_its_own_option() -> None:
    ranking = cast(Any, _Ranking({"drug:methimazole": 0.5, "drug:metamizole": 0.3, "drug:omeprazole": 0.01}))
    made, _ = list_options(ranking, _with(DEEP, "agranulocytosis"), K)
    stopped = {care.drug for care in made if care.id == "stop_culprit_agranulocytosis"}
    assert stopped == {K.drugs["methimazole"].name, K.drugs["metamizole"].name}


def test_no_g_csf_and_no_steroid_while_leukaemia_may_be_the_cause() -> None:
    given = _list(_with(DEEP, "febrile neutropenia", "agranulocytosis", present=frozenset({"blasts"})))
    assert "acute_leukaemia_no_steroid" in given
    assert "fn_g_csf" not in given and "agranulocytosis_g_csf" not in given


def test_promyelocytic_leukaemia_on_suspicion_means_atra_now() -> None:
    given = _list(Situation(present=frozenset({"blasts", "coagulopathy"}), low="low"))
    assert given["apl_atra"].kind == "treat" and "without waiting" in given["apl_atra"].option


def test_fever_after_a_tick_with_few_white_cells_means_doxycycline_before_the_test() -> None:
    bitten = Situation(states=frozenset({"leukopenia"}), low="low", present=frozenset({"tick_exposure", "fever"}))
    assert "without waiting" in _list(bitten)["tick_doxycycline"].option
    assert "tick_doxycycline" not in _list(replace(bitten, present=frozenset({"tick_exposure"})))


def test_folate_is_never_given_alone_in_macrocytosis() -> None:
    assert _list(Situation(present=frozenset({"macrocytosis"})))["folate_never_alone"].kind == "avoid"


def test_duffy_null_needs_nothing_but_never_excuses_less_than_half_a_billion_neutrophils() -> None:
    duffy = Situation(present=frozenset({"duffy_null_test"}), worst_anc=1.3, low="low")
    assert "duffy_null" in _list(duffy)
    assert "duffy_null" not in _list(replace(duffy, worst_anc=0.4))


def test_a_clumped_sample_is_repeated_and_fever_is_still_treated() -> None:
    given = _list(_with(DEEP, "febrile neutropenia", verdict="artefact"))
    assert {"artefact_repeat", "febrile_neutropenia_antibiotics"} <= set(given)


def test_an_infant_with_few_lymphocytes_is_isolated_and_gets_no_live_vaccine() -> None:
    infant = Situation(age_years=0.3, counts={"lymphocytes": 0.8}, low="low")
    assert "no live vaccine" in _list(infant)["scid"].option
    assert "scid" not in _list(replace(infant, age_years=40.0))


def test_nothing_is_offered_for_a_person_of_whom_nothing_is_known() -> None:
    assert _list(Situation(), methimazole=0.9) == {}


def test_a_low_count_alone_brings_no_treatment_and_stops_no_drug() -> None:
    given = _list(Situation(states=frozenset({"leukopenia"}), low="low", drugs=frozenset({"metformin"})))
    assert given
    assert {care.kind for care in given.values()} <= {"monitor", "avoid", "supply", "refer", "prevent"}


@pytest.mark.parametrize("option", K.care, ids=lambda option: option.id)
def test_every_option_has_condition_caution_and_source_and_names_states_that_exist(option: Any) -> None:
    assert not holds(option.when, Situation()), "an option without a condition would be offered to everyone"
    assert option.because and option.caution and option.sources
    assert 1 <= option.rank <= 90
    assert option.date[:4].isdigit() or option.date.startswith("undated")
    assert option.jurisdiction in {"international", "US", "EU", "UK"}
    assert _names(option.when, "state") <= set(STATES)
    classes = {drug.class_ for drug in K.drugs.values()} | {"may not be stopped abruptly", "cytotoxic"}
    assert _names(option.when, "drug_class") <= classes
    assert _names(option.when, "verdict") <= {
        "real", "redistribution possible", "artefact", "normal variant", "cannot say",
    }  # fmt: skip
    assert ("{drug}" in option.option) == option.each_drug
