"""Cut-points that a plain comparison of floats may use and still agree with a comparison after rounding.

A value and a limit are compared as written, after rounding to 15 significant digits, so that 1.4999999999999999, the
noise of a change of unit, is 1.5. Rounding is monotonic: "rounds to less than the cut" is the same as "is less than
the first float that rounds to the cut", which is found once, not once a row.
"""

from __future__ import annotations

import math

__all__ = ["find_first", "find_last", "round_15"]


def round_15(value: float) -> float:
    """The nearest number of 15 significant digits."""
    return float(f"{value:.15g}")


def find_first(cut: float) -> float:
    """The least float that rounds to the cut or more: `round_15(x) < cut` is `x < find_first(cut)`.

    >>> find_first(1.5) < 1.5, round_15(find_first(1.5))
    (True, 1.5)
    """
    return _walk(cut, -math.inf)


def find_last(cut: float) -> float:
    """The greatest float that rounds to the cut or less: `round_15(x) <= cut` is `x <= find_last(cut)`."""
    return _walk(cut, math.inf)


def _walk(cut: float, towards: float) -> float:
    if cut == 0:
        return cut
    found = cut
    while round_15(step := math.nextafter(found, towards)) == cut:
        found = step
    return found
