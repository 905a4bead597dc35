"""The JSON is the contract: its keys, its order of time, its schema."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema

from leukon.assess import assess
from leukon.io import read_record
from leukon.report.json import report_to_dict, write_json
from leukon.report.schema import write_schema

KEYS = {
    "leukon", "id", "summary", "low", "counts", "episodes", "urgency", "real", "causes", "must_not_miss",
    "none_of_these", "calibration", "ask", "workup", "stop_here", "care", "course", "understood", "not_used", "sources",
}  # fmt: skip
SCHEMA = Path(__file__).parents[2] / "src/leukon/report/report.schema.json"


def test_the_report_has_the_keys_of_the_contract() -> None:
    record = "counts: [{day: -90, wbc: 6}, {day: 0, wbc: 2}]\nfindings: [fever]"
    report = report_to_dict(assess(read_record(record)))
    assert set(report) >= KEYS
    assert set(report["counts"][1]) >= {"analyte", "value", "unit", "day", "as_given", "status", "limit", "laboratory",
                                        "change", "grades"}  # fmt: skip
    assert set(report["counts"][1]["change"]) >= {"from", "to", "beyond_rcv"}
    assert set(report["causes"][0]) >= {
        "id", "name", "family", "probability", "must_not_miss", "drug", "for", "against", "confirm",
    }  # fmt: skip
    assert set(report["understood"][0]) >= {"item", "as", "present", "by"}
    assert [c["day"] for c in report["counts"]] == [-90.0, 0.0]


def test_the_28_published_records_give_reports_that_fit_the_schema(shared: Path) -> None:
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    check = jsonschema.Draft202012Validator(schema)
    for path in sorted((shared / "cases").glob("*.yaml")):
        report = json.loads(write_json(assess(read_record(path.read_text(), path.name))))
        check.validate(report)
        total = report["none_of_these"] + report["this_persons_normal"]
        assert 0 <= total <= 1, path.name


def test_the_published_schema_is_the_one_of_the_code() -> None:
    assert write_schema() == SCHEMA.read_bytes()


def test_the_schema_refuses_a_verdict_or_an_urgency_that_the_contract_does_not_name() -> None:
    check = jsonschema.Draft202012Validator(json.loads(SCHEMA.read_text(encoding="utf-8")))
    report = report_to_dict(assess(read_record("counts: [{wbc: 2}]")))
    assert check.is_valid(report)
    assert not check.is_valid({**report, "urgency": {**report["urgency"], "level": "now"}})
    assert not check.is_valid({**report, "real": {**report["real"], "verdict": "perhaps"}})
    assert not check.is_valid({k: v for k, v in report.items() if k != "causes"})


def test_the_same_report_gives_the_same_bytes() -> None:
    report = assess(read_record("counts: [{wbc: 2}]\nfindings: [fever]"))
    assert write_json(report) == write_json(report)
    assert json.loads(write_json(report, indent=2)) == json.loads(write_json(report))
    assert b"\n" not in write_json(report)


def test_the_fast_way_to_json_is_the_plain_one_even_for_texts_that_look_like_keys() -> None:
    report = assess(read_record('counts: [{wbc: 2}]\nfindings: [fever, \'say "for_": 1, "as_": {"from_":\']'))
    assert json.loads(write_json(report)) == json.loads(json.dumps(report_to_dict(report)))
