"""Dates and days inside a pasted line, as a record writes them; a date that can be two days is not guessed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from leukon.facts.timing import read_days

__all__ = ["LineError", "Moment", "find_moment"]

_MONTHS = {name: n for n, name in enumerate("jan feb mar apr may jun jul aug sep oct nov dec".split(), 1)}
_MONTH = r"(?P<month>jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?"
_CLOCK = r"(?:[T ,]+(?P<clock>\d{1,2}:\d{2})(?::\d{2}(?:\.\d+)?)?(?P<zone>Z|[+-]\d{2}:?\d{2})?)?"
_NOT_IN_NUMBER = r"(?<![\d.,/-])"
_SHAPES = tuple(
    re.compile(_NOT_IN_NUMBER + shape + _CLOCK + r"(?![\d/-])", re.IGNORECASE)
    for shape in (
        r"(?P<year>\d{4})[-/](?P<m>\d{1,2})[-/](?P<d>\d{1,2})",
        rf"(?P<d>\d{{1,2}})[ .-]{{0,2}}{_MONTH}[ ,.-]{{0,2}}(?P<year>\d{{4}})",
        rf"{_MONTH} {{0,2}}(?P<d>\d{{1,2}})(?:st|nd|rd|th)?,? +(?P<year>\d{{4}})",
        r"(?P<d>\d{1,2})\.(?P<m>\d{1,2})\.(?P<year>\d{4})",
        r"(?P<first>\d{1,2})[/-](?P<second>\d{1,2})[/-](?P<year>\d{4})",
    )
)
_SHORT_YEAR = re.compile(_NOT_IN_NUMBER + r"\d{1,2}([./-])\d{1,2}\1\d{2}(?![\d/.-])")
_DAY = re.compile(r"\bday\s*(?P<day>[-+−]?\d+(?:\.\d+)?)(?:\s+(?P<of>before|ago))?\b", re.IGNORECASE)
_AGO = re.compile(r"\b(?:(?:a|an|one|two|three|four|five|six|seven|eight|nine|ten|\d+(?:\.\d+)?)\s*"
                  r"(?:days?|weeks?|months?|years?|d|wks?|mo|yrs?)\s+ago)\b", re.IGNORECASE)  # fmt: skip
_WORDS = {"today": "0 days ago", "now": "0 days ago", "yesterday": "1 day ago"}
_WORD = re.compile(r"^\s*(today|now|yesterday)\b", re.IGNORECASE)


class LineError(ValueError):
    """What was typed cannot be used; the message is one line for a person: what is wrong, where, what to do."""


@dataclass(frozen=True, slots=True)
class Moment:
    """When, as a record writes it ("2026-03-01", "-10", "3 weeks ago"), and the text without it."""

    when: str | None
    rest: str


def find_moment(text: str) -> Moment:
    """The date or day that a line names; raises LineError where it names two, or one that could be two.

    >>> find_moment("1 Mar 2026: WBC 2.1")
    Moment(when='2026-03-01', rest=' : WBC 2.1')
    >>> find_moment("day -10 WBC 6.1").when, find_moment("WBC 6.1, 3 weeks ago").when, find_moment("WBC 6.1").when
    ('-10', '3 weeks ago', None)
    """
    found: list[str] = []
    for shape in _SHAPES:
        while match := shape.search(text):
            found.append(_write_date(match))
            text = f"{text[: match.start()]} {text[match.end() :]}"
    if match := _SHORT_YEAR.search(text):
        raise LineError(f"{match[0]!r} is a date without its century; write it as 2026-03-01")
    while match := _DAY.search(text):
        sign = "-" if match["of"] else ""
        found.append(sign + match["day"].replace("−", "-").lstrip("+"))
        text = f"{text[: match.start()]} {text[match.end() :]}"
    while (match := _AGO.search(text)) and read_days(match[0]):
        found.append(match[0].lower())
        text = f"{text[: match.start()]} {text[match.end() :]}"
    if match := _WORD.search(text):
        found.append(_WORDS[match[1].lower()])
        text = text[match.end() :]
    different = list(dict.fromkeys(found))
    if len(different) > 1:
        raise LineError(f"two dates in one line ({different[0]} and {different[1]}); put each count on its own line")
    return Moment(different[0] if different else None, text)


def _write_date(match: re.Match[str]) -> str:
    parts = match.groupdict()
    if parts.get("first"):
        day, month = _tell_apart(match)
    else:
        day = int(parts["d"])
        month = _MONTHS[parts["month"].lower()[:3]] if parts.get("month") else int(parts["m"])
    try:
        written = date(int(parts["year"]), month, day).isoformat()
    except ValueError:
        raise LineError(f"{match[0].strip()!r} is not a date; write it as 2026-03-01") from None
    clock = f"T{parts['clock'].zfill(5)}{parts['zone'] or ''}" if parts["clock"] else ""
    return written + clock


def _tell_apart(match: re.Match[str]) -> tuple[int, int]:
    """Day and month of 25/03/2026 and 03/25/2026; 03/04/2026 can be both."""
    first, second = int(match["first"]), int(match["second"])
    if first > 12 >= second:
        return first, second
    if second > 12 >= first:
        return second, first
    if first == second:
        return first, second
    year = match["year"]
    raise LineError(
        f"{match[0].strip()!r} can be {year}-{second:02d}-{first:02d} or {year}-{first:02d}-{second:02d}; write which"
    )
