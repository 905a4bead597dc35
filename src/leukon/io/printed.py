# pyright: strict
"""What laboratories print beside a value: the range they call normal, and the time in their own shorthand."""

from __future__ import annotations

import re

__all__ = ["Limits", "read_range", "read_stamp"]

Limits = tuple[float | None, float | None]

_NUMBER = r"(\d+(?:[.,]\d+)?)"
_BOTH = re.compile(
    rf"^[(\[]?\s*{_NUMBER}\s*(?:-|–|—|to|\.\.)\s*{_NUMBER}\s*[)\]]?\s*([^\d\s].*|10[\^*].*)?$", re.IGNORECASE
)
_ONE = re.compile(
    rf"^(<=?|≤|up to|less than|>=?|≥|more than|at least)\s*{_NUMBER}\s*([^\d\s].*|10[\^*].*)?$", re.IGNORECASE
)
_STAMP = re.compile(r"^(\d{4})(\d\d)(\d\d)?(?:(\d\d)(\d\d)(?:(\d\d)(?:\.\d+)?)?)?([+-]\d{4})?$")


def read_range(text: str) -> tuple[Limits, str | None] | None:
    """Lower and upper limit, and the unit where one is printed; None where it is no range.

    >>> read_range("4300 to 10800"), read_range("4.0-11.0 K/uL"), read_range("<5")
    (((4300.0, 10800.0), None), ((4.0, 11.0), 'K/uL'), ((None, 5.0), None))
    """
    text = text.strip()
    if len(text) > 60:
        return None
    if match := _BOTH.match(text):
        return (_float(match[1]), _float(match[2])), match[3]
    if match := _ONE.match(text):
        value = _float(match[2])
        upper = match[1][0] in "<≤" or match[1].lower() in ("up to", "less than")
        return ((None, value) if upper else (value, None)), match[3]
    return None


def _float(text: str) -> float:
    """ "4,0" is 4.0 and "4,300" is 4300, as everywhere else in leukon."""
    if re.fullmatch(r"\d{1,3},\d{3}", text) and not text.startswith("0"):
        return float(text.replace(",", ""))
    return float(text.replace(",", "."))


def read_stamp(text: str) -> str | None:
    """A time of HL7 v2 as ISO 8601; None where it is none.

    >>> read_stamp("20110103143428-0800"), read_stamp("201103"), read_stamp("yesterday")
    ('2011-01-03T14:34:28-08:00', '2011-03', None)
    """
    match = _STAMP.match(text.strip())
    if not match:
        return None
    year, month, day, hour, minute, second, zone = match.groups()
    date = f"{year}-{month}" + (f"-{day}" if day else "")
    if day is None or hour is None:
        return date
    zone = f"{zone[:3]}:{zone[3:]}" if zone else ""
    return f"{date}T{hour}:{minute}:{second or '00'}{zone}"
