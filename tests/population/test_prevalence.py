"""How common low counts are, in tables made by hand and in the NHANES surveys."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest

duckdb = pytest.importorskip("duckdb", reason="needs leukon[population]")
ibis = pytest.importorskip("ibis", reason="needs leukon[population]")
pa = pytest.importorskip("pyarrow", reason="needs leukon[population]")

from pyarrow import parquet  # noqa: E402

from leukon.population.cuts import find_first  # noqa: E402
from leukon.population.prevalence import Design, count_prevalence  # noqa: E402

DESIGN = Design("weight", "stratum", "unit")


def _run(query: Any, table: Any) -> dict[Any, tuple[int, int, float, float]]:
    with duckdb.connect() as con:
        con.register("people", table)
        return {row[0]: row[1:] for row in con.execute(ibis.to_sql(query, dialect="duckdb")).fetchall()}


def _people(**columns: list[Any]) -> tuple[Any, Any]:
    table = pa.table(columns)
    types = {"weight": "float64", "low": "boolean"}
    return ibis.table({name: types.get(name, "string") for name in columns}, "people"), table


def test_a_share_counts_those_who_were_measured() -> None:
    people, table = _people(group=["a"] * 5 + ["b"], low=[True, False, False, True, None, False])
    found = _run(count_prevalence(people, people.low, by=["group"]), table)
    assert found["a"] == (4, 2, 0.5, 0.25)
    assert found["b"] == (1, 0, 0.0, 0.0)


def test_a_weighted_share_has_the_standard_error_of_its_design() -> None:
    """By hand: z is (unit's low weight - share × unit's weight) / all weight; two units in a stratum: (z1 - z2)²."""
    people, table = _people(
        group=["a"] * 6, low=[True, False, False, False, True, False], weight=[1.0, 3.0, 2.0, 2.0, 1.0, 1.0],
        stratum=["1", "1", "1", "1", "2", "2"], unit=["1", "1", "2", "2", "1", "2"],
    )  # fmt: skip
    ((_, (n, low, share, se)),) = _run(count_prevalence(people, people.low, by=["group"], design=DESIGN), table).items()
    assert (n, low, share) == (6, 2, 0.2)
    z = [(1 - 0.2 * 4) / 10, (0 - 0.2 * 4) / 10, (1 - 0.2) / 10, (0 - 0.2) / 10]
    assert se == pytest.approx(math.sqrt((z[0] - z[1]) ** 2 + (z[2] - z[3]) ** 2), rel=1e-12)


def test_a_unit_without_anybody_of_the_group_counts_with_nobody() -> None:
    people, table = _people(
        group=["a", "a", "b"], low=[True, False, True], weight=[1.0, 1.0, 1.0], stratum=["1"] * 3, unit=["1", "1", "2"]
    )
    found = _run(count_prevalence(people, people.low, by=["group"], design=DESIGN), table)
    assert found["a"] == (2, 1, 0.5, 0.0)  # the linearised sum of the only unit is zero


@pytest.mark.parametrize(("ridreth3", "share", "se"), [(4, 7.16, 0.96), (3, 0.78, 0.20), (1, 1.31, 0.31)])
def test_weighted_neutropenia_in_nhanes_2017_is_as_measured(
    shared: Path, ridreth3: int, share: float, se: float
) -> None:
    """ANC < 1.5 as WBC × neutrophil share, percent of the population with its design-based standard error."""
    path = shared / "data" / "nhanes_2017_2018_all_ages" / "nhanes_2017_2018_cbc_demo.parquet"
    if not path.exists():
        pytest.skip("the NHANES data are not here")
    names = ("RIDRETH3", "WTMEC2YR", "SDMVSTRA", "SDMVPSU", "LBXWBCSI", "LBXNEPCT")
    people = ibis.table(dict.fromkeys(names, "float64"), "people")
    anc = people.LBXWBCSI * people.LBXNEPCT / 100
    design = Design("WTMEC2YR", "SDMVSTRA", "SDMVPSU")
    query = count_prevalence(people, anc < find_first(1.5), by=["RIDRETH3"], design=design)
    found = _run(query, parquet.read_table(path, columns=list(names)))[ridreth3]
    assert 100 * found[2] == pytest.approx(share, abs=0.0051)
    assert 100 * found[3] == pytest.approx(se, abs=0.02)


@pytest.mark.parametrize(("ethnicity", "share"), [(2, 3.70), (1, 0.41), (3, 0.37)])
def test_neutropenia_in_twenty_years_of_nhanes_is_as_measured(shared: Path, ethnicity: int, share: float) -> None:
    path = shared / "data" / "nhanes_1999_2018_adults" / "nhanes_1999_2018_adults_cbc.parquet"
    if not path.exists():
        pytest.skip("the NHANES data are not here")
    names = ("ethnicity_1nhw_2nhb_3hisp_4oth", "wbc_1e9_L", "neut_pct")
    people = ibis.table(dict.fromkeys(names, "float64"), "people")
    anc = people.wbc_1e9_L * people.neut_pct / 100
    query = count_prevalence(people, anc < find_first(1.5), by=[names[0]])
    found = _run(query, parquet.read_table(path, columns=list(names)))[ethnicity]
    assert 100 * found[2] == pytest.approx(share, abs=0.0051)
