"""Things made from the knowledge are made once per version of it."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TypeVar

from leukon.knowledge.schema import Knowledge

__all__ = ["once_per_version"]

_T = TypeVar("_T")


def once_per_version(make: Callable[[Knowledge], _T]) -> Callable[[Knowledge], _T]:
    """Keeps what `make` returns for the last few knowledge versions."""
    held: dict[str, _T] = {}

    @wraps(make)
    def get(knowledge: Knowledge) -> _T:
        if knowledge.version not in held:
            if len(held) > 3:
                held.clear()
            held[knowledge.version] = make(knowledge)
        return held[knowledge.version]

    return get
