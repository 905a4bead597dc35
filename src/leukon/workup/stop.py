"""When to stop: "nothing more is needed" is an answer, with its reason."""

from __future__ import annotations

from leukon.answer import Real
from leukon.rules import Situation

__all__ = ["stop_reason"]

_LIKELY = 0.5  # the chance of a viral infection from which waiting is the better test
_LITTLE_UNDER = 3.0  # 10*9/L: white cells from here to the limit are CTCAE grade 1
_OTHER = {"neutropenia", "lymphopenia", "anemia", "thrombocytopenia"}
_OPEN = {
    "blasts", "dysplastic_cells", "leukoerythroblastic_film", "lymphadenopathy", "night_sweats", "recurrent_infection",
    "severe_infections", "splenomegaly", "weight_loss",
}  # fmt: skip
"""Findings that ask for a reason of their own, however mild the count."""
_QUIET = ("soon", "routine", "none")


def stop_reason(situation: Situation, real: Real) -> str | None:
    """Why no further search for a cause is needed, or None. Danger and open findings always speak against stopping."""
    if situation.urgency not in _QUIET:
        return None
    if "recent chemotherapy" in situation.states and "fever" not in situation.present:
        return "the expected fall after chemotherapy, without fever: follow the count by the protocol of the regimen"
    if "pancytopenia" in situation.states or "bicytopenia" in situation.states:
        return None
    if situation.present & _OPEN and real.verdict != "normal variant":
        return None
    if real.verdict == "normal variant":
        return real.because[0] if real.because else "a normal variant"
    if situation.states & {"neutrophils low for this person"} and not situation.states & {"neutropenia", "lymphopenia"}:
        return "neutrophils are under the limit for this person but not under 1.5: one repeat is enough"
    if (
        not situation.present
        and situation.counts.get("wbc", 0.0) >= _LITTLE_UNDER
        and "leukopenia" in situation.states
        and not situation.states & _OTHER
    ):
        return "white cells are a little under the limit and no other line is known to be low: one repeat is enough"
    if {"neutropenia, mild", "neutropenia, chronic", "neutropenia, isolated"} <= situation.states:
        return "a mild, isolated neutropenia that has not changed for long: a count once a year is enough"
    viral = situation.families.get("viral_infection", 0.0)
    if (
        viral >= _LIKELY
        and {"neutropenia, isolated"} <= situation.states
        and "neutropenia, severe" not in situation.states
    ):
        return "a recent viral infection is the likely reason: one repeat in 2 to 4 weeks, more only if it is still low"
    if situation.low == "not low" and not situation.states & _OTHER:
        return "the count is not low for this person"
    return None
