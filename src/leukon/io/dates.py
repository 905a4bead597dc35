# pyright: strict
"""Dates of a table's column, as people and spreadsheets write them; day and month are told apart by the column."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime

from leukon.io.axis import Moment, read_moment
from leukon.io.printed import read_stamp

__all__ = ["read_moments"]

_CLOCK = r"(?:[ T]+(\d{1,2}):(\d{2})(?::(\d{2}))?)?"
_NUMERIC = re.compile(rf"^(\d{{1,2}})([./-])(\d{{1,2}})\2(\d{{4}}){_CLOCK}$")
_YEAR_FIRST = re.compile(rf"^(\d{{4}})([./])(\d{{1,2}})\2(\d{{1,2}}){_CLOCK}$")
_NAMED = ("%d-%b-%Y", "%d %b %Y", "%d %B %Y", "%d-%B-%Y", "%b %d, %Y", "%B %d, %Y", "%d%b%Y", "%d-%b-%y")


def read_moments(cells: Sequence[str]) -> list[Moment | None]:
    """Days or dates of one column. 03/04/2025 is read only where another cell says which part is the day.

    >>> read_moments(["03/04/2025"]), read_moments(["03/04/2025", "25/04/2025"])[0] == read_moment("2025-04-03")
    ([None], True)
    >>> read_moments(["03.04.2025"])[0] == read_moments(["3 Apr 2025"])[0] == read_moment("2025-04-03")
    True
    """
    found = [m for c in cells if (m := _NUMERIC.match(c.strip())) and m[2] != "."]
    day_first = any(int(m[1]) > 12 for m in found)
    month_first = any(int(m[3]) > 12 for m in found)
    order = None if day_first == month_first else "day" if day_first else "month"
    return [_read(cell.strip(), order) for cell in cells]


def _read(text: str, order: str | None) -> Moment | None:
    if moment := read_moment(text) or read_moment(read_stamp(text) or ""):
        return moment
    if match := _YEAR_FIRST.match(text):
        return _join(match[1], match[3], match[4], match.groups()[4:])
    if match := _NUMERIC.match(text):
        first, second, year = match[1], match[3], match[4]
        if match[2] == "." or order == "day" or first == second:
            return _join(year, second, first, match.groups()[4:])
        return _join(year, first, second, match.groups()[4:]) if order == "month" else None
    for form in _NAMED:
        try:
            return read_moment(datetime.strptime(text, form).date().isoformat())
        except ValueError:
            continue
    return None


def _join(year: str, month: str, day: str, clock: tuple[str | None, ...]) -> Moment | None:
    hour, minute, second = clock
    date = f"{year}-{int(month):02}-{int(day):02}"
    return read_moment(f"{date}T{int(hour):02}:{minute}:{second or '00'}" if hour else date)
