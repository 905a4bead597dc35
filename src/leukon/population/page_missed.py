# pyright: basic
# (ibis builds the methods of its columns at run time: they have no static types)
"""What was not understood, for the page: most frequent first, without any text that may hold the key of a person."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from leukon.population.engines import Engine

__all__ = ["Missed", "list_missed"]

_MOST = 40


@dataclass(frozen=True, slots=True)
class Missed:
    table: str
    column: str
    text: str | None  # "" where there is none, None where it may be the key of a person
    reason: str
    rows: int | None  # None: of a file that cannot be opened


def list_missed(engine: Engine, missed: Any, people: Any) -> tuple[tuple[Missed, ...], int, int]:
    """Damaged files, whose rows nobody can count, first; then the most frequent."""
    total = engine.fetch(missed.aggregate(kinds=missed.count(), rows=missed["rows"].sum())).to_pylist()[0]
    order = [missed["rows"].isnull().desc(), missed["rows"].desc(), "table", "column", "reason", "text"]
    rows = engine.fetch(missed.order_by(order).limit(_MOST)).to_pylist()
    rows.sort(key=lambda r: (r["rows"] is not None, -(r["rows"] or 0), *_find_line(r)))
    keys = _find_keys(engine, people, rows)
    listed = [Missed(*_find_line(r), r["rows"]) for r in rows]
    told = tuple(dataclasses.replace(m, text=None) if _may_tell(m, keys) else m for m in listed)
    return told, total["kinds"], total["rows"] or 0


def _may_tell(m: Missed, keys: set[str]) -> bool:
    """Is there a key in it? The column of keys holds, beside keys, how many people a line is about."""
    if not m.text or (m.column == "person" and re.fullmatch(r"people: \d+", m.text)):
        return False
    return m.column == "person" or bool(_split(m.text) & keys)


def _find_line(row: Mapping[str, Any]) -> tuple[str, str, str, str]:
    table, column, text, reason = (row[name] or "" for name in ("table", "column", "text", "reason"))
    return table, column, text, reason


def _find_keys(engine: Engine, people: Any, rows: Sequence[Mapping[str, Any]]) -> set[str]:
    """Which of the texts, and of the words in them, are keys of people."""
    words = sorted({word for row in rows if row["text"] for word in _split(row["text"])})
    held = people.filter(people.person.isin(words)).select("person").distinct()
    return {row["person"] for row in engine.fetch(held).to_pylist()} if words else set()


def _split(text: str) -> set[str]:
    """A text, its words, and the names of files without their ends: any may be a key.

    >>> sorted(_split("Patient/p-12.csv"))
    ['12', 'Patient', 'Patient/p-12.csv', 'csv', 'p', 'p-12', 'p-12.csv']
    """
    parts = re.split(r"[\s,;:/|'\"]+", text)
    return {word for word in (text, *parts, *(p.split(".")[0] for p in parts), *re.split(r"\W+", text)) if word}
