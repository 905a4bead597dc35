# pyright: basic
# (ibis and pyarrow build what they hold at run time: it has no static types)
"""Dates that people and spreadsheets write, "25/04/2025" or "3 Apr 2025", read as in a CSV of one person.

Whether the day or the month stands first is told by the whole column, or not at all.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import ibis
import pyarrow as pa

from leukon.io.dates import read_moments
from leukon.population.sources.days import DAY_S
from leukon.population.sources.reader import MOST, Opened, Reader

__all__ = ["read_other_dates"]

_FIRST = date(1970, 1, 1).toordinal()


def read_other_dates(reader: Reader, table: str, opened: Opened, columns: Sequence[str]) -> Opened:
    """The table with the days of some columns filled in where their text is a date of another form than ISO 8601."""
    rows = opened.rows
    for column in columns:
        if column in opened.texts:
            rows = _fill(reader, f"{table}_{column}", rows, column)
    return Opened(rows, opened.has, opened.texts)


def _fill(reader: Reader, name: str, rows: Any, column: str) -> Any:
    text, dated = f"{column}_text", f"{column}_dated"
    said = rows.filter(rows[column].isnull() & rows[text].notnull()).select(said=text).distinct()
    texts = [row["said"] for row in reader.engine.fetch(said.order_by("said").limit(MOST)).to_pylist()]
    moments = zip(texts, read_moments(texts), strict=True)
    found = {said: moment[1] - _FIRST for said, moment in moments if moment and moment[0] == "date"}
    if not found:
        return rows
    days = [round(day * DAY_S) / DAY_S for day in found.values()]
    known = reader.engine.add(
        f"dates_{name}", pa.table({"said": list(found), "said_day": pa.array(days, pa.float64())})
    )
    joined = rows.left_join(known, rows[text] == known.said)
    filled = {
        column: ibis.coalesce(joined[column], joined.said_day),
        text: ibis.cases((joined.said_day.isnull(), joined[text])),
        dated: joined[dated] | joined.said_day.notnull(),
    }
    return joined.select(**{one: filled.get(one, joined[one]) for one in rows.columns}).view()
