"""Ages as criteria use them: completed years by the calendar, completed days."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date, datetime

__all__ = ["Age", "find_age"]

_DAYS_A_YEAR = 365.25


@dataclass(frozen=True, slots=True)
class Age:
    """`years` and `days` completed; None where the input does not settle it."""

    years: int | None = None
    days: int | None = None

    def within(self, from_: int | None, to: int | None, unit: str) -> bool | None:
        """Does the age lie in a range (both ends included) of "years" or "days"? None = not known."""
        if from_ is None and to is None:
            return True
        held = self.years if unit == "years" else self.days
        if held is None:
            least = self._least_days(unit)
            beyond = least is not None and to is not None and least > to
            settled = beyond or (least is not None and to is None and (from_ is None or least >= from_))
            return None if not settled else not beyond
        return (from_ is None or held >= from_) and (to is None or held <= to)

    def _least_days(self, unit: str) -> int | None:
        """The fewest days that go with the completed years: enough to leave the newborn's ranges behind."""
        return math.floor(self.years * _DAYS_A_YEAR) if unit == "days" and self.years else None


def find_age(
    age_years: float | None = None,
    age_days: float | None = None,
    birth_date: str | date | None = None,
    sample_date: str | date | None = None,
) -> Age:
    """The age at the sample, from the most direct of what is given; raises ValueError on a date that is none.

    >>> find_age(birth_date="2010-07-01", sample_date="2023-07-01")
    Age(years=13, days=4748)
    >>> find_age(age_years=34)
    Age(years=34, days=None)
    """
    born, drawn = _read_date(birth_date), _read_date(sample_date)
    years = days = None
    if born and drawn:
        years = drawn.year - born.year - ((drawn.month, drawn.day) < (born.month, born.day))
        days = (drawn - born).days
        if days < 0:
            raise ValueError(f"the sample ({drawn}) is older than the person (born {born})")
    if age_days is not None and days is None:
        days = math.floor(age_days)
    if years is None and age_years is not None:
        years = math.floor(age_years)
        if days is None and age_years != years:
            days = math.floor(age_years * _DAYS_A_YEAR)
    if years is None and days is not None:
        # a birthday comes at the earliest after the floor of so many years of 365.25 days
        years = math.floor((days + 0.75) / _DAYS_A_YEAR)
    return Age(years, days)


def _read_date(given: str | date | None) -> date | None:
    if given is None or given == "":
        return None
    if isinstance(given, datetime):
        return given.date()
    return given if isinstance(given, date) else date.fromisoformat(given.strip()[:10])
