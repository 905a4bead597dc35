"""A block of late maturation and the marrow reserve (Abbiati 2021, avadomide).

Abbiati RA et al., CPT Pharmacometrics Syst Pharmacol 2021; equations as in BioModels MODEL2412270001: progenitors,
three transits of which the second leaves by a saturable step that the drug slows, a reserve, blood. Release of the
reserve rises with the twentieth power of the fall in blood, so an empty reserve makes the system stiff.
"""

from __future__ import annotations

from leukon.marrow._jax import Array, jnp, ones_like, zeros_like
from leukon.marrow.solve import Inputs, Params, State, Structure

__all__ = ["abbiati"]


def abbiati() -> Structure:
    """States are relative to rest. Parameters: `circ0`, `thalf`, `gamma`, `beta`, `kd`, `reserve`, `km`, drug's own."""

    def fixed(p: Params) -> tuple[Array, Array, Array, Array, Array, Array]:
        kelim = jnp.log(2.0) / p["thalf"]
        kout = kelim / p["reserve"]
        k4 = (p["kd"] + kout) * p["reserve"]
        k3 = p["kd"] + k4
        k2 = p["kd"] + k3
        return kelim, kout, k4, k3, k2, p["kd"] + k2

    def start(p: Params) -> State:
        one = ones_like(p["circ0"])
        return (zeros_like(one), one, one, one, one, one)

    def rates(y: State, u: Inputs, p: Params) -> State:
        kelim, kout, k4, k3, k2, k1 = fixed(p)
        level = jnp.maximum(u[0], 0.0) ** p["hill"]
        open_ = 1.0 - p["emax"] * level / (p["ec50"] ** p["hill"] + level)
        second = jnp.maximum(y[2], 1e-9)
        leave = k3 * (p["km"] + 1.0) * open_ * second / (p["km"] + second)
        # an empty reserve is released thousands of times a day: no faster than the steps can follow, no cell is lost
        release = jnp.minimum(kout * jnp.maximum(y[5], 0.05) ** (-p["beta"]), 1.5 / u[-1])
        return (
            k1 * second ** (-p["gamma"]) - k1,
            k1 * jnp.exp(y[0]) - (k2 + p["kd"]) * y[1],
            k2 * y[1] - leave - p["kd"] * y[2],
            leave - (k4 + p["kd"]) * y[3],
            k4 * y[3] / p["reserve"] - (p["kd"] + release) * y[4],
            release * p["reserve"] * y[4] - kelim * y[5],
        )

    def read(y: State, u: Inputs, p: Params) -> tuple[Array, ...]:
        return p["circ0"] * y[5], p["circ0"] * p["reserve"] * y[4]

    return Structure(
        ("progenitors", "transit 1", "transit 2", "transit 3", "reserve", "blood"),
        ("count", "marrow reserve"), start, rates, read,
    )  # fmt: skip
