"""Canonical tables from rows of tests, in any order, and rows of results in one order."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from typing import Any

__all__ = ["count", "fetch_rows", "make_counts", "make_people"]

Row = dict[str, Any]


def count(person: str, day: float | None, analyte: str, value: float, **more: Any) -> Row:
    """One canonical count: absolute, without bound and limits unless said."""
    plain = {"percent": False, "bound": None, "lower": None, "upper": None}
    return {"person": person, "day": day, "analyte": analyte, "value": value} | plain | more


def make_counts(engine: Any, rows: Sequence[Row], *, name: str = "counts", seed: int = 1) -> Any:
    """The canonical table of counts, its rows shuffled."""
    from leukon.population.model import COUNTS

    return _add(engine, name, rows, COUNTS, seed)


def make_people(engine: Any, rows: Sequence[Mapping[str, Any]], *, name: str = "people", seed: int = 1) -> Any:
    """The canonical table of people; what a row does not say is null."""
    from leukon.population.model import PEOPLE

    return _add(engine, name, [dict.fromkeys(PEOPLE.names) | dict(row) for row in rows], PEOPLE, seed)


def _add(engine: Any, name: str, rows: Sequence[Row], schema: Any, seed: int) -> Any:
    import pyarrow as pa

    mixed = list(rows)
    random.Random(seed).shuffle(mixed)
    return engine.add(name, pa.Table.from_pylist(mixed, schema.to_pyarrow()))


def fetch_rows(engine: Any, table: Any) -> list[Row]:
    """The rows of a result, in an order of their own."""
    return sorted(engine.fetch(table).to_pylist(), key=lambda row: [(v is not None, str(v)) for v in row.values()])
