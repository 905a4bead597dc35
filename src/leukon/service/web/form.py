"""From the form to the record: what was typed laid over the record that the form began with."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from leukon.answer import NotUsed
from leukon.counts.analytes import find_analyte
from leukon.counts.values import Refusal, read_value
from leukon.io.axis import read_moment
from leukon.service.web.entry import Column, DrugRow, Entry, entry_of, read_left, read_state, show_test
from leukon.service.web.lines import PastedRow, read_lines
from leukon.service.web.moments import LineError

__all__ = ["record_of"]

_DATE = re.compile(r"^\d{4}-\d{2}")
_LIMITS = re.compile(r"^(?P<low>\d+(?:\.\d+)?)?\s*(?:-|–|—|to)\s*(?P<high>\d+(?:\.\d+)?)?$")
_WRITE_WHEN = "write a day such as -42, a date such as 2026-03-01, or 3 weeks ago"


def record_of(entry: Entry) -> tuple[dict[str, Any], tuple[NotUsed, ...]]:
    """The record that a form says, and what of files and pasted lines a record cannot hold.

    Raises LineError, in one line, where a count, a limit, a day or a pasted line cannot be used.
    """
    base = read_state(entry.record)
    pasted = read_lines(entry.paste)
    began = entry_of(base)
    draws = base.get("counts", [])
    columns = list(entry.columns) or [Column()]
    limits: list[dict[str, str]] = [dict(entry.limits), *({} for _ in columns[1:])]
    for row in pasted.rows:
        _lay_in(row, columns, limits)
    _settle_days(columns, entry.now)
    written = [
        _write_draw(column, limits[place], draws, newest=place == 0)
        for place, column in enumerate(columns)
        if column.is_filled
    ]
    record: dict[str, Any] = {
        "id": base.get("id"),
        "person": _write_person(entry),
        "now": _check_when(entry.now, "the day of the assessment") or None,
        "counts": written[::-1],
        "drugs": _write_drugs(entry.drugs, began.drugs, base.get("drugs", [])),
        "conditions": _words(entry.conditions),
        "findings": {k: w for k in ("present", "absent") if (w := _words(getattr(entry, k)))},
        "tests": _write_tests(entry.tests, base.get("tests", [])) + list(pasted.tests),
        "exposures": _words(entry.exposures),
    }
    return {key: value for key, value in record.items() if value}, (*read_left(entry.left), *pasted.left)


def _words(texts: Sequence[str]) -> list[str]:
    return [text for text in texts if text]


def _write_person(entry: Entry) -> dict[str, Any]:
    pregnancy: dict[str, Any] = {"pregnant": entry.pregnant}
    if entry.weeks and entry.pregnant != "false":
        pregnancy = {"pregnancy": {"weeks": entry.weeks}}
    written = {"age": entry.age, "sex": entry.sex, "ancestry": entry.ancestry, "duffy_null": entry.duffy} | pregnancy
    return {key: value for key, value in written.items() if value}


def _lay_in(row: PastedRow, columns: list[Column], limits: list[dict[str, str]]) -> None:
    """A pasted draw goes to the column of its day or date, without one to the newest."""
    if row.when is None and columns[0].when:
        raise LineError("the counts in the table have a day or date, so put one before the pasted line too")
    place = 0 if row.when is None else next((n for n, c in enumerate(columns) if c.when == row.when), len(columns))
    if place == len(columns):
        columns.append(Column(row.when or ""))
        limits.append({})
    held = columns[place]
    for key, text in row.values.items():
        if held.values.get(key, text) != text:
            raise LineError(f"{key} is {held.values[key]} in the table and {text} in the pasted lines; keep one")
    columns[place] = Column(held.when, held.sample, held.values | row.values, held.base)
    limits[place] = row.limits | limits[place]


def _check_when(text: str, what: str) -> str:
    if text and read_moment(text) is None:
        raise LineError(f"{what}: {text!r} is not a day or a date; {_WRITE_WHEN}")
    return text


def _settle_days(columns: list[Column], now: str) -> None:
    """Each count its day, or none of them: the newest without one, among days counted back from it, is day 0."""
    filled = [n for n, c in enumerate(columns) if c.is_filled]
    for n in filled:
        _check_when(columns[n].when, "when a count was taken")
    dated = [n for n in filled if columns[n].when]
    undated = [n for n in filled if not columns[n].when]
    moments = [m for n in dated if (m := read_moment(columns[n].when))]
    kinds = {kind for kind, _ in moments}
    if {"date", "day"} <= kinds:
        raise LineError("days and dates of counts cannot be joined; write all as dates or all as days")
    if not dated or not undated:
        return
    if undated != [0]:
        raise LineError(f"give each earlier count its day or date, or none of them; {_WRITE_WHEN}")
    if "date" in kinds:
        raise LineError("an earlier count has a date, so the newest needs one too; write it as 2026-03-01")
    if now or any(kind == "day" and value > 0 for kind, value in moments):
        raise LineError("write the day of the newest count too: the others have one")
    first = columns[0]
    columns[0] = Column("0", first.sample, first.values, first.base)


def _write_draw(
    column: Column, limits: Mapping[str, str], draws: Sequence[Mapping[str, Any]], *, newest: bool
) -> dict[str, Any]:
    base = draws[column.base] if column.base is not None and column.base < len(draws) else {}
    written: dict[str, Any] = {}
    if column.when:
        written["date" if _DATE.match(column.when) else "day"] = column.when
    for key, text in column.values.items():
        _check_count(key, text)
        written[key] = text
    kept = {} if newest else {k: v for k, v in base.get("limits", {}).items() if k in column.values}
    kept |= {key: _read_limits(key, text) for key, text in limits.items() if key in column.values}
    if kept:
        written["limits"] = kept
    if column.sample:
        written["sample"] = column.sample
    return written | {k: v for k, v in base.items() if k in ("note", "comment", "flags", "flag")}


def _check_count(key: str, text: str) -> None:
    """A typed number that is no count is said at once: an answer without it would mislead."""
    named = find_analyte(key)
    if named is None or not any(c.isdigit() for c in text):
        return
    got = read_value(text, named.analyte, form=named.form)
    if isinstance(got, Refusal):
        raise LineError(f"{named.analyte.name} {text}: {got.reason}")


def _read_limits(key: str, text: str) -> list[str | None]:
    match = _LIMITS.match(text.strip())
    if match is None or not (match["low"] or match["high"]):
        raise LineError(f"limits of {key}: {text!r} is not two numbers; write for example 4.0-11.0")
    return [match["low"], match["high"]]


def _write_drugs(
    rows: Sequence[DrugRow], began: Sequence[DrugRow], base: Sequence[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    written: list[dict[str, Any]] = []
    for place, row in enumerate(rows):
        if not row.name:
            if not row.shows(DrugRow()) and not (place < len(began) and row.shows(began[place])):
                _refuse_nameless(row, place < len(began))
            continue
        held = base[place] if place < len(base) else {}
        if place < len(began) and row.shows(began[place]):
            written.append(dict(held))
            continue
        for what in ("start", "stop"):
            _check_when(getattr(row, what), f"{what} of {row.name}")
        made = {key: text for key in ("name", "start", "stop", "dose", "note") if (text := getattr(row, key))}
        written.append(made | ({"doses": held["doses"]} if "doses" in held else {}))
    return written


def _refuse_nameless(row: DrugRow, known: bool) -> None:
    """A row whose name was cleared is a drug taken out; one that never had a name was forgotten."""
    if not known:
        said = next(text for text in (row.dose, row.start, row.stop, row.note) if text)
        raise LineError(f"a drug needs its name: there is {said!r} without one")


def _write_tests(texts: Sequence[str], base: Sequence[Any]) -> list[Any]:
    return [
        base[place] if place < len(base) and show_test(base[place]) == text else text
        for place, text in enumerate(texts)
        if text
    ]
