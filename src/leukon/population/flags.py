# pyright: basic
# (ibis builds the methods of its columns at run time: they have no static types)
"""Low, normal or high by the limits that stand beside a value, as a column of an Ibis table."""

from __future__ import annotations

from operator import gt, lt
from typing import Any

import ibis

from leukon.population.trees import compare_rounded

__all__ = ["flag_limits"]


def flag_limits(value: Any, lower: Any, upper: Any) -> Any:
    """LOW under the lower limit, HIGH over the upper one, else NORMAL; null where value or limits do not settle it.

    All three are in the unit that was printed: a change of unit before the comparison would move values across a
    rounded limit. A value at a limit is normal; numbers that agree to 15 digits are the same.
    """
    under, over = compare_rounded(lt, value, lower), compare_rounded(gt, value, upper)
    return ibis.cases((under, "LOW"), (over, "HIGH"), (~under & ~over, "NORMAL"))
