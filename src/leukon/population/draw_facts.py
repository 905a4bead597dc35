# pyright: basic
# (ibis builds the methods of its columns at run time: they have no static types)
"""What a value has to know of the other values of its draw: one window over each draw, the same for all columns."""

from __future__ import annotations

from typing import Any

import ibis

from leukon.counts.analytes import DIFFERENTIAL, FIVE_CELLS

__all__ = ["OTHER_FOUR", "add_facts"]

OTHER_FOUR = FIVE_CELLS[1:]
"""The cells of the differential that are no neutrophils."""


def add_facts(rows: Any) -> Any:
    """The rows with what is used in their draw (the rows with `place` 0), null where it was not counted.

    Of the absolute counts of white cells, each cell of the differential and reticulocytes: `wbc` and its sign
    `wbc_sign`, …. Of percentages: `neutrophils_share`, `segs_share`, `bands_share` and `bands_share_sign`; the sum of
    those of other cells as `plain`, how many of the other four there are as `four`; and the most `immature` cells.
    """
    used, draw = rows.place == 0, ibis.window(group_by=["person", "day"], rows=(None, None))

    def find(column: Any, cells: tuple[str, ...], *, percent: bool) -> Any:
        return ibis.cases((used & rows.analyte.isin(cells) & (rows.percent == percent), column))

    facts: dict[str, Any] = {}
    for cell in ("wbc", *DIFFERENTIAL, "reticulocytes"):
        facts[cell] = find(rows.value, (cell,), percent=False).max()
        facts[f"{cell}_sign"] = find(rows.sign, (cell,), percent=False).max()
    for cell in ("neutrophils", "segs", "bands"):
        facts[f"{cell}_share"] = find(rows.value, (cell,), percent=True).max()
    facts["bands_share_sign"] = find(rows.sign, ("bands",), percent=True).max()
    facts["plain"] = find(rows.value, (*OTHER_FOUR, "blasts"), percent=True).sum()
    facts["four"] = find(rows.value, OTHER_FOUR, percent=True).count()
    immature: Any = ibis.cases((used & rows.analyte.isin(("blasts", "immature_granulocytes")), rows.value))
    facts["immature"] = immature.max()
    return rows.mutate(**{name: fact.over(draw) for name, fact in facts.items()})
