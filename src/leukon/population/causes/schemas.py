# pyright: basic
# (pyarrow has no static types)
"""The columns of people to be ranked, and of what is answered."""

from __future__ import annotations

import pyarrow as pa

__all__ = ["INPUT", "OUTPUT"]

_WORD = [("name", pa.string()), ("code", pa.string())]
_COUNT = [
    ("analyte", pa.string()),  # the record's word: wbc, neutrophils, bands, hemoglobin, …
    ("value", pa.float64()),
    ("unit", pa.string()),  # without one a value is not used
    ("day", pa.float64()),
    ("lower", pa.float64()),  # the laboratory's limits, in the unit of the value
    ("upper", pa.float64()),
    ("bound", pa.string()),  # "<" or ">" before the value, else null
]

INPUT = pa.schema(
    [
        ("person", pa.string()),
        ("sex", pa.string()),  # female or male
        ("birth_day", pa.float64()),
        ("age_years", pa.float64()),  # at `now`, where there is no birth day
        ("ancestry", pa.string()),
        ("duffy_null", pa.bool_()),
        ("pregnant", pa.bool_()),
        ("now", pa.float64()),  # the day that is asked about; null: that of the newest count
        ("counts", pa.list_(pa.struct(_COUNT))),
        ("drugs", pa.list_(pa.struct([*_WORD, ("start", pa.float64()), ("stop", pa.float64())]))),
        ("conditions", pa.list_(pa.struct([*_WORD, ("day", pa.float64())]))),
        ("findings", pa.list_(pa.struct([*_WORD, ("present", pa.bool_()), ("day", pa.float64())]))),
    ]
)
"""One row a person; days are those since 1970-01-01, with their fraction. Null or absent is not known. A drug without a
start was begun at a time not known, one without a stop is still taken; a stop after `now` is a plan."""

OUTPUT = pa.schema(
    [
        ("kind", pa.string()),
        ("person", pa.string()),
        ("low", pa.string()),  # low, not low or cannot say: at the newest count
        ("rank", pa.int32()),  # 1 = first
        ("cause", pa.string()),
        ("name", pa.string()),
        ("family", pa.string()),
        ("probability", pa.float64()),  # rounded to 6 decimals, by which the causes are ordered: alike on every machine
        ("must_not_miss", pa.bool_()),
        ("drug", pa.string()),
        ("table", pa.string()),  # people, counts, exposures, conditions or findings
        ("column", pa.string()),
        ("text", pa.string()),
        ("reason", pa.string()),
        ("rows", pa.int64()),
    ]
)
"""Rows of four kinds, so that nothing of the input is lost:

`cause`: a person and a cause, down to 0.1 %; `nothing known`: a person without a usable count, drug, condition or
finding, and the reason; `failed`: a person for whom leukon failed, and the reason; `not understood`: a text of the
input that was not used, why, and in how many entries of this batch."""
