"""What people like this one have when nothing acts on the count: median and spread of the natural logarithm."""

from __future__ import annotations

import math
from dataclasses import dataclass

from leukon.counts.analytes import ANALYTES
from leukon.counts.units import UNIT_OF
from leukon.limits.choose import ADULT_AGE
from leukon.limits.intervals import Interval, find_expected
from leukon.patient import Person

__all__ = ["Expected", "expected_count"]


@dataclass(frozen=True, slots=True)
class Expected:
    """Median and standard deviation of the natural logarithm, in leukon's unit, with the source."""

    median: float
    sd_log: float
    source: str
    sure: str
    note: str | None = None


def expected_count(
    analyte: str, person: Person, age_days: float | None, *, unit: str | None = None, weeks: float | None = None
) -> Expected | None:
    """The expected count of `analyte`: white cells and the nine lineages; None for immature cells.

    Confirmed Duffy-null and pregnancy come before age and sex. Without an age the person is taken for an adult,
    without a sex halfway between women and men.

    >>> from leukon.patient import Person
    >>> expected_count("neutrophils", Person(duffy_null=True), 12000).median
    2.6
    """
    unit = unit or ("%" if analyte == "reticulocytes" else UNIT_OF[ANALYTES[analyte].quantity])
    age = ADULT_AGE if age_days is None else max(age_days, 0.0)
    note = None if age_days is not None else "age not given: adult"
    sex = person.sex or ("female" if person.pregnant else None)
    if person.duffy_null is True:
        found = find_expected(analyte, "duffy-null", unit, age_days=age, sex=sex)
        if found:
            return _make(found, note)
    if person.pregnant is True and person.sex != "male":
        at = weeks if weeks is not None else person.pregnancy_weeks
        found = find_expected(
            analyte, "pregnancy", unit, age_days=max(age, 4380.0), sex="female", weeks=20.0 if at is None else at
        )
        if found:
            return _make(found, note)
    if sex:
        found = find_expected(analyte, "general", unit, age_days=age, sex=sex)
        return _make(found, note) if found else None
    both = [find_expected(analyte, "general", unit, age_days=age, sex=s) for s in ("female", "male")]
    if both[0] is None or both[1] is None:
        return None
    return _middle(both[0], both[1], note)


def _make(found: Interval, note: str | None) -> Expected | None:
    if found.median is None or found.sd_log is None:
        return None
    said = "; ".join(p for p in (found.note, note) if p) or None
    return Expected(found.median, found.sd_log, found.source, found.sure, said)


def _middle(woman: Interval, man: Interval, note: str | None) -> Expected | None:
    """Halfway on the log scale, with the distance of the two added to the spread."""
    if woman is man:
        return _make(woman, note)
    if not (woman.median and man.median and woman.sd_log and man.sd_log):
        return None
    half = math.log(man.median / woman.median) / 2
    spread = math.sqrt((woman.sd_log**2 + man.sd_log**2) / 2 + half**2)
    said = "; ".join(p for p in ("sex not given: between women and men", note) if p)
    return Expected(math.sqrt(woman.median * man.median), spread, woman.source, woman.sure, said)
