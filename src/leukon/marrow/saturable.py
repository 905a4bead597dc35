"""The chain of Friberg 2002 with a drug whose distribution and elimination saturate (Chen 2014, nab-paclitaxel).

Chen N, J Clin Pharmacol 2014;54:1097, Figure 1: levels of three compartments (µg/L) are part of the equations.
"""

from __future__ import annotations

from itertools import pairwise

from leukon.marrow._jax import Array, jnp, ones_like, zeros_like
from leukon.marrow.chain import LEAST
from leukon.marrow.solve import Inputs, Params, State, Structure

__all__ = ["saturable_chain"]


def saturable_chain() -> Structure:
    """Input: the infusion rate, µg/d, which stands after the (unused) level."""

    def start(p: Params) -> State:
        one = ones_like(p["circ0"])
        none = zeros_like(one)
        return (none, one, one, one, one, none, none, none)

    def rates(y: State, u: Inputs, p: Params) -> State:
        c1, c2, c3 = (jnp.maximum(c, 0.0) for c in y[5:])
        over = p["vmtr"] * (c1 / (p["kmtr"] + c1) - c2 / (p["kmtr"] + c2))
        aside = p["q3"] * (c1 - c3)
        gone = p["vmel"] * c1 / (p["kmel"] + c1)
        k = 4.0 / p["mtt"]
        blood = jnp.maximum(y[4], LEAST)
        grow = k * ((1.0 - p["slope"] * c1) * blood ** (-p["gamma"]) - 1.0)
        flow = (jnp.exp(y[0]), *y[1:5])
        moved = tuple(k * (a - b) for a, b in pairwise(flow))
        return (grow, *moved, (u[1] - gone - over - aside) / p["v1"], over / p["v2"], aside / p["v3"])

    def read(y: State, u: Inputs, p: Params) -> tuple[Array, ...]:
        return p["circ0"] * y[4], y[5]

    names = ("progenitors", "transit 1", "transit 2", "transit 3", "blood", "plasma", "tissue 1", "tissue 2")
    return Structure(names, ("count", "drug"), start, rates, read)
