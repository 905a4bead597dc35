"""Cells that die before they leave the marrow (Mackey, Aprikyan, Dale 2003, Cell Prolif 36:27).

Healthy post-mitotic cells die at 0.28 a day and 45 % survive to be released; in severe congenital and cyclic
neutropenia they die 13 times as fast, in myelokathexis 17 times. One pool: `dP/dt = in - (release + death · factor) P`.
"""

from __future__ import annotations

from leukon.marrow._jax import Array, ones_like
from leukon.marrow.solve import Inputs, Params, State, Structure

__all__ = ["apoptosis"]


def apoptosis() -> Structure:
    """From health, the factor acts from day 0 on; the count follows the release."""

    def start(p: Params) -> State:
        return (ones_like(p["circ0"]),)

    def rates(y: State, u: Inputs, p: Params) -> State:
        return (p["release"] + p["death"] - (p["release"] + p["death"] * p["factor"]) * y[0],)

    def read(y: State, u: Inputs, p: Params) -> tuple[Array, ...]:
        return (p["circ0"] * y[0],)

    return Structure(("post-mitotic",), ("count",), start, rates, read)
