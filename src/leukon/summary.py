"""One sentence a doctor can read aloud: what is low, how urgent, what most likely."""

from __future__ import annotations

from leukon.answer import Real, Urgency
from leukon.causes import Ranking
from leukon.limits.judge import Judged
from leukon.patient import Patient
from leukon.rules import Situation

__all__ = ["summarise"]

_SHOWN = ("neutrophils", "wbc", "lymphocytes")
_NAMES = {"neutrophils": "ANC", "wbc": "WBC", "lymphocytes": "lymphocytes"}
_STATES = (
    "febrile neutropenia", "possible febrile neutropenia", "agranulocytosis", "pancytopenia", "bicytopenia",
    "neutropenia, profound", "neutropenia, severe", "neutropenia, moderate", "neutropenia, mild", "leukopenia",
    "lymphopenia",
)  # fmt: skip


def summarise(
    patient: Patient, judged: tuple[Judged, ...], situation: Situation, urgency: Urgency, real: Real, ranking: Ranking
) -> str:
    """E.g. "Febrile neutropenia (ANC 0.29, limit 1.5): EMERGENCY, … Most likely: methimazole (91%)." """
    what = _name_state(situation)
    counts = _name_counts(judged)
    head = f"{what}{f' ({counts})' if counts else ''}"
    text = f"{head}: {_name_urgency(urgency, situation.low)}."
    if real.verdict in ("artefact", "normal variant", "redistribution possible"):
        text += f" Is it real? {real.verdict.capitalize()}."
    leading = [c for c in ranking.causes if c.id != "no_leukopenia"][:2]
    if situation.low != "not low" and leading and leading[0].probability >= 0.1:
        likely = f"{leading[0].name} ({_share(leading[0].probability)})"
        if len(leading) > 1 and leading[1].probability >= 0.2:
            likely += f", then {leading[1].name} ({_share(leading[1].probability)})"
        text += f" Most likely: {likely}."
    return text


def _name_state(situation: Situation) -> str:
    if situation.low == "not low":
        return "White cells not low for this person"
    named = [
        s for s in _STATES if s in situation.states and not (s == "bicytopenia" and "pancytopenia" in situation.states)
    ]
    named = named[:2]
    if not named:
        return "Low count" if situation.low == "low" else "Whether a white cell count is low cannot be said"
    if len(named) > 1 and named[0].split(",")[0] == named[1].split(",")[0]:
        named = named[:1]
    return " with ".join(named)[0].upper() + " with ".join(named)[1:]


def _name_counts(judged: tuple[Judged, ...]) -> str:
    newest = {j.count.analyte: j for j in judged}
    parts: list[str] = []
    for analyte in _SHOWN:
        row = newest.get(analyte)
        if row is None or (analyte == "lymphocytes" and row.status != "low"):
            continue
        limit = f", limit {row.limit.lower:g}" if row.limit and row.limit.lower is not None else ""
        parts.append(f"{_NAMES[analyte]} {row.count.value:g}{limit}")
    return "; ".join(parts[:2])


def _name_urgency(urgency: Urgency, low: str) -> str:
    if urgency.level == "routine" and low == "cannot say":
        return "no red flag is on the record"
    return {
        "emergency": "EMERGENCY, act within the hour",
        "same day": "to be seen the same day",
        "urgent": "to be seen within 3 days",
        "soon": "to be seen within 2 weeks",
        "routine": "no hurry",
        "none": "nothing urgent",
    }[urgency.level]


def _share(probability: float) -> str:
    """A probability in percent; never "100 %", which no evidence gives."""
    return ">99%" if probability > 0.99 else f"{probability:.0%}"
