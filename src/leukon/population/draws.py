# pyright: basic
# (ibis builds the methods of its columns at run time: they have no static types)
"""The counts of every draw made absolute: the rules of `counts.differential`, over a table.

One thing more than for one person: where the four other cells are counted and neutrophils in no form, they are what is
left of the white cells. Values have nine decimals, one cell per litre: sums and products of what laboratories print
come out as they do for one person, on every engine.
"""

from __future__ import annotations

from typing import Any

import ibis

from leukon.population.columns import number
from leukon.population.draw_facts import add_facts
from leukon.population.draw_rules import settle_rows
from leukon.population.engines import Engine
from leukon.population.model import NOT_UNDERSTOOD
from leukon.population.rounding import round_9

__all__ = ["BY_DIFFERENCE", "derive_counts"]

BY_DIFFERENCE = "WBC − other cells"
_COLUMNS = ("person", "day", "analyte", "value", "unit", "bound", "lower", "upper", "how")
_NO_LIMIT = 1e6  # over every limit: of rows that are alike the one with limits is used


def derive_counts(engine: Engine, counts: Any) -> tuple[Any, Any]:
    """The absolute counts, one row a person, day and analyte; and what was refused, as rows of `NOT_UNDERSTOOD`.

    `counts` are canonical counts. Rows of a person with one day, or without a day, are one draw; of two values of an
    analyte in it the lower is used. The first table has the columns person, day, analyte, value, unit, bound, lower,
    upper and how: `lower` and `upper` are the laboratory's limits of the absolute count, and `how` says how it was had:
    "measured", "WBC × (segs + bands)", "WBC × lymphocytes %", "segs + bands", "WBC − other cells", ….
    Neutrophils by difference would hold blasts and immature cells: where any were counted, there are none.
    """
    numbered = engine.keep("numbered_counts", _number_values(counts))  # kept: DuckDB is twice as fast in two steps
    rows = engine.keep("settled_draws", settle_rows(add_facts(numbered)))
    is_used = ~rows.spare & (rows.reason.isnull() | rows.left_over.notnull())
    made = rows.filter(is_used).select(*_COLUMNS)
    left = rows.filter(rows.left_over >= 0).select(
        person=rows.person,
        day=rows.day,
        analyte=ibis.literal("neutrophils"),
        value=rows.left_over,
        unit=rows.unit,
        bound=ibis.null("string"),
        lower=ibis.null("float64"),
        upper=ibis.null("float64"),
        how=ibis.literal(BY_DIFFERENCE),
    )
    return made.union(left), _count_refused(rows)


def _number_values(counts: Any) -> Any:
    """The values of an analyte in a draw, numbered from the lowest; number 0 is used, `same` ones are equal to it.

    `sign` is -1 of a value "< 0.1", 1 of one "> 0.1", else 0.
    """
    sign = ibis.cases((counts.bound == "<", -1), (counts.bound == ">", 1), else_=0).cast("int8")
    values = {name: round_9(counts[name]) for name in ("value", "lower", "upper")}
    rows = counts.select("person", "day", "analyte", "percent", **values, sign=sign)
    limits = [rows[name].fill_null(number(_NO_LIMIT)) for name in ("lower", "upper")]
    alike = {
        "group_by": ["person", "day", "analyte", "percent"],
        "order_by": [rows.value, rows.sign, *limits],
    }
    so_far = ibis.window(**alike, rows=(None, 0))
    return rows.mutate(
        place=ibis.row_number().over(ibis.window(**alike)),
        same=(rows.value == rows.value.first().over(so_far)) & (rows.sign == rows.sign.first().over(so_far)),
    )


def _count_refused(rows: Any) -> Any:
    refused = rows.filter(rows.reason.notnull())
    text = refused.given + ibis.cases((refused.percent, " %"), else_="")
    found = refused.group_by("reason", text=text).aggregate(rows=refused.count())
    named = found.mutate(table=ibis.literal("counts"), column=ibis.literal("value"))
    return named.select(**{name: named[name].cast(kind) for name, kind in NOT_UNDERSTOOD.items()})
