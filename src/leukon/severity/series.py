"""The counts of a record as severity reads them: the newest of each kind, one series, the count of one draw.

Counts come oldest first (`leukon.counts`). What stands beside the newest draw is current when it is at most 30 days
older: a haemoglobin of three years ago makes no pancytopenia today.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from leukon.limits.judge import Judged

__all__ = ["CURRENT_DAYS", "find_current", "find_draws", "select_series"]

CURRENT_DAYS = 30.0


def select_series(judged: Sequence[Judged], analyte: str) -> list[Judged]:
    """The counts of one kind, oldest first."""
    return [j for j in judged if j.count.analyte == analyte]


def find_draws(judged: Sequence[Judged]) -> list[dict[str, Judged]]:
    """The draws, oldest first, each as its counts by analyte."""
    draws: dict[int, dict[str, Judged]] = {}
    for j in judged:
        draws.setdefault(j.count.draw, {})[j.count.analyte] = j
    return list(draws.values())


def find_current(judged: Sequence[Judged], within_days: float = CURRENT_DAYS) -> dict[str, Judged]:
    """The newest count of each kind, unless the newest draw is so many days younger."""
    days = [j.count.day for j in judged if j.count.day is not None]
    newest = max(days, default=None)
    return {
        j.count.analyte: j
        for j in judged
        if newest is None or j.count.day is None or newest - j.count.day <= within_days
    }
