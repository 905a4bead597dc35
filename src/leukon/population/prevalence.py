# pyright: basic
# (ibis builds the methods of its columns at run time: they have no static types)
"""How common low counts are: shares by group, of the people in a table or, with survey weights, of their population.

The standard error of a weighted share is design-based (Taylor series of the ratio; primary units drawn with replacement
within strata), as NCHS recommends for NHANES. A group is a domain: units of the survey that hold nobody of it count
with nobody.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import ibis

__all__ = ["Design", "count_prevalence"]


@dataclass(frozen=True, slots=True)
class Design:
    """The columns of a survey: the weight of a person, the stratum and the primary unit within it."""

    weight: str
    stratum: str
    unit: str


def count_prevalence(people: Any, low: Any, *, by: Sequence[str] = (), design: Design | None = None) -> Any:
    """One row a group: the columns of `by`, `people`, `low`, `share` and its standard error `se`.

    `people` has one row a person; `low` is a column of it that says whether their count is low: null, not measured, is
    left out of the share. Of a survey `share` is weighted, while `people` and `low` count those who were measured. A
    stratum with one primary unit adds nothing to the standard error.
    """
    named = people.mutate(_low=low.cast("float64"))
    if design is None:
        measured = named.filter(named._low.notnull())
        found = measured.group_by(*by).aggregate(people=measured.count(), low=measured._low.sum().cast("int64"))
        share = found.low / found.people
        return found.mutate(share=share, se=(share * (1 - share) / found.people).sqrt())
    rows = named.select(
        *by, _low=named._low, _w=named[design.weight].cast("float64"), _h=named[design.stratum], _u=named[design.unit]
    )
    rows = rows.filter(rows._w > 0)
    units = rows.group_by("_h").aggregate(_m=rows._u.nunique().cast("float64"))
    measured = rows.filter(rows._low.notnull())
    cells = measured.group_by(*by, "_h", "_u").aggregate(
        _a=(measured._w * measured._low).sum(), _b=measured._w.sum(), _n=measured.count(), _k=measured._low.sum()
    )
    group = ibis.window(group_by=list(by)) if by else ibis.window()
    cells = cells.mutate(
        _share=cells._a.sum().over(group) / cells._b.sum().over(group), _all=cells._b.sum().over(group)
    )
    cells = cells.mutate(_z=(cells._a - cells._share * cells._b) / cells._all)
    strata = cells.group_by(*by, "_h").aggregate(
        _s=cells._z.sum(),
        _q=(cells._z * cells._z).sum(),
        _n=cells._n.sum(),
        _k=cells._k.sum(),
        _share=cells._share.max(),
    )
    strata = strata.join(units, "_h")
    spread = strata._m / (strata._m - 1) * (strata._q - strata._s * strata._s / strata._m)
    strata = strata.mutate(_v=ibis.cases((strata._m > 1, spread), else_=0.0))
    found = strata.group_by(*by).aggregate(
        people=strata._n.sum(), low=strata._k.sum().cast("int64"), share=strata._share.max(), _v=strata._v.sum()
    )
    variance: Any = ibis.greatest(found._v, 0.0)  # rounding may leave a speck under zero
    return found.select(*by, "people", "low", "share", se=variance.sqrt())
