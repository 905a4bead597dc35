"""Tables of laboratory values, written, graded and read again."""

from __future__ import annotations

import csv
import shutil
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
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


@pytest.fixture(scope="session")
def spark_session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """One Spark session for all tests, on this machine, with several partitions; it takes seconds to start."""
    pytest.importorskip("pyspark", reason="needs leukon[spark]")
    if not shutil.which("java"):
        pytest.skip("needs Java: openjdk-17-jre-headless")
    from leukon.population.engines.spark import start_session

    with warnings.catch_warnings():
        # other tests may have loaded JAX; what Spark forks becomes Java at once
        warnings.filterwarnings("ignore", message=r"os\.fork\(\) was called", category=RuntimeWarning)
        session = start_session(tmp_path_factory.mktemp("spark"), "local[3]")
    session.conf.set("spark.sql.codegen.wholeStage", "false")  # tables of a test are small: to compile a query takes
    session.conf.set("spark.sql.codegen.factoryMode", "NO_CODEGEN")  # longer than to answer it
    yield session
    session.stop()


@pytest.fixture(params=["duckdb", "spark"])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Any]:
    """Each engine in turn: what a test asks of one it asks of both."""
    yield from _open(request.param, request, tmp_path)


@pytest.fixture
def both_engines(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Any, Any]]:
    """DuckDB and Spark side by side, to compare their rows."""
    for duck in _open("duckdb", request, tmp_path):
        for spark in _open("spark", request, tmp_path):
            yield duck, spark


def _open(name: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Any]:
    pytest.importorskip("duckdb", reason="needs leukon[population]")
    pytest.importorskip("ibis", reason="needs leukon[population]")
    if name == "spark":
        request.getfixturevalue("spark_session")  # the running session is taken
    from leukon.population.engines import open_engine

    scratch = tmp_path / f"scratch_{name}"
    scratch.mkdir()
    with open_engine(name, scratch) as opened:
        yield opened
