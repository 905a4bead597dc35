"""Times as people write them in notes: "3 weeks ago", "for 2 years", "recently started", "ended 10 days ago"."""

from __future__ import annotations

import re
from dataclasses import dataclass

__all__ = ["DAYS", "Timing", "read_days", "read_timing"]

DAYS = {"hour": 1 / 24, "day": 1.0, "week": 7.0, "month": 30.44, "year": 365.25}

_NUMBERS = {
    "a": 1.0, "an": 1.0, "one": 1.0, "two": 2.0, "three": 3.0, "four": 4.0, "five": 5.0, "six": 6.0, "seven": 7.0,
    "eight": 8.0, "nine": 9.0, "ten": 10.0, "twelve": 12.0, "several": 3.0, "few": 3.0, "couple": 2.0, "some": 3.0,
}  # fmt: skip
_AMOUNT = rf"(?P<number>\d+(?:\.\d+)?|(?:{'|'.join(_NUMBERS)})\b)(?:\s+(?:of|or so))?"
_SPAN = re.compile(
    rf"(?<![\d./])\b{_AMOUNT}\s*(?:-|to)?\s*(?P<upto>\d+(?:\.\d+)?)?[\s-]*"
    r"(?P<unit>hour|day|week|month|year|wk|mo|yr|hr|[dwmy](?=\b))s?\b",
    re.IGNORECASE,
)
_UNITS = {"wk": "week", "mo": "month", "yr": "year", "hr": "hour", "d": "day", "w": "week", "m": "month", "y": "year"}
_AGO = re.compile(r"^\s*(?:ago|earlier|before|previously|prior|back)\b", re.IGNORECASE)
_STOP = re.compile(
    r"\b(?:stop(?:ped)?|discontinued|ceased|ended|finished|completed|withdrawn|off|"
    r"last (?:dose|cycle|course|taken|infusion|treatment))\b",
    re.I,
)
_START = re.compile(
    r"\b(?:start(?:ed)?|begun|began|initiated|since|commenced|introduced|first dose|prescribed|newly)\b", re.I
)
_RECENT = re.compile(r"\b(?:recent(?:ly)?|new(?:ly)?|just|lately|recently started)\b", re.I)
_LONG = re.compile(
    r"\b(?:chronic(?:ally)?|long[- ]?(?:term|standing|time)?|for years|years|many years|maintenance)\b", re.I
)
_PAST = re.compile(
    r"\b(?:past|previous(?:ly)?|formerly|former|prior|in the past|remote(?:ly)?|stopped|discontinued|no longer)\b", re.I
)


@dataclass(frozen=True, slots=True)
class Timing:
    """What a note says of time, in days before now."""

    started: float | None = None
    stopped: float | None = None
    recent: bool = False
    long: bool = False
    past: bool = False

    @property
    def says_something(self) -> bool:
        return self != Timing()


def read_days(text: str) -> list[tuple[float, int, int]]:
    """Every span of time in a text: days, where it begins and ends.

    >>> [days for days, _, _ in read_days("returned 1 week ago after 10 days")]
    [7.0, 10.0]
    """
    found: list[tuple[float, int, int]] = []
    for match in _SPAN.finditer(text):
        word = match["number"].lower()
        number = _NUMBERS.get(word) or float(word)
        if match["upto"]:
            number = (number + float(match["upto"])) / 2
        unit = match["unit"].lower()
        found.append((number * DAYS[_UNITS.get(unit, unit)], match.start(), match.end()))
    return found


def read_timing(text: str) -> Timing:
    """What a note on a drug or an exposure says of its time.

    >>> read_timing("last cycle ended 10 days ago").stopped, read_timing("recently started").recent
    (10.0, True)
    >>> read_timing("for 6 weeks").started, read_timing("started 3 weeks ago").started
    (42.0, 21.0)
    """
    started = stopped = None
    for days, begin, end in read_days(text):
        before, after = text[:begin], text[end:]
        clause = before.rsplit(";", 1)[-1].rsplit(",", 1)[-1]
        if _AGO.match(after):
            if _STOP.search(clause) and not (_START.search(clause) and not _STOP.search(clause)):
                stopped = days
            elif "dose" in clause or "reduced" in clause or "increased" in clause:
                continue
            else:
                started = max(days, started or 0.0)
        elif _STOP.search(clause):
            continue
        else:
            started = max(days, started or 0.0)
    recent = bool(_RECENT.search(text)) and started is None
    return Timing(
        started=started,
        stopped=stopped,
        recent=recent,
        long=bool(_LONG.search(text)) and started is None and not recent,
        past=bool(_PAST.search(text)) and stopped is None and not recent,
    )
