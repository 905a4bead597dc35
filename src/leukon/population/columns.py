# pyright: basic
# (ibis builds the methods of its columns at run time: they have no static types)
"""Two small columns that every expression needs, in a form that means the same to every engine."""

from __future__ import annotations

from typing import Any

import ibis

__all__ = ["number", "when"]


def number(value: float) -> Any:
    """A number as a column; a bare one is a decimal to some engines."""
    return ibis.literal(repr(float(value))).cast("float64")


def when(*branches: tuple[Any, Any], else_: Any = None) -> Any:
    """The value of the first branch whose test holds, else `else_`, null if that is not given."""
    return ibis.cases(*branches, else_=else_)
