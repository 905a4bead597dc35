"""`leukon population` as a user runs it: tables in, a folder out; figures that others measured."""

from __future__ import annotations

import csv
import json
import os
from datetime import date
from pathlib import Path
from typing import Any

import pytest

pa = pytest.importorskip("pyarrow", reason="needs leukon[population]")
pytest.importorskip("ibis", reason="needs leukon[population]")
pytest.importorskip("duckdb", reason="needs leukon[population]")

import duckdb  # noqa: E402
import pyarrow.parquet as pq  # noqa: E402

from leukon.population.engines import duck  # noqa: E402
from leukon.population.run import Plan, run_population  # noqa: E402
from leukon.population.tables import TableError  # noqa: E402
from tests.population.messy import make_messy, write_messy  # noqa: E402

TABLES = {
    "people", "counts", "episodes", "prevalence", "causes", "not_understood", "cohort", "cohort_definition", "episode",
}  # fmt: skip
TODAY = date(2026, 1, 1)


def _run(source: Path, output: Path, **choices: Any) -> list[str]:
    return run_population(Plan(source, output, **choices), lambda _: None, today=TODAY)


def _read(output: Path, table: str) -> list[dict[str, Any]]:
    return pq.read_table(output / f"{table}.parquet").to_pylist()


def _write(folder: Path, **tables: list[dict[str, Any]]) -> Path:
    folder.mkdir()
    for name, rows in tables.items():
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as out:
            writer = csv.DictWriter(out, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
    return folder


def _counts(person: str, *counts: tuple[str, str, Any]) -> list[dict[str, Any]]:
    return [{"person": person, "date": d, "analyte": a, "value": v, "unit": "10*9/L"} for d, a, v in counts]


@pytest.fixture
def ward(tmp_path: Path) -> Path:
    """A woman with agranulocytosis on methimazole, a Duffy-null man, a healthy child."""
    return _write(
        tmp_path / "ward",
        people=[
            {"person": "w", "sex": "F", "birth_date": "1990-05-02", "duffy_null": ""},
            {"person": "m", "sex": "M", "birth_date": "1980-01-01", "duffy_null": "true"},
            {"person": "c", "sex": "F", "birth_date": "2020-01-01", "duffy_null": ""},
        ],
        counts=[
            *_counts("w", ("2025-11-01", "WBC", 6.1), ("2025-12-20", "WBC", 1.9), ("2025-12-20", "ANC", 0)),
            *_counts("m", ("2025-12-01", "WBC", 3.6), ("2025-12-01", "ANC", 1.3)),
            *_counts("c", ("2025-12-01", "WBC", 7.0), ("2025-12-01", "ANC", 2.4)),
        ],
        exposures=[{"person": "w", "name": "methimazole", "start": "2025-11-08"}],
        conditions=[{"person": "w", "name": "Graves disease", "day": ""}],
    )


def test_a_ward_is_answered_as_its_people_would_be(ward: Path, tmp_path: Path) -> None:
    notes = _run(ward, tmp_path / "out")
    assert notes == []
    people = {row["person"]: row for row in _read(tmp_path / "out", "people")}
    woman, man = people["w"], people["m"]
    assert (woman["neutrophils_lowest"], woman["neutrophils_grade_ctcae_5"], woman["neutrophils_low_now"]) == (
        0,
        4,
        True,
    )
    assert (woman["wbc_first"], woman["wbc_last"], woman["draws"]) == (6.1, 1.9, 2)
    assert (man["neutrophils_low_now"], man["neutrophils_grade_ctcae_5"]) == (False, 2)  # his normal, and the criterion
    assert people["c"]["neutrophils_low_now"] is False
    causes = _read(tmp_path / "out", "causes")
    assert {row["person"] for row in causes} == {"w"}
    (first,) = [row for row in causes if row["rank"] == 1]
    assert first["cause"] == "drug:methimazole" and first["probability"] > 0.7
    episodes = {(e["person"], e["analyte"], e["threshold"]) for e in _read(tmp_path / "out", "episodes")}
    assert {("w", "neutrophils", 0.1), ("w", "wbc", 4.0), ("m", "neutrophils", 1.5)} <= episodes


def test_the_folder_holds_every_table_its_dictionary_a_page_and_what_made_it(ward: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    _run(ward, out)
    files = {path.name for path in out.iterdir()}
    assert files == {f"{table}.parquet" for table in TABLES} | {"dictionary.csv", "index.html", "about.json"}
    with (out / "dictionary.csv").open(encoding="utf-8", newline="") as lines:
        told = {(row["table"], row["column"]) for row in csv.DictReader(lines)}
    assert told == {(t, c) for t in TABLES for c in pq.read_schema(out / f"{t}.parquet").names}
    about = json.loads((out / "about.json").read_text())
    assert about["chosen"]["merge_gap_days"] == 14.0 and about["knowledge"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out", "ward"]


def test_everybody_or_nobody_may_be_ranked(ward: Path, tmp_path: Path) -> None:
    _run(ward, tmp_path / "all", causes="all")
    assert {row["person"] for row in _read(tmp_path / "all", "causes")} == {"w", "m", "c"}
    _run(ward, tmp_path / "none", causes="none")
    assert not (tmp_path / "none" / "causes.parquet").exists()


def test_a_damaged_file_is_named_and_the_others_are_done(ward: Path, tmp_path: Path) -> None:
    (ward / "counts").mkdir()
    for part in range(3):
        rows = [{"person": f"p{part}", "date": "2025-12-01", "analyte": "WBC", "value": "2.0", "unit": "10*9/L"}]
        pq.write_table(pa.Table.from_pylist(rows), ward / "counts" / f"{part}.parquet")
    (ward / "counts" / "1.parquet").write_bytes(b"PAR1 half a file")
    (ward / "counts.csv").unlink()
    notes = _run(ward, tmp_path / "out", causes="none")
    assert any("1.parquet" in note for note in notes)
    assert {row["person"] for row in _read(tmp_path / "out", "people") if row["wbc_counts"]} == {"p0", "p2"}
    told = (tmp_path / "out" / "dictionary.csv").read_text(encoding="utf-8")
    assert "people,person" in told and "causes,person" not in told


def test_a_source_that_holds_nothing_leaves_no_folder(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(TableError, match="empty"):
        _run(tmp_path / "empty", tmp_path / "out")
    assert [path.name for path in tmp_path.iterdir()] == ["empty"]


def _read_all(output: Path) -> dict[str, list[str]]:
    with duckdb.connect() as con:
        made: dict[str, list[str]] = {}
        for table in sorted(p.stem for p in output.glob("*.parquet")):
            path = output / f"{table}.parquet"
            place = f"{path}/*.parquet" if path.is_dir() else str(path)
            rows = con.sql(f"SELECT * FROM read_parquet('{place}')").fetchall()  # noqa: S608  (a path of the test)
            made[table] = sorted(map(repr, rows))
        return made


def test_the_order_and_the_parts_of_the_source_change_nothing(tmp_path: Path) -> None:
    made = make_messy(3, 60)
    _run(write_messy(tmp_path / "a", made, shuffle=None), tmp_path / "one")
    _run(write_messy(tmp_path / "b", made, shuffle=7, parts=5), tmp_path / "two")
    assert _read_all(tmp_path / "one") == _read_all(tmp_path / "two")


def test_a_large_table_is_worked_on_part_by_part_of_the_people(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = write_messy(tmp_path / "a", make_messy(5, 60), shuffle=1)
    _run(source, tmp_path / "whole")
    monkeypatch.setattr(duck, "_PART", 100)  # some parts hold no drug
    told: list[str] = []
    run_population(Plan(source, tmp_path / "parts"), told.append, today=TODAY)
    assert any(line.startswith("part 3 of ") for line in told)
    assert _read_all(tmp_path / "whole") == _read_all(tmp_path / "parts")
    for table in ("people", "counts", "episodes", "causes"):
        assert _read(tmp_path / "whole", table) == _read(tmp_path / "parts", table), "in the same order"


def test_spark_gives_the_rows_of_duckdb(tmp_path: Path, spark_session: Any) -> None:
    made = make_messy(11, 60)
    source = write_messy(tmp_path / "a", made, shuffle=5, parts=3)
    _run(source, tmp_path / "duckdb")
    _run(source, tmp_path / "spark", engine="spark")
    one, other = _read_all(tmp_path / "duckdb"), _read_all(tmp_path / "spark")
    for table in TABLES:
        assert one[table] == other[table], table


@pytest.mark.skipif("LEUKON_CAMPAIGN" not in os.environ, reason="minutes long: make campaign")
@pytest.mark.parametrize("source", ["a thousand tables", "NHANES 50 times", "MIMIC"])
def test_spark_gives_the_rows_of_duckdb_at_length(
    request: pytest.FixtureRequest, tmp_path: Path, spark_session: Any, source: str
) -> None:
    choices: dict[str, Any] = {"split_gap_days": 14.0}
    if source == "a thousand tables":
        place = write_messy(tmp_path / "in", make_messy(2, 1000), shuffle=1, parts=4)
    elif source == "MIMIC":
        place, choices = (
            _link_mimic(request.getfixturevalue("shared"), tmp_path / "in"),
            choices | {"allow_future": True},
        )
    else:
        place, choices = _write_nhanes(request.getfixturevalue("shared"), tmp_path / "in", 50), {"causes": "none"}
    _run(place, tmp_path / "duckdb", **choices)
    _run(place, tmp_path / "spark", engine="spark", **choices)
    one, other = _read_all(tmp_path / "duckdb"), _read_all(tmp_path / "spark")
    for table in one:
        assert one[table] == other[table], table


def _write_nhanes(shared: Path, folder: Path, times: int = 1) -> Path:
    """NHANES 2017-2018 as leukon tables, each person so many times."""
    path = shared / "data" / "nhanes_2017_2018_all_ages" / "nhanes_2017_2018_cbc_demo.parquet"
    if not path.exists():
        pytest.skip("the NHANES data are not here")
    folder.mkdir()
    held = {name: values * times for name, values in pq.read_table(path).to_pydict().items()}
    copies = [n // (len(held["SEQN"]) // times) for n in range(len(held["SEQN"]))]
    keys = [f"{number:.0f}-{copy}" for number, copy in zip(held["SEQN"], copies, strict=True)]
    people = {"person": keys, "ancestry": [f"{code:.0f}" for code in held["RIDRETH3"]]}
    design = {"weight": held["WTMEC2YR"], "stratum": held["SDMVSTRA"], "unit": held["SDMVPSU"]}
    counts = {"wbc [10^9/L]": held["LBXWBCSI"], "neutrophils [%]": held["LBXNEPCT"]}
    pq.write_table(pa.table(people | design), folder / "people.parquet")
    pq.write_table(pa.table({"person": keys, "date": ["2018-01-01"] * len(keys)} | counts), folder / "counts.parquet")
    return folder


def _link_mimic(shared: Path, folder: Path) -> Path:
    data = shared / "data" / "mimic_iv_demo"
    if not data.exists():
        pytest.skip("the MIMIC demo is not here")
    folder.mkdir()
    (folder / "measurement.csv.gz").symlink_to(data / "derived_omop_measurement.csv.gz")
    (folder / "person.csv").symlink_to(data / "derived_omop_person.csv")
    return folder


def test_neutropenia_in_nhanes_2017_is_as_measured(shared: Path, tmp_path: Path) -> None:
    """ANC < 1.5 as WBC × neutrophil share, percent of the population with its design-based standard error."""
    source = _write_nhanes(shared, tmp_path / "nhanes")
    _run(source, tmp_path / "out", causes="none")
    found = {
        row["group"]: row
        for row in _read(tmp_path / "out", "prevalence")
        if (row["analyte"], row["threshold"], row["count"], row["by"]) == ("neutrophils", 1.5, "first", "ancestry")
    }
    for ancestry, share, se in (("4", 7.16, 0.96), ("3", 0.78, 0.20), ("1", 1.31, 0.31)):
        assert 100 * found[ancestry]["share"] == pytest.approx(share, abs=0.0051)
        assert 100 * found[ancestry]["se"] == pytest.approx(se, abs=0.02)
        assert found[ancestry]["weighted"] is True
    assert sum(row["low"] for row in found.values()) == 203


def test_neutropenia_in_twenty_years_of_nhanes_is_as_measured(shared: Path, tmp_path: Path) -> None:
    path = shared / "data" / "nhanes_1999_2018_adults" / "nhanes_1999_2018_adults_cbc.parquet"
    if not path.exists():
        pytest.skip("the NHANES data are not here")
    source = tmp_path / "nhanes"
    source.mkdir()
    held = pq.read_table(path).to_pydict()
    keys = [str(number) for number in range(len(held["wbc_1e9_L"]))]
    ethnicities = [f"{code:.0f}" for code in held["ethnicity_1nhw_2nhb_3hisp_4oth"]]
    counts = {"wbc [10^9/L]": held["wbc_1e9_L"], "neutrophils [%]": held["neut_pct"]}
    pq.write_table(pa.table({"person": keys, "ancestry": ethnicities}), source / "people.parquet")
    pq.write_table(pa.table({"person": keys} | counts), source / "counts.parquet")
    _run(source, tmp_path / "out", causes="none")
    found = {
        row["group"]: row["share"]
        for row in _read(tmp_path / "out", "prevalence")
        if (row["analyte"], row["threshold"], row["count"], row["by"]) == ("neutrophils", 1.5, "first", "ancestry")
    }
    for ethnicity, share in (("2", 3.70), ("1", 0.41), ("3", 0.37)):
        assert 100 * found[ethnicity] == pytest.approx(share, abs=0.0051)


def test_episodes_of_mimic_are_as_counted(shared: Path, tmp_path: Path) -> None:
    """Draws at most 14 days apart are one: WBC < 4.0 in 54 episodes of 18 people, ANC < 1.5 in 21 of 5, < 0.5 in 5."""
    source = _link_mimic(shared, tmp_path / "omop")
    _run(source, tmp_path / "out", causes="none", allow_future=True, split_gap_days=14.0)
    rows = _read(tmp_path / "out", "episodes")

    def count(analyte: str, threshold: float) -> tuple[int, int]:
        found = [row["person"] for row in rows if (row["analyte"], row["threshold"]) == (analyte, threshold)]
        return len(found), len(set(found))

    assert count("wbc", 4.0) == (54, 18)
    assert count("neutrophils", 1.5) == (21, 5)
    assert count("neutrophils", 0.5) == (5, 2)
    cohort = _read(tmp_path / "out", "cohort")
    assert len([row for row in cohort if row["cohort_definition_id"] == 1]) == 54  # person keys are whole numbers here
