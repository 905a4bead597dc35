"""The FHIR Bundle: valid R4, whole in itself, the same as the report, and its counts can be read back."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from fhir.resources.R4B.bundle import Bundle

from leukon.answer import Report
from leukon.assess import assess
from leukon.batch import Job, run
from leukon.io import open_input, read_record
from leukon.knowledge import load_knowledge
from leukon.patient import Patient
from leukon.report.fhir import report_to_bundle, write_fhir

ROOT = Path(__file__).parents[2]
EXAMPLES = sorted((ROOT / "examples").glob("*.yaml"))
RECORDS = sorted((ROOT / "tests/records").glob("*.yaml"))[::8]
FEVER = {
    "counts": [{"day": -30, "wbc": 6.1}, {"day": 0, "wbc": "3200 /uL", "neutrophils": "9 %"}],
    "findings": ["fever"],
}
DATED = """
id: MRN-4711
person: {sex: F, birth_date: 1990-02-03}
counts:
- {date: 2024-01-05, wbc: 6, neutrophils: 3.5, hemoglobin: 12.9}
- date: 2024-03-01T08:00:00+01:00
  wbc: 2.1
  neutrophils: 20 %
  bands: 2 %
  lymphocytes: <0.1
  reticulocytes: 0.5 %
  limits: {wbc: [3.9, 10]}
"""

Resource = dict[str, Any]


def answer(record: str | dict[str, Any]) -> Report:
    return assess(read_record(record if isinstance(record, str) else json.dumps(record)))


def write(record: str | dict[str, Any]) -> list[Resource]:
    """The resources of the Bundle of a record, checked as R4."""
    return check(answer(record))


def check(report: Report) -> list[Resource]:
    """Valid R4; every id once; every reference to a resource of the Bundle; every resource said by someone."""
    data = write_fhir(report)
    Bundle.model_validate_json(data)
    entries = json.loads(data)["entry"]
    urls = [e["fullUrl"] for e in entries]
    assert len(set(urls)) == len(urls)
    assert urls == [f"urn:uuid:{e['resource']['id']}" for e in entries]
    resources = [e["resource"] for e in entries]
    kinds = dict(zip(urls, (r["resourceType"] for r in resources), strict=True))
    for resource in resources:
        for reference in find_references(resource):
            assert reference in kinds, f"{resource['resourceType']}: {reference} is not in the Bundle"
    (provenance,) = pick(resources, "Provenance")
    unsaid = set(urls) - {t["reference"] for t in provenance["target"]}
    assert {kinds[u] for u in unsaid} == {"Patient", "Device", "Provenance"}
    for resource in resources:
        if "text" in resource:
            assert ElementTree.fromstring(resource["text"]["div"]).text, "a narrative is XHTML"  # noqa: S314
    for key in ("subject", "patient"):
        assert {kinds[r[key]["reference"]] for r in resources if key in r} <= {"Patient"}
    return resources


def find_references(part: Any) -> Iterator[str]:
    if isinstance(part, dict):
        if isinstance(part.get("reference"), str) and part.get("resourceType") != "DetectedIssue":
            yield part["reference"]
        for value in part.values():
            yield from find_references(value)
    elif isinstance(part, list):
        for value in part:
            yield from find_references(value)


def pick(resources: list[Resource], kind: str) -> list[Resource]:
    return [r for r in resources if r["resourceType"] == kind]


def code_of(concept: Resource, system: str) -> str | None:
    return next((c["code"] for c in concept.get("coding", ()) if c["system"] == system), None)


def count_of(resources: list[Resource], analyte: str) -> list[Resource]:
    return [o for o in pick(resources, "Observation") if code_of(o["code"], "urn:leukon:analyte") == analyte]


def test_the_28_published_records_are_valid_bundles_that_are_whole_in_themselves(shared: Path) -> None:
    paths = sorted((shared / "cases").glob("*.yaml"))
    assert len(paths) == 28
    for path in paths:
        check(answer(path.read_text(encoding="utf-8")))


def test_the_examples_and_other_records_are_valid_bundles() -> None:
    assert len(EXAMPLES) > 3 and len(RECORDS) > 10
    for path in (*EXAMPLES, *RECORDS):
        check(answer(path.read_text(encoding="utf-8")))


@pytest.mark.parametrize("record", ["findings: [fever]", "drugs: [methimazole]", "counts: [{platelets: 20}]"])
def test_a_record_without_white_cells_is_a_valid_bundle_too(record: str) -> None:
    assert pick(write(record), "GuidanceResponse")


def test_each_count_has_its_code_unit_verdict_and_grades() -> None:
    report = answer(FEVER)
    resources = check(report)
    observations = pick(resources, "Observation")
    assert [o["valueQuantity"]["value"] for o in observations] == pytest.approx([r.value for r in report.counts])
    (_, wbc), (anc,) = count_of(resources, "wbc"), count_of(resources, "neutrophils")
    assert code_of(wbc["code"], "http://loinc.org") == "26464-8"
    assert wbc["valueQuantity"] == {"value": 3.2, "unit": "10*9/L", "system": "http://unitsofmeasure.org",
                                    "code": "10*9/L"}  # fmt: skip
    assert anc["interpretation"][0]["coding"][0]["code"] == "L"
    grades = {c["code"]["coding"][0]["code"]: c["valueInteger"] for c in anc["component"]}
    assert grades == {k: v for k, v in report.counts[-1].grades.items() if v is not None}
    assert {c["code"]["coding"][0]["version"] for c in anc["component"]} == {k.partition("-")[2] for k in grades}


def test_a_neutrophil_count_made_of_a_percentage_comes_from_the_white_cells_of_its_own_draw() -> None:
    resources = write(FEVER)
    (before, now), (anc,) = count_of(resources, "wbc"), count_of(resources, "neutrophils")
    assert [d["reference"] for d in anc["derivedFrom"]] == [f"urn:uuid:{now['id']}"]
    assert "9 %" in anc["method"]["text"]
    assert "derivedFrom" not in now and "derivedFrom" not in before


def test_counts_without_dates_keep_their_day_and_get_no_date() -> None:
    before, now = count_of(write(FEVER), "wbc")
    assert "effectiveDateTime" not in now
    days = [o["_effectiveDateTime"]["extension"][0]["valueDecimal"] for o in (before, now)]
    assert days == [-30, 0]


def test_a_time_of_day_needs_a_zone_in_fhir() -> None:
    record = "counts: [{date: '2024-03-01T08:00', wbc: 2.0}, {date: '2024-03-02 08:00+0100', wbc: 2.0}]"
    first, second = count_of(write(record), "wbc")
    assert first["effectiveDateTime"] == "2024-03-01"
    assert second["effectiveDateTime"] == "2024-03-02T08:00:00+01:00"


def test_a_limit_says_whose_it_is_and_the_laboratorys_own_stands_beside_it() -> None:
    record = (
        "person: {duffy_null: true, sex: male, age: 30}\ncounts: [{neutrophils: 1.3, limits: {neutrophils: [1.8, 7]}}]"
    )
    (anc,) = count_of(write(record), "neutrophils")
    ours, laboratory = anc["referenceRange"]
    assert code_of(ours["appliesTo"][0], "urn:leukon:limit-owner") == "duffy-null"
    assert anc["interpretation"][0]["coding"][0]["code"] == "N"
    assert "appliesTo" not in laboratory
    assert (laboratory["low"]["value"], laboratory["high"]["value"]) == (1.8, 7)


def test_a_count_under_the_detection_limit_keeps_its_sign() -> None:
    (lymphocytes,) = count_of(write(DATED), "lymphocytes")
    assert lymphocytes["valueQuantity"]["comparator"] == "<"


def test_causes_have_the_probabilities_of_the_report_in_percent_as_r4_has_them() -> None:
    report = answer(EXAMPLES[0].read_text(encoding="utf-8"))
    (risk,) = pick(check(report), "RiskAssessment")
    found = {code_of(p["outcome"], "urn:leukon:cause"): p for p in risk["prediction"]}
    assert list(found)[: len(report.causes)] == [c.id for c in report.causes]
    for cause in report.causes:
        said = found[cause.id]
        assert said["probabilityDecimal"] == pytest.approx(100 * cause.probability, abs=1e-6)
        assert said["extension"][0]["valueDecimal"] == pytest.approx(cause.probability, abs=1e-8)
        assert code_of(said["outcome"], "urn:leukon:family") == cause.family
        assert all(e.item in said["rationale"] for e in (*cause.for_, *cause.against))
        assert any("must-not-miss" in e["url"] for e in said["extension"]) == cause.must_not_miss
    assert found["none_of_these"]["probabilityDecimal"] == pytest.approx(100 * report.none_of_these, abs=1e-6)
    assert "no_leukopenia" in found


def test_a_drug_that_may_be_the_cause_is_an_issue_with_the_drug_implicated() -> None:
    resources = write((ROOT / "examples/agranulocytosis.yaml").read_text(encoding="utf-8"))
    (issue,), (drug,) = pick(resources, "DetectedIssue"), pick(resources, "Medication")
    assert issue["severity"] == "high"
    assert issue["implicated"][0] == {"reference": f"urn:uuid:{drug['id']}", "display": "methimazole"}
    assert code_of(drug["code"], "http://www.whocc.no/atc") == "H03BB02"
    assert "mitigation" not in issue, "an option is not an act that was taken"


def test_tests_are_proposals_with_codes_and_the_urgency_of_the_situation() -> None:
    report = answer(FEVER)
    requests = pick(check(report), "ServiceRequest")
    assert [code_of(r["code"], "urn:leukon:test") for r in requests] == [t.id for t in report.workup]
    assert {(r["status"], r["intent"]) for r in requests} == {("draft", "proposal")}
    assert report.urgency.level == "emergency" and {r["priority"] for r in requests} == {"stat"}
    tests = load_knowledge().tests
    coded = [t for t in report.workup if tests[t.id].loinc]
    assert coded
    assert [code for r in requests if (code := code_of(r["code"], "http://loinc.org"))] == [
        tests[t.id].loinc[0] for t in coded
    ]


def test_urgency_options_questions_and_sources_are_in_the_guidance() -> None:
    report = answer(FEVER)
    resources = check(report)
    (guidance,), (parameters,) = pick(resources, "GuidanceResponse"), pick(resources, "Parameters")
    assert guidance["status"] == "data-requested" and report.ask
    assert [r["text"] for r in guidance["reasonCode"]] == list(report.urgency.because)
    said: dict[str, list[Resource]] = {}
    for parameter in parameters["parameter"]:
        said.setdefault(parameter["name"], []).append(parameter)
    assert said["urgency"][0]["part"][0] == {"name": "level", "valueString": "emergency"}
    for name, values in (("option", report.care), ("ask", report.ask), ("source", report.sources)):
        assert [p["part"][0]["valueString"] for p in said[name]] == [v.id for v in values]


def test_stop_here_is_said() -> None:
    report = answer((ROOT / "examples/duffy_null.yaml").read_text(encoding="utf-8"))
    assert report.stop_here
    (guidance,) = pick(check(report), "GuidanceResponse")
    assert f"Stop here: {report.stop_here}" in [n["text"] for n in guidance["note"]]


def test_what_was_not_used_is_an_outcome_and_its_absence_is_said() -> None:
    odd = {**FEVER, "findings": ["fever", "frobnication of the left ear"]}
    (outcome,) = pick(write(odd), "OperationOutcome")
    assert [i["details"]["text"] for i in outcome["issue"]] == ["frobnication of the left ear"]
    (outcome,) = pick(write(FEVER), "OperationOutcome")
    assert [i["severity"] for i in outcome["issue"]] == ["information"]


def test_the_forecast_is_said_where_there_is_one() -> None:
    course = {
        "model": "friberg", "assumptions": ["the next cycle is given as planned"],
        "nadir": {"analyte": "neutrophils", "value": 0.4, "p05": 0.2, "p95": 0.9, "day": 9, "day_p05": 7,
                  "day_p95": 11},
        "recovery": {"to": 1.5, "day": 18, "p05": 15, "p95": 22},
        "below": [{"limit": 0.5, "days": 3, "p05": 0, "p95": 6}],
        "febrile_neutropenia_range": {"limit": 0.5, "probability": 0.3, "over_7_days": 0.01},
    }  # fmt: skip
    _, forecast = pick(check(replace(answer(FEVER), course=course)), "RiskAssessment")
    assert [p["outcome"]["text"] for p in forecast["prediction"]] == [
        "lowest neutrophils 0.4 (0.2 to 0.9) on day 9 (7 to 11)",
        "back at 1.5 on day 18 (15 to 22)",
        "days below 0.5: 3 (0 to 6)",
        "neutrophils below 0.5, the range of febrile neutropenia",
    ]
    assert forecast["prediction"][-1]["probabilityDecimal"] == 30
    assert "the next cycle is given as planned" in [n["text"] for n in forecast["note"]]


def test_the_same_report_gives_the_same_bytes_and_another_gives_other_ids() -> None:
    one, two = answer(FEVER), answer({**FEVER, "findings": []})
    assert write_fhir(one) == write_fhir(answer(FEVER))
    assert json.loads(write_fhir(one, indent=2)) == report_to_bundle(one)
    ids = [{e["resource"]["id"] for e in report_to_bundle(r)["entry"]} for r in (one, two)]
    assert not ids[0] & ids[1]


def test_the_moment_of_the_assessment_is_the_callers_or_said_to_be_unknown() -> None:
    report = answer(FEVER)
    moment = datetime(2026, 3, 1, 8, 30, tzinfo=timezone(timedelta(hours=1)))
    (dated,) = (e["resource"] for e in report_to_bundle(report, recorded=moment)["entry"] if "target" in e["resource"])
    (undated,) = pick(check(report), "Provenance")
    assert dated["recorded"] == "2026-03-01T08:30:00+01:00"
    assert undated["_recorded"]["extension"][0]["valueCode"] == "unknown" and "recorded" not in undated
    Bundle.model_validate_json(write_fhir(report, recorded=moment))


def test_nothing_of_the_record_names_the_person() -> None:
    data = write_fhir(answer(DATED)).decode()
    assert "MRN-4711" not in data
    assert "1990-02-03" not in data


def test_text_of_the_input_cannot_break_the_bundle() -> None:
    odd = '<script>alert("1")</script> \u0007\u202e &'
    resources = write({"counts": [{"wbc": 2}], "findings": [odd, "\u0001"], "drugs": [odd], "id": odd})
    assert not any("<script" in r.get("text", {}).get("div", "") for r in resources)
    (outcome,) = pick(resources, "OperationOutcome")
    assert all(c.isprintable() for i in outcome["issue"] for c in i["details"]["text"] + i["diagnostics"])


def test_several_records_are_one_bundle_a_line_and_a_bad_line_is_an_error_in_its_place() -> None:
    lines = (json.dumps(FEVER), "not json", json.dumps({**FEVER, "findings": []}))
    out = io.BytesIO()
    answered, failed = run(
        Job(format="fhir"), ["batch.ndjson"], lambda _: io.BytesIO("\n".join(lines).encode()), iter([out])
    )
    held = [json.loads(line) for line in out.getvalue().splitlines()]
    assert (answered, failed) == (2, 1)
    assert [one.get("resourceType") for one in held] == ["Bundle", None, "Bundle"]
    assert held[1]["line"] == 2 and held[1]["error"]
    (written,) = (e["resource"]["recorded"] for e in held[0]["entry"] if "target" in e["resource"])
    assert held[0] == report_to_bundle(answer(FEVER), recorded=datetime.fromisoformat(written))


def read_back(entries: list[Resource]) -> list[tuple[str, float, str, str | None]]:
    data = json.dumps({"resourceType": "Bundle", "type": "collection", "entry": entries}).encode()
    (patient,) = open_input(data).records
    assert isinstance(patient, Patient)
    return [(r.analyte, r.value, r.unit, r.censored) for r in assess(patient).counts]


def test_dated_counts_are_read_back_with_sex_dates_and_the_laboratorys_limits() -> None:
    report = answer(DATED)
    (patient,) = open_input(write_fhir(report)).records
    assert isinstance(patient, Patient) and patient.person.sex == "female"
    again = assess(patient)
    kept = [(r.analyte, r.unit, r.time, r.censored, r.laboratory) for r in report.counts]
    assert [(r.analyte, r.unit, r.time, r.censored, r.laboratory) for r in again.counts] == kept
    assert [r.value for r in again.counts] == pytest.approx([r.value for r in report.counts])
    facts = [(u.as_, u.item) for u in again.understood if not u.as_.startswith(("count:", "limit:"))]
    assert facts == [("person:sex", "female")], "what leukon said of the counts must not come back as a finding"


def test_the_counts_of_each_draw_of_the_published_records_are_read_back(shared: Path) -> None:
    for path in sorted((shared / "cases").glob("*.yaml")):
        report = answer(path.read_text(encoding="utf-8"))
        by_day: dict[Any, list[Resource]] = {}
        for entry in report_to_bundle(report)["entry"]:
            if entry["resource"]["resourceType"] == "Observation":
                day = entry["resource"].get("_effectiveDateTime", {}).get("extension", [{}])[0].get("valueDecimal")
                by_day.setdefault(day, []).append(entry)
        assert sum(map(len, by_day.values())) == len(report.counts)
        found = [row for entries in by_day.values() for row in read_back(entries)]
        given = [(r.analyte, r.value, r.unit, r.censored) for r in report.counts]
        assert [(a, u, c) for a, _, u, c in found] == [(a, u, c) for a, _, u, c in given], path.name
        assert [row[1] for row in found] == pytest.approx([row[1] for row in given]), path.name
