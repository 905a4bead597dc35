# pyright: basic
# (ibis builds the methods of its columns at run time: they have no static types)
"""Rounding that every engine does alike, so that the noise of floats moves no value across a limit.

The engines' own ways differ: `printf('%.15g')` rounds the exact number in DuckDB and its shortest text in Spark, and
`round` as well. Here only operations are used whose result IEEE 754 settles to the last bit.
"""

from __future__ import annotations

from typing import Any

import ibis

from leukon.population.columns import number

__all__ = ["round_9", "round_15"]


def round_9(column: Any) -> Any:
    """The nearest number of nine decimals, half up, of a column from 0 to a million: of counts, one cell per litre."""
    return (column * 1e9 + 0.5).floor().cast("float64") / number(1e9)


def round_15(column: Any) -> Any:
    """The nearest number of 15 significant digits, as `cuts.round_15` finds it.

    Under 0.0001 it has 18 decimals instead; from 10^9 a number is left as it is. The column, times the power of ten
    that makes it a whole number of 15 digits, is had in two parts: one exact, one too small for its rounding to matter.
    """
    digits = (column * 1e4).floor().cast("string").length()  # before the point and four after it
    tens = number(10) ** (19 - digits)
    head, tens_head = (x.cast("float32").cast("float64") for x in (column, tens))
    exact = head * tens_head
    small = head * (tens - tens_head) + (column - head) * tens
    whole = exact.floor().cast("float64")
    rounded = (whole + (exact - whole + small + 0.5).floor().cast("float64")) / tens
    return ibis.cases((column < 1e9, rounded), else_=column)
