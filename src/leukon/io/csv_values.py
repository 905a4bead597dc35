# pyright: strict
"""The counts of one person in a table: each cell with its unit and the laboratory's limits beside it."""

from __future__ import annotations

import math
import re

from leukon.counts.analytes import find_analyte
from leukon.io.book import Book
from leukon.io.csv_cells import join_unit
from leukon.io.csv_columns import Column, split_name
from leukon.io.csv_table import Row, Table
from leukon.io.printed import read_range
from leukon.patient import Draw, Item, Measure, Test

__all__ = ["Placed", "read_long", "read_wide"]

Placed = tuple[Row, float | None, str | None]
"""A row, its day on the axis of the person, and its date as given."""


def read_wide(table: Table, rows: list[Placed], book: Book) -> tuple[list[Draw], list[Test]]:
    """A row is a draw."""
    draws: list[Draw] = []
    for order, (row, day, time) in enumerate(rows):
        measures = [m for column in table.all("count") if (m := _read_count(table, row, column, book))]
        sample = tuple(row.item(c) for c in table.all("note") if row.get(c))
        if measures or sample:
            draws.append(Draw(day, time, order, tuple(measures), sample))
    return draws, []


def _read_count(table: Table, row: Row, column: Column, book: Book) -> Measure | None:
    if not row.get(column):
        return None
    beside = table.beside[column.place]
    unit = beside.get("unit")
    if unit and row.get(unit):
        book.take(row.item(unit).path, row.get(unit), "unit")
    return _make_measure(table, row, column, column.analyte or "", row.get(unit) or column.unit, beside, book)


def _make_measure(
    table: Table, row: Row, column: Column, word: str, unit: str | None, beside: dict[str, Column], book: Book
) -> Measure | None:
    text = row.get(column)
    plain = table.decimals.read(text)
    if plain is None:
        book.refuse(row.item(column).path, text, "is the comma or the point a decimal or a thousand? cannot say")
        return None
    limits: list[float | None] = [None, None]
    items: list[Item] = []
    limits_unit: str | None = None
    for place, role in enumerate(("low", "high")):
        if (edge := beside.get(role)) and row.get(edge):
            number = _number(table.decimals.read(row.get(edge)))
            if number is None:
                book.refuse(row.item(edge).path, row.get(edge), "not a number")
            else:
                limits[place] = number
                items.append(row.item(edge))
    if (span := beside.get("range")) and row.get(span):
        found = read_range(row.get(span))
        if found is None or items:
            book.refuse(row.item(span).path, row.get(span), "limits given twice" if items else "not a range")
        else:
            (limits[0], limits[1]), limits_unit = found
            items.append(row.item(span))
    held = (limits[0], limits[1]) if items else None
    return Measure(row.item(column, join_unit(plain, unit)), word, False, held, tuple(items), limits_unit)


def _number(text: str | None) -> float | None:
    try:
        value = float(re.sub(r"(?<=\d),(?=\d{3}(?!\d))", "", text)) if text else math.nan
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def read_long(table: Table, rows: list[Placed], book: Book) -> tuple[list[Draw], list[Test]]:
    """A row is a value; the counts of one day are one draw, and what is no count is a test."""
    name_column, value_column = table.one("name"), table.one("value")
    assert name_column and value_column
    draws: dict[float | None, tuple[str | None, list[Measure], list[Item]]] = {}
    tests: list[Test] = []
    beside = {c.role: c for c in table.all("low", "high", "range") if c.analyte is None}
    unit_column = table.one("unit")
    for row, day, time in rows:
        _, measures, sample = draws.setdefault(day, (time, [], []))
        sample += [row.item(c) for c in table.all("note") if row.get(c)]
        for column in (c for c in (unit_column, table.one("flag")) if c and row.get(c)):
            book.take(row.item(column).path, row.get(column), column.role)
        word, unit = row.get(name_column), row.get(unit_column)
        if not word or not row.get(value_column):
            for column in (c for c in (name_column, value_column) if row.get(c)):
                book.refuse(row.item(column).path, row.get(column), "a row needs a name and a value")
            continue
        said = split_name(word)
        named = find_analyte(said[0])
        if named is None:
            plain = table.decimals.read(row.get(value_column)) or row.get(value_column)
            tests.append(Test(row.item(name_column), row.item(value_column, join_unit(plain, unit)), day))
            for column in (c for c in beside.values() if row.get(c)):
                book.refuse(row.item(column).path, row.get(column), "leukon judges this result by limits of its own")
            continue
        book.take(row.item(name_column).path, word, f"count:{named.analyte.id}")
        if measure := _make_measure(table, row, value_column, said[0], unit or said[1], beside, book):
            measures.append(measure)
    made = [
        Draw(day, time, order, tuple(measures), tuple(sample))
        for order, (day, (time, measures, sample)) in enumerate(draws.items())
        if measures or sample
    ]
    return made, tests
