"""How well each set of causes explains the findings and the counts. Array code: the last axes are actors or sets.

Findings: leaky noisy-OR, each factor divided by the leak. Counts: log-shifts add, spreads add in variance, Student-t.
All functions return natural logarithms and take any leading axes (people).
"""

from __future__ import annotations

from math import erfc, sqrt

import numpy as np
from numpy.typing import NDArray

from leukon.causes.constants import COUNT_CAP, COUNT_DF, SEVERITY

__all__ = ["absent_factor", "count_density", "present_factor", "t_log_cdf", "t_log_pdf"]

Floats = NDArray[np.float64]

_T_CONSTANT = 0.375  # Γ(5/2) / (√(4π) Γ(2)): the density of Student-t with 4 degrees of freedom at its centre


def present_factor(log_miss: Floats, log_against: Floats, leak: Floats) -> Floats:
    """ln of [1 − (1 − leak) ∏(1 − p)] / leak for findings that are present.

    `log_miss` is Σ ln(1 − p) over the causes of a set, `log_against` the sum of their ln ratios against.
    """
    # Written so that a set that does not explain the finding has exactly 0 (np.log is several times faster than log1p).
    return np.log(leak + (1 - leak) * (1 - np.exp(log_miss))) - np.log(leak) + log_against


def absent_factor(log_miss: Floats) -> Floats:
    """ln ∏(1 − p) for findings that are absent."""
    return log_miss


def t_log_pdf(z: Floats) -> Floats:
    """ln density of Student-t with 4 degrees of freedom."""
    assert COUNT_DF == 4
    return np.log(_T_CONSTANT) - 2.5 * np.log(1 + z * z / 4)


def t_log_cdf(z: Floats) -> Floats:
    """ln distribution function of Student-t with 4 degrees of freedom (closed form; tail by its leading term)."""
    root = np.sqrt(1 + z * z / 4)
    u = z / (2 * root)
    body = 0.5 + 0.75 * (u - u * u * u / 3)
    far = np.maximum(z * z, 1.0)
    tail = 3.0 / (far * far)
    return np.log(np.where(z < -60, tail, np.maximum(body, 1e-12)))


def _normal_log(z: Floats, at_most: bool) -> Floats:
    if not at_most:
        return -0.5 * z * z - 0.5 * np.log(2 * np.pi)
    below = [0.5 * erfc(-float(x) / sqrt(2)) for x in z.ravel()]
    return np.log(np.maximum(np.reshape(below, z.shape), 1e-300))


def count_density(log_ratio: float, sd: float, shift: Floats, variance: Floats, at_most: bool) -> Floats:
    """ln density of one observed count for each severity (first axis) and each set.

    `shift`: severities × sets, of the logarithm; `variance`: the same, or sets alone where all severities share it.
    The first set is the one in which nothing acts: its density is the limits' own normal distribution, thin-tailed;
    else Student-t, no worse than the best by more than the cap.
    """
    total = sd * sd + variance
    off = log_ratio - shift
    scale = np.sqrt(total[..., :1])
    normal = _normal_log(off[:, :1] / scale, at_most)
    density = t_log_cdf(off / np.sqrt(total)) if at_most else _t_log_density(off, total)
    np.maximum(density, density[:, 1:].max(initial=-np.inf) - COUNT_CAP, out=density)
    density[:, :1] = normal if at_most else normal - np.log(scale)
    return density


def _t_log_density(off: Floats, variance: Floats) -> Floats:
    """ln density of Student-t at a distance from its centre: `t_log_pdf(off / s) - ln s` with one logarithm less.

    ln C − 2.5 ln(variance + off² / 4) + 2 ln variance, written over `off`: most of the time of a batch is spent here.
    """
    off *= off
    off *= 0.25
    off += variance
    np.log(off, out=off)
    off *= -2.5
    off += np.log(_T_CONSTANT)
    off += 2 * np.log(variance)
    return off


def severity_nodes() -> tuple[Floats, Floats]:
    """Multipliers of the shifts and their ln weights."""
    nodes = np.array([v for v, _ in SEVERITY])
    return nodes, np.log(np.array([w for _, w in SEVERITY]))
