"""Recovery once the cause is gone: agranulocytosis from a drug, a virus, a vitamin that was missing.

How long a low count lasts is log-normal with the figures of `data/recovery.yaml`; in the time a person has already been
low no recovery has happened, so only longer times remain. The rise from the last count to the person's usual level
follows 1 - exp(-(t/s)³), slow at first as the marrow refills: its form is an assumption, its time is the source's.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from leukon.forecast.curves import Curves, measure, normal_draws
from leukon.forecast.level import NOISE_SD

__all__ = ["RISE_NOTE", "Waiting", "forecast_recovery"]

Floats = NDArray[np.float64]
RISE_NOTE = "The form of the rise is an assumption; its time to 1.0 is that of the source"
_BACK_AT = 1.0
_DRAWS = 1000
_FAR_DAYS = 60.0


@dataclass(frozen=True, slots=True)
class Waiting:
    """How long until the count is back at 1.0: median and SD of ln, from `since` (a day on the record's axis)."""

    days: float
    sd: float
    since: float


def forecast_recovery(
    last_day: float, last_count: float, waiting: Waiting, days: int, *, usual: float, usual_spread: float,
    analyte: str = "neutrophils", seed: int = 1,
) -> Curves:  # fmt: skip
    """The course from the last count to the usual level (10⁹/L; SD of ln)."""
    rng = np.random.default_rng(seed)
    elapsed = max(last_day - waiting.since, 0.0)
    remaining = _remaining(waiting, elapsed, rng)
    begin = np.log(max(last_count, 0.01)) + NOISE_SD * normal_draws(_DRAWS, 1, rng)[:, 0]
    target = np.maximum(np.log(usual) + usual_spread * normal_draws(_DRAWS, 1, rng)[:, 0], begin + 0.05)
    share = np.clip((np.log(_BACK_AT) - begin) / (target - begin), 0.02, 0.95)
    share = np.where(begin >= np.log(_BACK_AT), 0.9, share)
    scale = remaining / (-np.log1p(-share)) ** (1 / 3)
    fine = last_day + np.arange(int(2 * max(days, _FAR_DAYS)) + 1) / 2
    since = (fine - last_day)[None, :]
    logs = begin[:, None] + (target - begin)[:, None] * -np.expm1(-((since / scale[:, None]) ** 3))
    series = last_day + np.arange(days + 1.0)
    at = np.searchsorted(fine, series - 1e-6)
    noisy = np.exp(logs[:, at] + NOISE_SD * normal_draws(_DRAWS, len(at), rng))
    return Curves(analyte, last_day, last_day, last_day + days, fine, np.exp(logs), series, measure(noisy))


def _remaining(waiting: Waiting, elapsed: float, rng: np.random.Generator) -> Floats:
    """Days still to wait, of the times longer than those already waited; at least half a day."""
    times = waiting.days * np.exp(waiting.sd * normal_draws(40 * _DRAWS, 1, rng)[:, 0])
    longer = times[times > elapsed] - elapsed
    if len(longer) < 50:  # longer than the source ever saw: as long again, half to twice
        longer = elapsed * np.exp(0.7 * rng.standard_normal(_DRAWS))
    return np.maximum(rng.choice(longer, _DRAWS), 0.5)
