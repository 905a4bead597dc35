# pyright: basic
# (ibis builds the methods of its columns at run time: they have no static types)
"""leukon's own tables: people, counts (one value a row, or one draw a row), exposures and conditions.

Columns have the names that a CSV of one person's counts may have; a value without a unit cannot be said.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import ibis

from leukon.counts.analytes import find_analyte
from leukon.io.csv_columns import Column, read_columns
from leukon.population.model import Tables
from leukon.population.sources.dates import read_other_dates
from leukon.population.sources.facts import find_fact_fields, make_facts
from leukon.population.sources.fields import Field
from leukon.population.sources.meaning import Meaning, Refusal, find_meaning, find_named
from leukon.population.sources.people import make_people, make_tables
from leukon.population.sources.reader import Opened, Reader
from leukon.population.sources.settle import settle_counts
from leukon.population.tables import TableError

__all__ = ["PEOPLE_NAMES", "read_leukon"]

PEOPLE_NAMES = ("people", "persons", "person", "patients", "participants")
_EXPOSURES = ("exposures", "exposure", "drugs", "medications")
_CONDITIONS = ("conditions", "condition", "diagnoses")
_TIMES = ("datetime", "date_time", "time", "date", "day")  # the most exact first
_NAMES = ("term", "analyte")
_USED = {"id", "time", "name", "value", "unit", "low", "high", "count", "sex", "age", "age_months", "age_days", "birth"}


def read_leukon(reader: Reader, tables: Mapping[str, list[Path]]) -> Tables:
    """Reads the tables by their names; where none is called `counts`, all others are."""
    held = dict(tables)
    sides = {names[0]: _take(held, names) for names in (PEOPLE_NAMES, _EXPOSURES, _CONDITIONS)}
    files = held.pop("counts", None) or [path for name in list(held) for path in held.pop(name)]
    for name, rest in held.items():
        for path in rest:
            reader.faults.tell(name, "", path.name, "not a table that leukon reads")
    columns = read_columns(reader.list_columns(files))
    long = any(c.role == "name" or c.label.casefold() in _NAMES for c in columns)
    opened = reader.open("counts", files, _find_fields(columns, long=long))
    if opened is None or not (opened.has & {"value"} if long else any(c.role == "count" for c in columns)):
        raise TableError(_say_missing(files, long))
    opened = read_other_dates(reader, "counts", opened, [*_list_times(opened), "birth"])
    shelves = _open_people(reader, sides["people"]), make_facts(reader, "counts", opened)
    people = make_people(
        reader,
        "people",
        [s for s in shelves if s is not None],
        varying=("age_years",) if shelves[1] is not None else (),
    )
    _tell_times(reader, opened)
    rows = _list_long(opened) if long else _list_wide(opened, columns)
    _tell_columns(reader, "counts", columns, opened)
    return make_tables(
        reader,
        "people",
        people,
        settle_counts(reader, "counts", rows, ("term", "unit"), lambda _: _find, people.torn if people else None),
        _open_side(reader, "exposures", sides["exposures"], ("start", "stop")),
        _open_side(reader, "conditions", sides["conditions"], ("day",)),
    )


def _take(held: dict[str, list[Path]], names: Sequence[str]) -> list[Path]:
    return [path for name in names for path in held.pop(name, ())]


def _say_missing(files: Sequence[Path], long: bool) -> str:
    where = files[0].parent if len(files) > 1 else files[0] if files else "the source"
    needed = "a person, an analyte and a value" if long else "a person and counts, such as wbc [10^9/L],"
    return f"{where}: no table of counts can be used: it needs columns of {needed} in files that can be read"


def _find(row: Mapping[str, Any]) -> Meaning | Refusal:
    named = find_named([row["term"]])
    if named is None:
        return Refusal("analyte", row["term"], "not a blood count that leukon reads" if row["term"] else "no analyte")
    return find_meaning(named, row["unit"], "unit")


def _find_fields(columns: Sequence[Column], *, long: bool) -> list[Field]:
    """The fields of a table of counts; of a wide one a field for each count, and for its unit and limits."""

    def said(role: str, *first: str) -> tuple[str, ...]:
        labels = [c.label.casefold() for c in columns]
        given = [c.label.casefold() for c in columns if c.role == role and c.analyte is None]
        return tuple(dict.fromkeys([*(word for word in first if word in labels), *given]))

    fields = [Field("person", "key", said("id", "person") or ("person",), needed=True)]
    fields += [Field(f"time_{k}", "moment", (name,)) for k, name in enumerate(said("time", *_TIMES))]
    fields += find_fact_fields(columns, with_unit=not long)
    if long:
        return [
            *fields,
            Field("term", "text", said("name", *_NAMES), needed=True),
            Field("value", "value", said("value", "value") or ("value",), needed=True),
            Field("unit", "text", said("unit", "unit") or ("unit",)),
            Field("lower", "number", said("low", "lln") or ("lln",)),
            Field("upper", "number", said("high", "uln") or ("uln",)),
        ]
    for column in columns:
        if column.role == "count":
            fields.append(Field(f"v{column.place}", "value", (column.label.casefold(),)))
            beside = _find_beside(column, columns)
            kinds = {"unit": "text", "low": "number", "high": "number"}
            fields += [Field(f"{r}{column.place}", kinds[r], (c.label.casefold(),)) for r, c in beside.items()]  # pyright: ignore[reportArgumentType]
    return fields


def _find_beside(column: Column, columns: Sequence[Column]) -> dict[str, Column]:
    """The columns of the unit and limits of a count: `wbc lln` is one of `wbc`."""
    named = find_analyte(column.analyte or "")
    return {
        c.role: c
        for c in columns
        if c.role in ("unit", "low", "high") and c.analyte and named and find_analyte(c.analyte) == named
    }


def _list_times(opened: Opened) -> list[str]:
    return sorted(name for name in opened.has if name.startswith("time_"))


def _make_moment(opened: Opened) -> dict[str, Any]:
    """The most exact time that a row has."""
    rows = opened.rows
    times = _list_times(opened)
    if not times:
        return {"day": ibis.null("float64"), "day_text": ibis.null("string"), "day_dated": ibis.literal(False)}
    day: Any = ibis.coalesce(*[rows[name] for name in times])
    dated: Any = ibis.cases(*[(rows[name].notnull(), rows[f"{name}_dated"]) for name in times], else_=False)
    text: Any = ibis.coalesce(*[rows[f"{name}_text"] for name in times])
    month = ibis.cases(*[(rows[name].notnull(), rows[f"{name}_text"]) for name in times])
    return {"day": day, "day_text": ibis.cases((day.isnull(), text), else_=month), "day_dated": dated}


def _tell_times(reader: Reader, opened: Opened) -> None:
    """Of a time of day beside a date only the date is used."""
    rows, times = opened.rows, _list_times(opened)
    for place, name in enumerate(times[:-1]):
        later: Any = ibis.coalesce(*[rows[other] for other in times[place + 1 :]])
        lost = rows.filter(rows[name].isnull() & later.notnull())
        reader.tell_later("counts", "time", lost, "no date: the date beside it is used", lost[f"{name}_text"])


def _list_long(opened: Opened) -> Any:
    rows = opened.rows
    return rows.select(
        person=rows.person,
        **_make_moment(opened),
        term=rows.term.fill_null(""),
        unit=rows.unit.fill_null(""),
        **{name: rows[name] for name in ("value", "value_bound", "value_text")},
        **{name: rows[name] for name in ("lower", "lower_text", "upper", "upper_text")},
    )


def _list_wide(opened: Opened, columns: Sequence[Column]) -> Any:
    """One row a count: the columns of counts below each other, empty cells left out."""
    rows = opened.rows
    moment = _make_moment(opened)
    shelves: list[Any] = []
    for column in columns:
        value = f"v{column.place}"
        if column.role != "count" or value not in opened.has:
            continue
        unit, low, high = (f"{role}{column.place}" for role in ("unit", "low", "high"))
        named = column.unit or ""
        pick = {name: name in opened.has for name in (unit, low, high)}
        one = rows.select(
            person=rows.person,
            **moment,
            term=ibis.literal(column.analyte or column.label),
            unit=rows[unit].fill_null(named) if pick[unit] else ibis.literal(named),
            value=rows[value],
            value_bound=rows[f"{value}_bound"],
            value_text=rows[f"{value}_text"],
            lower=rows[low] if pick[low] else ibis.null("float64"),
            lower_text=rows[f"{low}_text"] if pick[low] else ibis.null("string"),
            upper=rows[high] if pick[high] else ibis.null("float64"),
            upper_text=rows[f"{high}_text"] if pick[high] else ibis.null("string"),
        )
        shelves.append(one.filter(one.value.notnull() | one.value_text.notnull()))
    return ibis.union(*shelves) if len(shelves) > 1 else shelves[0]


def _open_people(reader: Reader, files: Sequence[Path]) -> Any | None:
    if not files:
        return None
    columns = read_columns(reader.list_columns(files))
    person = tuple(c.label.casefold() for c in columns if c.role == "id") or ("person",)
    fields = [Field("person", "key", person, needed=True), *find_fact_fields(columns, with_unit=True)]
    opened = reader.open("people", files, fields)
    if opened is None:
        return None
    _tell_columns(reader, "people", columns, opened)
    return make_facts(reader, "people", read_other_dates(reader, "people", opened, ["birth"]))


def _open_side(reader: Reader, table: str, files: Sequence[Path], days: Sequence[str]) -> Any | None:
    """Drugs or conditions with their days."""
    if not files:
        return None
    columns = read_columns(reader.list_columns(files))
    person = tuple(c.label.casefold() for c in columns if c.role == "id") or ("person",)
    also = {
        "start": ("start", "start_date", "date"),
        "stop": ("stop", "end", "stop_date"),
        "day": ("day", "date", "start"),
    }
    fields = [
        Field("person", "key", person, needed=True),
        Field("name", "text", ("name", "drug", "exposure", "condition", "diagnosis", "text")),
        Field("code", "text", ("code",)),
        *(Field(name, "moment", also[name]) for name in days),
    ]
    opened = reader.open(table, files, fields)
    if opened is None:
        return None
    opened = read_other_dates(reader, table, opened, days)
    for name in days:
        lost = opened.rows.filter(opened.rows[name].isnull())
        reader.tell_later(table, name, lost, "not a date: kept without it", lost[f"{name}_text"])
    return opened.rows.select("person", "name", "code", *days)


def _tell_columns(reader: Reader, table: str, columns: Sequence[Column], opened: Opened) -> None:
    """Columns that mean nothing here, or that are not read, are named."""
    read = {c.label.casefold() for c in columns if c.role in _USED}
    read |= {word for one in find_fact_fields(columns, with_unit=True) for word in one.said} | {*_NAMES, "person"}
    for column in columns:
        if column.label.casefold() not in read:
            reader.faults.tell(table, column.label, None, "not a column that leukon reads")
