"""How common low counts are, in tables made by hand: shares, errors of a survey's design, intervals."""

from __future__ import annotations

import math
from typing import Any

import pytest

pa = pytest.importorskip("pyarrow", reason="needs leukon[population]")
pytest.importorskip("ibis", reason="needs leukon[population]")
pytest.importorskip("duckdb", reason="needs leukon[population]")

from leukon.population.groups import COUNTS, PREVALENCE, THRESHOLDS, count_groups  # noqa: E402
from leukon.population.model import PEOPLE  # noqa: E402

LOW, NORMAL = 1.2, 3.0


def _count(engine: Any, *people: dict[str, Any]) -> list[dict[str, Any]]:
    """The rows for neutrophils under 1.5 at the first count; each person has `anc` and what else is known."""
    rows = [{"person": str(n), **person} for n, person in enumerate(people)]
    summary: dict[str, Any] = {
        name: [row.get(name) for row in rows]
        for name in ("person", "sex", "age_years", "age_first_years", "ancestry", "duffy_null")
    }
    types = {"age_years": pa.float64(), "age_first_years": pa.float64(), "duffy_null": pa.bool_()}
    columns = {name: pa.array(values, types.get(name, pa.string())) for name, values in summary.items()}
    for analyte in THRESHOLDS:
        values = [row.get("anc") if analyte == "neutrophils" else None for row in rows]
        for count in COUNTS:
            columns[f"{analyte}_{count}"] = pa.array(values, pa.float64())
            columns[f"{analyte}_{count}_bound"] = pa.array([row.get("bound") for row in rows], pa.string())
            columns[f"{analyte}_status_{count}"] = pa.array([row.get("status") for row in rows], pa.string())
    table = engine.add("summary", pa.table(columns))
    schema = PEOPLE.to_pyarrow()
    held = engine.add("people", pa.Table.from_pylist([{n: row.get(n) for n in schema.names} for row in rows], schema))
    found = engine.fetch(count_groups(engine, table, held)).cast(PREVALENCE).to_pylist()
    return [r for r in found if (r["analyte"], r["threshold"], r["count"]) == ("neutrophils", 1.5, "first")]


def _find(rows: list[dict[str, Any]], by: str, group: str) -> dict[str, Any]:
    (row,) = [r for r in rows if (r["by"], r["group"]) == (by, group)]
    return row


def test_a_share_counts_those_who_were_measured_and_an_anc_of_0_is_low(engine: Any) -> None:
    sexes = [{"sex": "female", "anc": anc} for anc in (0.0, NORMAL, NORMAL, NORMAL, None)]
    row = _find(_count(engine, *sexes, {"sex": "male", "anc": NORMAL}), "sex", "female")
    assert (row["people"], row["low"], row["share"], row["weighted"]) == (4, 1, 0.25, False)
    assert row["se"] == pytest.approx(math.sqrt(0.25 * 0.75 / 4), abs=1e-9)
    assert (row["lower"], row["upper"]) == (pytest.approx(0.0456, abs=1e-4), pytest.approx(0.6994, abs=1e-4))  # Wilson


def test_a_count_at_the_limit_is_not_low_and_noise_does_not_make_it_so(engine: Any) -> None:
    row = _find(_count(engine, {"anc": 1.5}, {"anc": 1.4999999999999998}, {"anc": 1.49}), "all", "all")
    assert (row["people"], row["low"]) == (3, 1)


def test_a_count_under_a_detection_limit_is_under_what_lies_above_it(engine: Any) -> None:
    people = [{"anc": 1.5, "bound": "<"}, {"anc": 1.6, "bound": "<"}, {"anc": 1.5}, {"anc": None}]
    row = _find(_count(engine, *people), "all", "all")
    assert (row["people"], row["low"]) == (3, 1)


def test_the_age_of_a_first_count_is_that_at_the_first_count(engine: Any) -> None:
    grown = {"anc": LOW, "age_first_years": 17.0, "age_years": 30.0}
    assert [r["group"] for r in _count(engine, grown) if r["by"] == "age"] == ["12-17"]


def test_nobody_is_dropped_whose_age_sex_or_ancestry_is_not_known(engine: Any) -> None:
    rows = _count(engine, {"anc": LOW}, {"anc": LOW, "age_first_years": 80.0, "ancestry": "Irish", "duffy_null": False})
    for by, groups in {"age": ["65 and over", "not known"], "ancestry": ["Irish", "not known"],
                       "Duffy-null": ["no", "not known"], "sex": ["not known"]}.items():  # fmt: skip
        assert [r["group"] for r in rows if r["by"] == by] == groups


def _survey(anc: float, weight: float, stratum: str, unit: str, ancestry: str = "a") -> dict[str, Any]:
    return {"anc": anc, "weight": weight, "stratum": stratum, "unit": unit, "ancestry": ancestry}


def test_a_weighted_share_has_the_standard_error_of_its_design(engine: Any) -> None:
    """By hand: z is (unit's low weight - share × unit's weight) / all weight; two units in a stratum: (z1 - z2)²."""
    people = [
        _survey(LOW, 1.0, "1", "1"), _survey(NORMAL, 3.0, "1", "1"), _survey(NORMAL, 2.0, "1", "2"),
        _survey(NORMAL, 2.0, "1", "2"), _survey(LOW, 1.0, "2", "1"), _survey(NORMAL, 1.0, "2", "2"),
    ]  # fmt: skip
    row = _find(_count(engine, *people), "all", "all")
    assert (row["people"], row["low"], row["share"], row["weighted"]) == (6, 2, 0.2, True)
    z = [(1 - 0.2 * 4) / 10, (0 - 0.2 * 4) / 10, (1 - 0.2) / 10, (0 - 0.2) / 10]
    assert row["se"] == pytest.approx(math.sqrt((z[0] - z[1]) ** 2 + (z[2] - z[3]) ** 2), abs=1e-9)


def test_a_unit_without_anybody_of_the_group_counts_with_nobody(engine: Any) -> None:
    people = [_survey(LOW, 1.0, "1", "1"), _survey(NORMAL, 1.0, "1", "1"), _survey(LOW, 1.0, "1", "2", "b")]
    row = _find(_count(engine, *people), "ancestry", "a")
    assert (row["people"], row["low"], row["share"], row["se"]) == (2, 1, 0.5, 0.0)


def test_weights_are_used_only_where_everybody_has_one(engine: Any) -> None:
    people = [_survey(LOW, 9.0, "1", "1"), _survey(NORMAL, 1.0, "1", "2"), {"anc": NORMAL}]
    row = _find(_count(engine, *people), "all", "all")
    assert (row["people"], row["share"], row["weighted"]) == (3, pytest.approx(1 / 3), False)


def test_weights_without_units_give_a_share_but_no_standard_error(engine: Any) -> None:
    """Nobody can say how far people of one unit are alike: no interval is better than one too narrow."""
    people = [{"anc": LOW, "weight": 1.0}, {"anc": NORMAL, "weight": 3.0}]
    row = _find(_count(engine, *people), "all", "all")
    assert (row["share"], row["weighted"]) == (0.25, True)
    assert (row["se"], row["lower"], row["upper"]) == (None, None, None)
