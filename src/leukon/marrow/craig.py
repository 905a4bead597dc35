"""Craig, Humphries, Mackey 2016: stem cells, marrow reserve, blood and both forms of G-CSF, with moving delays.

Bull Math Biol 2016;78:2304 (arXiv 1512.06896), equations 1-13, Tables 4-6. Cells in 10⁹/kg (stem cells 10⁶/kg), G-CSF
in ng/mL. The time cells spend from stem cell to reserve shrinks when G-CSF speeds maturation, so it is a state.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from leukon.marrow._jax import Array, jnp
from leukon.marrow.solve import Params

__all__ = ["craig_inputs", "craig_rates", "craig_start"]

Floats = NDArray[np.float64]

# state: Q, Nr, N, G1, G2, Tn, ln An


def craig_rates(now: Array, y: Array, past: Callable[[Array], Array], u: Array, p: Params) -> Array:
    """The derivatives (equations 1-13); `u` is the G-CSF entering from the skin (ng/mL/d)."""
    q, nr, n, g1, g2, tn = (y[i] for i in range(6))
    g1 = jnp.maximum(g1, 1e-12)
    before_s, before_m, before_n = past(now - p["tau_s"]), past(now - tn + p["tau_np"]), past(now - tn)

    def self_renewal(cells: Array) -> Array:
        return p["fq"] / (1.0 + (cells / p["theta2"]) ** p["s2"])

    def speed(g: Array) -> Array:
        away = g - p["g1ss"]
        return 1.0 + (p["vmax"] - 1.0) * away / (away + p["bv"])

    def division(past_state: Array) -> Array:
        g = past_state[3]
        return p["eta_ss"] + (p["eta_ss"] - p["eta_min"]) * (p["bnp"] / p["g1ss"]) * (g - p["g1ss"]) / (g + p["bnp"])

    held = p["v"] * (nr + n)
    bound, rest = g2 / held, p["g2ss"] / (p["v"] * (p["nr_ss"] + p["n_ss"]))
    away = bound - rest
    release = p["phi_ss"] + (p["phi_max"] - p["phi_ss"]) * away / (away + p["bg"])
    ratio = speed(g1) / speed(before_m[3])
    binding = p["k12"] * (held - g2) * g1 ** p["pow"]
    born = jnp.exp(y[6]) / 1e3 * p["kappa"] * before_n[0] * ratio
    dtn = 1.0 - ratio
    d_an = (1.0 - dtn) * (division(before_m) - division(before_n)) - p["gamma_nm"] * dtn
    renewed = 2.0 * jnp.exp(-p["gamma_s"] * p["tau_s"]) * self_renewal(before_s[0]) * before_s[0]
    return jnp.stack([
        renewed - (self_renewal(q) + p["kappa"] + p["kappa_delta"]) * q,
        born - (p["gamma_nr"] + release) * nr,
        release * nr - p["gamma_n"] * n,
        p["gprod"] + u - p["kren"] * g1 - binding + p["k21"] * g2,
        binding - (p["kint"] + p["k21"]) * g2,
        dtn, d_an,
    ])  # fmt: skip


def craig_start(p: Mapping[str, float]) -> Floats:
    """Rest: stem cells from their balance, then the G-CSF level at which both its forms are steady."""
    aq = 2.0 * np.exp(-p["gamma_s"] * p["tau_s"])
    lost = p["kappa"] + p["kappa_delta"]
    q = p["theta2"] * (p["fq"] * (aq - 1.0) / lost - 1.0) ** (1.0 / p["s2"])
    low, high = 1e-4, 10.0
    for _ in range(200):
        g1 = (low * high) ** 0.5
        nr, n, g2 = _pools(g1, q, p)
        gain = p["gprod"] - p["kren"] * g1 - p["kint"] * g2
        low, high = (g1, high) if gain > 0 else (low, g1)
    g1 = (low * high) ** 0.5
    nr, n, g2 = _pools(g1, q, p)
    return np.array([q, nr, n, g1, g2, p["tau_np"] + p["a_nm"], np.log(p["an"])])


def _pools(g1: float, q: float, p: Mapping[str, float]) -> tuple[float, float, float]:
    """Reserve, blood and bound G-CSF at a fixed level of free G-CSF (share bound does not depend on the cells)."""
    power = p["k12"] * g1 ** p["pow"]
    share = power / (p["kint"] + p["k21"] + power)
    away = share - p["g2ss"] / (p["v"] * (p["nr_ss"] + p["n_ss"]))
    release = p["phi_ss"] + (p["phi_max"] - p["phi_ss"]) * away / (away + p["bg"])
    nr = p["an"] / 1e3 * p["kappa"] * q / (p["gamma_nr"] + release)
    n = release * nr / p["gamma_n"]
    return nr, n, share * p["v"] * (nr + n)


def craig_inputs(
    p: Mapping[str, float], placed: Sequence[Sequence[tuple[float, float, float]]], times: Floats
) -> Floats:
    """G-CSF from the skin (ng/mL/d; Table 6, by the printed dose that is nearest)."""
    out = np.zeros(len(times))
    for day, ug, _ in placed[0] if placed else ():
        printed = min((300, 375, 750), key=lambda d: abs(d - ug))
        volume, share, ka = p[f"vd{printed}"], p[f"f{printed}"], p[f"ka{printed}"]
        since = np.maximum(times - day, 0.0)
        out += np.where(times >= day - 1e-12, ka * share * ug * 1e3 / volume * np.exp(-ka * since), 0.0)
    return out
