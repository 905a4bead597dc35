"""Models with delays, by the method of steps: Craig 2016 (marrow reserve, G-CSF) and Colijn & Mackey 2005.

Runge–Kutta of order four with equal steps; values in the past come from the cubic through the stored values and slopes,
so a delay may depend on the state as it does in Craig 2016. There a dose is felt again when the cells that met it reach
the reserve, at a time no node knows of: the error is about 7e-4 by default, 2e-4 in the accurate mode.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from leukon.marrow._jax import Array, array, compiled, jnp, lax, to_numpy, zeros, zeros_like
from leukon.marrow.colijn import colijn_rates, colijn_start
from leukon.marrow.craig import craig_inputs, craig_rates, craig_start
from leukon.marrow.solve import Params

__all__ = ["solve_delayed"]

Floats = NDArray[np.float64]
Placed = Sequence[tuple[float, float, float]]

_STEP = {"craig": (0.00125, 0.0003125), "colijn-mackey": (0.05, 0.0125)}  # days: by default, accurate
_RATES = {"craig": craig_rates, "colijn-mackey": colijn_rates}
_Vector = TypeVar("_Vector", Array, Floats)
_PAD = 2048  # steps, so that few programs are compiled


def solve_delayed(
    system: str,
    params: Mapping[str, float],
    placed: Sequence[Placed],
    times: Floats,
    accurate: bool = False,
    start: Floats | None = None,
    drift: Floats | None = None,
) -> Floats:
    """The outputs at the times asked for, one row each, from rest or from a `start` (with a steady `drift` before)."""
    first = start if start is not None else (craig_start(params) if system == "craig" else colijn_start(params))
    step = _STEP[system][accurate]
    count = -(-int(np.ceil(times[-1] / step + 1)) // _PAD) * _PAD
    stages = np.arange(2 * count + 1) * step / 2
    drugs = craig_inputs(params, placed, stages) if system == "craig" else np.zeros(len(stages))
    before = np.zeros_like(first) if drift is None else drift
    numbers = {k: array(v) for k, v in params.items()}
    run = _program(system)
    states, slopes = map(to_numpy, run(array(first), array(before), array(drugs), array(step), numbers))
    i = np.minimum((times / step + 1e-9).astype(int), count - 1)
    share = (times / step - i)[:, None]
    at = _cubic(states[i], states[i + 1], step * slopes[i], step * slopes[i + 1], share)
    if system == "craig":
        return np.stack([params["anc_per_n"] * at[:, 2], at[:, 1], at[:, 0], at[:, 3]])
    return np.stack([at[:, 1], at[:, 0], at[:, 2], at[:, 3]])


@cache
def _program(system: str) -> Callable[[Array, Array, Array, Array, Params], tuple[Array, Array]]:
    rates = _RATES[system]

    def run(first: Array, before: Array, drugs: Array, step: Array, params: Params) -> tuple[Array, Array]:
        count = (drugs.shape[0] - 1) // 2
        begin = zeros(count + 1, first.shape[0]).at[0].set(first)

        def advance(carry: tuple[Array, Array], i: Array) -> tuple[tuple[Array, Array], None]:
            states, slopes = carry

            def past(time: Array) -> Array:
                j = jnp.clip((time / step).astype(int), 0, jnp.maximum(i - 1, 0))
                inside = _cubic(states[j], states[j + 1], step * slopes[j], step * slopes[j + 1], time / step - j)
                return jnp.where(time > 0, inside, first + before * time)

            now, y = i * step, states[i]
            u0, u1, u2 = drugs[2 * i], drugs[2 * i + 1], drugs[2 * i + 2]
            k1 = rates(now, y, past, u0, params)
            slopes = slopes.at[i].set(k1)  # before the next stages look back
            k2 = rates(now + step / 2, y + step / 2 * k1, past, u1, params)
            k3 = rates(now + step / 2, y + step / 2 * k2, past, u1, params)
            k4 = rates(now + step, y + step * k3, past, u2, params)
            states = states.at[i + 1].set(y + step / 6 * (k1 + 2 * k2 + 2 * k3 + k4))
            return (states, slopes), None

        (states, slopes), _ = lax.scan(advance, (begin, zeros_like(begin)), array(np.arange(count)))
        return states, slopes.at[count].set(slopes[count - 1])

    return compiled(run)


def _cubic(a: _Vector, b: _Vector, da: _Vector, db: _Vector, s: _Vector) -> _Vector:
    left = 1.0 - s
    return (1 + 2 * s) * left**2 * a + (3 - 2 * s) * s**2 * b + s * left**2 * da - s**2 * left * db
