"""leukon's own tables: long and wide, people beside them or in them, exposures and conditions."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from leukon.population.sources.days import count_days
from leukon.population.tables import TableError
from tests.population.sources.conftest import Found, write_csv, write_parquet

Read = Callable[..., Found]


def test_one_value_a_row_with_people_drugs_and_conditions_beside_it(read: Read, folder: Path) -> None:
    write_csv(
        folder / "people.csv",
        "person,sex,birth_date,ancestry,duffy_null\n1,F,1980-03-01,West African,yes\n2,male,1950-01-01,White,no\n",
    )
    write_csv(folder / "counts" / "a.csv", "person,analyte,value,unit,date,lln,uln\n1,WBC,3.2,10^9/L,2020-01-01,4,11\n")
    write_csv(
        folder / "counts" / "b.csv", "person,analyte,value,unit,date,lln,uln\n2,ANC,<100,/uL,2020-01-02T12:00,,\n"
    )
    write_csv(folder / "exposures.csv", "person,name,start,stop\n1,methimazole,2019-12-01,\n")
    write_csv(folder / "conditions.csv", "person,name,day\n1,Graves disease,2019-11-01\n")
    found = read(folder)
    assert [(p["person"], p["sex"], p["birth_date"], p["ancestry"], p["duffy_null"]) for p in found.people] == [
        ("1", "female", date(1980, 3, 1), "West African", True),
        ("2", "male", date(1950, 1, 1), "White", False),
    ]
    first = {"person": "1", "day": 18262.0, "analyte": "wbc", "percent": False, "value": 3.2, "bound": None}
    second = {"person": "2", "day": 18263.5, "analyte": "neutrophils", "percent": False, "value": 0.1, "bound": "<"}
    assert found.counts == [first | {"lower": 4.0, "upper": 11.0}, second | {"lower": None, "upper": None}]
    start = count_days(date(2019, 12, 1))
    assert found.exposures == [{"person": "1", "name": "methimazole", "code": None, "start": start, "stop": None}]
    assert found.conditions == [{"person": "1", "name": "Graves disease", "code": None, "day": start - 30}]
    assert found.not_understood == []


def test_one_draw_a_row_has_units_in_its_header_and_facts_of_the_person(read: Read, folder: Path) -> None:
    table = "id,sex,age,day,WBC [10^9/L],neutrophils [%],Hb (g/L),plt,wbc lln\n"
    table += "a,f,30,0,3.2,40,120,200,4\na,f,31,400,,,,,\nb,m,50,0,2500,<5,90,,\n"
    found = read(write_csv(folder / "draws.csv", table))
    assert found.values("wbc") == [3.2]
    assert found.values("neutrophils", percent=True) == [40.0, 5.0]
    assert found.values("hemoglobin") == [12.0, 9.0]
    assert [c["lower"] for c in found.counts if c["analyte"] == "wbc"] == [4.0]
    assert [(p["person"], p["sex"], p["age_years"]) for p in found.people] == [
        ("a", "female", 30.0),
        ("b", "male", 50.0),
    ]
    assert found.faults("no unit") == [("platelets", 1)]
    assert found.faults("outside what a living person can have") == [("wbc", 1)]


def test_types_of_parquet_and_text_of_a_csv_give_the_same_rows(read: Read, tmp_path: Path) -> None:
    columns = {"person": [1, 2], "analyte": ["WBC", "ANC"], "value": [3.2, 0.0], "unit": ["K/uL"] * 2}
    days = [date(2020, 1, 1), date(2020, 1, 5)]
    typed = read(write_parquet(tmp_path / "p" / "counts.parquet", {**columns, "date": days}))
    rows = [{name: cells[k] for name, cells in columns.items()} | {"date": days[k]} for k in range(2)]
    assert typed == read(write_csv(tmp_path / "c" / "counts.csv", rows))
    assert typed.values("neutrophils") == [0.0]  # 0 is a count


def test_a_folder_of_parts_of_any_name_is_one_table_of_counts(read: Read, folder: Path) -> None:
    for k in range(3):
        columns = {"person": [str(k)], "term": ["WBC"], "value": [float(k + 2)], "unit": ["K/uL"]}
        write_parquet(folder / f"part-{k:05}-c000.snappy.parquet", columns)
    (folder / "_SUCCESS").touch()
    assert read(folder).values("wbc") == [2.0, 3.0, 4.0]


def test_a_survey_has_weight_stratum_and_primary_unit_and_a_weight_alone_is_a_body_weight(
    read: Read, folder: Path
) -> None:
    write_csv(folder / "counts.csv", "person,analyte,value,unit\n1,WBC,3,K/uL\n")
    write_csv(folder / "people.csv", "person,weight,stratum,unit\n1,1500.5,12,2\n")
    assert [(p["weight"], p["stratum"], p["unit"]) for p in read(folder).people] == [(1500.5, "12", "2")]
    write_csv(folder / "people.csv", "person,weight\n1,70\n")
    found = read(folder)
    assert [p["weight"] for p in found.people] == [None]
    assert found.faults("no survey's weight") == [(None, None)]


def test_columns_and_tables_that_mean_nothing_are_named(read: Read, folder: Path) -> None:
    write_csv(folder / "counts.csv", "person,analyte,value,unit,hospital\n1,WBC,3,K/uL,A\n")
    write_csv(folder / "visits.csv", "person,date\n1,2020-01-01\n")
    found = read(folder)
    assert [(row["table"], row["column"], row["text"]) for row in found.not_understood] == [
        ("counts", "hospital", None),
        ("people", "person", "people: 1"),
        ("visits", None, "visits.csv"),
    ]


def test_decimal_commas_flags_and_blanks_are_read_as_for_one_person(read: Read, folder: Path) -> None:
    cells = ["3,2", "3.4 L", "<= 0.5 L", "TNP", "4,710"]
    rows = [
        {"person": k, "analyte": "WBC", "value": v, "unit": "K/uL" if k < 4 else "/uL"} for k, v in enumerate(cells)
    ]
    found = read(write_csv(folder / "counts.csv", rows))
    assert [(c["person"], c["value"], c["bound"]) for c in found.counts] == [
        ("0", 3.2, None),
        ("1", 3.4, None),
        ("2", 0.5, "<"),
        ("4", 4.71, None),
    ]
    assert found.faults("no value: the analyser") == [("TNP", 1)]


def test_a_table_without_counts_says_what_it_needs(read: Read, folder: Path) -> None:
    write_csv(folder / "people.csv", "person,sex\n1,f\n")
    with pytest.raises(TableError, match=r"no table of counts can be used: it needs columns of a person and counts"):
        read(folder, "leukon")


def test_dates_are_read_as_people_and_spreadsheets_write_them(read: Read, folder: Path) -> None:
    """Whether the day or the month stands first is told by the whole column, or not at all."""
    cells = ["03/04/2025", "25/04/2025", "3 Apr 2025", "2025-04-03", "03.04.2025 08:30", "April"]
    rows = [{"person": k, "analyte": "WBC", "value": k + 1, "unit": "K/uL", "date": d} for k, d in enumerate(cells)]
    write_csv(folder / "counts.csv", rows)
    write_csv(folder / "people.csv", "person,birth_date\n0,31.12.1980\n1,12/31/1981\n")
    found = read(folder)
    third = count_days(date(2025, 4, 3))
    assert [c["day"] for c in found.counts] == [third, third + 22, third, third, third + 8.5 / 24, None]
    assert found.faults("not a date") == [("April", 1)]
    assert [p["birth_date"] for p in found.people[:2]] == [date(1980, 12, 31), date(1981, 12, 31)]
    write_csv(folder / "counts.csv", rows[:1])
    assert read(folder).faults("not a date") == [("03/04/2025", 1)]


def test_a_time_of_day_beside_a_date_is_named(read: Read, folder: Path) -> None:
    found = read(write_csv(folder / "c.csv", "person,analyte,value,unit,date,time\n1,WBC,3,K/uL,2020-01-01,08:30\n"))
    assert [c["day"] for c in found.counts] == [18262.0]
    assert found.faults("the date beside it is used") == [("08:30", 1)]
