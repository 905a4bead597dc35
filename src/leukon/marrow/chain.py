"""The chain of Friberg 2002 and its kin: progenitors, transit, blood, and a feedback from the blood count.

Friberg LE, J Clin Oncol 2002;20:4713, Figure 1 and equations 1-6. Counts are carried relative to their healthy values
and progenitors as a logarithm, so that a count near 0 stays positive::

    d ln P/dt = kprol · (1 - E) · (Circ0 / Circ)^gamma - ktr
    dT1/dt    = ktr · (P - T1), dT2/dt, dT3/dt alike
    dCirc/dt  = ktr · T3 - kcirc · Circ

In this chain the marrow makes up for any loss in the blood: at rest the count depends on E only,
`Circ0 · (1 - E)^(1 / gamma)`.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

from leukon.marrow._jax import Array, jnp, ones_like
from leukon.marrow.solve import Inputs, Params, State, Structure

__all__ = ["LEAST", "chain", "critical_gamma"]

LEAST = 1e-6  # of the healthy count: below it the feedback no longer grows

Effect = Callable[[Inputs, Params], Array]


def _linear(u: Inputs, p: Params) -> Array:
    return p["slope"] * u[0]


def _saturable(u: Inputs, p: Params) -> Array:
    return p["emax"] * u[0] / (p["ec50"] + u[0])


EFFECTS: dict[str, Effect] = {"linear": _linear, "emax": _saturable}


def chain(effect: str = "linear", transits: int = 3, *, red_cell: bool = False, release: bool = False) -> Structure:
    """The chain with one drug.

    `red_cell`: the drug acts through a red-cell pool filled with saturation (Gebhard 2023).
    `release`: a second input enters the blood directly (dexamethasone, Ozawa 2007).

    Parameters: `circ0`, `ktr` or `mtt`, `gamma`, the effect's own; `kcirc` and `kprol` where they differ from `ktr`;
    `start` where the chain begins at a share of its healthy state.
    """
    act = EFFECTS[effect]
    names = ("progenitors", *(f"transit {i + 1}" for i in range(transits)), "blood")

    def ktr(p: Params) -> Array:
        return p["ktr"] if "ktr" in p else (transits + 1) / p["mtt"]

    def start(p: Params) -> State:
        share = p.get("start", ones_like(p["circ0"]))
        cells = (jnp.log(share), *(share for _ in range(transits)), share)
        return (*cells, p["pool0"]) if red_cell else cells

    def rates(y: State, u: Inputs, p: Params) -> State:
        k = ktr(p)
        kprol, kcirc = p.get("kprol", k), p.get("kcirc", k)
        blood = jnp.maximum(y[transits + 1], LEAST)
        e = p["slope"] * y[transits + 2] if red_cell else act(u, p)
        grow = kprol * (1.0 - e) * blood ** (-p["gamma"]) - k
        flow = [jnp.exp(y[0]), *y[1 : transits + 1]]
        moved = [k * (a - b) for a, b in pairwise(flow)]
        # a chain that starts at its own counts instead of a steady state (Kawamura 2018) says how much `inflow` it has
        into = k * p["inflow"] if "inflow" in p else kcirc
        circ = into * flow[-1] - kcirc * y[transits + 1]
        if release:
            circ = circ + u[1] / p["circ0"]
        if not red_cell:
            return (grow, *moved, circ)
        pool = p["vmax"] * u[0] / (p["km"] + u[0]) - p["keff"] * y[transits + 2]
        return (grow, *moved, circ, pool)

    def read(y: State, u: Inputs, p: Params) -> tuple[Array, ...]:
        return (p["circ0"] * y[transits + 1],)

    return Structure((*names, "red cells") if red_cell else names, ("count",), start, rates, read)


def critical_gamma(x: float) -> float:
    """The feedback exponent above which the healthy chain of three transits oscillates, where kcirc = x · ktr.

    The largest γ for which no root of s · (s + 1)³ · (s + x) + γ · x has a positive real part (Fornari 2020; checked
    against the roots). At x = 1 it is 0.5685, with a period of 3.79 mean transit times.

    >>> round(critical_gamma(1.0), 6)
    0.568542
    """
    under = 576 + 2192 * x + 3753 * x**2 + 3588 * x**3 + 1998 * x**4 + 612 * x**5 + 81 * x**6
    return 0.5 * (-24 - 45 * x - 34 * x**2 - 9 * x**3) / x + 0.5 * (under / x**2) ** 0.5
