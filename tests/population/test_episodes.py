"""Episodes over a table: the same as for one person, and as measured on real patients."""

from __future__ import annotations

import random
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from leukon.severity.episodes import find_episodes as find_in_record

duckdb = pytest.importorskip("duckdb", reason="needs leukon[population]")
ibis = pytest.importorskip("ibis", reason="needs leukon[population]")
pa = pytest.importorskip("pyarrow", reason="needs leukon[population]")

from leukon.population.columns import count_days  # noqa: E402
from leukon.population.episodes import find_episodes  # noqa: E402

COUNTS = ibis.table(
    {"person": "int64", "analyte": "string", "row": "int64", "day": "float64", "value": "float64"}, "counts"
)


def _run(rows: list[dict[str, Any]], threshold: float, **options: Any) -> list[dict[str, Any]]:
    schema = pa.schema(
        [
            ("person", pa.int64()),
            ("analyte", pa.string()),
            ("row", pa.int64()),
            ("day", pa.float64()),
            ("value", pa.float64()),
        ]
    )
    episodes = find_episodes(COUNTS, threshold, order=["row"], **options).order_by("person", "analyte", "from")
    with duckdb.connect(config={"threads": 3}) as con:
        con.register("counts", pa.Table.from_pylist(rows, schema))
        found = con.execute(ibis.to_sql(episodes, dialect="duckdb"))
        names = [column[0] for column in found.description]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def _series(*counts: tuple[float, float]) -> list[dict[str, Any]]:
    return [{"person": 1, "analyte": "anc", "row": k, "day": d, "value": v} for k, (d, v) in enumerate(counts)]


def test_an_episode_goes_from_the_first_low_count_to_the_first_back_at_the_threshold() -> None:
    (episode,) = _run(_series((0, 2.0), (3, 0.9), (5, 0.2), (9, 1.5), (20, 3.0)), 1.5)
    expected = {"from": 3, "to": 9, "last": 5, "nadir": 0.2, "counts": 2, "open": False}
    assert episode == {"person": 1, "analyte": "anc", "threshold": 1.5} | expected


def test_runs_that_lie_close_are_one_episode_and_the_gap_is_a_parameter() -> None:
    rows = _series((0, 1.0), (5, 2.0), (14, 1.0), (20, 2.0))
    assert [(e["from"], e["to"]) for e in _run(rows, 1.5)] == [(0, 20)]
    assert [(e["from"], e["to"]) for e in _run(rows, 1.5, merge_gap_days=13)] == [(0, 5), (14, 20)]


def test_an_episode_that_no_count_ends_is_open() -> None:
    assert [(e["to"], e["open"]) for e in _run(_series((0, 1.0), (300, 0.0)), 1.5)] == [(None, True)]


def test_low_counts_far_apart_may_be_held_to_be_two_episodes() -> None:
    rows = _series((0, 1.0), (300, 0.0), (301, 1.5))
    assert [(e["from"], e["to"], e["open"]) for e in _run(rows, 1.5, split_gap_days=14)] == [
        (0, None, True),
        (300, 301, False),
    ]


def test_rows_without_a_day_or_a_value_are_left_out() -> None:
    rows = _series((0, 1.0), (1, float("nan")), (3, 2.0))
    rows += [rows[0] | {"day": None, "row": 8}, rows[0] | {"value": None, "row": 9}]
    assert [(e["from"], e["to"], e["counts"]) for e in _run(rows, 1.5)] == [(0, 3, 1)]


def _in_record(rows: list[dict[str, Any]], threshold: float, gap: float) -> list[tuple[Any, ...]]:
    found: list[tuple[Any, ...]] = []
    for person in sorted({row["person"] for row in rows}):
        mine = sorted((r for r in rows if r["person"] == person), key=lambda r: (r["day"], r["row"]))
        counts = [SimpleNamespace(analyte="anc", value=r["value"], day=r["day"], censored=None) for r in mine]
        judged: Any = [SimpleNamespace(count=count, limit=None) for count in counts]
        episodes = find_in_record(judged, {"anc": [threshold]}, merge_gap_days=gap)
        found += [(person, e.from_, e.to, e.nadir, e.open) for e in episodes]
    return found


@pytest.mark.parametrize("gap", [0.0, 3.0, 14.0])
def test_a_table_has_the_episodes_of_its_people_one_by_one(gap: float) -> None:
    """With ties of days and in any order of the rows."""
    chance = random.Random(int(gap))
    rows = [
        _series((chance.randint(0, 60), chance.choice([0.2, 1.0, 1.5, 3.0])))[0] | {"person": p, "row": k}
        for p in range(300)
        for k in range(chance.randint(1, 25))
    ]
    expected = _in_record(rows, 1.5, gap)
    chance.shuffle(rows)
    found = _run(rows, 1.5, merge_gap_days=gap)
    assert [(e["person"], e["from"], e["to"], e["nadir"], e["open"]) for e in found] == expected


@pytest.mark.parametrize(
    ("column", "threshold", "expected"), [("wbc_any", 4.0, 54), ("anc_best", 1.5, 21), ("anc_best", 0.5, 5)]
)
def test_real_patients_have_the_episodes_that_were_measured(
    shared: Path, column: str, threshold: float, expected: int
) -> None:
    """MIMIC-IV demo: low draws at most 14 days apart are one episode, others are not."""
    path = shared / "data" / "mimic_iv_demo" / "cbc_wide.csv"
    if not path.exists():
        pytest.skip("the MIMIC demo data are not here")
    draws = ibis.table({"subject_id": "int64", "time": "timestamp", column: "float64"}, "draws")
    counts = draws.select(person="subject_id", day=count_days(draws.time), value=column)
    episodes = find_episodes(counts, threshold, series=["person"], split_gap_days=14.0)
    with duckdb.connect() as con:
        con.read_csv(str(path)).create_view("draws")
        found = con.execute(ibis.to_sql(episodes.count(), dialect="duckdb")).fetchone()
    assert found == (expected,)


def test_a_count_under_the_detection_limit_is_under_a_threshold_at_that_limit() -> None:
    table = pa.table(
        {"person": [1, 1], "analyte": ["anc"] * 2, "day": [0.0, 4.0], "value": [0.5, 0.5], "bound": ["<", None]}
    )
    counts = ibis.table(ibis.Schema.from_pyarrow(table.schema), name="bounded")
    with duckdb.connect() as con:
        con.register("bounded", table)
        found = con.execute(ibis.to_sql(find_episodes(counts, 0.5), dialect="duckdb")).fetchall()
    assert [row[3:5] for row in found] == [(0.0, 4.0)]
