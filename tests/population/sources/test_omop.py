"""OMOP: concepts first, source texts where there is none, and nothing guessed."""

from __future__ import annotations

import csv
import gzip
from collections.abc import Callable
from datetime import date, datetime
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

duckdb = pytest.importorskip("duckdb", reason="needs leukon[population]")

from leukon.counts.analytes import find_analyte  # noqa: E402
from leukon.counts.units import UNIT_OF, find_factor  # noqa: E402
from leukon.population.engines import open_engine  # noqa: E402
from leukon.population.episodes import find_episodes  # noqa: E402
from leukon.population.sources import read_source  # noqa: E402
from leukon.population.tables import TableError  # noqa: E402
from tests.population.sources.conftest import TODAY, Found, write_csv, write_parquet  # noqa: E402

Read = Callable[..., Found]
WBC, ANC, K_PER_UL, PER_UL, LESS, MORE_OR_EQUAL = 3000905, 3013650, 8848, 8647, 4171756, 4171755


def _measurements(**columns: list[Any]) -> dict[str, list[Any]]:
    many = len(next(iter(columns.values())))
    empty: dict[str, list[Any]] = {
        "person_id": [1] * many,
        "measurement_concept_id": [ANC] * many,
        "measurement_date": [date(2020, 1, 1)] * many,
        "value_as_number": [1.2] * many,
        "unit_concept_id": [K_PER_UL] * many,
        "unit_source_value": [""] * many,
        "measurement_source_value": [""] * many,
    }
    return empty | columns


def test_units_come_from_the_concept_else_the_source_and_a_null_unit_has_a_bucket_of_its_own(
    read: Read, folder: Path
) -> None:
    """OHDSI's own definitions pass over an ANC of 0 and rows without a unit; here 0 is a count and the rest is told."""
    columns = _measurements(
        value_as_number=[0.0, 1200.0, 1300.0, 1.4, 1.5, 1.6],
        unit_concept_id=[K_PER_UL, PER_UL, 0, None, None, 777],
        unit_source_value=["nonsense", "", "cells/uL", "K/uL", None, None],
    )
    write_parquet(folder / "MEASUREMENT.parquet", {name.upper(): cells for name, cells in columns.items()})
    found = read(folder)
    assert sorted(found.values("neutrophils")) == [0.0, 1.2, 1.3, 1.4]
    assert found.faults("no unit") == [("neutrophils", 1)]
    assert found.faults("not a unit of neutrophils") == [("777", 1)]


def test_a_concept_says_what_was_measured_and_a_source_text_only_where_there_is_none(read: Read, folder: Path) -> None:
    """A standard concept that is no blood count stays none, though its source calls it WBC, as in urine."""
    columns = _measurements(
        measurement_concept_id=[WBC, 0, None, 2_000_000_123, 3014886, 0],
        measurement_source_value=["x", "WBC", "ANC", "platelets", "WBC", "51144"],
        value_as_number=[3.0, 4.0, 5.0, 6.0, 7.0, 8.0],
    )
    write_parquet(folder / "measurement.parquet", columns)
    found = read(folder)
    assert (found.values("wbc"), found.values("neutrophils"), found.values("platelets")) == ([3.0, 4.0], [5.0], [6.0])
    assert sorted(found.faults("not a blood count that leukon reads")) == [("3014886", 1), ("51144", 1)]


def test_the_concept_table_of_the_source_wins(read: Read, folder: Path) -> None:
    write_parquet(
        folder / "measurement.parquet", _measurements(measurement_concept_id=[WBC, 999], unit_concept_id=[5, 6])
    )
    rows = "concept_id,concept_name,vocabulary_id,concept_code\n"
    rows += f"{WBC},Platelets [#/volume] in Blood,LOINC,777-3\n999,Neutrophil count,SNOMED,30630007\n"
    rows += "5,billion per liter,UCUM,10*9/L\n6,per microliter,UCUM,/uL\n8516,Black or African American,Race,3\n"
    write_csv(folder / "concept.csv", rows)
    write_csv(folder / "person.csv", "person_id,gender_concept_id,year_of_birth,race_concept_id\n1,8532,1990,8516\n")
    found = read(folder)
    assert (found.values("platelets"), found.values("neutrophils"), found.values("wbc")) == ([1.2], [0.0012], [])
    assert found.people[0]["ancestry"] == "Black or African American"


def test_operators_limits_and_times(read: Read, folder: Path) -> None:
    columns = _measurements(
        operator_concept_id=[LESS, MORE_OR_EQUAL, 4172703],
        measurement_datetime=[datetime(2020, 1, 1, 6), None, datetime(2020, 1, 1, 18)],
        range_low=[1.5, None, None],
        range_high=[7.5, None, 750.0],
    )
    write_parquet(folder / "measurement.parquet", columns)
    found = read(folder)
    assert [(c["day"], c["bound"], c["lower"], c["upper"]) for c in found.counts] == [
        (18262.0, ">", None, None),
        (18262.25, "<", 1.5, 7.5),
    ]
    assert found.faults("the unit contradicts the printed limits") == [("neutrophils", 1)]


def test_births_are_as_exact_as_the_source_and_an_infant_was_born_by_its_first_count(read: Read, folder: Path) -> None:
    """CDM 5.4: without a day the first of the month; without a month 15 June, or the first record in that year."""
    write_parquet(folder / "measurement.parquet", _measurements(person_id=[1, 2, 3, 4, 5]))
    write_csv(
        folder / "person.csv",
        "person_id,gender_concept_id,gender_source_value,year_of_birth,month_of_birth,day_of_birth,birth_datetime\n"
        "1,8507,,1990,3,7,\n2,8532,,1990,3,,\n3,0,F,1990,,,\n4,0,,2020,,,\n5,8507,,1990,3,7,1990-03-08T01:00:00\n",
    )
    found = read(folder)
    assert [(p["sex"], p["birth_date"].isoformat()) for p in found.people] == [
        ("male", "1990-03-07"),
        ("female", "1990-03-01"),
        ("female", "1990-06-15"),
        (None, "2020-01-01"),
        ("male", "1990-03-08"),
    ]
    assert found.faults("not female or male") == [("0", 1)]


def test_drugs_and_conditions_have_the_names_and_codes_of_their_concepts(read: Read, folder: Path) -> None:
    write_parquet(folder / "measurement.parquet", _measurements(person_id=[1]))
    write_csv(
        folder / "drug_exposure.csv",
        "person_id,drug_concept_id,drug_source_value,drug_exposure_start_date,drug_exposure_end_date\n"
        "1,11,MTX 10,2019-12-01,2019-12-31\n1,0,clozapine,2019-12-01,\n1,12,,2019-12-01,\n",
    )
    write_csv(
        folder / "condition_occurrence.csv",
        "person_id,condition_concept_id,condition_source_value,condition_start_date\n1,320073,D70,2020-01-02\n",
    )
    named = "concept_id,concept_name,vocabulary_id,concept_code\n11,methotrexate 2.5 MG Oral Tablet,RxNorm,105585\n"
    write_csv(folder / "concept.csv", named + "320073,Neutropenia,SNOMED,165517008\n")
    found = read(folder)
    assert [(e["name"], e["code"]) for e in found.exposures] == [
        ("clozapine", None),
        ("methotrexate 2.5 MG Oral Tablet", "RXNORM:105585"),
        (None, "OMOP:12"),
    ]
    assert [(c["name"], c["code"], c["day"]) for c in found.conditions] == [
        ("Neutropenia", "SNOMED:165517008", 18263.0)
    ]
    assert found.faults("a concept without a name") == [("12", 1)]


def test_every_concept_that_leukon_holds_is_a_count_or_a_unit_with_a_source() -> None:
    with files("leukon.population.sources").joinpath("omop_sources.csv").open(encoding="utf-8") as lines:
        sources = {row["id"] for row in csv.DictReader(lines)}
    with files("leukon.population.sources").joinpath("omop_concepts.csv").open(encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    assert {row["source"] for row in rows} == sources
    assert len({row["concept_id"] for row in rows}) == len(rows)
    for row in rows:
        if row["domain"] == "measurement":
            assert find_analyte(row["code"]), row
        if row["domain"] == "unit":
            assert any(find_factor(row["code"], quantity) is not None for quantity in UNIT_OF), row


def test_a_database_is_read_as_its_tables_are(read: Read, tmp_path: Path) -> None:
    table = write_parquet(tmp_path / "cdm" / "measurement.parquet", _measurements(person_id=[1, 2]))
    path = tmp_path / "hospital.duckdb"
    with duckdb.connect(str(path)) as con:
        con.execute("CREATE SCHEMA cdm")
        con.execute("CREATE TABLE cdm.measurement AS SELECT * FROM read_parquet(?)", [str(table)])
        con.execute("CREATE TABLE other AS SELECT 1 AS x")
    assert read(path) == read(table.parent)
    damaged = tmp_path / "damaged.duckdb"
    damaged.write_bytes(path.read_bytes()[:5000])
    with pytest.raises(TableError, match=r"damaged\.duckdb: "):
        read(damaged)


@pytest.fixture
def mimic(shared: Path, tmp_path: Path) -> Path:
    """The MIMIC-IV demo in the shape of OMOP, as a site would have it."""
    held = shared / "data" / "mimic_iv_demo"
    if not held.exists():
        pytest.skip("the MIMIC demo data are not here")
    folder = tmp_path / "omop"
    folder.mkdir()
    (folder / "measurement.csv.gz").write_bytes((held / "derived_omop_measurement.csv.gz").read_bytes())
    (folder / "person.csv").write_bytes((held / "derived_omop_person.csv").read_bytes())
    return folder


def test_real_patients_have_the_low_counts_and_episodes_that_were_measured(
    mimic: Path, shared: Path, tmp_path: Path
) -> None:
    """MIMIC-IV demo: low draws at most 14 days apart are one episode, others are not."""
    with open_engine("duckdb", tmp_path) as engine:
        tables = read_source(engine, mimic, "omop", tmp_path, today=TODAY, allow_future=True)
        counts = tables.counts.filter(~tables.counts.percent)
        low = {}
        for analyte, limit in (("wbc", 4.0), ("wbc", 1.0), ("neutrophils", 1.5), ("lymphocytes", 1.0)):
            under = counts.filter((counts.analyte == analyte) & (counts.value < limit))
            rows = engine.fetch(under.group_by("person").aggregate(n=under.day.nunique())).to_pylist()
            low[analyte, limit] = (sum(row["n"] for row in rows), len(rows))
        wbc = counts.filter(counts.analyte == "wbc").mutate(rank=counts.value)
        episodes = engine.fetch(find_episodes(wbc, 4.0, order=["rank"], split_gap_days=14.0)).to_pylist()
    assert (low["wbc", 4.0], low["wbc", 1.0]) == ((251, 18), (91, 2))
    assert (len(episodes), len({e["person"] for e in episodes})) == (54, 18)
    # item 52769 counts lymphocytes in microlitres
    limits = {
        "52075": ("neutrophils", 1.5, 1.5),
        "51133": ("lymphocytes", 1.0, 1.0),
        "52769": ("lymphocytes", 1.0, 1000),
    }
    with gzip.open(shared / "data" / "mimic_iv_demo" / "cbc_long.csv.gz", "rt") as lines:
        rows = [r for r in csv.DictReader(lines) if r["mimic_itemid"] in limits and r["value"]]
    for analyte, limit in (("neutrophils", 1.5), ("lymphocytes", 1.0)):
        under = [
            r
            for r in rows
            if limits[r["mimic_itemid"]][0] == analyte and float(r["value"]) < limits[r["mimic_itemid"]][2]
        ]
        draws = {(r["subject_id"], r["time"]) for r in under}
        assert low[analyte, limit] == (len(draws), len({person for person, _ in draws}))


def test_shifted_dates_are_future_dates_unless_that_is_allowed(mimic: Path, read: Read) -> None:
    with pytest.raises(TableError, match=r"no count can be used: dated after today.*--allow-future uses them"):
        read(mimic)
