"""The child's own level as a Gaussian process, and what a count says about it.

On the scale g = ln(count + offset) a count is mean + slow + fast + noise: `slow` is the child's own level, which
wanders over a year, `fast` lasts about ten days, `noise` is the rest of one weekly count. The offset is there because
low counts scatter more in ln than others do; it also lets 0 be a count like any other.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from leukon.forecast.weights import MaintenanceWeights

__all__ = ["Conditioned", "condition", "covary"]

Floats = NDArray[np.float64]

_PASSES = 4  # weights of outlying counts settle within these


class Conditioned(NamedTuple):
    """The level given the counts: its mean and covariance at the days asked for, and how noisy this child is."""

    mean: Floats
    covariance: Floats
    scale: float
    """Factor on all variances (population 1): learnt from the counts, shrunk towards 1."""
    noise_variance: float
    """Of one measured count around the level."""


def covary(a: Floats, b: Floats, w: MaintenanceWeights) -> Floats:
    """Covariance of the child's level between the days `a` and the days `b`."""
    apart = np.abs(a[:, None] - b[None, :])
    return w.slow_sd**2 * np.exp(-apart / w.slow_days) + w.fast_sd**2 * np.exp(-apart / w.fast_days)


def condition(days: Floats, deviations: Floats, at: Floats, w: MaintenanceWeights) -> Conditioned:
    """The level at the days `at`, given the deviations from the mean that were measured on `days`.

    A count far from the others is given less weight (Student-t noise, by reweighting).
    """
    n = len(days)
    prior, usual = covary(at, at, w), w.noise_sd**2 * w.noise_inflation
    if n == 0:
        return Conditioned(np.zeros(len(at)), prior, 1.0, usual)
    level = covary(days, days, w)
    variance = w.noise_sd**2
    noise, inverse, solved, scale = np.full(n, variance), level, deviations, 1.0
    for _ in range(_PASSES):
        inverse = np.linalg.inv(level + np.diag(noise))
        solved = inverse @ deviations
        scale = float((w.scale_df + deviations @ solved) / (w.scale_df + n))
        off = (noise * solved) ** 2 / scale + noise - noise**2 * np.diag(inverse)
        noise = variance * (w.outlier_df + off / variance) / (w.outlier_df + 1)
    across = covary(at, days, w)
    return Conditioned(across @ solved, scale * (prior - across @ inverse @ across.T), scale, scale * usual)
