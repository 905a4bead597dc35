"""Cells of text and typed columns give the same numbers, days and keys, on both engines."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

ibis = pytest.importorskip("ibis", reason="needs leukon[population]")
pa = pytest.importorskip("pyarrow", reason="needs leukon[population]")

from leukon.population.engines import open_engine  # noqa: E402
from leukon.population.sources.days import read_day  # noqa: E402
from leukon.population.sources.fields import Field, read_field  # noqa: E402

DATES = [
    "2020-02-29", "2021-02-29", "2014-07-02T11:45", "2014-07-02 11:45:59", "2014-07-02T11:45:59.9Z", "1969-12-31T23:00",
    "2014-07-02T00:30+01:00", "2014-07-02T23:30-0500", "2014-07", "2014-13", "2014", "20140702", "2014-7-2", "",
    "yesterday", " 2014-07-02 ", "2014-07-02T25:00", "2014-07-02T11:61", "2014-07-02T11:45 +02:00", "02/07/2014",
]  # fmt: skip
NUMBERS = [
    "3.2",
    " 3.2 ",
    "<0.1",
    "≥ 5",
    "3,2",
    "1e3",
    "+4",
    "-1",
    ".5",
    "5.",
    "1_000",
    "NaN",
    "inf",
    "0x1",
    "1d",
    "",
    "0",
]


def _read(engine: Any, kind: Any, column: Any, name: str = "cells") -> list[tuple[Any, ...]]:
    table = engine.add(name, pa.table({"number": pa.array(range(len(column)), pa.int64()), "cell": column}))
    read = read_field(Field("x", kind, ("cell",)), table.cell)
    assert read is not None
    rows = engine.fetch(table.select(table.number, **read)).to_pylist()
    return [tuple(row.values())[1:] for row in sorted(rows, key=lambda r: r["number"])]


def test_days_of_text_are_those_that_python_reads_on_both_engines(engine: Any) -> None:
    found = _read(engine, "time", pa.array(DATES))
    assert [day for day, _, _ in found] == [read_day(text) for text in DATES]
    told = [text for (day, text, _), said in zip(found, DATES, strict=True) if text]
    assert told == [
        "2021-02-29", "2014-07", "2014-13", "2014", "20140702", "2014-7-2", "yesterday", "2014-07-02T25:00",
        "2014-07-02T11:61", "02/07/2014",
    ]  # fmt: skip


def test_numbers_of_text_are_the_same_on_both_engines(engine: Any) -> None:
    found = _read(engine, "value", pa.array(NUMBERS))
    assert found == [
        (3.2, None, None), (3.2, None, None), (0.1, "<", None), (5.0, ">", None), (None, None, "3,2"),
        (1000.0, None, None), (4.0, None, None), (-1.0, None, None), (0.5, None, None), (5.0, None, None),
        (None, None, "1_000"), (None, None, "NaN"), (None, None, "inf"), (None, None, "0x1"), (None, None, "1d"),
        (None, None, None), (0.0, None, None),
    ]  # fmt: skip


def test_keys_keep_leading_zeros_and_lose_the_point_that_a_missing_value_gave_them(engine: Any) -> None:
    assert _read(engine, "key", pa.array(["007", " a ", ""])) == [("007",), ("a",), (None,)]
    assert _read(engine, "key", pa.array([10000032.0, None, float("nan")]), "floats") == [
        ("10000032",),
        (None,),
        (None,),
    ]
    assert _read(engine, "key", pa.array([9007199254740993]), "whole") == [("9007199254740993",)]


def test_a_number_of_four_bytes_is_read_as_it_is_written(engine: Any) -> None:
    assert _read(engine, "number", pa.array([0.7, None], pa.float32())) == [(0.7, None), (None, None)]


def test_a_column_of_another_type_is_refused(engine: Any) -> None:
    table = engine.add("odd", pa.table({"cell": pa.array([True])}))
    assert read_field(Field("x", "value", ("cell",)), table.cell) is None
    assert read_field(Field("x", "time", ("cell",)), table.cell) is None


@settings(max_examples=10, deadline=None)
@given(moments=st.lists(st.datetimes(datetime(1900, 1, 1), datetime(2250, 1, 1)), min_size=1, max_size=40))
def test_times_and_their_text_are_the_same_days(
    moments: list[datetime], tmp_path_factory: pytest.TempPathFactory
) -> None:
    with open_engine("duckdb", tmp_path_factory.mktemp("days")) as engine:
        typed = [row[0] for row in _read(engine, "time", pa.array(moments, pa.timestamp("us")))]
        said = [row[0] for row in _read(engine, "time", pa.array([m.isoformat() for m in moments]), "text")]
    assert typed == said == [read_day(m.isoformat()) for m in moments]
    whole = [(m - datetime(1970, 1, 1)).total_seconds() // 1 / 86_400 for m in moments]
    assert typed == whole


def test_a_date_is_its_midnight_in_utc(engine: Any, tmp_path: Path) -> None:
    assert _read(engine, "time", pa.array([date(1970, 1, 3)])) == [(2.0, None, True)]
    assert read_day(datetime(1970, 1, 3, tzinfo=UTC).isoformat()) == 2.0
