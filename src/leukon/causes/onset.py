"""When a drug acts: the share of its onsets that fall in the days that matter."""

from __future__ import annotations

import math
from collections.abc import Sequence

from leukon.causes.constants import ACUTE_DAYS, SLOW_DAYS
from leukon.facts import DrugUse
from leukon.knowledge.schema import DrugEffect, Profile, Window

__all__ = ["onset_share"]

_LINGERS = {True: 45.0, False: 120.0}  # days after the last dose beyond which a drug's effect on the count is over
_AFTER_STOP = 10.0  # an onset may still come so many days after the last dose


def _cdf(window: Window, days: float) -> float:
    """Share of onsets within so many days of the start: log-normal through the window's centiles."""
    assert window.median is not None
    if days <= 0:
        return 0.0
    low, high = window.low or window.median / 3, window.high or window.median * 3
    sd = max(0.2, (math.log(high) - math.log(low)) / 3.29)
    return 0.5 * (1 + math.erf((math.log(days) - math.log(window.median)) / (sd * math.sqrt(2))))


def onset_share(use: DrugUse, effect: DrugEffect, profile: Profile, at: float) -> float:
    """P(the drug's onset makes the count low on day `at` | its start), 0 to 1.

    Absent starts are averaged over the window; a drug begun after `at`, or stopped long before, has none.
    """
    if use.start is not None and use.start > at:
        return 0.0
    since_stop = at - use.stop if use.stop is not None and use.stop < at else 0.0
    if effect.late and use.stop is not None and effect.window.median is not None:
        return _share(effect.window, max(0.0, since_stop), ACUTE_DAYS if profile.acute else SLOW_DAYS, 0.0)
    if since_stop > _LINGERS[profile.acute]:
        return 0.0
    if use.said_past and use.stop is None:
        return 0.1
    window = effect.window
    if window.median is None:
        return 1.0
    recent = ACUTE_DAYS if profile.acute else SLOW_DAYS
    return _mean([_share(window, t, recent, since_stop) for t in _times_since_start(use, window, at)])


def _share(window: Window, since_start: float, recent: float, since_stop: float) -> float:
    end = since_start - max(0.0, since_stop - _AFTER_STOP)
    return _cdf(window, end) - _cdf(window, since_start - max(recent, since_stop + recent / 2))


def _times_since_start(use: DrugUse, window: Window, at: float) -> Sequence[float]:
    if use.start is not None:
        return [at - use.start]
    high = window.high or (window.median or 30.0) * 3
    if use.recent:
        return [60.0 * (i + 0.5) / 12 for i in range(12)]
    if use.long:
        return [180.0 + 150.0 * i for i in range(12)]
    return [1.5 * high * (i + 0.5) / 20 for i in range(20)]


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)
