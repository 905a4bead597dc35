# pyright: basic
# (ibis builds the methods of its columns at run time: they have no static types)
"""The ranked causes of many people: the code for one person, given batches of them by the engine."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

import ibis
import pyarrow as pa

from leukon.population.causes import OUTPUT, rank_batch, rank_batches
from leukon.population.engines import Engine
from leukon.population.gather import gather_people
from leukon.population.model import NOT_UNDERSTOOD

__all__ = ["rank_people"]

_COLUMNS = ("person", "low", "rank", "cause", "name", "family", "probability", "must_not_miss", "drug")
_OF_LOW = ("wbc", "neutrophils", "lymphocytes")


def rank_people(
    engine: Engine, tables: Mapping[str, Any], judged: Any, *, everybody: bool, setting: str
) -> tuple[Any, Any]:
    """The causes of everybody, or of those who ever had a low count; and what was not understood in doing so.

    `tables` are the canonical people, exposures and conditions; `judged` are the derived counts with their status.
    People of whom nothing could be said stand in the second table.
    """
    people = tables["people"]
    if not everybody:
        low = judged.filter((judged.status == "low") & judged.analyte.isin(_OF_LOW)).select("person").distinct()
        people = people.semi_join(low, "person")
    rows = gather_people(people, judged, tables["exposures"], tables["conditions"])
    # on a cluster each worker ranks what it holds; here the batches go to every core
    work = _rank_each if engine.name == "spark" else rank_batches
    made = engine.map_batches("ranked", rows, partial(work, setting=setting), OUTPUT)
    words = made.filter(made.kind == "not understood").select(*NOT_UNDERSTOOD.keys())
    silent = made.filter(made.kind.isin(["failed", "nothing known"])).select(
        table=ibis.literal("people"),
        column=ibis.literal("person"),
        text=ibis.null("string"),
        reason=made.reason,
        rows=ibis.literal(1).cast("int64"),
    )
    left_out = words.union(silent).group_by("table", "column", "text", "reason").aggregate(rows=ibis._.rows.sum())
    return made.filter(made.kind == "cause").select(*_COLUMNS), left_out


def _rank_each(batches: Iterator[pa.RecordBatch], setting: str) -> Iterator[pa.RecordBatch]:
    for batch in batches:
        yield rank_batch(batch, setting)
