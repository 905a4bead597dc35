"""The data dictionary says every column that is written, and nothing else."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

pytest.importorskip("pyarrow", reason="needs leukon[population]")
ibis = pytest.importorskip("ibis", reason="needs leukon[population]")

from pyarrow import dataset  # noqa: E402

from leukon.population.dictionary import check_tables, read_dictionary, write_dictionary  # noqa: E402
from leukon.population.run import Plan, run_population  # noqa: E402
from leukon.population.tables import TableError  # noqa: E402
from tests.population.ohdsi_traps import write_traps  # noqa: E402


def columns_of(table: str) -> dict[str, str]:
    return {entry.column: entry.type for entry in read_dictionary() if entry.table == table}


def test_each_column_has_a_type_a_meaning_and_a_source_and_stands_once() -> None:
    entries = read_dictionary()
    assert len({(e.table, e.column) for e in entries}) == len(entries) > 100
    for entry in entries:
        assert entry.meaning and entry.source and "{" not in "".join(entry), entry
        assert entry.type in {"string", "float64", "int64", "int32", "boolean", "date"}, entry
        assert entry.meaning[0].isupper() or entry.meaning[0] in "0123456789<" or " " in entry.meaning, entry


def test_a_column_is_a_line_for_each_kind_of_count_and_each_version() -> None:
    people = {e.column: e for e in read_dictionary() if e.table == "people"}
    assert people["hemoglobin_lowest"].unit == "g/dL"
    assert people["neutrophils_lowest"].unit == "10*9/L"
    assert "CTCAE 6" in people["platelets_grade_ctcae_6"].meaning
    assert "white cells" in people["wbc_grade_daids_2_1"].meaning


def test_a_column_that_nobody_explains_is_a_defect() -> None:
    known = list(columns_of("episodes"))
    check_tables({"episodes": known})
    with pytest.raises(TableError, match="a defect of leukon: the table 'episodes' has 'mood'"):
        check_tables({"episodes": [*known, "mood"]})
    with pytest.raises(TableError, match="the table 'episodes' lacks 'open'"):
        check_tables({"episodes": [column for column in known if column != "open"]})
    with pytest.raises(TableError, match="the table 'dreams' has 'a'"):
        check_tables({"dreams": ["a"]})


def test_the_written_dictionary_holds_the_tables_that_were_made(tmp_path: Path) -> None:
    path = tmp_path / "dictionary.csv"
    write_dictionary(path, ["episodes", "cohort"])
    with path.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    assert {row["table"] for row in rows} == {"episodes", "cohort"}
    assert next(row for row in rows if row["column"] == "nadir")["unit"] == "10*9/L"
    write_dictionary(path)
    assert len(path.read_text(encoding="utf-8").splitlines()) == len(read_dictionary()) + 1


def test_every_column_of_every_table_of_a_run_is_in_the_dictionary_with_its_type(tmp_path: Path) -> None:
    source, output = tmp_path / "omop", tmp_path / "result"
    source.mkdir()
    write_traps(source)
    run_population(Plan(source, output), lambda _: None)
    with (output / "dictionary.csv").open(encoding="utf-8", newline="") as lines:
        told = {(row["table"], row["column"]): row["type"] for row in csv.DictReader(lines)}
    held: dict[tuple[str, str], str] = {}
    for path in sorted(output.glob("*.parquet")):
        schema = ibis.Schema.from_pyarrow(dataset.dataset(path).schema)
        held |= {(path.stem, column): str(kind).lstrip("!") for column, kind in schema.items()}
    assert held == told
