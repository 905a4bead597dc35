"""`leukon grade`: the grades of a table of laboratory values, one value a row."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from leukon.population.kinds import is_known_unit
from leukon.population.tables import Source, TableError, connect, find_format, open_table, write_table
from leukon.severity.criteria import CRITERIA, find_terms

if TYPE_CHECKING:
    from leukon.population.survey import Survey

__all__ = ["TableError", "grade_table"]

_NOTES = 12  # so many units are named, the rest counted


def grade_table(table: Path, output: Path, criteria: Sequence[str] = ("ctcae-5",)) -> list[str]:
    """Grades each row of a CSV or Parquet table; returns what a person should know about the table, one line each.

    The output has the rows of the table in their order, with `grade_low`, `grade_high` and `grade_reason`. Raises
    TableError where the table cannot be used; then there is no output.
    """
    chosen = list(dict.fromkeys(criteria))
    unknown = [name for name in chosen if name not in CRITERIA]
    if unknown or not chosen:
        raise TableError(f"unknown criteria {', '.join(unknown)}; choose from: {', '.join(CRITERIA)}")
    found = find_format(output)
    try:
        import duckdb as _  # noqa: F401  (heavy: imported when a table is graded, not before)

        from leukon.population.grading import grade_query
    except ModuleNotFoundError as error:
        raise TableError(f"grading a table needs the package {error.name}: pip install 'leukon[population]'") from None
    with connect(table) as con:
        source = open_table(con, table)
        query, survey = grade_query(con, source, chosen, typed=found == "parquet")
        notes = _describe(source, survey, chosen)
        write_table(con, query, source, output)
    return notes


def _describe(source: Source, survey: Survey, criteria: Sequence[str]) -> list[str]:
    """What is wrong in the table, each with how often."""
    notes = [*source.notes]
    names: Counter[str] = Counter()
    units: Counter[str] = Counter()
    blank_names = blank_units = 0
    for (name, unit), rows in survey.pairs.items():
        if not name or not name.strip():
            blank_names += rows
        elif not any(find_terms(one, name) for one in criteria):
            names[name.strip()] += rows
        elif not unit or not unit.strip():
            blank_units += rows
        elif not is_known_unit(unit):
            units[unit.strip()] += rows

    def tell(what: str, rows: int) -> None:
        if rows:
            notes.append(f"{source.path}: {what} in {_of(rows, survey.rows)}")

    def tell_each(what: str, found: Counter[str]) -> None:
        ranked = found.most_common()
        for text, rows in ranked[:_NOTES]:
            tell(f"{what} {text!r} is not understood", rows)
        if more := ranked[_NOTES:]:
            tell(f"{what} is another of {len(more)} that are not understood", sum(rows for _, rows in more))

    tell("no term", blank_names)
    tell_each("the term", names)
    tell("no unit", blank_units)
    tell_each("the unit", units)
    for name, (rows, example) in survey.bad.items():
        kind = "date (YYYY-MM-DD)" if name in ("birth_date", "sample_date") else "number"
        tell(f"{name} is no {kind}, such as {example!r},", rows)
    tell("the sample is dated after today", survey.future)
    return notes


def _of(rows: int, all_rows: int) -> str:
    return f"every row ({rows:,})" if rows == all_rows else f"{rows:,} of {all_rows:,} rows"
