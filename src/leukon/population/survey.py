# pyright: basic
# (ibis builds the methods of its columns at run time: they have no static types)
"""One look over a table before it is graded: which names and units it holds and how often, and what is wrong in it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import ibis

from leukon.population.rows import DATES, NUMBERS, is_no_number, read_date

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

__all__ = ["Survey", "survey_table"]

Pair = tuple[str | None, str | None]


@dataclass(frozen=True, slots=True)
class Survey:
    """`pairs` counts the rows of each name and unit; `bad` the cells of a column that are no number or no date, with
    one of them; `future` the samples dated after today."""

    rows: int
    pairs: Counter[Pair] = field(default_factory=Counter)
    bad: Mapping[str, tuple[int, str]] = field(default_factory=dict)
    filled: Mapping[str, int] = field(default_factory=dict)
    future: int = 0


def survey_table(con: DuckDBPyConnection, table: Any, held: Mapping[str, str], today: date | None = None) -> Survey:
    """Reads the columns that grading needs once; the others are not touched."""
    nothing = ibis.null("string")
    texts = [n for n in (*NUMBERS, *DATES) if n in held and table[held[n]].type().is_string()]
    sums: dict[str, Any] = {"n": table.count()}
    for name in texts:
        column = table[held[name]]
        bad = is_no_number(column) if name in NUMBERS else (column.strip() != "") & read_date(column).isnull()
        sums |= {f"bad_{name}": bad.sum(), f"example_{name}": column.max(where=bad)}
        sums[f"filled_{name}"] = (column.strip() != "").sum()
    if "sample_date" in held:
        limit = (today or date.today()) + timedelta(days=1)  # where the sun rises first it is tomorrow already
        sums["future"] = (read_date(table[held["sample_date"]]) > limit).sum()
    keys = {
        "name": table[held["name"]].cast("string"),
        "unit": table[held["unit"]].cast("string") if "unit" in held else nothing,
    }
    groups = table.group_by(**keys).aggregate(**sums)
    names = list(groups.columns)
    pairs: Counter[Pair] = Counter()
    bad_cells: dict[str, tuple[int, str]] = {}
    filled: Counter[str] = Counter()
    future = 0
    cursor = con.execute(ibis.to_sql(groups, dialect="duckdb"))
    while rows := cursor.fetchmany(10_000):
        for values in rows:
            row = dict(zip(names, values, strict=True))
            pairs[(row["name"], row["unit"])] += row["n"]
            future += row.get("future") or 0
            for name in texts:
                filled[name] += row[f"filled_{name}"] or 0
                if row[f"bad_{name}"]:
                    count, example = bad_cells.get(name, (0, row[f"example_{name}"]))
                    bad_cells[name] = (count + row[f"bad_{name}"], example)
    return Survey(pairs.total(), pairs, bad_cells, filled, future)
