"""Fixed-step Runge–Kutta of order four in one `lax.scan`: one program for one person and for a hundred thousand."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from leukon.marrow._jax import Array, array, jnp, lax, register, zeros
from leukon.marrow.kinetics import Modes, advance

__all__ = ["Inputs", "Params", "State", "Steps", "Structure", "solve"]

Params = Mapping[str, Array]
State = tuple[Array, ...]
Inputs = Array  # levels of the drugs, then the amounts per day that flow in, last the length of the step


@dataclass(frozen=True, slots=True)
class Structure:
    """A published system of equations, in days and in the units of its paper.

    `start` gives the healthy steady state, `rates` the derivatives at given drug levels, `read` what is observed.
    """

    states: tuple[str, ...]
    outputs: tuple[str, ...]
    start: Callable[[Params], State]
    rates: Callable[[State, Inputs, Params], State]
    read: Callable[[State, Inputs, Params], tuple[Array, ...]]


@dataclass(frozen=True, slots=True)
class Steps:
    """What happens in time: step lengths, amounts given at the start of each step, amounts per day during it."""

    lengths: Array  # (steps,)
    given: Array  # (steps, inputs)
    rates: Array  # (steps, inputs)


register(Steps, ("lengths", "given", "rates"))


def solve(structure: Structure, modes: Modes, feeds: tuple[int, ...], params: Params, steps: Steps) -> Array:
    """The outputs at every node, shape (outputs, nodes). A step of length 0 changes nothing (padding)."""
    feed = array(feeds)

    def level(amounts: Array, rate: Array, length: Array) -> Inputs:
        levels = (modes.weights * amounts).sum(axis=1)  # element by element: a batch of tiny products is slow
        return jnp.concatenate([levels, rate, length[None]])

    def step(carry: tuple[State, Array], now: tuple[Array, Array, Array]) -> tuple[tuple[State, Array], Array]:
        state, amounts = carry
        length, given, rate = now
        amounts, inputs = amounts + given[feed], rate[feed]
        middle = advance(modes, amounts, inputs, length / 2)
        after = advance(modes, middle, inputs, length / 2)
        u0, u1, u2 = (level(a, rate, length) for a in (amounts, middle, after))
        k1 = structure.rates(state, u0, params)
        k2 = structure.rates(_move(state, k1, length / 2), u1, params)
        k3 = structure.rates(_move(state, k2, length / 2), u1, params)
        k4 = structure.rates(_move(state, k3, length), u2, params)
        state = tuple(
            y + length / 6 * (a + 2 * b + 2 * c + d) for y, a, b, c, d in zip(state, k1, k2, k3, k4, strict=True)
        )
        return (state, after), jnp.stack(structure.read(state, u2, params))

    first = structure.start(params)
    amounts = zeros(len(feeds))
    begin = jnp.stack(structure.read(first, level(amounts, steps.rates[0], steps.lengths[0]), params))
    _, rest = lax.scan(step, (first, amounts), (steps.lengths, steps.given, steps.rates))
    return jnp.concatenate([begin[None], rest]).T


def _move(state: State, slope: State, length: Array) -> State:
    return tuple(y + length * k for y, k in zip(state, slope, strict=True))
