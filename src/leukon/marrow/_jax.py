"""The one door to JAX: double precision on, compiled programs kept between runs, types that a checker can follow.

Import arrays and transformations from here, never from jax, so that the settings hold before the first array exists.
The compiled programs lie in the user's cache folder (`XDG_CACHE_HOME`, else `~/.cache`); `LEUKON_CACHE=off` keeps none.
"""

# pyright: basic
# JAX leaves parts of its own signatures unknown; this module gives them types.

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

import numpy as np
from numpy.typing import NDArray

from leukon.marrow.library import MarrowError

try:
    import jax
    import jax.numpy as jnp
    from jax import Array, lax
except ModuleNotFoundError as error:
    if (error.name or "").split(".")[0] not in ("jax", "jaxlib"):
        raise
    raise MarrowError("models of the marrow need JAX: pip install 'leukon[marrow]'") from None

__all__ = ["Array", "array", "cache_folder", "compiled", "eigh", "jnp", "lax", "mapped", "ones_like", "register",
           "to_numpy", "zeros", "zeros_like"]  # fmt: skip

P = ParamSpec("P")
R = TypeVar("R")


def cache_folder() -> Path | None:
    """Where compiled programs are kept, or None when they are not."""
    if os.environ.get("LEUKON_CACHE", "").lower() in {"off", "0", "no"}:
        return None
    home = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(home) / "leukon" / "compiled"


def array(values: Any) -> Array:
    return jnp.asarray(values)


def zeros(*shape: int) -> Array:
    return jnp.zeros(shape)


def zeros_like(values: Array) -> Array:
    return jnp.zeros_like(values)


def ones_like(values: Array) -> Array:
    return jnp.ones_like(values)


def eigh(matrix: Array) -> tuple[Array, Array]:
    """Eigenvalues (rising) and eigenvectors (columns) of a symmetric matrix."""
    values, vectors = jnp.linalg.eigh(matrix)
    return values, vectors


def to_numpy(values: Array) -> NDArray[np.float64]:
    return np.asarray(values)


def compiled(function: Callable[P, R]) -> Callable[P, R]:
    return jax.jit(function)


def mapped(function: Callable[..., R]) -> Callable[..., R]:
    """The same function for many at once: every argument gets one more axis, the first."""
    return jax.vmap(function)


def register(kind: type[Any], fields: tuple[str, ...]) -> None:
    """Lets a frozen dataclass of arrays pass through compiled functions."""
    jax.tree_util.register_dataclass(kind, list(fields), [])


def _set_up() -> None:
    jax.config.update("jax_enable_x64", True)
    folder = cache_folder()
    if folder is None:
        return
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:  # a read-only home: slower, not wrong
        return
    jax.config.update("jax_compilation_cache_dir", str(folder))
    jax.config.update("jax_persistent_cache_min_compile_time_secs", 0.0)
    jax.config.update("jax_persistent_cache_min_entry_size_bytes", 0)


_set_up()
