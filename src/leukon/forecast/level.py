"""A person's own level: the forecast where nothing known moves the count.

The logarithm of a count is a level of the person's own, which wanders slowly, plus a passing deviation, plus the noise
of one count. Without counts the level is that of people like them.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from leukon.answer import Source
from leukon.forecast.curves import Curves, measure, normal_draws
from leukon.forecast.evidence import Observation

__all__ = ["LEVEL_NOTE", "LEVEL_SOURCE", "NOISE_SD", "forecast_level"]

Floats = NDArray[np.float64]

LEVEL_NOTE = (
    "No model of what acts on the count: it is taken to stay near the person's own level; how it wanders was learnt on "
    "60 children counted weekly (Jost 2020)"
)
LEVEL_SOURCE = Source(
    "jost-2020",
    "Jost F et al. Model-Based Simulation of Maintenance Therapy of Childhood Acute Lymphoblastic Leukemia. "
    "Front Physiol 2020;11:217, supplementary data",
    "10.3389/fphys.2020.00217",
)
# Spreads of ln(count) and times in days, learnt on the children of data/maintenance.yaml.
_SLOW_SD, _SLOW_DAYS = 0.22, 485.0
_FAST_SD, _FAST_DAYS = 0.25, 9.9
NOISE_SD = 0.19
_OWN_SD = 0.8  # people whose count is looked at lie farther from the median than healthy ones: an assumption
_DRAWS = 1000
_MOST = 120


def forecast_level(
    counts: Sequence[Observation], last: float, days: int, *, expected: float, spread: float,
    analyte: str = "neutrophils", seed: int = 1,
) -> Curves:  # fmt: skip
    """The course around the own level; `expected` (10⁹/L) and `spread` (SD of ln) are those of people like them.

    A count known only to lie below a limit is taken at two thirds of it.
    """
    held = sorted(counts, key=lambda c: c.day)[-_MOST:]
    at = np.array([c.day for c in held], dtype=float)
    y = np.log([c.value * (2 / 3 if c.below else 1.0) for c in held]) - np.log(expected)
    series = last + np.arange(days + 1.0)
    own = np.hypot(spread, _OWN_SD) if held else spread

    def covary(a: Floats, b: Floats) -> Floats:
        apart = np.abs(a[:, None] - b[None, :])
        slow, fast = _SLOW_SD**2 * np.exp(-apart / _SLOW_DAYS), _FAST_SD**2 * np.exp(-apart / _FAST_DAYS)
        return own**2 + slow + fast

    mean, joint = np.zeros(len(series)), covary(series, series)
    if held:
        across = covary(series, at)
        inner = np.linalg.inv(covary(at, at) + NOISE_SD**2 * np.eye(len(at)))
        mean, joint = across @ inner @ y, joint - across @ inner @ across.T
    values, vectors = np.linalg.eigh(joint)
    rng = np.random.default_rng(seed)
    logs = (
        np.log(expected)
        + mean
        + rng.standard_normal((_DRAWS, len(series))) @ (vectors * np.sqrt(np.maximum(values, 0))).T
    )
    noisy = np.exp(logs + NOISE_SD * normal_draws(_DRAWS, len(series), rng))
    return Curves(analyte, last, last, last + days, series, np.exp(logs), series, measure(noisy))
