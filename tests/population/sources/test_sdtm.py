"""CDISC SDTM: results as they were reported, whatever form the files have."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tests.population.sources.conftest import Found, write_csv
from tests.population.sources.test_xpt import write_xpt

pq = pytest.importorskip("pyarrow.parquet", reason="needs leukon[population]")

Read = Callable[..., Found]


def _results(**columns: list[Any]) -> list[dict[str, Any]]:
    many = len(next(iter(columns.values())))
    row: dict[str, Any] = {"USUBJID": "s1", "LBTESTCD": "WBC", "LBTEST": "Leukocytes", "LBORRES": "3.2"}
    row |= {"LBORRESU": "THOU/uL", "LBDTC": "2014-01-16T13:17"}
    return [row | {name: cells[k] for name, cells in columns.items()} for k in range(many)]


def test_a_result_is_read_as_reported_and_only_else_as_standard(read: Read, folder: Path) -> None:
    """Haemoglobin in mmol/L is a rounded conversion: 10.0 g/dL beside its limit of 10.0 would fall below it."""
    rows = _results(
        LBTESTCD=["HGB", "WBC", "WBC", "NEUT"],
        LBTEST=["Hemoglobin", "Leukocytes", "Leukocytes", "Neutrophils"],
        LBORRES=["10.0", "40", "3.1", "<0.2"],
        LBORRESU=["g/dL", "GIGA PER FURLONG", "", "THOU/uL"],
        LBORNRLO=["10.0", "", "", "1.5"],
        LBORNRHI=["16.0", "", "", "7.5"],
        LBSTRESN=["6.2", "4.0", "3.1", ""],
        LBSTRESC=["6.2", "4.0", "3.1", "<0.2"],
        LBSTRESU=["mmol/L", "GI/L", "GI/L", "GI/L"],
    )
    found = read(write_csv(folder / "lb.csv", rows).parent)
    assert [(c["analyte"], c["value"], c["bound"], c["lower"]) for c in found.counts] == [
        ("hemoglobin", 10.0, None, 10.0),
        ("neutrophils", 0.2, "<", 1.5),
        ("wbc", 3.1, None, None),
        ("wbc", 4.0, None, None),
    ]


def test_what_is_not_of_blood_or_was_not_done_is_named(read: Read, folder: Path) -> None:
    rows = _results(
        LBSPEC=["BLOOD", "URINE", "", ""],
        LBCAT=["HEMATOLOGY", "", "URINALYSIS", "HEMATOLOGY"],
        LBSTAT=["", "", "", "NOT DONE"],
        LBORRES=["3.2", "3.3", "3.4", ""],
    )
    found = read(write_csv(folder / "lb.csv", rows).parent)
    assert found.values("wbc") == [3.2]
    assert sorted(found.faults("not of blood")) == [("URINALYSIS", 1), ("URINE", 1)]
    assert found.faults("not done") == [("NOT DONE", 1)]


def test_shares_are_told_from_counts_by_their_unit_and_segs_and_bands_by_their_code(read: Read, folder: Path) -> None:
    rows = _results(
        LBTESTCD=["LYMLE", "NEUTSG", "NEUTB", "LYM"],
        LBTEST=["Lymphocytes/Leukocytes", "", "", "Lymphocytes"],
        LBORRES=["0.25", "1.1", "0.1", "25"],
        LBORRESU=["FRACTION", "THOU/uL", "THOU/uL", "%"],
    )
    found = read(write_csv(folder / "lb.csv", rows).parent)
    assert found.values("lymphocytes", percent=True) == [25.0, 25.0]
    assert (found.values("segs"), found.values("bands")) == ([1.1], [0.1])


def test_days_come_from_the_study_where_a_date_is_missing_or_half(read: Read, folder: Path) -> None:
    """Day 1 is the first day of the study; there is no day 0."""
    rows = _results(
        LBDTC=["", "2014-01", "2014", "2014-02", "2014-01-16"],
        LBDY=["1", "-1", "3", "", "9"],
        LBORRES=["1", "2", "3", "4", "5"],
    )
    write_csv(folder / "lb.csv", rows)
    dm = {"USUBJID": "s1", "SEX": "F", "AGE": "18", "AGEU": "MONTHS", "BRTHDTC": "", "RFSTDTC": "2014-01-10T09:00"}
    write_csv(folder / "dm.csv", [dm | {"RACE": "WHITE", "ETHNIC": "HISPANIC OR LATINO"}])
    found = read(folder)
    days = {
        c["value"]: date.fromordinal(int(c["day"]) + date(1970, 1, 1).toordinal()).isoformat() for c in found.counts
    }
    assert days == {1: "2014-01-10", 2: "2014-01-09", 3: "2014-01-12", 4: "2014-02-15", 5: "2014-01-16"}
    assert found.faults("a month without a day") == [("2014-02", 1)]
    person = found.people[0]
    assert (person["sex"], person["age_years"], person["ancestry"]) == ("female", 1.5, "WHITE, HISPANIC OR LATINO")


def test_a_study_without_any_date_has_days_of_its_own(read: Read, folder: Path) -> None:
    found = read(write_csv(folder / "lb.csv", _results(LBDTC=["", ""], LBDY=["1", "-7"])).parent)
    assert [c["day"] for c in found.counts] == [-7.0, 0.0]


def test_drugs_that_were_given_and_conditions_that_last(read: Read, folder: Path) -> None:
    write_csv(folder / "lb.csv", _results(LBORRES=["3"]))
    taken = {"USUBJID": "s1", "EXTRT": "XANOMELINE", "EXDOSE": "54", "EXSTDTC": "2014-01-02", "EXENDTC": "2014-01-16"}
    write_csv(folder / "ex.csv", [taken, taken | {"EXTRT": "PLACEBO", "EXDOSE": "0"}])
    also = {"USUBJID": "s1", "CMTRT": "Tapazole", "CMDECOD": "THIAMAZOLE", "CMOCCUR": "", "CMSTDTC": "2013"}
    write_csv(folder / "cm.csv", [also, also | {"CMOCCUR": "N"}])
    had = {"USUBJID": "s1", "MHTERM": "lupus", "MHDECOD": "", "MHSTDTC": "2010-05", "MHENDTC": ""}
    write_csv(folder / "mh.csv", [had, had | {"MHENDTC": "2012-01-01"}])
    write_csv(folder / "suppdm.csv", [{"USUBJID": "s1", "QNAM": "X"}])
    found = read(folder)
    assert [(e["name"], e["start"], e["stop"]) for e in found.exposures] == [
        ("THIAMAZOLE", None, None),
        ("XANOMELINE", 16072.0, 16086.0),
    ]
    assert [(c["name"], c["day"]) for c in found.conditions] == [("lupus", 14744.0)]
    told = {row["table"]: row["reason"].split(":")[0] for row in found.not_understood}
    assert told["EX"] == "EXDOSE is 0"
    assert told["CM"] == "CMOCCUR is N"
    assert told["MH"] == "MHENDTC says it has ended"
    assert told["SUPPDM"] == "not a domain that leukon reads"


@pytest.mark.parametrize("version", [5, 8])
def test_transport_files_are_known_by_the_table_in_them(read: Read, folder: Path, version: int) -> None:
    columns: dict[str, Any] = {"USUBJID": ["s1", "s2"], "LBTESTCD": ["WBC", "WBC"], "LBTEST": ["Leukocytes"] * 2}
    columns |= {"LBORRES": ["3.2", ""], "LBORRESU": ["THOU/uL"] * 2, "LBSTRESN": [3.2, 0.1], "LBSTRESU": ["GI/L"] * 2}
    write_xpt(folder / "laboratory.xpt", "LB", columns, version=version)
    write_xpt(
        folder / "who.xpt", "DM", {"USUBJID": ["s1", "s2"], "SEX": ["F", "M"], "AGE": [30.0, None]}, version=version
    )
    found = read(folder)
    assert [(c["person"], c["value"]) for c in found.counts] == [("s1", 3.2), ("s2", 0.1)]
    assert [(p["sex"], p["age_years"]) for p in found.people] == [("female", 30.0), ("male", None)]


def test_damaged_files_beside_good_ones_are_named(read: Read, folder: Path) -> None:
    write_csv(folder / "lb_1.csv", _results(LBORRES=["3"]))
    (folder / "lb_2.xpt").write_bytes(b"HEADER RECORD*******LIBRARY HEADER RECORD!!!!!!!" + b"0" * 500)
    head = {"datasetJSONVersion": "1.1.0", "name": "LB", "columns": [{"name": "USUBJID", "dataType": "string"}]}
    (folder / "lb_3.json").write_text(json.dumps(head | {"rows": [["s1"]]})[:-5], encoding="utf-8")
    (folder / "lb_4.ndjson").write_text(json.dumps(head) + '\n["s1"]\n["s2", 3]\n', encoding="utf-8")
    found = read(folder, "sdtm")
    assert len(found.counts) == 1
    told = found.faults("damaged file, left out")
    assert sorted(text or "" for text, _ in told) == ["lb_2.xpt", "lb_3.json", "lb_4.ndjson"]


@pytest.fixture
def pilot(shared: Path) -> Path:
    folder = shared / "data" / "cdisc_pilot_lb"
    if not folder.exists():
        pytest.skip("the CDISC pilot data are not here")
    return folder


@pytest.fixture
def trial(pilot: Path, folder: Path) -> Path:
    for name in ("lb", "dm", "ex"):
        (folder / f"{name}.parquet").write_bytes((pilot / f"{name}.parquet").read_bytes())
    return folder


def test_a_real_trial_has_the_low_counts_that_were_published_in_every_form_of_its_files(
    read: Read, trial: Path, pilot: Path, tmp_path: Path
) -> None:
    """The transport file holds 25 of the subjects; as Dataset-JSON five of those are written."""
    found = read(trial)
    low = [c for c in found.counts if c["analyte"] == "wbc" and c["value"] < 4]
    assert (len(low), len({c["person"] for c in low})) == (51, 26)
    flagged = [c for c in found.counts if c["analyte"] == "wbc" and c["lower"] and c["value"] < c["lower"]]
    assert len(flagged) == 38
    assert len(found.people) == 306
    assert {e["name"] for e in found.exposures} == {"XANOMELINE"}
    assert found.faults("EXDOSE is 0") == [(None, 226)]
    xpt = read(pilot / "lb_hematology_25subj_v5.xpt")
    people = sorted(p["person"] for p in xpt.people)
    assert len(people) == 25
    assert xpt.counts == [c for c in found.counts if c["person"] in people]
    for name, lines in (("lb.json", False), ("lb.ndjson", True)):
        _write_dataset_json(trial / "lb.parquet", people[:5], tmp_path / name, lines=lines)
        assert read(tmp_path / name).counts == [c for c in found.counts if c["person"] in people[:5]]


def _write_dataset_json(table: Path, people: list[str], target: Path, *, lines: bool) -> None:
    held = pq.read_table(table, filters=[("USUBJID", "in", people)])
    kinds = {name: "float" if held.schema.field(name).type == "double" else "string" for name in held.schema.names}
    columns = [{"itemOID": f"IT.{name}", "name": name, "label": name, "dataType": kind} for name, kind in kinds.items()]
    head = {"datasetJSONVersion": "1.1.0", "itemGroupOID": "IG.LB", "records": held.num_rows, "name": "LB"}
    cells = [list(row.values()) for row in held.to_pylist()]
    if lines:
        text = "\n".join(map(json.dumps, [head | {"columns": columns}, *cells]))
    else:
        text = json.dumps(head | {"columns": columns, "rows": cells})
    target.write_text(text, encoding="utf-8")
