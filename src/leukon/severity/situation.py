"""The situation of a person as the rules see it, made from judged counts and facts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from leukon.limits.judge import low_of
from leukon.rules import Situation
from leukon.severity.context import find_drugs, find_last_chemotherapy, name_context
from leukon.severity.names import count_low_lines, imply_states, is_chronic, name_states
from leukon.severity.series import find_current
from leukon.severity.worst import bound_anc

if TYPE_CHECKING:
    from leukon.facts.model import Facts
    from leukon.knowledge.schema import DrugFact
    from leukon.limits.judge import Judged
    from leukon.patient import Patient

__all__ = ["make_situation"]

_DAYS_A_YEAR = 365.25


def make_situation(
    judged: Sequence[Judged],
    facts: Facts,
    patient: Patient,
    *,
    setting: str = "any",
    drugs: Mapping[str, DrugFact] | None = None,
) -> Situation:
    """What urgency is judged by; verdict, causes and urgency are added later with `dataclasses.replace`.

    Findings count as present when they are present now; a sign that has resolved does not, an exposure or a result of
    the past does (the facts hold no other things of the past).
    """
    if drugs is None:
        from leukon.knowledge import load_knowledge

        drugs = load_knowledge().drugs
    current = find_current(judged)
    chronic = is_chronic(judged, "neutrophils") or is_chronic(judged, "wbc")
    states = imply_states(name_states(judged, facts, patient, drugs))
    lines = len(count_low_lines(current, by_adult_limits=True))
    context = name_context(judged, facts, patient, drugs, chronic=chronic, low_lines=lines)
    taken = find_drugs(facts, patient)
    age_days = patient.person.age_days
    return Situation(
        states=states | context,
        low=low_of(judged),
        worst_anc=bound_anc(judged, find_last_chemotherapy(facts, patient, drugs)).at_most,
        counts={analyte: j.count.value for analyte, j in current.items()},
        present=facts.now | {f.id for f in facts.facts if f.present and f.tense == "past"},
        absent=facts.absent,
        drugs=taken,
        drug_classes=frozenset(drugs[d].class_ for d in taken if d in drugs),
        conditions=facts.condition_ids,
        age_years=None if age_days is None else age_days / _DAYS_A_YEAR,
        setting=setting,
    )
