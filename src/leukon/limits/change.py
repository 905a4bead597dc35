"""Has the count changed by more than chance? The reference change value, on the log scale.

Two counts of one healthy person differ by within-person variation. With a coefficient of variation CV the standard
deviation of the natural logarithm is sqrt(ln(1 + CV²)); 95 % of ratios of two counts lie within
exp(±1.96 · √2 · sd) (log-normal reference change value, Fokkema 2006), so a fall and a rise have different limits.
Analytic imprecision and the counting error of very low counts are not added: near 0 a change is claimed too early.
A change is a statement, never a limit.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from leukon.answer import Change
from leukon.counts.series import CountValue

__all__ = ["VARIATION", "Variation", "find_change", "find_change_limits"]


@dataclass(frozen=True, slots=True)
class Variation:
    """Within-person coefficient of variation from week to week, and its source."""

    cv: float
    source: str


_STATLAND = "statland-1978"  # abstract: 20 healthy adults, weekly over five weeks
_DOT = "dot-1992"  # abstract: 39 healthy volunteers over a year

VARIATION: dict[str, Variation] = {
    "wbc": Variation(0.157, _STATLAND),
    "neutrophils": Variation(0.260, _STATLAND),
    "lymphocytes": Variation(0.132, _STATLAND),
    "monocytes": Variation(0.193, _STATLAND),
    "eosinophils": Variation(0.269, _STATLAND),
    "basophils": Variation(0.150, _STATLAND),
    "hemoglobin": Variation(0.028, _DOT),
    "mcv": Variation(0.011, _DOT),
    "platelets": Variation(0.086, _DOT),  # women 8.6 %, men 6.7 %: the wider
}


def find_change_limits(analyte: str) -> tuple[float, float] | None:
    """The ratios of two counts below and above which chance is left; None where no variation is known.

    >>> [round(limit, 2) for limit in find_change_limits("neutrophils")]
    [0.49, 2.03]
    """
    known = VARIATION.get(analyte)
    if known is None:
        return None
    reach = 1.96 * math.sqrt(2) * math.sqrt(math.log1p(known.cv**2))
    return math.exp(-reach), math.exp(reach)


def find_change(count: CountValue, earlier: Sequence[CountValue]) -> Change | None:
    """The change from the person's last earlier count, or from the median of three and more, when time orders them.

    `earlier` are the counts of the same analyte before this one, oldest first.
    """
    limits = find_change_limits(count.analyte)
    before = [e for e in earlier if e.unit == count.unit and _is_before(e, count)]
    if not limits or not before:
        return None
    last = before[-1]
    start = last.value if len(before) < 3 else median(e.value for e in before)
    day = last.day if len(before) < 3 else None
    if start == 0 or count.value == 0:
        return Change(start, count.value, start != count.value, day)
    ratio = count.value / start
    return Change(start, count.value, not limits[0] <= ratio <= limits[1], day)


def _is_before(earlier: CountValue, count: CountValue) -> bool:
    return earlier.day is not None and count.day is not None and earlier.day < count.day
