"""What is done about a low count, as people write it: drugs given, stopped, delayed, reduced; vitamins; the spleen out.

A line is one of::

    prednisone 40 mg day 0                       a schedule, read as any other
    stop methimazole day 3                       also: stop the drug day 3
    reduce docetaxel 20 % [from day 21]          every later dose
    delay docetaxel 7 days [from day 21]         every later dose
    splenectomy day 30
    vitamin B12 day 0                            ends what it cures
    treatment of the cause day 10                ends the cause, whatever the means
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from leukon.marrow.dose import Dose
from leukon.marrow.drugs import find_drug
from leukon.marrow.library import MarrowError
from leukon.marrow.mechanisms import Mechanism, list_mechanisms
from leukon.marrow.person import Person
from leukon.marrow.schedule import read_schedule

__all__ = ["GROWTH_FACTORS", "STIMULI", "Treatments", "level_of", "read_treatments"]

GROWTH_FACTORS = ("filgrastim", "pegfilgrastim")
_STEROIDS = {
    "hydrocortisone": (1, 0.25),
    "prednisone": (2, 1.0),
    "prednisolone": (2, 1.0),
    "methylprednisolone": (2, 1.25),
    "dexamethasone": (3, 6.67),
}  # fmt: skip  level, mg of prednisone a mg
STIMULI = (*_STEROIDS, "endotoxin", "etiocholanolone", "plerixafor", *GROWTH_FACTORS)
_G_PER_MOL = 18802.9  # filgrastim
_WORDS = {"b12": "vitamin b12", "cobalamin": "vitamin b12", "hydroxocobalamin": "vitamin b12",
          "cyanocobalamin": "vitamin b12", "folic acid": "folate", "refeeding": "food", "leucovorin": "folinic acid",
          "treat the cause": "treatment of the cause", "empagliflozin": "sglt2 inhibitor",
          "enzyme replacement": "treatment of the cause"}  # fmt: skip
_DAY = r"(?:\s+(?:on\s+|from\s+|at\s+)?day\s+(?P<day>\d+(?:\.\d+)?))?"
_STOP = re.compile(rf"^(?:stop|end|withdraw|without)\s+(?P<what>.+?){_DAY}$")
_REDUCE = re.compile(rf"^reduce\s+(?P<what>.+?)\s+(?:by\s+)?(?P<much>\d+(?:\.\d+)?)\s*(?:%|percent){_DAY}$")
_DELAY = re.compile(rf"^delay\s+(?P<what>.+?)\s+(?:by\s+)?(?P<much>\d+(?:\.\d+)?)\s*days?{_DAY}$")
_SPLEEN = re.compile(rf"^splenectomy{_DAY}$")
_ANY_DAY = re.compile(r"\bdays?\s+(\d+(?:\.\d+)?)")


@dataclass(frozen=True, slots=True)
class Treatments:
    """All that was written, understood."""

    drugs: tuple[Dose, ...] = ()  # of drugs that a published model knows
    given: tuple[Dose, ...] = ()  # of what acts within hours, growth factor included
    ended: dict[str, float] = field(default_factory=dict[str, float])  # cause -> the day it is taken away
    splenectomy: float | None = None
    not_used: tuple[tuple[str, str], ...] = ()

    @property
    def needs_whole(self) -> bool:
        return bool(self.given)


def read_treatments(drugs: Sequence[str], lines: Sequence[str], causes: Sequence[Mechanism], days: float) -> Treatments:
    """Reads drug schedules and treatments; what acts on none of the causes is reported, what is not understood raises.

    >>> done = read_treatments(["docetaxel 75 mg/m2 day 0, 21"], ["reduce docetaxel 20 % from day 21"], [], 42)
    >>> [dose.amount for dose in done.drugs]
    [75.0, 60.0]
    """
    doses = [dose for line in drugs for dose in read_schedule(line, days)]
    ended: dict[str, float] = {}
    spleen: float | None = None
    unused: list[tuple[str, str]] = []
    changes: list[tuple[str, re.Match[str]]] = []
    for raw in lines:
        line = " ".join(raw.strip().lower().split())
        if found := _SPLEEN.match(line):
            spleen = _day(found)
        elif found := _STOP.match(line):
            if not _stop(found, causes, ended):
                changes.append((raw, found))
        elif (found := _REDUCE.match(line)) or (found := _DELAY.match(line)):
            changes.append((raw, found))
        elif cure := _cure(line):
            when = _ANY_DAY.search(line)
            answering = [c.cause for c in causes if _answers(c, cure)]
            on = float(when[1]) if when else 0.0
            for cause in answering:
                ended[cause] = min(ended.get(cause, 1e9), on)
            if answering and on >= days:
                unused.append((raw, f"day {on:g} is after the last day shown, {days:g}"))
            if not answering:
                named = ", ".join(c.cause for c in causes) or "a marrow without a cause"
                unused.append((raw, f"{cure} is not known to act on {named}"))
        else:
            doses += read_schedule(raw, days)
    for raw, found in changes:
        doses = _change(doses, raw, found)
    doses.sort(key=lambda dose: (dose.day, dose.drug))
    given = tuple(dose for dose in doses if dose.drug in STIMULI)
    if len({dose.drug for dose in given} & set(GROWTH_FACTORS)) > 1:
        raise MarrowError("filgrastim and pegfilgrastim together cannot be simulated: choose one of them")
    return Treatments(tuple(d for d in doses if d.drug not in STIMULI), given, ended, spleen, tuple(unused))


def level_of(dose: Dose, person: Person) -> tuple[int, float]:
    """The place among the levels that a dose feeds, and its amount there."""
    if dose.drug in _STEROIDS:
        place, strength = _STEROIDS[dose.drug]
        return place, strength * dose.total(person.bsa_m2, person.weight_kg)
    if dose.drug in GROWTH_FACTORS:
        return 7, dose.total(person.bsa_m2, person.weight_kg) * 1e6 / _G_PER_MOL  # nmol
    per_kg = dose.total(person.bsa_m2, person.weight_kg) / person.weight_kg
    return {"endotoxin": (4, per_kg * 1e6), "etiocholanolone": (5, per_kg), "plerixafor": (6, per_kg)}[dose.drug]


def _day(found: re.Match[str]) -> float:
    return float(found["day"] or 0.0)


def _cure(line: str) -> str | None:
    """The treatment named at the start of a line, if it is one that ends a cause."""
    known = {a.lower() for c in list_mechanisms() for a in c.answers_to}
    words = {word: word for word in known} | _WORDS
    named = [word for word in words if re.match(rf"{re.escape(word)}(?![a-z0-9])", line)]
    return words[max(named, key=len)] if named else None


def _answers(cause: Mechanism, cure: str) -> bool:
    cures = {answer.lower() for answer in cause.answers_to}
    return cure in cures or (cure == "treatment of the cause" and "stop the drug" in cures)


def _stop(found: re.Match[str], causes: Sequence[Mechanism], ended: dict[str, float]) -> bool:
    """Whether what is stopped is itself a cause."""
    what = found["what"].removeprefix("the ").strip()
    mine = [c for c in causes if what in {"drug", "cause", c.cause, c.cause.removeprefix("drug:"), c.name.lower()}]
    for cause in mine:
        ended[cause.cause] = min(ended.get(cause.cause, 1e9), _day(found))
    return bool(mine)


def _change(doses: Sequence[Dose], raw: str, found: re.Match[str]) -> list[Dose]:
    what = found["what"].removeprefix("the ").strip()
    since = _day(found)
    held = {dose.drug for dose in doses}
    drug = next(iter(held)) if what in {"drug", "dose"} and len(held) == 1 else find_drug(what).id
    if drug not in held:
        raise MarrowError(f'"{raw}": no dose of {drug} is planned')

    def hit(dose: Dose) -> bool:
        return dose.drug == drug and dose.day >= since

    if found.re is _STOP:
        return [dose for dose in doses if not hit(dose)]
    much = float(found["much"])
    if found.re is _REDUCE:
        if much >= 100:
            raise MarrowError(f'"{raw}": a reduction of 100 % or more is no dose; write "stop {drug}"')
        return [replace(d, amount=round(d.amount * (1 - much / 100), 9)) if hit(d) else d for d in doses]
    return [replace(dose, day=dose.day + much) if hit(dose) else dose for dose in doses]
