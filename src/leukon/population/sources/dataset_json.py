# pyright: basic
# (pyarrow has no static types)
"""CDISC Dataset-JSON 1.1: one table a file, whole (.json) or one row a line (.ndjson).

A whole file is read into memory; large tables come as lines.
"""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa

from leukon.population.tables import TableError

__all__ = ["list_rows", "read_head"]

_BATCH = 20_000
_NUMBERS = ("integer", "float", "double", "decimal")


class _Column(msgspec.Struct):
    name: str
    data_type: str = msgspec.field(default="string", name="dataType")


class _Head(msgspec.Struct):
    """What stands before the rows."""

    name: str
    columns: list[_Column]
    version: str = msgspec.field(default="", name="datasetJSONVersion")


class _Whole(_Head):
    rows: list[list[Any]] = []


def read_head(path: Path) -> str:
    """The name of the table in a file."""
    return _read_head(path).name


def _read_head(path: Path) -> _Head:
    try:
        if _is_lines(path):
            with _open(path) as lines:
                return msgspec.json.decode(lines.readline(), type=_Head)
        return msgspec.json.decode(path.read_bytes(), type=_Head)
    except (msgspec.DecodeError, UnicodeDecodeError, OSError, EOFError) as error:
        raise TableError(f"{path}: not readable as Dataset-JSON ({error})") from None


def list_rows(path: Path) -> tuple[pa.Schema, Iterator[pa.RecordBatch]]:
    """The schema of a table and its rows in batches. Raises TableError, also while rows are read, where it breaks."""
    head = _read_head(path)
    schema = pa.schema([(c.name, pa.float64() if c.data_type in _NUMBERS else pa.string()) for c in head.columns])
    return schema, _read_batches(path, schema)


def _read_batches(path: Path, schema: pa.Schema) -> Iterator[pa.RecordBatch]:
    held: list[list[Any]] = []
    for number, row in enumerate(_iterate(path), start=1):
        if not isinstance(row, list) or len(row) != len(schema):
            raise TableError(f"row {number} has not the {len(schema)} cells of the columns")
        held.append(row)
        if len(held) == _BATCH:
            yield _make_batch(held, schema)
            held = []
    if held:
        yield _make_batch(held, schema)


def _iterate(path: Path) -> Iterator[Any]:
    try:
        if not _is_lines(path):
            yield from msgspec.json.decode(path.read_bytes(), type=_Whole).rows
            return
        with _open(path) as lines:
            lines.readline()
            for line in lines:
                if line.strip():
                    yield msgspec.json.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError, OSError, EOFError) as error:
        raise TableError(f"not readable as Dataset-JSON ({error})") from None


def _make_batch(rows: list[list[Any]], schema: pa.Schema) -> pa.RecordBatch:
    columns = [
        pa.array([_number(c) if field.type == pa.float64() else _text(c) for c in cells], field.type)
        for cells, field in zip(zip(*rows, strict=True), schema, strict=True)
    ]
    return pa.RecordBatch.from_arrays(columns, schema=schema)


def _number(cell: Any) -> float | None:
    try:
        return None if cell is None or cell == "" or isinstance(cell, bool) else float(cell)
    except (TypeError, ValueError):
        raise TableError(f"{cell!r} stands in a column of numbers") from None


def _text(cell: Any) -> str | None:
    return None if cell is None else cell if isinstance(cell, str) else str(cell)


def _is_lines(path: Path) -> bool:
    return path.name.casefold().removesuffix(".gz").endswith((".ndjson", ".jsonl"))


def _open(path: Path) -> Any:
    return gzip.open(path, "rb") if path.name.casefold().endswith(".gz") else path.open("rb")
