"""Drug levels in closed form: sums of exponentials, never part of the differential equations.

A linear system answers any course of doses with `u_j(t) = Σ_k weight[j, k] · m_k(t)`, where each mode obeys
`dm_k/dt = -rate_k · m_k + input(t)`; a bolus adds to the modes, an infusion is a constant input. Modes are carried from
node to node exactly, so doses superpose exactly and the fast phase costs no accuracy.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from leukon.marrow._jax import Array, array, eigh, jnp, ones_like, zeros

__all__ = ["Modes", "absorb", "advance", "central_modes", "one_mode", "pass_through", "stack_modes"]

Params = Mapping[str, Array]


@dataclass(frozen=True, slots=True)
class Modes:
    """Decay rates (1/d) of the modes and the weights (outputs × modes) that make the levels of them."""

    rates: Array
    weights: Array


def one_mode(rate: Array, weight: Array | float = 1.0) -> Modes:
    """One first-order pool: a virtual (K-PD) drug, or a depot under the skin."""
    rate = array(rate)
    return Modes(rate[None], (ones_like(rate) * weight)[None, None])


def central_modes(elimination: Array, pairs: tuple[tuple[Array, Array], ...], volume: Array) -> Modes:
    """Concentration in the central compartment of a mammillary system after input to it.

    `pairs` are (central → peripheral, peripheral → central) rates, 1/d. The rate matrix is similar to a symmetric one,
    whose eigenvectors give the weights: `c(t) = Σ q_k² exp(-rate_k t) / volume`.
    """
    if not pairs:
        return one_mode(elimination, 1.0 / volume)
    size = len(pairs) + 1
    matrix = zeros(size, size).at[0, 0].set(elimination + sum(out for out, _ in pairs))
    for i, (out, back) in enumerate(pairs, start=1):
        between = -jnp.sqrt(out * back)
        matrix = matrix.at[i, i].set(back).at[0, i].set(between).at[i, 0].set(between)
    rates, vectors = eigh(matrix)
    return Modes(rates, (vectors[0] ** 2 / volume)[None])


def absorb(modes: Modes, absorption: Array, available: Array | float = 1.0) -> Modes:
    """The same levels when the input enters a depot that empties with the rate `absorption` (1/d)."""
    return pass_through(modes, absorption, absorption * available)


def pass_through(modes: Modes, rate: Array, gain: Array) -> Modes:
    """The output after one more first-order pool in the chain: `dy/dt = gain · u - rate · y`."""
    equal = jnp.any(jnp.abs(rate - modes.rates) < 1e-6 * rate)
    rate = jnp.where(equal, rate * (1.0 + 3e-6), rate)  # two equal rates have no such sum: 3e-6 apart they do
    weights = modes.weights * gain / (rate - modes.rates)
    rates = jnp.concatenate([modes.rates, rate[None]])
    return Modes(rates, jnp.concatenate([weights, -weights.sum(axis=1, keepdims=True)], axis=1))


def stack_modes(parts: tuple[Modes, ...]) -> tuple[Modes, tuple[int, ...]]:
    """One system of several inputs; the second value says which input feeds each mode."""
    feeds = tuple(i for i, part in enumerate(parts) for _ in range(part.rates.shape[0]))
    outputs = sum(part.weights.shape[0] for part in parts)
    weights = zeros(outputs, len(feeds))
    row = column = 0
    for part in parts:
        rows, columns = part.weights.shape
        weights = weights.at[row : row + rows, column : column + columns].set(part.weights)
        row, column = row + rows, column + columns
    return Modes(jnp.concatenate([part.rates for part in parts]), weights), feeds


def advance(modes: Modes, amounts: Array, inputs: Array, step: Array) -> Array:
    """The modes after `step` days of constant input (per mode); exact."""
    fall = jnp.exp(-modes.rates * step)
    return amounts * fall - inputs * jnp.expm1(-modes.rates * step) / modes.rates
