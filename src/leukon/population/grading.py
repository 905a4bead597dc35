# pyright: basic
# (ibis builds the methods of its columns at run time: they have no static types)
"""The query that grades a table: the Ibis expressions of each criteria set, and the texts they stand for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import ibis

from leukon.population.answers import Answer, number_answers
from leukon.population.kinds import Kind, find_kind, is_known_unit
from leukon.population.rows import DATES, NUMBERS, clean_rows
from leukon.population.survey import Survey, survey_table
from leukon.population.tables import VIEW, Column, Source, TableError, quote, quote_text
from leukon.severity.criteria import NAMES, find_terms

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

__all__ = ["find_columns", "grade_query", "make_table"]

_UNKNOWN_TOLD = 200  # so many names, and units of a name, that are not understood get a reason of their own
_OTHER_UNIT = "one of very many"
_TYPES = {"text": "string", "integer": "int64", "float": "float32", "double": "float64", "date": "timestamp"}
_MEANT = {
    **dict.fromkeys(("term", "analyte", "unit", "sex"), ("text", "integer")),
    **dict.fromkeys(NUMBERS, ("text", "integer", "decimal", "float", "double")),
    **dict.fromkeys(DATES, ("text", "date")),
}


def find_columns(source: Source) -> dict[str, str]:
    """The column of the table for each name that grading reads; raises TableError for one that cannot be read."""
    by_name = {column.name.casefold(): column for column in source.columns}
    held: dict[str, str] = {}
    for name, meant in _MEANT.items():
        column = by_name.get(name)
        if column is None:
            continue
        if column.meaning not in meant:
            kind = "numbers" if name in NUMBERS else "dates" if name in DATES else "text"
            raise TableError(f"{source.path}: column {column.name!r} holds {column.type}, not {kind}")
        held[name] = column.name
    if "term" not in held and "analyte" not in held:
        raise TableError(f"{source.path}: no column 'term' or 'analyte' says what was measured")
    if "value" not in held:
        raise TableError(f"{source.path}: there is no column 'value'")
    held["name"] = held.get("term") or held["analyte"]
    return held


def make_table(source: Source, held: Mapping[str, str]) -> Any:
    """The table as Ibis sees it; of columns that pass through it needs the name only."""
    read = set(held.values())
    return ibis.table({c.name: _type(c) if c.name in read else "string" for c in source.columns}, name=VIEW)


def _type(column: Column) -> str:
    return column.type.casefold() if column.meaning == "decimal" else _TYPES[column.meaning]


def grade_query(
    con: DuckDBPyConnection, source: Source, criteria: Sequence[str], *, typed: bool = False
) -> tuple[str, Survey]:
    """The SQL whose rows are those of the open table, in their order, with the grades; and what the table holds.

    With `typed`, the numbers of a table of text come out as numbers, in columns where every cell is one.
    """
    held = find_columns(source)
    endings = {name: f"_{name}" if len(criteria) > 1 else "" for name in criteria}
    new = [f"grade_{what}{end}" for end in endings.values() for what in ("low", "high", "reason")]
    for column in source.columns:
        if column.name.casefold() in new or column.name.startswith("_leukon"):
            raise TableError(f"{source.path}: there is a column {column.name!r} already")
    table = make_table(source, held)
    survey = survey_table(con, table, held)
    rows = clean_rows(table, held, with_sex=True)
    numbers: dict[str, Any] = {}
    answers: dict[str, list[Answer]] = {}
    for place, name in enumerate(criteria):
        kind, kinds = _place_kinds(rows, held, survey, name)
        key = f"_leukon_kind_{place}"
        rows = rows.mutate(**{key: kind})
        numbers[name], answers[name] = number_answers(rows, rows[held["value"]], rows[key], kinds)
    rows = rows.mutate(**{f"_leukon_{place}": numbers[name] for place, name in enumerate(criteria)})
    kept = [column.name for column in source.columns]
    inner = ibis.to_sql(rows.select(*kept, *(f"_leukon_{p}" for p in range(len(criteria)))), dialect="duckdb")
    texts = [n for n in NUMBERS if typed and n in held and table[held[n]].type().is_string() and n not in survey.bad]
    numeric = {held[name] for name in texts}
    outer = [f"TRY_CAST({quote(n)} AS DOUBLE) AS {quote(n)}" if n in numeric else quote(n) for n in kept]
    for place, name in enumerate(criteria):
        outer += _decode(con, f"_leukon_{place}", answers[name], endings[name])
    return f"SELECT {', '.join(outer)} FROM ({inner})", survey  # noqa: S608  (its names are quoted)


def _place_kinds(rows: Any, held: Mapping[str, str], survey: Survey, criteria: str) -> tuple[Any, list[Kind]]:
    """The column with the place of each row's kind, and the kinds; the commonest names and units are asked first."""
    kinds: dict[Kind, int] = {}

    def place(kind: Kind) -> Any:
        return ibis.literal(kinds.setdefault(kind, len(kinds)), "int32")

    units_of: dict[str | None, list[str | None]] = {}
    for (name, unit), _ in survey.pairs.most_common():
        units_of.setdefault(name, []).append(unit)
    name_column = rows[held["name"]].cast("string")
    branches: list[tuple[Any, Any]] = []
    told = 0
    for name, units in units_of.items():
        if not name or not name.strip() or not find_terms(criteria, name):
            told += 1
            if told <= _UNKNOWN_TOLD:
                branches.append((_is(name_column, name), place(find_kind(criteria, name, None))))
            continue
        branches.append((_is(name_column, name), _place_units(rows, held, criteria, name, units, place)))
    other = place(Kind("name", f"{NAMES[criteria]} has no such term"))
    column = ibis.cases(*branches, else_=other) if branches else other
    return column, list(kinds)


def _place_units(
    rows: Any, held: Mapping[str, str], criteria: str, name: str, units: Sequence[str | None], place: Any
) -> Any:
    if "unit" not in held:
        return place(find_kind(criteria, name, None))
    column = rows[held["unit"]].cast("string")
    strange = [unit for unit in units if unit and not is_known_unit(unit)]
    left_out = set(strange[_UNKNOWN_TOLD:])
    asked = [(unit, find_kind(criteria, name, unit)) for unit in units if unit not in left_out]
    if len({kind for _, kind in asked}) == 1 and not left_out:
        return place(asked[0][1])
    other = place(find_kind(criteria, name, _OTHER_UNIT))
    return ibis.cases(*((_is(column, unit), place(kind)) for unit, kind in asked), else_=other)


def _is(column: Any, text: str | None) -> Any:
    return column.isnull() if text is None else column == text


def _decode(con: DuckDBPyConnection, number: str, answers: Sequence[Answer], ending: str) -> list[str]:
    """The columns that the numbers of the answers stand for. The reasons are an enumeration: each is written once."""
    reasons = list(dict.fromkeys(answer.reason for answer in answers))
    kind = f"reason{number}"
    con.execute(f"CREATE OR REPLACE TYPE {kind} AS ENUM ({', '.join(map(quote_text, reasons))})")

    def look_up(values: Sequence[str], type_: str, name: str) -> str:
        return f"list_extract([{', '.join(values)}]::{type_}[], {number} + 1) AS {quote(f'grade_{name}{ending}')}"

    lows = ["NULL" if answer.low is None else str(answer.low) for answer in answers]
    highs = ["NULL" if answer.high is None else str(answer.high) for answer in answers]
    texts = [quote_text(answer.reason) for answer in answers]
    return [look_up(lows, "TINYINT", "low"), look_up(highs, "TINYINT", "high"), look_up(texts, kind, "reason")]
