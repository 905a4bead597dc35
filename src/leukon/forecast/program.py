"""The compiled part of a fit: the courses of many people under one schedule.

A program is compiled once for a system of equations, the kinetics that feed it, the parameters that vary and the padded
lengths of its arrays, so that a second person runs the same program.
"""

from __future__ import annotations

from functools import cache

from leukon.forecast._jax import Array, jnp, mapped, stored
from leukon.marrow.library import Model, Part
from leukon.marrow.solve import Steps, solve
from leukon.marrow.systems import drug_modes, structure_of

__all__ = ["courses_program", "signature_of"]

Signature = tuple[str, tuple[tuple[str, str], ...], tuple[str, ...]]
_LEAST = 1e-4  # 10⁹/L: no logarithm of a lower count is taken


def signature_of(model: Model, names: tuple[str, ...]) -> Signature:
    """What the program of a model depends on."""
    return model.system, tuple((part.kinetics, part.prefix) for part in model.parts), names


@cache
def courses_program(signature: Signature):
    """ln of the counts at the times asked for, a row a person: varied parameters are median · exp(root · eta)."""
    system, kinetics, names = signature
    parts = tuple(Part("", k, "mg", prefix) for k, prefix in kinetics)
    structure = structure_of(system)

    def run(
        values: dict[str, Array],
        steps: tuple[Array, Array, Array],
        asked: Array,
        scale: Array,
        root: Array,
        etas: Array,
    ) -> Array:
        def one(eta: Array) -> Array:
            logs = root @ eta
            params = dict(values) | {name: values[name] * jnp.exp(logs[i]) for i, name in enumerate(names)}
            modes, feeds = drug_modes(parts, params)
            counts = solve(structure, modes, feeds, params, Steps(*steps))[0, asked]
            return jnp.log(jnp.maximum(counts * scale, _LEAST))

        return mapped(one)(etas)

    return stored(f"courses {signature}", run)
