"""Tables of laboratory values, written, graded and read again."""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

Row = dict[str, Any]


@pytest.fixture
def grade_csv(tmp_path: Path) -> Callable[..., list[Row]]:
    """Grades rows of text as a CSV and gives back the rows of the result, as text."""
    pytest.importorskip("duckdb", reason="needs leukon[population]")
    pytest.importorskip("ibis", reason="needs leukon[population]")
    from leukon.population.command import grade_table

    def grade(rows: Sequence[Mapping[str, Any]], *criteria: str) -> list[Row]:
        table, output = tmp_path / "in.csv", tmp_path / "out.csv"
        with table.open("w", encoding="utf-8", newline="") as out:
            writer = csv.DictWriter(out, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
        grade_table(table, output, criteria or ("ctcae-5",))
        with output.open(encoding="utf-8", newline="") as lines:
            return list(csv.DictReader(lines))

    return grade


@pytest.fixture
def grade_parquet(tmp_path: Path) -> Callable[..., list[Row]]:
    """Grades columns as Parquet and gives back the rows of the result."""
    pyarrow = pytest.importorskip("pyarrow", reason="needs leukon[population]")
    pytest.importorskip("duckdb", reason="needs leukon[population]")
    pytest.importorskip("ibis", reason="needs leukon[population]")
    from pyarrow import parquet

    from leukon.population.command import grade_table

    def grade(columns: Mapping[str, Any], *criteria: str) -> list[Row]:
        table, output = tmp_path / "in.parquet", tmp_path / "out.parquet"
        parquet.write_table(pyarrow.table(dict(columns)), table)
        grade_table(table, output, criteria or ("ctcae-5",))
        return parquet.read_table(output).to_pylist()

    return grade
