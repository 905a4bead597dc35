"""Nothing is dropped in silence: what is damaged, of the wrong type, without a unit, or not of one person is named."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

pa = pytest.importorskip("pyarrow", reason="needs leukon[population]")

import pyarrow.parquet as pq  # noqa: E402

from leukon.population.draws import derive_counts  # noqa: E402
from leukon.population.engines import open_engine  # noqa: E402
from leukon.population.episodes import find_episodes  # noqa: E402
from leukon.population.sources import read_source  # noqa: E402
from leukon.population.tables import TableError  # noqa: E402
from tests.population.sources.conftest import TODAY, Found, write_csv, write_parquet  # noqa: E402

Read = Callable[..., Found]


def _counts(person: int, **more: Any) -> dict[str, Any]:
    many = 2000
    columns = {"person": [person] * many, "analyte": ["WBC"] * many, "unit": ["K/uL"] * many}
    return (
        columns
        | {"value": [k / 500 + person / 1e5 for k in range(many)], "day": [float(k) for k in range(many)]}
        | more
    )


def _fill(folder: Path, many: int = 100) -> None:
    for person in range(many):
        write_parquet(folder / "counts" / f"part_{person:03}.parquet", _counts(person))


def _spoil(path: Path) -> None:
    """Other bytes in the middle of the pages, the footer left whole."""
    data = bytearray(path.read_bytes())
    for place in range(60, len(data) // 2):
        data[place] ^= 0x5A
    path.write_bytes(data)


def test_a_damaged_file_in_a_folder_of_100_is_named_and_the_other_99_are_used(read: Read, folder: Path) -> None:
    _fill(folder)
    cut = folder / "counts" / "part_041.parquet"
    cut.write_bytes(cut.read_bytes()[:-200])
    found = read(folder)
    assert len({c["person"] for c in found.counts}) == 99
    assert [text for text, _ in found.faults("damaged file, left out")] == ["part_041.parquet"]


def test_a_page_that_is_spoilt_in_the_middle_is_found_out(read: Read, folder: Path) -> None:
    _fill(folder, 12)
    _spoil(folder / "counts" / "part_007.parquet")
    found = read(folder)
    assert {c["person"] for c in found.counts} == {str(k) for k in range(12)} - {"7"}
    assert [text for text, _ in found.faults("damaged file, left out")] == ["part_007.parquet"]


@pytest.mark.parametrize("how", ["gzip", "encoding", "empty"])
def test_text_that_breaks_off_or_is_in_another_encoding_is_named(read: Read, folder: Path, how: str) -> None:
    table = "person,analyte,value,unit,note\n" + "".join(f"1,WBC,{k / 10},K/uL,é\n" for k in range(1, 30))
    write_csv(folder / "counts_1.csv", table)
    bad = table.replace("1,WBC", "2,WBC")
    if how == "gzip":
        (folder / "counts_2.csv.gz").write_bytes(gzip.compress(bad.encode())[:-40])
    else:
        (folder / "counts_2.csv").write_bytes(bad.replace("é", "WBC,é").encode("latin-1") if how == "encoding" else b"")
        if how == "encoding":  # in a column that is read
            (folder / "counts_2.csv").write_bytes(bad.replace("K/uL", "K/µL").encode("latin-1"))
    found = read(folder)
    assert {c["person"] for c in found.counts} == {"1"}
    assert [text for text, _ in found.faults("damaged file, left out")] in (["counts_2.csv.gz"], ["counts_2.csv"])


def test_a_row_with_too_many_cells_is_counted(read: Read, folder: Path) -> None:
    found = read(write_csv(folder / "counts.csv", "person,analyte,value,unit\n1,WBC,3,K/uL\n1,WBC,3,5,K/uL\n"))
    assert found.values("wbc") == [3.0]
    assert found.faults("1 rows have another number of cells") == [("counts.csv", None)]


def test_a_column_of_the_wrong_type_costs_its_file_alone(read: Read, folder: Path) -> None:
    write_parquet(folder / "counts" / "a.parquet", _counts(1))
    write_parquet(folder / "counts" / "b.parquet", _counts(2, value=[True] * 2000))
    write_parquet(folder / "counts" / "c.parquet", _counts(3, value=[f"{k / 500}" for k in range(2000)]))
    write_parquet(folder / "counts" / "d.parquet", _counts(4, day=[[1.0]] * 2000))
    found = read(folder)
    assert {c["person"] for c in found.counts} == {"1", "3", "4"}
    assert {c["day"] for c in found.counts if c["person"] == "4"} == {None}
    assert found.faults("not numbers: the file is not used") == [("b.parquet", None)]
    assert found.faults("not dates or days") == [("d.parquet", None)]


def test_an_unknown_unit_in_every_row_says_so(read: Read, folder: Path) -> None:
    write_parquet(folder / "counts.parquet", _counts(1, unit=["furlong"] * 2000))
    with pytest.raises(TableError, match=r"no count can be used: not a unit .* \(unit 'furlong'\) in 2,000 rows$"):
        read(folder)


def test_values_that_no_one_has_are_left_out_and_counted(read: Read, folder: Path) -> None:
    cells = ["3", "-3", "5000", "", "five", "1e99", "nan"]
    rows = [{"person": 1, "analyte": "WBC", "value": cell, "unit": "K/uL"} for cell in cells]
    rows += [{"person": 1, "analyte": "neutrophils", "value": "101", "unit": "%"}]
    rows += [{"person": "", "analyte": "WBC", "value": "3", "unit": "K/uL"}]
    found = read(write_csv(folder / "counts.csv", rows))
    assert [c["value"] for c in found.counts] == [3.0]
    told = {(row["text"], row["reason"]): row["rows"] for row in found.not_understood if row["column"] == "value"}
    assert told == {
        ("wbc", "a count cannot be negative"): 1,
        ("wbc", "outside what a living person can have"): 2,
        ("wbc", "no value"): 1,
        ("wbc", "no person"): 1,
        ("neutrophils", "a share cannot exceed 100 %"): 1,
        ("five", "not a number"): 1,
        ("nan", "no value: the analyser or laboratory gave 'nan'"): 1,
    }


def test_a_future_date_is_left_out_and_named_unless_dates_are_shifted(read: Read, folder: Path) -> None:
    rows = [
        {"person": 1, "analyte": "WBC", "value": 3, "unit": "K/uL", "date": d} for d in ("2026-01-31", "2026-02-01")
    ]
    write_csv(folder / "counts.csv", rows)
    found = read(folder)
    assert len(found.counts) == 1
    assert found.faults("dated after today") == [("wbc", 1)]
    assert len(read(folder, allow_future=True).counts) == 2


def test_a_day_of_a_study_is_no_date(read: Read, folder: Path) -> None:
    rows = [{"person": 1, "analyte": "WBC", "value": 3, "unit": "K/uL", "day": 90_000}]
    assert [c["day"] for c in read(write_csv(folder / "counts.csv", rows)).counts] == [90_000.0]


def test_two_people_with_one_key_are_left_out_with_all_that_is_theirs(read: Read, folder: Path) -> None:
    write_csv(folder / "people.csv", "person,sex,age\n1,f,30\n2,m,40\n2,f,40\n3,m,50\n3,m,50\n3,,50\n")
    rows = [{"person": k, "analyte": "WBC", "value": 3, "unit": "K/uL", "day": d} for k in (1, 2, 3, 4) for d in (0, 1)]
    write_csv(folder / "counts.csv", rows)
    write_csv(folder / "drugs.csv", "person,name\n1,clozapine\n2,clozapine\n")
    found = read(folder)
    assert [(p["person"], p["sex"]) for p in found.people] == [("1", "female"), ("3", "male"), ("4", None)]
    assert {c["person"] for c in found.counts} == {"1", "3", "4"}
    assert [e["person"] for e in found.exposures] == ["1"]
    assert found.faults("two people with one key and different facts") == [("2", 2)]
    assert found.faults("counts of a key that two people have") == [("2", 2)]
    assert found.faults("of a key that two people have: left out") == [("2", 2), (None, 1)]
    assert found.faults("not in a table of people: kept") == [("people: 1", 2)]


def test_words_for_sex_birth_and_numbers_that_are_not_understood_are_named(read: Read, folder: Path) -> None:
    write_csv(folder / "counts.csv", "person,analyte,value,unit,lln,date\n1,WBC,3,K/uL,low,yesterday\n")
    write_csv(folder / "people.csv", "person,sex,birth_date,age\n1,X,1950,old\n")
    found = read(folder)
    assert [(c["value"], c["lower"], c["day"]) for c in found.counts] == [(3.0, None, None)]
    told = {(row["table"], row["column"]): row["text"] for row in found.not_understood}
    assert told == {
        ("counts", "limits"): None,
        ("counts", "day"): "yesterday",
        ("people", "sex"): "X",
        ("people", "birth"): "1950",
        ("people", "age"): "old",
    }


def test_a_row_told_twice_changes_no_episode(folder: Path, tmp_path: Path) -> None:
    """Rows that are alike in all stay; one draw is made of them where draws are settled."""
    rows = [
        {"person": 1, "analyte": "ANC", "value": value, "unit": "K/uL", "date": f"2020-01-{day:02}"}
        for day, value in ((1, 2.0), (3, 0.4), (5, 1.0), (9, 1.6))
    ]
    found: list[list[Any]] = []
    for name, told in (("once", rows), ("thrice", rows + rows[1:3] * 2)):
        write_csv(folder / name / "counts.csv", told)
        with open_engine("duckdb", tmp_path) as engine:
            tables = read_source(engine, folder / name, "leukon", tmp_path, today=TODAY)
            derived, _ = derive_counts(engine, tables.counts)
            counts = derived.select("person", "analyte", "day", "value", "bound")
            found.append(engine.fetch(find_episodes(counts, 1.5)).to_pylist())
    assert found[0] == found[1]
    assert [(e["nadir"], e["counts"]) for e in found[0]] == [(0.4, 2)]


def test_very_many_names_are_summed_up(read: Read, folder: Path) -> None:
    rows = [{"person": 1, "analyte": f"test {k}", "value": 1, "unit": "g"} for k in range(300)]
    rows += [{"person": 1, "analyte": "WBC", "value": 3, "unit": "K/uL"}]
    told = read(write_csv(folder / "counts.csv", rows)).faults("not a blood count")
    assert len(told) == 201
    assert told[0] == ("(another of 100)", 100)
    assert sum(rows or 0 for _, rows in told) == 300


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda path: None, "no file that can be read"),
        (
            lambda path: write_csv(path / "a.csv", "x,y\n1,2\n"),
            "no table that is known; say which is meant with --from",
        ),
        (lambda path: (path / "a.parquet").write_bytes(b"PAR1 not at all"), "no table that is known"),
    ],
)
def test_a_source_that_cannot_be_told_says_what_to_do(
    read: Read, folder: Path, make: Callable[[Path], Any], said: str
) -> None:
    make(folder)
    with pytest.raises(TableError, match=said):
        read(folder)


def test_a_source_of_two_kinds_is_not_guessed(read: Read, folder: Path) -> None:
    write_csv(folder / "counts.csv", "person,analyte,value,unit\n1,WBC,3,K/uL\n")
    write_csv(folder / "person.csv", "person_id,gender_concept_id\n1,8507\n")
    with pytest.raises(TableError, match=r"several kinds \(leukon, omop\)"):
        read(folder)
    assert len(read(folder, "leukon").counts) == 1
    with pytest.raises(TableError, match="unknown kind of source 'sas'"):
        read(folder, "sas")
    with pytest.raises(TableError, match="no such file or folder"):
        read(folder / "nothing")


def test_names_with_the_letters_of_patterns_are_read(read: Read, tmp_path: Path) -> None:
    place = tmp_path / "of [2020] *"
    write_parquet(place / "counts.parquet", _counts(1))
    write_parquet(place / "counts_2.parquet", _counts(2))
    assert {c["person"] for c in read(place).counts} == {"1", "2"}


def test_times_with_a_zone_and_in_nanoseconds_are_read(read: Read, folder: Path) -> None:
    columns = {"person": ["1"], "analyte": ["WBC"], "value": [3.0], "unit": ["K/uL"]}
    nanoseconds = pa.array([1577880000 * 10**9], pa.timestamp("ns", "America/New_York"))
    pq.write_table(pa.table(columns | {"date": nanoseconds}), folder / "counts.parquet")
    assert [c["day"] for c in read(folder).counts] == [1577880000 / 86_400]
    assert date(1970, 1, 1).toordinal() + 1577880000 // 86_400 == date(2020, 1, 1).toordinal()
