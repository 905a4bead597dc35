"""How the daily 6-mercaptopurine doses move the neutrophils weeks later: Friberg's chain, linearised.

Thioguanine nucleotides follow the dose with one rate, the effect slows the progenitors, three transits delay it and the
feedback of the blood count brings it back:

    u' = m (r − u),    p' = −k (u·g + γ c),    x1' = k (p − x1),    x2' = k (x1 − x2),    c' = k (x2 − c)

with r the dose relative to the child's own mean, less one, and c the change of ln(neutrophils). It is linear, so the
effect is a weighted sum of past doses; a lasting change of the dose moves the count by −g/γ per unit.
Because only the dose relative to the child's own mean counts, its unit does not matter.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from leukon.forecast.weights import DoseWeights

__all__ = ["LAG_DAYS", "dose_effect", "dose_kernel", "relative_doses"]

Floats = NDArray[np.float64]

LAG_DAYS = 112
"""Doses older than this no longer move the count."""

_PLAN_DAYS = 7  # a dose not yet recorded is taken to be the mean of so many days before
_OLDEST_DAYS = 3650  # doses before these say nothing about the child's usual dose


@cache
def dose_kernel(w: DoseWeights) -> Floats:
    """Change of ln(neutrophils) per unit of relative dose, by lag in whole days (0 … LAG_DAYS − 1)."""
    m, k = w.metabolite_rate, w.transit_rate
    rates = np.diag([-m, 0.0, -k, -k, -k])
    rates[1, 0], rates[1, 4] = -k * w.gain, -k * w.feedback
    rates[2, 1] = rates[3, 2] = rates[4, 3] = k
    roots, vectors = np.linalg.eig(rates)
    start = np.linalg.solve(vectors, np.array([m, 0, 0, 0, 0], dtype=complex))
    lags = np.arange(LAG_DAYS) + 0.5
    kernel = np.real((vectors[4] * np.exp(lags[:, None] * roots)) @ start)
    kernel.flags.writeable = False
    return kernel


def relative_doses(dose_days: Floats, doses: Floats, first: int, last_count: int, end: int, highest: float) -> Floats:
    """Dose of each day from `first` to `end`: over the mean of the days with a dose up to the last count, less 1.

    A day without a record is a day without a dose, once dosing has begun; before that nothing is known and the effect
    is none. Days after both the last count and the last record take the mean of the week before: the plan goes on.
    """
    day = np.floor(dose_days).astype(np.int64)
    kept = (doses > 0) & (day <= end) & (day >= first - _OLDEST_DAYS)
    if not kept.any() or not (before := kept & (day <= last_count)).any():
        return np.zeros(end - first + 1)
    begin = min(first, int(day[kept].min()))
    daily = np.bincount(day[kept] - begin, weights=doses[kept], minlength=end - begin + 1)
    known_to = max(last_count - 1, int(day[kept].max()))
    week = daily[max(0, known_to + 1 - _PLAN_DAYS - begin) : known_to + 1 - begin]
    daily[known_to + 1 - begin :] = week.mean() if week.size else 0.0
    until = daily[: int(day[before].max()) + 1 - begin]
    relative = np.minimum(daily / until[until > 0].mean(), highest) - 1.0
    relative[: int(day[kept].min()) - begin] = 0.0
    return relative[first - begin :]


def dose_effect(relative: Floats, first: int, days: Floats, kernel: Floats) -> Floats:
    """Change of ln(neutrophils) at each of `days` by the doses of the days before it."""
    padded = np.concatenate([np.zeros(len(kernel)), relative])
    index = np.floor(days).astype(np.int64)[:, None] - first - 1 - np.arange(len(kernel)) + len(kernel)
    return padded[index] @ kernel
