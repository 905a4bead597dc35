# pyright: basic
# (ibis builds the methods of its columns at run time: they have no static types)
"""What a row of a laboratory table holds, as columns of an Ibis table: numbers, age and sex in the form that is graded.

A cell that is empty, or a number that is not finite, is a missing one. Text that is no number or no date is a fault.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import ibis

from leukon.population.columns import DAYS_A_YEAR

__all__ = ["AGE_FAULTS", "DATES", "NUMBERS", "clean_rows", "is_no_number", "read_date"]

NUMBERS = ("value", "lln", "uln", "baseline", "age_years", "age_days")
DATES = ("birth_date", "sample_date")
AGE_FAULTS = (
    "",
    "the age cannot be had: the birth date is no date (YYYY-MM-DD)",
    "the age cannot be had: the sample date is no date (YYYY-MM-DD)",
    "the age cannot be had: the sample is older than the person",
    "the age cannot be had: it is below zero",
)
_DATE = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}"


def clean_rows(table: Any, held: Mapping[str, str], *, with_sex: bool) -> Any:
    """The table with the columns `_value`, `_lln`, `_uln`, `_baseline`, `_sex`, `_years`, `_days`, `_least`, `_fault`.

    `held` gives the column of the table for each name that is there. `_least` is the fewest days that go with the
    completed years; `_fault` the number of a fault of the age in `AGE_FAULTS`.
    """
    columns = {f"_{name}": _read_limit(table, held.get(name)) for name in ("value", "lln", "uln", "baseline")}
    columns["_sex"] = _read_sex(table[held["sex"]]) if with_sex and "sex" in held else ibis.null("string")
    return _add_age(table.mutate(**columns), held)


def is_no_number(column: Any) -> Any:
    """Does the cell hold text that is no number?"""
    return (column.strip() != "") & column.try_cast("float64").isnull()


def read_date(column: Any) -> Any:
    """The day of a cell, else null: YYYY-MM-DD, a time after it is left out."""
    if not column.type().is_string():
        return column.cast("date")
    text = column.strip()
    return ibis.cases((text.re_search(_DATE), text.substr(0, 10).try_cast("date")))


def _read_number(column: Any) -> Any:
    if column.type().is_string():
        return column.try_cast("float64")
    # 0.7 kept in four bytes lies under 0.7: it is read as it is written
    return column.cast("string").cast("float64") if column.type().is_float32() else column.cast("float64")


def _read_finite(column: Any) -> Any:
    number = _read_number(column)
    return ibis.cases((~(number.isnan() | number.isinf()), number))


def _read_age(column: Any) -> Any:
    """An age; one that nobody reaches is cut to what a whole number holds."""
    return _read_finite(column).clip(lower=-1e6, upper=1e6)


def _read_limit(table: Any, name: str | None) -> Any:
    return ibis.null("float64") if name is None else _read_finite(table[name])


def _read_sex(column: Any) -> Any:
    word = column.cast("string").strip().lower()
    return ibis.cases((word.isin(["f", "female"]), "female"), (word.isin(["m", "male"]), "male"))


def _add_age(table: Any, held: Mapping[str, str]) -> Any:
    """Completed years by the calendar and completed days, from the most direct of what is given."""
    none = ibis.null("int32")
    faults: list[tuple[Any, int]] = []
    years: list[Any] = []
    days: list[Any] = []
    born, drawn = (read_date(table[held[n]]) if n in held else None for n in DATES)
    for number, (name, read) in enumerate(zip(DATES, (born, drawn), strict=True), start=1):
        if read is not None and table[held[name]].type().is_string():
            faults.append(((table[held[name]].strip() != "") & read.isnull(), number))
    if born is not None and drawn is not None:
        birthday_to_come = (drawn.month() < born.month()) | (
            (drawn.month() == born.month()) & (drawn.day() < born.day())
        )
        years.append((drawn.year() - born.year() - birthday_to_come.cast("int32")).cast("int32"))
        days.append(drawn.delta(born, unit="day").cast("int32"))
        faults.append((drawn < born, 3))
    from_dates = years[0] if years else none
    if "age_days" in held:
        age_days = _read_age(table[held["age_days"]])
        days.append(age_days.floor().cast("int32"))
        faults.append((age_days < 0, 4))
    known_days: Any = ibis.coalesce(*days) if days else none
    if "age_years" in held:
        age_years = _read_age(table[held["age_years"]])
        whole = age_years.floor()
        years.append(whole.cast("int32"))
        from_years = ibis.cases(
            (from_dates.isnull() & (age_years != whole), (age_years * DAYS_A_YEAR).floor().cast("int32"))
        )
        days.append(from_years)
        faults.append((age_years < 0, 4))
    years.append(((known_days + 0.75) / DAYS_A_YEAR).floor().cast("int32"))
    table = table.mutate(
        _years=ibis.coalesce(*years),
        _days=ibis.coalesce(*days) if days else none,
        _fault=ibis.cases(*faults, else_=0) if faults else ibis.literal(0),
    )
    return table.mutate(_least=ibis.cases((table._years > 0, (table._years * DAYS_A_YEAR).floor().cast("int32"))))
