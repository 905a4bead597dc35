"""What surrounds the counts: signs of infection now, chemotherapy within six weeks, drugs known for agranulocytosis."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from leukon.facts.model import Facts
    from leukon.knowledge.schema import DrugFact
    from leukon.limits.judge import Judged
    from leukon.patient import Patient

__all__ = [
    "CHEMOTHERAPY_DAYS", "CONTEXT", "Signs", "find_drugs", "find_last_chemotherapy", "has_culprit",
    "is_on_chemotherapy", "name_context", "read_signs",
]  # fmt: skip

CHEMOTHERAPY_DAYS = 42.0
_CURRENT_COUNT_DAYS = 7.0

CONTEXT: dict[str, tuple[str, str]] = {
    "recent chemotherapy": ("cytotoxic treatment within the last six weeks", "leukon-definitions"),
    "culprit drug": ("a drug known to cause agranulocytosis, taken now or within six weeks", "andersohn-2007-nonchemo"),
    "sign of infection": ("fever, rigor or low temperature now", "freifeld-2011-idsa"),
    "no current count": ("no white cell or neutrophil count of the last seven days", "leukon-definitions"),
    "neutrophils not counted": ("a white cell count without a neutrophil count", "leukon-definitions"),
    "sepsis": (
        "said, or low blood pressure or raised lactate with a sign of infection, or two of low blood pressure, fast "
        "breathing and confusion",
        "singer-2016-sepsis3",
    ),
    "two lines low by adult limits": (
        "two cell lines low, by adult limits where Duffy status or pregnancy moved this person's",
        "leukon-definitions",
    ),
    "three lines low by adult limits": ("the same of three", "leukon-definitions"),
    "low count long known": ("said to be low for long, or low in every count for over 3 months", "leukon-definitions"),
}
"""States that rules may name beside those of `names.STATES`; the report does not print them."""

_FEVER = ("fever", "prolonged_fever")
_INFECTION = (*_FEVER, "chills", "hypothermia", "infection_unspecified")
_BEFORE_FALL = 2.0  # days after chemotherapy in which neutrophils have hardly begun to fall
_SEPSIS = ("sepsis_stated", "hypotension", "raised_lactate")
_UNWELL = ("malaise", "confusion", "tachypnea")


@dataclass(frozen=True, slots=True)
class Signs:
    """`fever` itself; `of_infection`: or rigors, low temperature; `of_sepsis`; `any`: or looking unwell."""

    fever: bool
    of_infection: bool
    of_sepsis: bool
    any: bool


def read_signs(facts: Facts) -> Signs:
    """The signs of infection present now; one that has resolved is not among them.

    Sepsis is said, or low blood pressure or raised lactate with a sign of infection, or two of low blood pressure,
    fast breathing and confusion (qSOFA, Singer 2016).
    """
    now = facts.now
    infection = any(x in now for x in _INFECTION)
    quick = sum(x in now for x in ("hypotension", "tachypnea", "confusion"))
    sepsis = "sepsis_stated" in now or quick >= 2 or (infection and any(x in now for x in _SEPSIS))
    unwell = any(x in now for x in (*_UNWELL, *_SEPSIS))
    return Signs(any(x in now for x in _FEVER), infection, sepsis, infection or sepsis or unwell)


def find_drugs(facts: Facts, patient: Patient, within_days: float = CHEMOTHERAPY_DAYS) -> frozenset[str]:
    """Ids of the drugs taken now or within so many days before."""
    return frozenset(use.drug for use in facts.drugs if use.drug and use.is_taken(patient.now, within_days))


def _find_facts(facts: Facts, patient: Patient, drugs: Mapping[str, DrugFact]) -> Iterator[DrugFact]:
    """Those drugs, and the members of the classes and regimens among them."""
    for id_ in sorted(find_drugs(facts, patient)):
        if id_ in drugs:
            yield drugs[id_]
            yield from (drugs[member] for member in drugs[id_].members if member in drugs)


def is_on_chemotherapy(facts: Facts, patient: Patient, drugs: Mapping[str, DrugFact]) -> bool:
    """Was a cytotoxic drug taken, or chemotherapy said to be given, within six weeks?"""
    cytotoxic = any(drug.purpose == "cytotoxic" for drug in _find_facts(facts, patient, drugs))
    # chemotherapy of years ago ("past") neither excuses a low count nor makes a fever an emergency
    said = any(f.id == "chemotherapy_recent" and f.present and f.tense != "past" for f in facts.facts)
    return cytotoxic or said


def find_last_chemotherapy(facts: Facts, patient: Patient, drugs: Mapping[str, DrugFact]) -> float | None:
    """The day of the last dose of a cytotoxic drug within six weeks, where it is more than two days ago."""
    days = [
        use.stop if use.stop is not None else use.start
        for use in facts.drugs
        if use.drug and drugs[use.drug].purpose == "cytotoxic" and use.is_taken(patient.now, CHEMOTHERAPY_DAYS)
    ]
    known = [day for day in days if day is not None and day <= patient.now - _BEFORE_FALL]
    return max(known, default=None)


def has_culprit(facts: Facts, patient: Patient, drugs: Mapping[str, DrugFact]) -> bool:
    """Is a drug taken (or was within six weeks) that is known to cause agranulocytosis, chemotherapy aside?"""
    return any(
        drug.purpose != "cytotoxic" and any(effect.profile == "agranulocytosis" for effect in drug.effects)
        for drug in _find_facts(facts, patient, drugs)
    )


def name_context(
    judged: Sequence[Judged],
    facts: Facts,
    patient: Patient,
    drugs: Mapping[str, DrugFact],
    *,
    chronic: bool,
    low_lines: int,
) -> frozenset[str]:
    """The states of `CONTEXT` that hold."""
    signs = read_signs(facts)
    current = {
        j.count.analyte
        for j in judged
        if j.count.day is None or patient.now - j.count.day <= _CURRENT_COUNT_DAYS
    }  # fmt: skip
    holding = {
        "recent chemotherapy": is_on_chemotherapy(facts, patient, drugs),
        "culprit drug": has_culprit(facts, patient, drugs),
        "sepsis": signs.of_sepsis,
        "sign of infection": signs.of_infection,
        "no current count": not current & {"wbc", "neutrophils"},
        "neutrophils not counted": "wbc" in current and "neutrophils" not in current,
        "two lines low by adult limits": low_lines >= 2,
        "three lines low by adult limits": low_lines >= 3,
        "low count long known": chronic or "stable_counts" in facts.present,
    }
    return frozenset(name for name, held in holding.items() if held)
