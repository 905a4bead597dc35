"""The most likely people given the counts: Gauss–Newton with Levenberg's damping, from several starts at once.

Slopes are differences of courses that are solved in one batch; a step is kept when the posterior rises, else the next
one is shorter. Parameters are standard normal beforehand, so the information of the prior is the identity.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from leukon.forecast.evidence import Evidence, log_normal_cdf

__all__ = ["Mode", "corners", "distinct", "find_modes"]

Floats = NDArray[np.float64]
Solve = Callable[[Floats], Floats]  # etas (rows) → ln of the counts at the observations

_ROUNDS = 14
_STEP = 1e-4
_LONGEST = 1.5
_FAR = 1.5  # modes farther apart than this (prior SDs) are two
_LOWER = 6.0  # a mode so much lower (ln) does not count
_STILL = 1e-4


@dataclass(frozen=True, slots=True)
class Mode:
    """A most likely person: eta, the root of its covariance, ln of the posterior there."""

    eta: Floats
    root: Floats
    height: float


def corners(size: int) -> Floats:
    """The prior's middle and three people around it: where a search begins."""
    starts = np.zeros((4, size))
    starts[1], starts[2] = 1.0, -1.0
    starts[3] = np.where(np.arange(size) % 2, -1.0, 1.0)
    return starts


def find_modes(solve: Solve, evidence: Evidence, starts: Floats) -> tuple[Mode, ...]:
    """The modes reached from each start, the best first; the prior's middle where none is."""
    size = int(starts.shape[1])
    etas, (height, slope, bend) = starts, _expand(solve, evidence, starts)
    damping = np.full(len(starts), 1e-2)
    for _ in range(_ROUNDS):
        damped = bend + damping[:, None, None] * bend * np.eye(size)
        move = np.linalg.solve(damped, slope[:, :, None])[:, :, 0]
        move /= np.maximum(1.0, np.linalg.norm(move, axis=1, keepdims=True) / _LONGEST)
        there = _expand(solve, evidence, etas + move)
        better = there[0] > height
        gained = np.where(better, there[0] - height, 0.0)
        etas = np.where(better[:, None], etas + move, etas)
        height = np.where(better, there[0], height)
        slope = np.where(better[:, None], there[1], slope)
        bend = np.where(better[:, None, None], there[2], bend)
        damping = np.clip(np.where(better, damping / 6.0, damping * 5.0), 1e-6, 1e6)
        if (np.where(better, gained, 0.0) < _STILL).all() and (better.any() or damping.min() > 1.0):
            break
    reached = [_as_mode(etas[i], bend[i], float(height[i])) for i in range(len(starts))]
    return distinct(tuple(m for m in reached if m is not None)) or (Mode(np.zeros(size), np.eye(size), 0.0),)


def _as_mode(eta: Floats, information: Floats, height: float) -> Mode | None:
    if not (np.isfinite(eta).all() and np.isfinite(information).all()):
        return None
    return Mode(eta, np.asarray(np.linalg.cholesky(np.linalg.inv(information)), dtype=np.float64), height)


def distinct(modes: tuple[Mode, ...]) -> tuple[Mode, ...]:
    """Those that lie apart and are not much lower than the best, which comes first."""
    kept: list[Mode] = []
    for mode in sorted(modes, key=lambda m: -m.height):
        if kept and mode.height < kept[0].height - _LOWER:
            break
        if all(float(np.linalg.norm(mode.eta - m.eta)) >= _FAR for m in kept):
            kept.append(mode)
    return tuple(kept)


def _expand(solve: Solve, evidence: Evidence, etas: Floats) -> tuple[Floats, Floats, Floats]:
    """ln posterior, its gradient and its Gauss–Newton information at each eta."""
    rows, size = etas.shape
    nudged = etas[:, None, :] + _STEP * np.concatenate([np.zeros((1, size)), np.eye(size)])[None]
    courses = solve(nudged.reshape(-1, size)).reshape(rows, size + 1, -1)
    course = courses[:, 0]
    slopes = np.moveaxis((courses[:, 1:] - courses[:, :1]) / _STEP, 1, 2)  # rows × counts × parameters
    r = (evidence.logs - course) * evidence.measured
    white = r @ evidence.whiten.T
    along = slopes * evidence.measured[:, None]
    slopes_white = evidence.whiten @ along
    z = (evidence.logs - course - r @ evidence.shift.T) / evidence.spread
    slopes_z = (evidence.shift @ along - slopes) / evidence.spread[:, None]
    log_cdf = log_normal_cdf(z)
    mills = np.exp(-0.5 * z**2 - 0.5 * np.log(2 * np.pi) - log_cdf) * evidence.censored
    height = -0.5 * (etas**2).sum(1) - 0.5 * (white**2).sum(1) + (evidence.censored * log_cdf).sum(1)
    slope = -etas + np.einsum("rmp,rm->rp", slopes_white, white) + np.einsum("rmp,rm->rp", slopes_z, mills)
    curved = mills * (z + mills)
    bend = np.eye(size) + np.einsum("rmp,rmq->rpq", slopes_white, slopes_white)
    bend = bend + np.einsum("rmp,rm,rmq->rpq", slopes_z, curved, slopes_z)
    return np.where(np.isfinite(height), height, -1e30), slope, bend
