"""Low, normal or high by the printed limits."""

from __future__ import annotations

import pytest


@pytest.mark.parametrize(
    ("value", "lower", "upper", "flag"),
    [
        (4.0, 4.0, 11.0, "NORMAL"), (3.99, 4.0, 11.0, "LOW"), (11.01, 4.0, 11.0, "HIGH"),
        (0.1 + 0.2, 0.3, 1.0, "NORMAL"), (3 * 1.1, 1.0, 3.3, "NORMAL"),  # the noise of arithmetic is no flag
        (0.0, 0.0, 0.2, "NORMAL"), (3.0, 4.0, None, "LOW"), (5.0, 4.0, None, None), (None, 4.0, 11.0, None),
    ],
)  # fmt: skip
def test_a_value_is_flagged_by_the_limits_beside_it(value, lower, upper, flag) -> None:
    duckdb = pytest.importorskip("duckdb", reason="needs leukon[population]")
    ibis = pytest.importorskip("ibis", reason="needs leukon[population]")
    from leukon.population.flags import flag_limits

    table = ibis.table(dict.fromkeys(("v", "lo", "hi"), "float64"), "t")
    query = ibis.to_sql(table.select(flag=flag_limits(table.v, table.lo, table.hi)), dialect="duckdb")
    with duckdb.connect() as con:
        con.execute(
            "CREATE TABLE t AS SELECT $1::DOUBLE AS v, $2::DOUBLE AS lo, $3::DOUBLE AS hi", [value, lower, upper]
        )
        assert con.execute(query).fetchall() == [(flag,)]
