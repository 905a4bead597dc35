"""Ages, dates and days of a record, on one axis."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from leukon.facts.timing import DAYS, read_days

__all__ = ["Moment", "read_age_days", "read_moment", "read_sex"]

Moment = tuple[str, float]
"""("day", days on the record's own axis), ("date", days since year 1) or ("ago", days before now)."""

_DATE = re.compile(r"^\d{4}-\d{2}(?:-\d{2})?(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?)?$")
_NUMBER = re.compile(r"^(?:day\s*)?([-+]?\d+(?:\.\d+)?)(?:\s*(?:d|days?))?$", re.IGNORECASE)
_AGE = re.compile(
    r"^\s*(?:newborn|neonate|infant|aged?)?\s*(\d+(?:\.\d+)?)[\s-]*"
    r"(years?|yrs?|yo|y\.?o\.?|y|months?|mo|weeks?|wks?|w|days?|d|hours?|hrs?|h)?(?:[\s-]*old)?\s*$",
    re.IGNORECASE,
)
_OLDEST_DAYS = 130 * 365.25
_SEX = {
    "female": "female", "f": "female", "woman": "female", "girl": "female", "w": "female",
    "male": "male", "m": "male", "man": "male", "boy": "male",
}  # fmt: skip


def read_moment(text: str) -> Moment | None:
    """
    >>> read_moment("-42"), read_moment("3 weeks ago")
    (('day', -42.0), ('ago', 21.0))
    """
    text = text.strip()
    if _DATE.match(text):
        try:
            return "date", _ordinal(text)
        except ValueError:
            return None
    if match := _NUMBER.match(text):
        value = float(match[1])
        return ("day", value) if abs(value) < 1e6 else None
    if re.search(r"\bago\b", text) and (spans := read_days(text)):
        return "ago", spans[0][0]
    return None


def _ordinal(text: str) -> float:
    if len(text) == 7:
        text += "-15"  # a month without a day: its middle
    moment = datetime.fromisoformat(text.replace("Z", "+00:00"))
    if moment.tzinfo is not None:
        moment = moment.astimezone(UTC).replace(tzinfo=None)
    return (
        moment.toordinal()
        + (moment - moment.replace(hour=0, minute=0, second=0, microsecond=0)).total_seconds() / 86400
    )


def read_age_days(text: str) -> float | None:
    """An age in days; a bare number is years.

    >>> read_age_days("62 days"), read_age_days("7-year-old")
    (62.0, 2556.75)
    """
    if text.strip().lower() in ("newborn", "neonate"):
        return 0.5
    match = _AGE.match(text)
    if not match:
        return None
    unit = (match[2] or "years").lower().replace(".", "")
    name = {"y": "year", "m": "month", "w": "week", "d": "day", "h": "hour"}[unit[0]]
    days = float(match[1]) * DAYS[name]
    return days if days <= _OLDEST_DAYS else None


def read_sex(text: str) -> str | None:
    return _SEX.get(text.strip().lower())
