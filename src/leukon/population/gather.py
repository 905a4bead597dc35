# pyright: basic
# (ibis builds the methods of its columns at run time: they have no static types)
"""All that is known of a person in one row, as lists: what Python code ranks causes from."""

from __future__ import annotations

from typing import Any

import ibis

from leukon.population.columns import age_at, count_days

__all__ = ["gather_people"]

_COUNT = ("analyte", "value", "unit", "day", "lower", "upper", "bound")


def gather_people(people: Any, counts: Any, exposures: Any, conditions: Any) -> Any:
    """One row a person of `people`: who they are, `now` (their newest count), and their counts, drugs, conditions.

    `counts` are absolute ones with their unit. The order of the lists is the engine's: whoever reads them sorts.
    """
    drawn = _collect(counts, "counts", _COUNT, now=counts.day.max(), begun=counts.day.min())
    drugs = _collect(exposures, "drugs", ("name", "code", "start", "stop"))
    diseases = _collect(conditions, "conditions", ("name", "code", "day"))
    rows = people
    for lists in (drawn, drugs, diseases):
        rows = rows.left_join(lists, "person").drop("person_right")
    return rows.select(
        "person",
        "sex",
        birth_day=count_days(rows.birth_date),
        age_years=age_at(rows.age_years, rows.now, rows.begun),
        ancestry=rows.ancestry,
        duffy_null=rows.duffy_null,
        now=rows.now,
        counts=rows.counts,
        drugs=rows.drugs,
        conditions=rows.conditions,
    )


def _collect(table: Any, name: str, fields: tuple[str, ...], **more: Any) -> Any:
    row = ibis.struct({field: table[field] for field in fields})
    return table.group_by("person").aggregate(**{name: row.collect()}, **more)
