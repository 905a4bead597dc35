"""Conditions of the knowledge, read in one place."""

from __future__ import annotations

import pytest

from leukon.knowledge.schema import When
from leukon.rules import LEVELS, Situation, holds

_SITUATION = Situation(
    states=frozenset({"neutropenia", "neutropenia, severe"}),
    low="low",
    verdict="real",
    worst_anc=0.3,
    counts={"neutrophils": 0.3, "platelets": 230.0},
    present=frozenset({"fever"}),
    absent=frozenset({"splenomegaly"}),
    drugs=frozenset({"methimazole"}),
    drug_classes=frozenset({"antithyroid"}),
    conditions=frozenset({"graves_disease"}),
    age_years=34.0,
    causes={"hiv": 0.2, "drug:methimazole": 0.7},
    families={"drug_induced_nonchemo": 0.72},
    urgency="same day",
    setting="hospital",
)


@pytest.mark.parametrize(
    "when",
    [
        When(),
        When(state="neutropenia, severe"),
        When(verdict="real", low="low", setting="hospital"),
        When(finding="fever", drug="methimazole", drug_class="antithyroid", condition="graves_disease"),
        When(analyte="neutrophils", below=0.5),
        When(analyte="worst_anc", below=0.5),
        When(analyte="platelets", from_=230),
        When(analyte="platelets"),
        When(age_from_years=34, age_below_years=35),
        When(cause="drug:methimazole"),
        When(cause="hiv", at_least=0.2),
        When(family="drug_induced_nonchemo", at_least=0.5),
        When(urgency="same day"),
        When(urgency="soon"),
        When(all=(When(finding="fever"), When(low="low")), any=(When(finding="cough"), When(finding="fever"))),
        When(none=(When(finding="cough"), When(analyte="hemoglobin", below=8))),
    ],
)
def test_conditions_that_hold(when: When) -> None:
    assert holds(when, _SITUATION)


@pytest.mark.parametrize(
    "when",
    [
        When(state="pancytopenia"),
        When(verdict="artefact"),
        When(low="not low"),
        When(setting="oncology"),
        When(finding="cough"),
        When(finding="splenomegaly"),
        When(drug="clozapine"),
        When(drug_class="antipsychotic"),
        When(condition="lupus"),
        When(analyte="neutrophils", below=0.3),
        When(analyte="neutrophils", from_=0.31),
        When(age_below_years=34),
        When(cause="hiv"),
        When(cause="hiv", at_least=0.21),
        When(family="hiv", at_least=0.1),
        When(urgency="emergency"),
        When(all=(When(finding="fever"), When(finding="cough"))),
        When(any=(When(finding="cough"),)),
        When(none=(When(finding="fever"),)),
        When(finding="fever", state="pancytopenia"),
    ],
)
def test_conditions_that_do_not_hold(when: When) -> None:
    assert not holds(when, _SITUATION)


@pytest.mark.parametrize(
    "when",
    [
        When(analyte="hemoglobin", below=100),
        When(analyte="hemoglobin", from_=0),
        When(analyte="worst_anc", below=100),
        When(age_below_years=200),
        When(age_from_years=0),
        When(urgency="none"),
        When(verdict="real"),
        When(cause="hiv", at_least=0.01),
    ],
)
def test_what_is_not_known_does_not_hold(when: When) -> None:
    assert not holds(when, Situation())


def test_zero_is_a_count_and_not_a_gap() -> None:
    assert holds(When(analyte="neutrophils", below=0.5), Situation(counts={"neutrophils": 0.0}))
    assert holds(When(analyte="worst_anc", below=0.5), Situation(worst_anc=0.0))


def test_a_bound_without_its_count_is_a_fault_of_the_rule() -> None:
    with pytest.raises(ValueError, match="needs the analyte"):
        holds(When(below=0.5), _SITUATION)


def test_a_more_urgent_level_fulfils_a_lesser_one() -> None:
    for i, level in enumerate(LEVELS):
        fulfilled = [holds(When(urgency=wanted), Situation(urgency=level)) for wanted in LEVELS]
        assert fulfilled == [j >= i for j in range(len(LEVELS))]
