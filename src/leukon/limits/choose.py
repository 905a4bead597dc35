"""Which limit applies to this person, and whose it is.

In the order of the contract: a limit that states this person's group; confirmed Duffy-null (white cells and
neutrophils) and pregnancy; the laboratory's own; age; the adult's. An adult range printed for a child loses to age.
Duffy status comes from a test: ancestry sets no limit.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from leukon.answer import LimitUsed
from leukon.counts.analytes import ANALYTES
from leukon.counts.units import UNIT_OF
from leukon.limits.intervals import Interval, find_interval
from leukon.patient import Person

__all__ = ["ADULT_AGE", "ADULT_DAYS", "FAR", "LaboratoryLimit", "choose_limit", "find_group"]

ADULT_DAYS = 6570.0  # 18 years, as the intervals count them
ADULT_AGE = 12783.0  # 35 years: any adult age, where only "adult" is meant
_DUFFY = ("wbc", "neutrophils")
FAR = 0.10  # an adult limit and a child's differ where one is a tenth off the other


@dataclass(frozen=True, slots=True)
class LaboratoryLimit:
    """The laboratory's own limits, in leukon's unit; `group` is what the laboratory says they are printed for."""

    lower: float | None
    upper: float | None
    group: str | None = None


def choose_limit(
    analyte: str,
    person: Person,
    age_days: float | None,
    *,
    laboratory: LaboratoryLimit | tuple[float | None, float | None] | None = None,
    unit: str | None = None,
    pregnancy_weeks: float | None = None,
) -> LimitUsed | None:
    """The limit by which a count of `analyte` taken at `age_days` is judged; None where no limit is known.

    `pregnancy_weeks` are those at the count; by default those of `person`.

    >>> from leukon.patient import Person
    >>> choose_limit("neutrophils", Person(duffy_null=True), 12000, laboratory=(1.8, 7.7)).owner
    'duffy-null'
    >>> choose_limit("wbc", Person(), 12000).lower
    4.0
    """
    if isinstance(laboratory, tuple):
        laboratory = LaboratoryLimit(*laboratory)
    unit = unit or UNIT_OF[ANALYTES[analyte].quantity]
    age = ADULT_AGE if age_days is None else max(age_days, 0.0)
    unaged = None if age_days is not None else "age not given: adult limits"
    if laboratory and laboratory.group and find_group(laboratory.group, person, age_days):
        note = f"printed by the laboratory for: {laboratory.group}"
        return LimitUsed(laboratory.lower, laboratory.upper, "stated group", "laboratory", note)
    own = _of_group(analyte, unit, person, age, pregnancy_weeks, unaged)
    if own:
        return own
    general = find_interval(analyte, "general", unit, age_days=age, sex=_sex(person))
    owner = "adult" if age >= ADULT_DAYS else "age"
    unused = None
    if laboratory:
        unused = _reason_against(laboratory, general, analyte, unit, person, owner)
        if unused is None:
            return LimitUsed(laboratory.lower, laboratory.upper, "laboratory", "laboratory", None)
    return None if general is None else _use(general, owner, unaged, unused)


def _reason_against(
    laboratory: LaboratoryLimit, general: Interval | None, analyte: str, unit: str, person: Person, owner: str
) -> str | None:
    """Why the laboratory's limits yield to the general ones; None where they hold."""
    if general is None:
        return None
    if laboratory.lower is None and general.lower:
        return "the laboratory prints no lower limit"
    if owner == "age" and _is_adult_range(analyte, unit, person, laboratory, general):
        return "the laboratory's limits are those of adults"
    return None


def find_group(label: str, person: Person, age_days: float | None) -> bool:
    """Does a group named beside a printed limit ("Duffy-null", "pregnant", "female", "2-4 y") state this person's?

    A group that leukon cannot read, or one that is not known to be this person's, states nothing.
    """
    text = label.strip().lower()
    if "duffy" in text or "fy(a-b-)" in text:
        return person.duffy_null is True and "non" not in text and "positive" not in text
    if "pregnan" in text or "trimester" in text or "gestation" in text:
        return person.pregnant is True and "non" not in text and "not " not in text
    sexes = {"female", "woman", "women", "girls", "male", "man", "men", "boys"} & set(re.findall(r"[a-z]+", text))
    if sexes:
        wanted = "female" if sexes & {"female", "woman", "women", "girls"} else "male"
        return person.sex == wanted and _age_fits(text, age_days) is not False
    return _age_fits(text, age_days) is True


def _age_fits(text: str, age_days: float | None) -> bool | None:
    """Whether an age range written in `text` holds this age; None where it names none."""
    match = re.search(
        r"(\d+(?:\.\d+)?)\s*(?:-|–|to)\s*(\d+(?:\.\d+)?)\s*(years?|y|months?|mo|weeks?|wk|days?|d)\b", text
    )
    if not match:
        return None
    if age_days is None:
        return False
    days = {"y": 365.25, "m": 30.44, "w": 7.0, "d": 1.0}[match[3][0]]
    return float(match[1]) * days <= age_days < (float(match[2]) + 1) * days


def _sex(person: Person) -> str | None:
    return person.sex or ("female" if person.pregnant else None)


def _of_group(
    analyte: str, unit: str, person: Person, age: float, weeks: float | None, unaged: str | None
) -> LimitUsed | None:
    """The limit of confirmed Duffy-null or of pregnancy; of both, the lower of the first, the upper of the second."""
    duffy = None
    if person.duffy_null is True and analyte in _DUFFY:
        duffy = find_interval(analyte, "duffy-null", unit, age_days=age, sex=_sex(person))
    pregnant = None
    if person.pregnant is True and person.sex != "male":
        weeks = weeks if weeks is not None else person.pregnancy_weeks
        at = 20.0 if weeks is None else weeks
        pregnant = find_interval(analyte, "pregnancy", unit, age_days=max(age, 4380.0), sex="female", weeks=at)
        unaged = unaged if weeks is not None else _join("weeks of pregnancy not given: limits of mid-pregnancy", unaged)
    if duffy and pregnant:
        note = _join(duffy.note, "no interval exists for Duffy-null in pregnancy: upper limit from " + pregnant.source)
        return LimitUsed(duffy.lower, pregnant.upper, "duffy-null", duffy.source, note)
    if duffy:
        return _use(duffy, "duffy-null", unaged)
    return _use(pregnant, "pregnancy", unaged) if pregnant else None


def _is_adult_range(analyte: str, unit: str, person: Person, laboratory: LaboratoryLimit, child: Interval) -> bool:
    """Is a printed range nearer to the adult's than to this child's, where the two differ?"""
    adult = find_interval(analyte, "general", unit, age_days=ADULT_AGE, sex=_sex(person) or "female")
    if adult is None:
        return False
    votes = 0.0
    for printed, of_child, of_adult in (
        (laboratory.lower, child.lower, adult.lower),
        (laboratory.upper, child.upper, adult.upper),
    ):
        if printed and of_child and of_adult and abs(of_child - of_adult) > FAR * of_adult:
            votes += abs(math.log(printed / of_child)) - abs(math.log(printed / of_adult))
    return votes > 0


def _use(interval: Interval, owner: str, *notes: str | None) -> LimitUsed:
    upper = f"upper limit from {interval.upper_source}" if interval.upper_source else None
    place = interval.population if owner == "duffy-null" else None
    return LimitUsed(
        interval.lower, interval.upper, owner, interval.source, _join(place, interval.note or None, upper, *notes)
    )


def _join(*parts: str | None) -> str | None:
    return "; ".join(p for p in parts if p) or None
