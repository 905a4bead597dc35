"""Sources written, read, and given back as plain rows."""

from __future__ import annotations

import csv
import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("duckdb", reason="needs leukon[population]")
pytest.importorskip("ibis", reason="needs leukon[population]")
pa = pytest.importorskip("pyarrow", reason="needs leukon[population]")

import pyarrow.parquet as pq  # noqa: E402

from leukon.population.engines import open_engine  # noqa: E402
from leukon.population.sources import read_source  # noqa: E402

TODAY = date(2026, 1, 31)
Row = dict[str, Any]


@dataclass
class Found:
    """The tables of a source, each as rows in one order."""

    people: list[Row]
    counts: list[Row]
    exposures: list[Row]
    conditions: list[Row]
    not_understood: list[Row]

    def values(self, analyte: str, *, percent: bool = False) -> list[float]:
        return [c["value"] for c in self.counts if c["analyte"] == analyte and c["percent"] == percent]

    def faults(self, reason: str) -> list[tuple[str | None, int | None]]:
        """The texts and rows of a reason, which may be given in part."""
        return [(row["text"], row["rows"]) for row in self.not_understood if reason in row["reason"]]


def fetch_all(engine: Any, source: Path, scratch: Path, kind: str | None = None, **options: Any) -> Found:
    tables = read_source(engine, source, kind, scratch, today=TODAY, **options)
    names = ("people", "counts", "exposures", "conditions", "not_understood")
    found = {name: engine.fetch(getattr(tables, name)).to_pylist() for name in names}
    return Found(**{name: sorted(rows, key=lambda r: repr(list(r.values()))) for name, rows in found.items()})


@pytest.fixture
def read(tmp_path: Path) -> Callable[..., Found]:
    """Reads a source on DuckDB."""
    numbers = itertools.count()

    def run(source: Path, kind: str | None = None, **options: Any) -> Found:
        scratch = tmp_path / f"scratch_{next(numbers)}"
        scratch.mkdir()
        with open_engine("duckdb", scratch) as engine:
            return fetch_all(engine, source, scratch, kind, **options)

    return run


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "source"
    made.mkdir()
    return made


def write_csv(path: Path, rows: Sequence[Mapping[str, Any]] | str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    if isinstance(rows, str):
        path.write_text(rows, encoding="utf-8")
        return path
    with path.open("w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


def write_parquet(path: Path, columns: Mapping[str, Any]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.table(dict(columns)), path)
    return path
