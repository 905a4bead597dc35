"""Is it low for this person: the limit that applies and whose it is, the laboratory's beside it."""

from __future__ import annotations

from leukon.limits.change import find_change, find_change_limits
from leukon.limits.choose import LaboratoryLimit, choose_limit
from leukon.limits.expected import Expected, expected_count
from leukon.limits.intervals import Interval, load_intervals, load_sources
from leukon.limits.judge import Judged, judge_counts, judge_value, low_of

__all__ = [
    "Expected", "Interval", "Judged", "LaboratoryLimit", "choose_limit", "expected_count", "find_change",
    "find_change_limits", "judge_counts", "judge_value", "load_intervals", "load_sources", "low_of",
]  # fmt: skip
