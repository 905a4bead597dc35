"""`leukon grade` and `leukon population`: tables of any size."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter

from leukon.cli.shared import FailureError, Setting, app

__all__ = ["grade", "population"]

Criteria = Annotated[
    tuple[Literal["ctcae-4.03", "ctcae-5", "ctcae-6", "daids-2.1"], ...],
    Parameter(consume_multiple=False, negative_iterable=""),
]


@app.command
def grade(
    table: Path,
    *,
    output: Annotated[Path, Parameter(name=["--output", "-o"])],
    criteria: Criteria = ("ctcae-5",),
) -> None:
    """The grades of a table of laboratory values, one value a row.

    Parameters
    ----------
    table
        A CSV or Parquet file with the columns term (or analyte), value and unit, and those that the criteria need: lln,
        uln, baseline, sex, age_years, age_days or birth_date and sample_date. Other columns pass through.
    output
        The file to write to, .csv or .parquet: the same rows in the same order with grade_low, grade_high and
        grade_reason.
    criteria
        The version to grade by. May be repeated: the columns are then grade_low_ctcae-5 and so on.
    """
    from leukon.population.command import TableError, grade_table

    try:
        notes = grade_table(table, output, criteria)
    except TableError as error:
        raise FailureError(str(error)) from None
    for note in notes:
        print(f"leukon: {note}", file=sys.stderr)


@app.command
def population(
    source: Path,
    *,
    output: Annotated[Path, Parameter(name=["--output", "-o"])],
    from_: Annotated[Literal["leukon", "omop", "sdtm", "fhir"] | None, Parameter(name="--from")] = None,
    engine: Literal["duckdb", "spark"] = "duckdb",
    master: str | None = None,
    merge_gap_days: float = 14.0,
    split_gap_days: float | None = None,
    causes: Literal["low", "all", "none"] = "low",
    setting: Setting = "any",
    allow_future: Annotated[bool, Parameter(negative="")] = False,
    hide_below: int = 0,
) -> None:
    """The same questions over tables: people, episodes, grades, how common, and the ranked causes of each person.

    Parameters
    ----------
    source
        A folder of Parquet, CSV or NDJSON tables, one such file, or a DuckDB database.
    output
        The folder to make: tables as Parquet, dictionary.csv, and index.html to read. It appears when it is whole.
    from_
        What the tables are; found by looking at them where nothing is said.
    engine
        duckdb, inside this process, or spark, for what one machine does not hold.
    master
        The Spark cluster, such as spark://host:7077; this machine where nothing is said.
    merge_gap_days
        Low counts at most so far apart are one episode, whatever lies between.
    split_gap_days
        Low counts farther apart are two episodes, even with no count between.
    causes
        Whose causes are ranked: of people who ever had a low count, of all, or of none.
    setting
        Where the people are seen: chooses how common causes are.
    allow_future
        Use counts dated after today: dates that were shifted to hide who it is.
    hide_below
        On the page, numbers of people under this are not shown (for a page that is passed on).
    """
    from leukon.population.tables import TableError

    try:
        from leukon.population.run import Plan, run_population
    except ModuleNotFoundError as error:
        raise FailureError(f"tables need the package {error.name}: pip install 'leukon[population]'") from None
    plan = Plan(
        source, output, from_, engine, master, merge_gap_days, split_gap_days, causes, setting, allow_future, hide_below
    )
    try:
        for note in run_population(plan, _tell_step):
            print(f"leukon: {note}", file=sys.stderr)
    except TableError as error:
        raise FailureError(str(error)) from None


def _tell_step(step: str) -> None:
    if sys.stderr.isatty():
        print(f"leukon: {step} …", file=sys.stderr)
