"""The data dictionary: what each column of each table of a result means, in which unit, and where it comes from.

One file says it (`dictionary.csv` beside this module); a line with {analyte} or {criteria} stands for one column each.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from functools import cache
from itertools import product
from pathlib import Path
from typing import NamedTuple

from leukon.population.page_words import ANALYTES, CRITERIA_NAMES
from leukon.population.tables import TableError

__all__ = ["Entry", "check_tables", "read_dictionary", "write_dictionary"]

_FILE = Path(__file__).with_name("dictionary.csv")


class Entry(NamedTuple):
    """One column: its type is that of Ibis; `unit` is empty where it has none."""

    table: str
    column: str
    type: str
    unit: str
    meaning: str
    source: str


@cache
def read_dictionary() -> tuple[Entry, ...]:
    """Every column of every table, in the order of the tables."""
    with _FILE.open(encoding="utf-8", newline="") as lines:
        return tuple(entry for row in csv.DictReader(lines) for entry in _expand(Entry(**row)))


def check_tables(tables: Mapping[str, Iterable[str]]) -> None:
    """Compares the columns of tables with the dictionary; raises TableError, in one line, where they differ.

    That is a defect of leukon, not of the source: a column that nobody explains, or one explained that is not there.
    """
    told: dict[str, list[str]] = {}
    for entry in read_dictionary():
        told.setdefault(entry.table, []).append(entry.column)
    for name, columns in tables.items():
        held = list(columns)
        unknown = [column for column in held if column not in told.get(name, [])]
        absent = [column for column in told.get(name, []) if column not in held]
        if unknown or absent:
            what = f"has {unknown[0]!r}" if unknown else f"lacks {absent[0]!r}"
            raise TableError(
                f"a defect of leukon: the table {name!r} {what}, unlike its data dictionary; please report it"
            )


def write_dictionary(path: Path, tables: Iterable[str] | None = None) -> None:
    """Writes the dictionary as CSV; of these tables only, where they are named."""
    chosen = None if tables is None else set(tables)
    with path.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(Entry._fields)
        writer.writerows(entry for entry in read_dictionary() if chosen is None or entry.table in chosen)


def _expand(entry: Entry) -> list[Entry]:
    """A line for each column that it stands for."""
    analytes = ANALYTES if "{analyte}" in entry.column else {"": ""}
    criteria = CRITERIA_NAMES if "{criteria}" in entry.column else {"": ""}
    made: list[Entry] = []
    for (analyte, name), (version, title) in product(analytes.items(), criteria.items()):
        words = {"analyte": analyte, "name": name.lower(), "criteria": version, "criteria_name": title}
        words["unit"] = "g/dL" if analyte == "hemoglobin" else "10*9/L"
        made.append(Entry(*(field.format_map(words) for field in entry)))
    return made
