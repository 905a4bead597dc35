"""Puts a model of the library together: its equations, its drug kinetics, its step lengths."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache

from leukon.marrow._jax import Array, array, zeros
from leukon.marrow.apoptosis import apoptosis
from leukon.marrow.chain import chain
from leukon.marrow.grid import Spacing
from leukon.marrow.growth_factor import krzyzanski, melhem, quartino
from leukon.marrow.kinetics import Modes, absorb, central_modes, one_mode, pass_through, stack_modes
from leukon.marrow.library import Model, Part
from leukon.marrow.reserve import abbiati
from leukon.marrow.saturable import saturable_chain
from leukon.marrow.solve import Params, Structure

__all__ = ["DELAYED", "drug_modes", "spacing_of", "structure_of"]

DELAYED = ("craig", "colijn-mackey")  # delay equations, solved by `delays`

_ODE: Mapping[str, Callable[[bool], Structure]] = {
    "chain": lambda accurate: chain("linear"),
    "chain-emax": lambda accurate: chain("emax"),
    "chain-red-cell": lambda accurate: chain("linear", red_cell=True),
    "chain-release": lambda accurate: chain("linear", release=True),
    "quartino": lambda accurate: quartino(quick=not accurate),
    "krzyzanski": lambda accurate: krzyzanski(),
    "melhem": lambda accurate: melhem(),
    "abbiati": lambda accurate: abbiati(),
    "chain-saturable": lambda accurate: saturable_chain(),
    "apoptosis": lambda accurate: apoptosis(),
}


@cache
def structure_of(system: str, accurate: bool = False) -> Structure:
    """The equations of a system; some are solved another way where accuracy matters more than time."""
    return _ODE[system](accurate)


def spacing_of(model: Model, accurate: bool, drugs: frozenset[str] = frozenset()) -> Spacing:
    """The step lengths of a model; a key may hold for one drug ("chemotherapy_first") or for the accurate mode only."""
    held = {k: v for k, v in model.spacing.items() if k in {"first", "growth", "last"}}
    for mark in (*sorted(drugs), *(("accurate",) if accurate else ())):
        own = {k.removeprefix(mark + "_"): v for k, v in model.spacing.items() if k.startswith(mark + "_")}
        held |= own
    return Spacing(**held)


def drug_modes(parts: tuple[Part, ...], params: Params) -> tuple[Modes, tuple[int, ...]]:
    """The closed-form kinetics of all inputs of a model."""
    if not parts:
        return Modes(array([1.0]), zeros(1, 1)), (0,)
    return stack_modes(tuple(_KINETICS[part.kinetics](params, part.prefix) for part in parts))


def _micro(p: Params, x: str) -> Modes:
    pairs = tuple((p[x + f"k1{i}"], p[x + f"k{i}1"]) for i in (2, 3, 4) if x + f"k1{i}" in p)
    return central_modes(p[x + "k10"], pairs, p[x + "v1"])


def _clearance(p: Params, x: str) -> Modes:
    central = p[x + "v1"]
    pairs = tuple((p[x + f"q{i}"] / central, p[x + f"q{i}"] / p[x + f"v{i}"]) for i in (2, 3, 4) if x + f"q{i}" in p)
    return central_modes(p[x + "cl"] / central, pairs, central)


def _oral(within: Callable[[Params, str], Modes]) -> Callable[[Params, str], Modes]:
    return lambda p, x: absorb(within(p, x), p[x + "ka"], p.get(x + "f", array(1.0)))


def _input(p: Params, x: str) -> Modes:
    """What a depot lets into the blood, amount per day."""
    return one_mode(p[x + "ka"], p[x + "ka"] * p.get(x + "f", array(1.0)))


def _pool(p: Params, x: str) -> Modes:
    return one_mode(p[x + "kde"])


def _release(p: Params, x: str) -> Modes:
    """Cells that enter the blood after each dose (Ozawa 2007, equation 5)."""
    return one_mode(1.0 / p[x + "mit"], p[x + "ip0"] / p[x + "mit"])


def _thioguanine(p: Params, x: str) -> Modes:
    """Oral 6-mercaptopurine to red-cell thioguanine nucleotides (Jost 2020, equations 1-3), amounts."""
    plasma = absorb(one_mode(p[x + "k20"]), p[x + "ka"], p[x + "f"])
    clearance: Array = p[x + "cltgn"]
    return pass_through(plasma, clearance, p[x + "fm"] * p[x + "kme"])


_KINETICS: Mapping[str, Callable[[Params, str], Modes]] = {
    "micro": _micro,
    "clearance": _clearance,
    "oral micro": _oral(_micro),
    "oral clearance": _oral(_clearance),
    "input": _input,
    "pool": _pool,
    "release": _release,
    "thioguanine": _thioguanine,
    "direct": lambda p, x: one_mode(array(1.0), 0.0),  # the amount per day itself is what the equations take
}
