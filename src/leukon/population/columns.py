# pyright: basic
# (ibis builds the methods of its columns at run time: they have no static types)
"""Small columns that many expressions need, in a form that means the same to every engine."""

from __future__ import annotations

from typing import Any

import ibis

__all__ = ["DAYS_A_YEAR", "age_at", "count_days", "number"]

DAYS_A_YEAR = 365.25


def number(value: float) -> Any:
    """A number as a column; a bare one is a decimal to some engines."""
    return ibis.literal(repr(float(value))).cast("float64")


def count_days(time: Any) -> Any:
    """Days, with their fraction, since 1970 of a column of times or dates."""
    return time.cast("timestamp").epoch_seconds().cast("float64") / number(86_400)


def age_at(age_years: Any, day: Any, begun: Any) -> Any:
    """The age in years on a day, of an age that was given for the day `begun`; where a day is missing, as given."""
    return age_years + (day - begun).fill_null(number(0)) / number(DAYS_A_YEAR)
