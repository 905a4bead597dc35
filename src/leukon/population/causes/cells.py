"""A row as engines give it, cell by cell, and what of it was not understood."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

__all__ = ["Left", "Row", "Unread", "read_entries", "read_number", "read_text"]

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True, order=True)
class Unread:
    """Something of a row that could not be used: where it stands, the text, why."""

    table: str
    column: str
    text: str
    reason: str


Left = Counter[Unread]
"""What was not understood, and in how many entries."""


def read_entries(row: Row, name: str) -> list[Row]:
    """The entries of a list, which may be null or hold nulls."""
    return [entry for entry in row.get(name) or () if entry is not None]


def read_number(value: float | None) -> float | None:
    """A number; what is not finite is none."""
    return value if value is not None and math.isfinite(value) else None


def read_text(text: str | None) -> str | None:
    """A text with something in it."""
    return (text or "").strip() or None
