"""Colijn & Mackey 2005 II: stem cells, neutrophils, red cells and platelets with fixed delays.

J Theor Biol 2005;237:133, equations 1-4 and Table 1. Stem cells in 10⁶/kg, neutrophils 10⁸/kg, red cells 10¹¹/kg,
platelets 10¹⁰/kg.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from leukon.marrow._jax import Array, jnp
from leukon.marrow.solve import Params

__all__ = ["colijn_rates", "colijn_start"]

Floats = NDArray[np.float64]


def colijn_rates(now: Array, y: Array, past: Callable[[Array], Array], u: Array, p: Params) -> Array:
    """The derivatives of stem cells, neutrophils, red cells, platelets."""
    q, n, r, t = (y[i] for i in range(4))
    span_r = p["tau_sum"]  # from commitment to death of a red cell
    s, m = past(now - p["tau_s"]), past(now - p["tau_n"])
    r1, r2 = past(now - p["tau_rm"]), past(now - span_r)
    t1, t2 = past(now - p["tau_pm"]), past(now - p["tau_pm"] - p["tau_ps"])

    def renew(x: Array) -> Array:
        return p["k0"] / (1.0 + (x / p["theta2"]) ** p["s"])

    def to_n(x: Array) -> Array:
        return p["f0"] / (1.0 + (x / p["theta1"]) ** p["n"])

    def to_r(x: Array) -> Array:
        return p["kr_bar"] / (1.0 + p["kr"] * x ** p["m"])

    def to_p(x: Array) -> Array:
        return p["kp_bar"] / (1.0 + p["kp"] * x ** p["r"])

    gone = jnp.exp(-p["gamma_r"] * (span_r - p["tau_rm"]))
    gone_p = jnp.exp(-p["gamma_p"] * p["tau_ps"])
    aq = 2.0 * jnp.exp(-p["gamma_s"] * p["tau_s"])
    return jnp.stack([
        aq * renew(s[0]) * s[0] - (renew(q) + to_n(n) + to_r(r) + to_p(t)) * q,
        p["a_n"] * to_n(m[1]) * m[0] - p["gamma_n"] * n,
        p["a_r"] * (to_r(r1[2]) * r1[0] - gone * to_r(r2[2]) * r2[0]) - p["gamma_r"] * r,
        p["a_p"] * (to_p(t1[3]) * t1[0] - gone_p * to_p(t2[3]) * t2[0]) - p["gamma_p"] * t,
    ])  # fmt: skip


def colijn_start(p: Mapping[str, float]) -> Floats:
    """Rest: for each number of stem cells the three lineages follow; the stem cells' balance settles it."""

    def solve(low: float, high: float, falls: Callable[[float], float]) -> float:
        for _ in range(200):
            middle = 0.5 * (low + high)
            low, high = (middle, high) if falls(middle) > 0 else (low, middle)
        return 0.5 * (low + high)

    def lineages(q: float) -> tuple[float, float, float]:
        stay_r = 1.0 - np.exp(-p["gamma_r"] * (p["tau_sum"] - p["tau_rm"]))
        stay_p = 1.0 - np.exp(-p["gamma_p"] * p["tau_ps"])
        n = solve(0, 1e3, lambda x: p["a_n"] * p["f0"] / (1 + (x / p["theta1"]) ** p["n"]) * q - p["gamma_n"] * x)
        r = solve(
            0, 1e3, lambda x: p["a_r"] * stay_r * p["kr_bar"] / (1 + p["kr"] * x ** p["m"]) * q - p["gamma_r"] * x
        )
        t = solve(
            0, 1e3, lambda x: p["a_p"] * stay_p * p["kp_bar"] / (1 + p["kp"] * x ** p["r"]) * q - p["gamma_p"] * x
        )
        return n, r, t

    def balance(q: float) -> float:
        n, r, t = lineages(q)
        renewed = p["k0"] / (1 + (q / p["theta2"]) ** p["s"]) * (2 * np.exp(-p["gamma_s"] * p["tau_s"]) - 1)
        left = p["f0"] / (1 + (n / p["theta1"]) ** p["n"]) + p["kr_bar"] / (1 + p["kr"] * r ** p["m"])
        return renewed - left - p["kp_bar"] / (1 + p["kp"] * t ** p["r"])

    q = solve(1e-3, 1e2, balance)
    return np.array([q, *lineages(q)])
