"""Both engines do the same few things, and say in one line what is missing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pa = pytest.importorskip("pyarrow", reason="needs leukon[population]")
pytest.importorskip("duckdb", reason="needs leukon[population]")
pytest.importorskip("ibis", reason="needs leukon[population]")

import pyarrow.parquet as pq  # noqa: E402

from leukon.population.engines import open_engine  # noqa: E402
from leukon.population.tables import TableError  # noqa: E402

PEOPLE = {"person": ["b", "a", None], "anc": [0.0, 1.5, None], "day": [2.0, None, 3.5]}


def _rows(engine: Any, table: Any) -> list[dict[str, Any]]:
    return sorted(engine.fetch(table).to_pylist(), key=repr)


def test_a_small_table_comes_back_as_it_was_an_anc_of_0_is_a_count(engine: Any) -> None:
    table = engine.add("people", pa.table(PEOPLE))
    assert _rows(engine, table) == sorted(pa.table(PEOPLE).to_pylist(), key=repr)


def test_files_of_one_table_are_read_together_and_cells_of_a_csv_keep_their_text(engine: Any, tmp_path: Path) -> None:
    (tmp_path / "1.csv").write_text('person,note\n007,"said ""low"", twice"\n', encoding="utf-8")
    (tmp_path / "2.csv").write_text("person,note\n008,\n", encoding="utf-8")
    table = engine.open("notes", [tmp_path / "1.csv", tmp_path / "2.csv"], "csv")
    assert _rows(engine, table) == [
        {"person": "007", "note": 'said "low", twice'},
        {"person": "008", "note": None},
    ]


def test_what_is_kept_is_what_was_asked_and_can_be_written(engine: Any, tmp_path: Path) -> None:
    people = engine.add("people", pa.table(PEOPLE))
    low = engine.keep("low", people.filter(people.anc < 0.5))
    engine.write(low, tmp_path / "low.parquet")
    assert pq.read_table(tmp_path / "low.parquet").to_pylist() == [{"person": "b", "anc": 0.0, "day": 2.0}]


def _double(batches: Iterator[Any]) -> Iterator[Any]:
    for batch in batches:
        yield pa.RecordBatch.from_pylist([{"twice": (row["anc"] or 0) * 2} for row in batch.to_pylist()], TWICE)


TWICE = pa.schema([("twice", pa.float64())])


def test_python_code_makes_rows_of_batches(engine: Any) -> None:
    people = engine.add("people", pa.table(PEOPLE))
    made = engine.map_batches("twice", people, _double, TWICE)
    assert _rows(engine, made) == [{"twice": 0.0}, {"twice": 0.0}, {"twice": 3.0}]


def test_without_java_one_line_says_what_to_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    spark = pytest.importorskip("leukon.population.engines.spark", reason="needs leukon[spark]")
    monkeypatch.setattr(spark.SparkSession, "getActiveSession", staticmethod(lambda: None))
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("JAVA_HOME", raising=False)
    with pytest.raises(TableError, match="openjdk-17-jre-headless"), open_engine("spark", tmp_path):
        pass


def test_what_java_cannot_do_is_one_line(spark_session: Any, tmp_path: Path) -> None:
    from py4j.protocol import Py4JError

    with pytest.raises(TableError, match="Spark: Java heap space"), open_engine("spark", tmp_path):
        raise Py4JError("Java heap\nspace")
