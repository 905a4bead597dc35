"""Days of an ISO 8601 text: days since 1970-01-01 with their fraction, of whole seconds, in UTC where a zone is given.

A month without a day is its middle, the 15th, as for one person; a year alone is no date.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from functools import lru_cache

__all__ = ["DATE", "DAY_S", "MONTH", "count_days", "read_day"]

DAY_S = 86_400
_CLOCK = r"([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9]([.,][0-9]+)?)?"
_ZONE = r"(Z|[+-]([01][0-9]|2[0-3]):?[0-5][0-9])"
DATE = rf"^[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}([T ]{_CLOCK} ?{_ZONE}?)?$"
MONTH = r"^[0-9]{4}-(0[1-9]|1[0-2])$"

_DATE, _MONTH = re.compile(DATE), re.compile(MONTH)
_FIRST = date(1970, 1, 1)


def count_days(day: date) -> int:
    """Days since 1970-01-01.

    >>> count_days(date(1970, 1, 2))
    1
    """
    return (day - _FIRST).days


@lru_cache(maxsize=65_536)
def read_day(text: str) -> float | None:
    """
    >>> read_day("1970-01-02T12:00:00+00:00"), read_day("1970-01-02T01:00:00+01:00"), read_day("1970-01")
    (1.5, 1.0, 14.0)
    >>> read_day("1970"), read_day("1970-02-30"), read_day("yesterday")
    (None, None, None)
    """
    said = text.strip()
    if _MONTH.match(said):
        said += "-15"
    elif not _DATE.match(said):
        return None
    try:
        moment = datetime.fromisoformat(re.sub(r"[.,]\d+", "", said).replace(" Z", "Z").replace(" +", "+"))
    except ValueError:
        return None
    if moment.tzinfo is not None:
        moment = moment.astimezone(UTC).replace(tzinfo=None)
    return (count_days(moment.date()) * DAY_S + moment.hour * 3600 + moment.minute * 60 + moment.second) / DAY_S
