"""Every kind of source gives identical rows on DuckDB and on Spark: ties, nulls, duplicates and faults in any order."""

from __future__ import annotations

import json
import os
import random
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

pa = pytest.importorskip("pyarrow", reason="needs leukon[population]")

import pyarrow.parquet as pq  # noqa: E402

from tests.population.sources.conftest import fetch_all, write_csv, write_parquet  # noqa: E402

campaign = pytest.mark.skipif(not os.environ.get("LEUKON_CAMPAIGN"), reason="a campaign: Spark takes long")
MANY = 20_000 if os.environ.get("LEUKON_CAMPAIGN") else 200
Row = dict[str, Any]


def _spread(folder: Path, name: str, rows: list[Row], chance: random.Random) -> None:
    """Rows in files of several shapes, in any order, one of them damaged."""
    chance.shuffle(rows)
    write_csv(folder / name / "a.csv", rows[: len(rows) // 2])
    text = {key: [None if row[key] is None else str(row[key]) for row in rows] for key in rows[0]}
    write_parquet(folder / name / "b.parquet", {key: cells[len(rows) // 2 :] for key, cells in text.items()})
    (folder / name / "c.parquet").write_bytes(b"PAR1 and then nothing")


def _make_leukon(folder: Path, chance: random.Random) -> None:
    pick = chance.choice
    counts = [
        {
            "person": pick(["1", "02", "3", "x", "", None]),
            "analyte": pick(["WBC", "ANC", "neut %", "Hb", "sodium", "plt"]),
            "value": pick(["3.2", "0", "-1", "<0.1", "3,2", "TNP", None, "1500", "1499.9999999999999", "12", "99"]),
            "unit": pick(["K/uL", "/uL", "%", "g/dL", "", None, "furlong"]),
            "date": pick(["2020-01-01", "2020-01-01T10:00:30.7+02:00", "2020-02", "soon", None, "2030-01-01"]),
            "lln": pick(["4", "1500", None, "low"]),
            "uln": pick(["11", "7500", None]),
        }
        for _ in range(MANY)
    ]
    _spread(folder, "counts", counts, chance)
    write_csv(
        folder / "people.csv",
        "person,sex,birth_date\n1,f,1980-01-01\n02,m,\n02,m,1950-05-05\n3,m,\n3,f,\n",
    )
    write_csv(folder / "drugs.csv", "person,name,start\n1,clozapine,2019-01\n1,clozapine,2019-01\n3,x,1\n,y,\n")


def _make_omop(folder: Path, chance: random.Random) -> None:
    pick, first = chance.choice, datetime(2020, 1, 1)
    moments = [
        pick([None, first + timedelta(seconds=chance.randint(0, 10**7), microseconds=700_000)]) for _ in range(MANY)
    ]
    columns = {
        "person_id": [pick([1.0, 2.0, 3.0, None]) for _ in range(MANY)],
        "measurement_concept_id": [pick([3000905, 3013650, 3008342, 0, None, 999, 2_000_000_001]) for _ in range(MANY)],
        "measurement_source_value": [pick(["WBC", "51301", None]) for _ in range(MANY)],
        "value_as_number": pa.array(
            [pick([0.0, 1.499, 1.1, 0.7, 1200.0, None, -1.0]) for _ in range(MANY)], pa.float32()
        ),
        "unit_concept_id": [pick([8848, 8647, 8554, 0, None, 5]) for _ in range(MANY)],
        "unit_source_value": [pick(["K/uL", None, "?"]) for _ in range(MANY)],
        "operator_concept_id": [pick([4171756, 4171755, None]) for _ in range(MANY)],
        "range_low": [pick([1.5, 4.0, None]) for _ in range(MANY)],
        "measurement_date": [None if m is None else m.date() for m in moments],
    }
    for zone in (None, "America/New_York"):
        times = pa.array(moments, pa.timestamp("ns" if zone else "us", zone))
        write_parquet(
            folder / "measurement" / f"{zone or 'plain'}.parquet".replace("/", "_"),
            columns | {"measurement_datetime": times},
        )
    write_csv(
        folder / "person.csv",
        "person_id,gender_concept_id,year_of_birth,race_concept_id\n1,8507,2020,8516\n2,8532,1950,0\n",
    )
    write_csv(
        folder / "concept.csv",
        "concept_id,concept_name,vocabulary_id,concept_code\n"
        "5,billion per liter,UCUM,10*9/L\n7,methotrexate,RxNorm,6851\n",
    )
    write_csv(
        folder / "drug_exposure.csv", "person_id,drug_concept_id,drug_exposure_start_date\n1,7,2019-12-01\n2,8,soon\n"
    )


def _make_sdtm(folder: Path, chance: random.Random) -> None:
    pick = chance.choice
    rows = [
        {
            "USUBJID": pick(["s1", "s2", "s3"]),
            "LBTESTCD": pick(["WBC", "NEUT", "HGB", "LYMLE", "ALB"]),
            "LBORRES": pick(["3.2", "<0.2", "10.0", "0.25", "", "N"]),
            "LBORRESU": pick(["THOU/uL", "g/dL", "FRACTION", "", "?"]),
            "LBSTRESN": pick(["3.2", "6.2", ""]),
            "LBSTRESU": pick(["GI/L", "mmol/L", ""]),
            "LBSPEC": pick(["BLOOD", "URINE", ""]),
            "LBDTC": pick(["2014-01-16T13:17", "2014-01", "2014", ""]),
            "LBDY": pick(["1", "-3", ""]),
        }
        for _ in range(MANY)
    ]
    _spread(folder, "lb", rows, chance)
    write_csv(folder / "dm.csv", "USUBJID,SEX,AGE,AGEU,RFSTDTC\ns1,F,18,MONTHS,2014-01-10\ns2,U,70,YEARS,\n")


def _make_fhir(folder: Path, chance: random.Random) -> None:
    pick = chance.choice
    lines: list[str] = [json.dumps({"resourceType": "Patient", "id": k, "gender": "male"}) for k in ("1", "2", "2")]
    for _ in range(MANY):
        lines.append(
            json.dumps(
                {
                    "resourceType": "Observation",
                    "status": pick(["final", "final", "cancelled"]),
                    "code": {"text": pick(["WBC", "ANC", "ferritin"])},
                    "subject": {"reference": f"Patient/{pick('123')}"},
                    "effectiveDateTime": pick(["2020-01-01", "2020-01", "2020-01-01T10:00:00.5Z", "2030-01-01"]),
                    "valueQuantity": {"value": pick([3.2, 0, 1500, -1]), "unit": pick(["K/uL", "/uL", "?"])},
                    "referenceRange": pick([[], [{"low": {"value": 4, "unit": "K/uL"}}]]),
                }
            )
        )
    (folder / "all.ndjson").write_text("\n".join([*lines, '{"resourceType": "Observ']), encoding="utf-8")


@pytest.mark.parametrize("make", [_make_leukon, _make_omop, pytest.param(_make_sdtm, marks=campaign), _make_fhir])
def test_a_source_has_the_same_rows_on_both_engines(make: Any, both_engines: Any, folder: Path, tmp_path: Path) -> None:
    make(folder, random.Random(7))
    found = []
    for engine in both_engines:
        scratch = tmp_path / f"stage_{engine.name}"
        scratch.mkdir()
        found.append(fetch_all(engine, folder, scratch))
    duck, spark = found
    assert len(duck.counts) > 5
    assert len(duck.not_understood) > 3
    assert duck == spark


@campaign
def test_a_page_that_is_spoilt_is_found_out_on_spark_too(both_engines: Any, folder: Path, tmp_path: Path) -> None:
    for person in range(4):
        many = 2000
        columns = {"person": [str(person)] * many, "analyte": ["WBC"] * many, "unit": ["K/uL"] * many}
        pq.write_table(
            pa.table(columns | {"value": [k / 500 for k in range(many)]}), folder / f"counts_{person}.parquet"
        )
    spoilt = folder / "counts_2.parquet"
    data = bytearray(spoilt.read_bytes())
    for place in range(60, len(data) // 2):
        data[place] ^= 0x5A
    spoilt.write_bytes(data)
    for engine in both_engines:
        scratch = tmp_path / f"stage_{engine.name}"
        scratch.mkdir()
        found = fetch_all(engine, folder, scratch)
        assert {c["person"] for c in found.counts} == {"0", "1", "3"}, engine.name
        assert [text for text, _ in found.faults("damaged file, left out")] == ["counts_2.parquet"]
