# pyright: basic
# (ibis builds the methods of its columns at run time: they have no static types)
"""Columns of a source in the form that is worked with: text, keys, numbers, values with "<", and days.

A column may be text, as in a CSV, or have a type; both give the same rows, on every engine: what is a number or a date
is settled here by a pattern, never by what an engine would cast.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import ibis

from leukon.population.sources.days import DATE, DAY_S, MONTH

__all__ = ["Field", "count_seconds", "read_field"]

FieldKind = Literal["text", "key", "id", "number", "value", "time", "moment"]

_NUMBER = r"[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]{1,2})?"
_PLAIN = rf"^{_NUMBER}$"
_SIGN = r"^(<=|>=|<|>|≤|≥)\s*"
_BOUNDED = rf"^(<=|>=|<|>|≤|≥)\s*{_NUMBER}$"


@dataclass(frozen=True, slots=True)
class Field:
    """A column that is read: its name here, what it holds, and the names it may have, lower case, first found first.

    A `number` also gives `NAME_text` (text that is no number). A `value` also gives `NAME_bound` ("<" or ">") and
    `NAME_text` (text that is no plain number). A `time`, and a `moment`, which may be a number of days, give days,
    `NAME_text` (text that is no date, or a month without a day) and `NAME_dated` (whether it is a date).
    """

    name: str
    kind: FieldKind
    said: tuple[str, ...]
    needed: bool = False

    def list_types(self) -> dict[str, str]:
        """The columns that it gives, and their types."""
        match self.kind:
            case "text" | "key":
                return {self.name: "string"}
            case "id":
                return {self.name: "int64"}
            case "number":
                return {self.name: "float64", f"{self.name}_text": "string"}
            case "value":
                return {self.name: "float64", f"{self.name}_bound": "string", f"{self.name}_text": "string"}
            case "time" | "moment":
                return {self.name: "float64", f"{self.name}_text": "string", f"{self.name}_dated": "boolean"}


def read_field(field: Field, column: Any) -> dict[str, Any] | None:
    """The columns of a field; None where the column has a type that cannot hold it."""
    read: dict[FieldKind, Callable[[Any], tuple[Any, ...] | None]] = {
        "text": _read_text, "key": _read_key, "id": _read_id, "number": _read_number, "value": _read_value,
        "time": _read_time, "moment": _read_moment,
    }  # fmt: skip
    found = read[field.kind](column)
    return None if found is None else dict(zip(field.list_types(), found, strict=True))


def count_seconds(time: Any) -> Any:
    """Whole seconds since 1970 of a column of dates or times; engines round a fraction each in its own way."""
    return time.cast("timestamp").truncate("s").epoch_seconds().cast("int64")


def _strip(column: Any) -> Any:
    return column.strip().nullif("")


def _finite(number: Any) -> Any:
    return ibis.cases((~(number.isnan() | number.isinf()), number))


def _whole(column: Any) -> Any:
    """The whole number of a column of floats or decimals, else null."""
    number = _finite(column.cast("float64"))
    return ibis.cases(((number == number.floor()) & (number.abs() < 9e15), number.cast("int64")))


def _read_text(column: Any) -> tuple[Any] | None:
    kind = column.type()
    if kind.is_string():
        return (_strip(column),)
    if kind.is_integer() or kind.is_boolean():
        return (column.cast("string"),)
    if kind.is_floating() or kind.is_decimal():
        return (ibis.coalesce(_whole(column).cast("string"), _finite(column.cast("float64")).cast("string")),)
    return None


def _read_key(column: Any) -> tuple[Any] | None:
    kind = column.type()
    if kind.is_floating() or kind.is_decimal():
        return (_whole(column).cast("string"),)
    return None if kind.is_boolean() else _read_text(column)


def _read_id(column: Any) -> tuple[Any] | None:
    kind = column.type()
    if kind.is_string():
        text = _strip(column)
        return (
            ibis.cases((text.re_search(r"^[0-9]{1,18}([.]0+)?$"), text.re_extract("^([0-9]+)", 1).try_cast("int64"))),
        )
    if kind.is_integer():
        return (column.cast("int64"),)
    return (_whole(column),) if kind.is_floating() or kind.is_decimal() else None


def _read_number(column: Any) -> tuple[Any, Any] | None:
    kind = column.type()
    if kind.is_string():
        text = _strip(column)
        number: Any = ibis.cases((text.re_search(_PLAIN), text.try_cast("float64")))
        return number, ibis.cases((number.isnull(), text))
    if not kind.is_numeric() or kind.is_boolean():
        return None
    # 0.7 kept in four bytes lies under 0.7: it is read as it is written
    number = column.cast("string").cast("float64") if kind.is_float32() else column.cast("float64")
    return _finite(number), ibis.null("string")


def _read_value(column: Any) -> tuple[Any, Any, Any] | None:
    nothing = ibis.null("string")
    if not column.type().is_string():
        number = _read_number(column)
        return None if number is None else (number[0], nothing, nothing)
    text = _strip(column)
    plain, bounded = text.re_search(_PLAIN), text.re_search(_BOUNDED)
    value: Any = ibis.cases(
        (plain, text.try_cast("float64")), (bounded, text.re_replace(_SIGN, "").try_cast("float64"))
    )
    sign = text.substr(0, 1)
    bound: Any = ibis.cases((bounded & sign.isin(["<", "≤"]), "<"), (bounded, ">"))
    return value, bound, ibis.cases((value.isnull(), text))


def _read_time(column: Any) -> tuple[Any, Any, Any] | None:
    kind = column.type()
    if kind.is_date() or kind.is_timestamp():
        day = count_seconds(column) / DAY_S
        return day, ibis.null("string"), day.notnull()
    if not kind.is_string():
        return None
    text = _strip(column)
    month = text.re_search(MONTH)
    date: Any = ibis.cases(
        (text.re_search(DATE), text.substr(0, 10).try_cast("date")), (month, (text + "-15").try_cast("date"))
    )
    day = (count_seconds(date) + _count_clock(text)) / DAY_S
    return day, ibis.cases((day.isnull() | month, text)), day.notnull()


def _count_clock(text: Any) -> Any:
    """Seconds into the day of an ISO time, the zone taken away; 0 of a date."""
    zone = r"([+-])([0-9]{2}):?([0-9]{2})$"
    sign = ibis.cases((text.re_extract(zone, 1) == "-", -1), else_=1)
    away = sign * (_number_at(text.re_extract(zone, 2)) * 3600 + _number_at(text.re_extract(zone, 3)) * 60)
    clock = _number_at(text.substr(11, 2)) * 3600 + _number_at(text.substr(14, 2)) * 60
    clock = clock + _number_at(text.re_extract(r"^.{16}:([0-9]{2})", 1)) - away
    return ibis.cases((text.length() > 10, clock), else_=ibis.literal(0).cast("int64"))


def _number_at(text: Any) -> Any:
    return text.try_cast("int64").fill_null(0)


def _read_moment(column: Any) -> tuple[Any, Any, Any] | None:
    kind = column.type()
    if kind.is_numeric() and not kind.is_boolean():
        number = _finite(column.cast("float64"))
        return number, ibis.null("string"), ibis.literal(False)
    found = _read_time(column)
    if found is None or not kind.is_string():
        return found
    day, text, dated = found
    number = ibis.cases((_strip(column).re_search(_PLAIN), _strip(column).try_cast("float64")))
    return ibis.coalesce(day, number), ibis.cases((number.isnull(), text)), dated
