"""Who a row speaks of, and the counts: the patient of a record, without its words."""

from __future__ import annotations

import math
from itertools import groupby

from leukon.counts import find_analyte
from leukon.patient import Draw, Item, Measure, Patient, Person
from leukon.population.causes.cells import Left, Row, Unread, read_entries, read_number, read_text

__all__ = ["read_counted"]

_OLDEST_DAYS = 130 * 365.25
_Count = tuple[float, str, str, str, float, float]  # day, analyte, unit, text, limits; infinite where not given


def read_counted(row: Row, unread: Left) -> Patient:
    """Who it is, and the counts."""
    now = _find_now(row)
    person = Person(
        age_days=_read_age(row, now, unread),
        sex=_read_sex(row.get("sex"), unread),
        ancestry=read_text(row.get("ancestry")),
        duffy_null=row.get("duffy_null"),
        pregnant=row.get("pregnant"),
    )
    return Patient(id=row.get("person"), person=person, draws=_read_draws(row, unread), now=now)


def _find_now(row: Row) -> float:
    """The day that is asked about: as given, else the newest count, else the newest of what else has a day."""
    given = read_number(row.get("now"))
    if given is not None:
        return given
    counts = [read_number(count.get("day")) for count in read_entries(row, "counts")]
    starts = [read_number(drug.get("start")) for drug in read_entries(row, "drugs")]
    noted = [read_number(word.get("day")) for name in ("conditions", "findings") for word in read_entries(row, name)]
    for days in (counts, starts + noted):
        if known := [day for day in days if day is not None]:
            return max(known)
    return 0.0


def _read_age(row: Row, now: float, unread: Left) -> float | None:
    born, years = read_number(row.get("birth_day")), read_number(row.get("age_years"))
    if born is None and years is None:
        return None
    column, age = ("birth_date", now - born) if born is not None else ("age_years", (years or 0.0) * 365.25)
    if 0 <= age <= _OLDEST_DAYS:
        return age
    unread[Unread("people", column, "", "the age would be under 0 or over 130 years")] += 1
    return None


def _read_sex(given: str | None, unread: Left) -> str | None:
    sex = read_text(given)
    if sex not in (None, "female", "male"):
        unread[Unread("people", "sex", sex or "", "not female or male")] += 1
        return None
    return sex


def _read_draws(row: Row, unread: Left) -> tuple[Draw, ...]:
    """The counts of one day and time are one draw; those without a day are one too, before the others."""
    ordered: list[_Count] = []
    for entry in read_entries(row, "counts"):
        analyte = read_text(entry.get("analyte")) or ""
        if find_analyte(analyte) is None:
            unread[Unread("counts", "analyte", analyte, "not one of the counts that leukon uses")] += 1
        else:
            ordered.append(_order_count(analyte, entry))
    draws: list[Draw] = []
    for order, (day, counts) in enumerate(groupby(sorted(ordered), key=lambda count: count[0])):
        measures = tuple(_measure(*count[1:]) for count in counts)
        draws.append(Draw(None if day == -math.inf else day, None, order, measures))
    return tuple(draws)


def _order_count(analyte: str, entry: Row) -> _Count:
    day, value = read_number(entry.get("day")), read_number(entry.get("value"))
    unit = read_text(entry.get("unit")) or ""
    text = "" if value is None else f"{entry.get('bound') or ''}{value!r} {unit}".strip()
    lower, upper = read_number(entry.get("lower")), read_number(entry.get("upper"))
    return (
        -math.inf if day is None else day,
        analyte,
        unit,
        text,
        -math.inf if lower is None else lower,
        math.inf if upper is None else upper,
    )


def _measure(analyte: str, unit: str, text: str, lower: float, upper: float) -> Measure:
    """A count; what cannot be used of it is told by analyte and unit, for values are as many as there are people."""
    what = f"[{analyte} {unit}]"
    item = Item(f"counts.value{what}", text)
    if lower == -math.inf and upper == math.inf:
        return Measure(item, analyte, False)
    limits = None if lower == -math.inf else lower, None if upper == math.inf else upper
    return Measure(item, analyte, False, limits, (Item(f"counts.limits{what}", ""),))
