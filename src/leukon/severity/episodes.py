"""Episodes: runs of counts under a threshold, from the first count under it to the first one back at or above it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from leukon.answer import Episode
from leukon.severity.series import select_series

if TYPE_CHECKING:
    from leukon.limits.judge import Judged

__all__ = ["LIMIT", "THRESHOLDS", "WITHOUT_LIMIT", "find_episodes"]

LIMIT = "limit"
"""Stands for the lower limit that the newest count was judged by; 4.0 for white cells without one."""

THRESHOLDS: Mapping[str, tuple[float | str, ...]] = {
    "wbc": (LIMIT,), "neutrophils": (1.5, 1.0, 0.5, 0.1), "lymphocytes": (1.0, 0.5), "platelets": (50.0, 20.0),
}  # fmt: skip
WITHOUT_LIMIT = {"wbc": 4.0, "neutrophils": 1.5, "lymphocytes": 1.0}


def find_episodes(
    judged: Sequence[Judged],
    thresholds: Mapping[str, Sequence[float | str]] = THRESHOLDS,
    *,
    merge_gap_days: float = 14.0,
) -> tuple[Episode, ...]:
    """The episodes of each analyte under each threshold, in the order of `thresholds`, oldest first.

    `from_` is the day of the first count under the threshold, `to` the day of the first count back at or above it;
    an episode that no such count ends is open, and its `to` is None. Two runs whose low counts lie at most
    `merge_gap_days` apart are one episode. Counts without a day make episodes without days, never merged.
    """
    found: list[Episode] = []
    for analyte, limits in thresholds.items():
        series = select_series(judged, analyte)
        for limit in limits if series else ():
            threshold = _find_limit(series, analyte) if isinstance(limit, str) else limit
            if threshold is not None:
                found += _find_runs(series, analyte, threshold, merge_gap_days)
    return tuple(found)


def _find_limit(series: Sequence[Judged], analyte: str) -> float | None:
    used = series[-1].limit
    return used.lower if used and used.lower is not None else WITHOUT_LIMIT.get(analyte)


def _is_under(j: Judged, threshold: float) -> bool:
    return j.count.value < threshold or (j.count.censored == "<" and j.count.value <= threshold)


def _find_runs(series: Sequence[Judged], analyte: str, threshold: float, gap: float) -> list[Episode]:
    runs: list[tuple[list[Judged], Judged | None]] = []  # the counts under the threshold, and the one that ends them
    current: list[Judged] = []
    for j in series:
        if _is_under(j, threshold):
            if not current and runs and _gap_days(runs[-1][0][-1], j) <= gap:
                current = runs.pop()[0]
            current.append(j)
        elif current:
            runs.append((current, j))
            current = []
    if current:
        runs.append((current, None))
    return [
        Episode(
            analyte=analyte,
            threshold=threshold,
            from_=low[0].count.day,
            to=end.count.day if end else None,
            nadir=min(j.count.value for j in low),
            open=end is None,
        )
        for low, end in runs
    ]


def _gap_days(before: Judged, after: Judged) -> float:
    if before.count.day is None or after.count.day is None:
        return float("inf")
    return after.count.day - before.count.day
