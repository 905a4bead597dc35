"""The counts as evidence: logarithms, their joint error, and those that are only known to be low.

Errors of near counts are alike: their covariance is a part that fades with time plus the noise of each count. A count
under a detection limit is known to lie below it; its probability is taken given the measured counts. Several such
counts are taken as independent of each other given the measured ones.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import erfc, sqrt

import numpy as np
from numpy.typing import NDArray

from leukon.forecast.prior import Residual

__all__ = ["Evidence", "Observation", "log_normal_cdf", "make_evidence"]

Floats = NDArray[np.float64]
_PAD = 8


@dataclass(frozen=True, slots=True)
class Observation:
    """One count (10⁹/L) on the record's axis; `below` says that the truth lies at or under `value`."""

    day: float
    value: float
    below: bool = False


@dataclass(frozen=True, slots=True)
class Evidence:
    """Arrays of one length, padded so that few programs are compiled; what is padding has no weight.

    `logs` of measured counts, `whiten` turns their errors into independent unit ones. A censored count is below `logs`;
    `shift` carries the errors of the measured counts to it, `spread` is what is left.
    """

    days: Floats
    logs: Floats
    measured: Floats  # 1 or 0
    censored: Floats  # 1 or 0
    whiten: Floats
    log_volume: float  # sum of ln of the whitening's diagonal
    shift: Floats
    spread: Floats

    @property
    def count(self) -> int:
        return int(self.measured.sum() + self.censored.sum())

    def log_likelihood(self, course: Floats) -> Floats:
        """Of each course (rows: ln of the counts at `days`)."""
        r = (self.logs - course) * self.measured
        white = r @ self.whiten.T
        z = (self.logs - course - r @ self.shift.T) / self.spread
        return -0.5 * (white**2).sum(axis=1) + self.log_volume + (log_normal_cdf(z) * self.censored).sum(axis=1)

    def carry(self, course: Floats, at: Floats, residual: Residual) -> tuple[Floats, Floats]:
        """What the errors so far say of the lasting error on the days `at`: its mean by course, the variance left."""
        r = (self.logs - course) * self.measured
        across = residual.covariance(at, self.days) * self.measured
        solved = across @ self.whiten.T
        variance = residual.sd**2 * residual.lasting_share - (solved**2).sum(axis=1)
        return (r @ self.whiten.T) @ solved.T, np.maximum(variance, 0.0)


def make_evidence(counts: tuple[Observation, ...], residual: Residual) -> Evidence:
    """The evidence of the counts of one analyte."""
    n = len(counts)
    size = max(_PAD, -(-n // _PAD) * _PAD)
    days, logs, measured, censored = (np.zeros(size) for _ in range(4))
    for i, c in enumerate(counts):
        days[i], logs[i] = c.day, np.log(c.value)
        measured[i], censored[i] = float(not c.below), float(c.below)
    joint = residual.covariance(days, days) * np.outer(measured, measured)
    joint += np.diag(np.where(measured > 0, residual.noise_variance, 1.0))
    lower = np.linalg.cholesky(joint)
    whiten = np.asarray(np.linalg.solve(lower, np.diag(measured)), dtype=np.float64)
    volume = -float(np.log(np.diag(lower))[measured > 0].sum()) - 0.5 * measured.sum() * np.log(2 * np.pi)
    across = residual.covariance(days, days) * np.outer(censored, measured)
    solved = across @ whiten.T
    left = residual.sd**2 - (solved**2).sum(axis=1)
    spread = np.where(censored > 0, np.sqrt(np.maximum(left, residual.noise_variance)), 1.0)
    return Evidence(days, logs, measured, censored, whiten, volume, solved @ whiten, spread)


def log_normal_cdf(z: Floats) -> Floats:
    """ln Φ(z); far below 0 by the first terms of its expansion."""
    near = np.maximum(z, -8.0)
    exact = np.log([[0.5 * erfc(-x / sqrt(2)) for x in row] for row in near.tolist()])
    far = np.minimum(z, -8.0)
    tail = -0.5 * far**2 - 0.5 * np.log(2 * np.pi) - np.log(-far) + np.log1p(-1 / far**2)
    return np.where(z < -8.0, tail, exact)
