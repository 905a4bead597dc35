# pyright: strict
"""A table of counts as cells: its columns, the rows under them, and which columns stand beside which count."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass, field, replace

from leukon.counts.analytes import find_analyte
from leukon.io.axis import Moment
from leukon.io.csv_cells import Decimals, find_delimiter
from leukon.io.csv_columns import Column, is_unit, read_columns
from leukon.io.dates import read_moments
from leukon.io.safe import RecordError
from leukon.patient import Item

__all__ = ["Row", "Table", "read_cells"]

_MOST_ROWS = 200_000
_MOST_COLUMNS = 500


@dataclass(frozen=True, slots=True)
class Row:
    line: int
    number: int  # of the rows of data, from 0
    cells: list[str]
    moments: tuple[Moment | None, ...] = ()  # of its time columns

    def get(self, column: Column | None) -> str:
        return self.cells[column.place].strip() if column and column.place < len(self.cells) else ""

    def item(self, column: Column, text: str | None = None) -> Item:
        return Item(f"rows[{self.number}].{column.label}", self.get(column) if text is None else text)


@dataclass(slots=True)
class Table:
    name: str
    columns: list[Column]
    decimals: Decimals
    rows: list[Row] = field(default_factory=list[Row])
    beside: dict[int, dict[str, Column]] = field(default_factory=dict[int, dict[str, Column]])

    def all(self, *roles: str) -> list[Column]:
        return [c for c in self.columns if c.role in roles]

    def one(self, role: str, analyte: str | None = None) -> Column | None:
        return next((c for c in self.columns if c.role == role and c.analyte == analyte), None)

    @property
    def is_long(self) -> bool:
        return self.one("name") is not None and self.one("value") is not None


def read_cells(text: str, name: str) -> Table:
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    first = next((line for line in text.split("\n") if line.strip()), "")
    delimiter = find_delimiter(first) or ","
    try:
        reader = csv.reader(io.StringIO(text), delimiter=delimiter)
        held = [(reader.line_num, cells) for cells in reader if any(cell.strip() for cell in cells)]
    except csv.Error as error:
        raise RecordError(f"{name}: not readable as CSV ({error})") from None
    if len(held) > _MOST_ROWS:
        raise RecordError(f"{name}: more than {_MOST_ROWS:,} rows; split the table")
    if len(held[0][1]) > _MOST_COLUMNS:
        raise RecordError(f"{name}: more than {_MOST_COLUMNS:,} columns: not a table of counts")
    columns = read_columns(held[0][1])
    rows = held[1:]
    if rows and (units := _find_units(columns, rows[0][1])):
        columns, rows = units, rows[1:]
    counts = [c for c in columns if c.role in ("count", "value")]
    table = Table(name, columns, Decimals(delimiter, (c[k.place] for _, c in rows for k in counts if k.place < len(c))))
    if not table.all("count") and not table.is_long:
        known = "wbc (10^9/L), neutrophils (10^9/L), … or analyte, value, unit"
        raise RecordError(f"{name}: no column of this CSV is a count; its header needs {known}")
    table.beside = _find_beside(table)
    table.rows = [Row(line, number, cells) for number, (line, cells) in enumerate(rows)]
    times = [read_moments([row.get(column) for row in table.rows]) for column in table.all("time")]
    table.rows = [replace(row, moments=tuple(column[n] for column in times)) for n, row in enumerate(table.rows)]
    return table


def _find_units(columns: list[Column], cells: list[str]) -> list[Column] | None:
    """The columns with the units of a row of units under the header, if the first row is one."""
    under = {c.place: cells[c.place].strip() for c in columns if c.role == "count" and c.place < len(cells)}
    said = [text for text in under.values() if text]
    if not said or not all(is_unit(text) for text in said):
        return None
    return [replace(c, unit=under[c.place]) if under.get(c.place) else c for c in columns]


def _find_beside(table: Table) -> dict[int, dict[str, Column]]:
    """For each column of counts, by its place, those of its unit and its limits. Each belongs to one count only.

    A column that names the count in the same words belongs to it, else to the first of that analyte; a column
    without a name belongs to the only count of the table.
    """
    counts = table.all("count")
    found: dict[int, dict[str, Column]] = {count.place: {} for count in counts}
    for column in table.all("low", "high", "range", "unit"):
        if column.analyte is None:
            fitting = counts if len(counts) == 1 else []
        else:
            fitting = [c for c in counts if _fold(c.analyte) == _fold(column.analyte)]
            fitting = fitting or [c for c in counts if _name(c.analyte) == _name(column.analyte)]
        if fitting:
            found[fitting[0].place].setdefault(column.role, column)
    return found


def _fold(text: str | None) -> str:
    return re.sub(r"[\W_]+", " ", (text or "").lower()).strip()


def _name(text: str | None) -> str | None:
    named = find_analyte(text) if text else None
    return named.analyte.id if named else None
