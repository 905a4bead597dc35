# pyright: basic
# (ibis builds the methods of its columns at run time: they have no static types)
"""Episodes in the shape of OMOP: COHORT, COHORT_DEFINITION and EPISODE (CDM 5.4), for tools that read those.

A cohort row lasts from the first low count to the first count back at the threshold, or to the last low count where
none came back. Concepts are those that a source confirms (OHDSI PhenotypeLibrary 3.37.0); a concept that could not be
confirmed is 0, OMOP's "no matching concept", and `episode_source_value` says in words what the episode is. The optional
columns of times are left out: engines differ in how they keep them, and days are what an episode is measured in.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import ibis
import pyarrow as pa

from leukon.population.engines import Engine

__all__ = ["list_definitions", "make_omop_tables"]

_OBJECTS: Mapping[str, int] = {  # OHDSI PhenotypeLibrary 3.37.0, cohorts 693 and 211
    "neutrophils": 320073,  # Neutropenia
    "wbc": 435224,  # Leukopenia
    "platelets": 432870,  # Thrombocytopenic disorder
}
_DAY_S = 86_400


def list_definitions(thresholds: Mapping[str, Sequence[float]]) -> pa.Table:
    """COHORT_DEFINITION: one row an analyte and threshold, numbered in their order from 1."""
    named = [(analyte, limit) for analyte, limits in thresholds.items() for limit in limits]
    return pa.table(
        {
            "cohort_definition_id": pa.array(range(1, len(named) + 1), pa.int64()),
            "cohort_definition_name": [f"{analyte} < {limit:g} 10*9/L" for analyte, limit in named],
            "analyte": [analyte for analyte, _ in named],
            "threshold": pa.array([limit for _, limit in named], pa.float64()),
            "object_concept_id": pa.array([_OBJECTS.get(analyte, 0) for analyte, _ in named], pa.int64()),
        }
    )


def make_omop_tables(engine: Engine, episodes: Any, thresholds: Mapping[str, Sequence[float]]) -> dict[str, Any]:
    """The tables `cohort`, `cohort_definition` and `episode`; people whose key is no whole number are left out."""
    definitions = engine.add("omop_definitions", list_definitions(thresholds))
    rows = episodes.mutate(person_id=episodes.person.try_cast("int64")).filter(ibis._.person_id.notnull())
    rows = rows.join(definitions, ["analyte", "threshold"])
    start, end = _date(rows["from"]), _date(ibis.coalesce(rows.to, rows["last"]))
    number = ibis.row_number().over(group_by=[rows.person_id, rows.cohort_definition_id], order_by=rows["from"])
    serial = ibis.row_number().over(order_by=[rows.person_id, rows.cohort_definition_id, rows["from"]])
    nothing = ibis.literal(0).cast("int64")
    cohort = rows.select(
        cohort_definition_id=rows.cohort_definition_id,
        subject_id=rows.person_id,
        cohort_start_date=start,
        cohort_end_date=end,
    )
    episode = rows.select(
        episode_id=(serial + 1).cast("int64"),
        person_id=rows.person_id,
        episode_concept_id=nothing,
        episode_start_date=start,
        episode_end_date=end,
        episode_parent_id=ibis.null("int64"),
        episode_number=(number + 1).cast("int32"),
        episode_object_concept_id=rows.object_concept_id,
        episode_type_concept_id=nothing,
        episode_source_value=rows.cohort_definition_name,
        episode_source_concept_id=nothing,
    )
    return {
        "cohort": cohort.order_by("cohort_definition_id", "subject_id", "cohort_start_date"),
        "cohort_definition": definitions.order_by("cohort_definition_id"),
        "episode": episode.order_by("episode_id"),
    }


def _date(day: Any) -> Any:
    return (day * _DAY_S).round().cast("int64").as_timestamp("s").date()
