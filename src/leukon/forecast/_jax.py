"""What the forecast needs of JAX beside `leukon.marrow._jax`, through which it comes so that the settings hold.

Tracing a program takes longer than running it, and JAX's own cache keeps only what comes after. `stored` keeps the
traced program beside that cache: a second process neither traces nor compiles. It needs the package flatbuffers;
without it programs are traced each time.
"""

# pyright: basic
# JAX leaves parts of its own signatures unknown; this module gives them types.

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

from leukon.marrow._jax import Array, array, cache_folder, jnp, mapped, to_numpy  # says what is missing without JAX

# isort: split
import jax
import jax.export

__all__ = ["Array", "array", "jnp", "mapped", "stored", "to_numpy"]


def stored(name: str, function: Callable[..., Array]) -> Callable[..., Array]:
    """The compiled function; `name` tells it from every other one. Arguments are arrays, or dictionaries and tuples."""
    programs: dict[Any, Callable[..., Array]] = {}

    def call(*given: Any) -> Array:
        leaves, tree = jax.tree_util.tree_flatten(given)
        shape = (str(tree), tuple((leaf.shape, str(leaf.dtype)) for leaf in leaves))
        if shape not in programs:
            programs[shape] = _load(function, f"{name} {shape}", given)
        return programs[shape](*given)

    return call


def _load(function: Callable[..., Array], key: str, given: tuple[Any, ...]) -> Callable[..., Array]:
    folder = cache_folder()
    if folder is None:
        return jax.jit(function)
    place = folder.parent / "traced" / hashlib.sha256(f"{_edition()} {key}".encode()).hexdigest()
    try:
        return jax.jit(jax.export.deserialize(bytearray(place.read_bytes())).call)
    except Exception:  # noqa: S110  absent, damaged or of another version: traced again
        pass
    traced = jax.export.export(jax.jit(function))(*given)
    try:
        text = traced.serialize()
        place.parent.mkdir(parents=True, exist_ok=True)
        part = place.with_name(f"{place.name}.{os.getpid()}")
        part.write_bytes(text)
        part.replace(place)
    except (OSError, ImportError):  # a read-only home, or flatbuffers is not there: slower, not wrong
        pass
    return jax.jit(traced.call)


@cache
def _edition() -> str:
    """What a traced program depends on beside its arguments: JAX, the kind of device, the equations."""
    here = Path(__file__).parent
    files = sorted([*(here.parent / "marrow").glob("*.py"), here / "program.py", Path(__file__)])
    text = b"".join(f.read_bytes() for f in files)
    return f"{jax.__version__} {version('jaxlib')} {jax.default_backend()} {hashlib.sha256(text).hexdigest()}"
