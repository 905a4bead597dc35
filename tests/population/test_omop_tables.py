"""Episodes as OMOP tables: neutropenia as a cohort that other tools read."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

pa = pytest.importorskip("pyarrow", reason="needs leukon[population]")
pytest.importorskip("ibis", reason="needs leukon[population]")

from leukon.population.omop_tables import make_omop_tables  # noqa: E402

EPISODES = {
    "person": ["7", "7", "subject-12"],
    "analyte": ["neutrophils"] * 3,
    "threshold": [1.5] * 3,
    "from": [0.5, 20.0, 5.0],
    "to": [3.0, None, None],
    "last": [1.0, 22.25, 5.0],
    "nadir": [0.0, 1.2, 1.0],
    "counts": [1, 2, 1],
    "open": [False, True, True],
}


def test_an_episode_of_neutropenia_is_a_cohort_row_and_a_numbered_episode(engine: Any) -> None:
    made = make_omop_tables(engine, engine.add("ep", pa.table(EPISODES)), {"wbc": [4.0], "neutrophils": [1.5]})
    rows = {name: engine.fetch(table).to_pylist() for name, table in made.items()}
    assert rows["cohort"] == [
        {
            "cohort_definition_id": 2,
            "subject_id": 7,
            "cohort_start_date": date(1970, 1, first),
            "cohort_end_date": date(1970, 1, last),
        }
        for first, last in ((1, 4), (21, 23))  # ended by a count; open: to its last low count
    ]
    assert [(e["episode_id"], e["person_id"], e["episode_number"]) for e in rows["episode"]] == [(1, 7, 1), (2, 7, 2)]
    assert {e["episode_object_concept_id"] for e in rows["episode"]} == {320073}
    assert {e["episode_source_value"] for e in rows["episode"]} == {"neutrophils < 1.5 10*9/L"}
    assert [d["cohort_definition_id"] for d in rows["cohort_definition"]] == [1, 2]
