"""What a file says can be put into the form: the record written from it is judged the same."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from leukon.answer import Report
from leukon.assess import assess
from leukon.io import open_input, read_record
from leukon.patient import Patient
from leukon.service.web.as_record import write_record
from tests.service.web.forms import EXAMPLES, RECORDS


def read_people(path: Path) -> list[Patient]:
    return [p for p in open_input(path.read_bytes(), path.name).records if isinstance(p, Patient)]


def rewrite(patient: Patient, *, anonymous: bool = False) -> Patient:
    return read_record(json.dumps(write_record(patient, anonymous=anonymous)[0]))


def judge(report: Report) -> list[object]:
    """What must not change: counts with limits and verdicts, urgency, reality, causes."""
    counts = [
        (r.analyte, r.status, r.limit and (r.limit.lower, r.limit.upper, r.limit.owner), r.laboratory, r.grades)
        for r in report.counts
    ]
    return [counts, report.urgency.level, report.low, report.real.verdict, report.states]


def check_same(patient: Patient) -> None:
    before = assess(patient)
    for anonymous in (False, True):
        after = assess(rewrite(patient, anonymous=anonymous))
        assert judge(after) == judge(before)
        assert [r.value for r in after.counts] == pytest.approx([r.value for r in before.counts])
        held = {c.id: c.probability for c in before.causes}
        assert {c.id: c.probability for c in after.causes} == pytest.approx(held, abs=1e-3)


@pytest.mark.parametrize("path", [*EXAMPLES, *RECORDS[::4]], ids=lambda p: p.stem)
def test_a_record_is_judged_the_same_after_it_went_through_the_form(path: Path) -> None:
    (patient,) = read_people(path)
    check_same(patient)


def test_files_of_records_systems_are_judged_the_same(shared: Path) -> None:
    samples = shared / "data/hl7v2_ccda_fhir_samples"
    paths = [
        *sorted((shared / "phenopackets/cases").glob("*.json"))[::6],
        *sorted(samples.rglob("*-expected.json")),
        *sorted(samples.rglob("*.hl7")),
    ]
    people = [p for path in paths for p in read_people(path)]
    assert len(people) > 10
    for patient in people:
        check_same(patient)


def test_a_value_without_its_unit_is_not_given_one() -> None:
    """In a table 2.1 may be anything; in a record it would be 2.1 billion a litre."""
    (patient,) = open_input(b"date,wbc\n2026-03-01,2.1\n").records
    assert isinstance(patient, Patient)
    record, left = write_record(patient)
    assert "counts" not in record
    assert any(n.item == "2.1" and "unit" in n.reason for n in left)


def test_a_unit_that_contradicts_the_printed_limits_stays_refused() -> None:
    value = {"value": 3.8, "unit": "/uL"}
    bundle = {
        "resourceType": "Bundle", "type": "collection", "entry": [{"resource": {
            "resourceType": "Observation", "status": "final", "effectiveDateTime": "2026-03-01",
            "code": {"coding": [{"system": "http://loinc.org", "code": "6690-2"}]}, "valueQuantity": value,
            "referenceRange": [{"low": {"value": 4.0}, "high": {"value": 11.0}}],
        }}],
    }  # fmt: skip
    (patient,) = open_input(json.dumps(bundle).encode()).records
    assert isinstance(patient, Patient)
    record, left = write_record(patient)
    assert "counts" not in record, "0.0038 would be an emergency that nobody measured"
    assert any("contradicts" in n.reason for n in left)


def test_a_code_that_says_more_than_its_words_becomes_words_that_say_it() -> None:
    packet = {
        "id": "p", "subject": {"id": "s"}, "metaData": {"phenopacketSchemaVersion": "2.0.2"},
        "phenotypicFeatures": [{"type": {"id": "HP:0001744", "label": "Milzvergroesserung"}}],
    }  # fmt: skip
    (patient,) = open_input(json.dumps(packet).encode()).records
    assert isinstance(patient, Patient)
    assert write_record(patient)[0]["findings"] == {"present": ["enlarged spleen"]}


def test_the_anonymous_record_has_no_id_no_birth_and_no_date() -> None:
    record = """
id: MRN-4711
person: {sex: F, birth_date: 1990-02-03}
counts: [{date: 2024-01-05, wbc: 6}, {date: 2024-03-01T08:00, wbc: 2.1}]
drugs: [{name: methimazole, start: 2024-01-20}]
tests: [{name: ANA, result: "1:640", date: 2024-02-01}]
"""
    patient = read_record(record)
    open_, _ = write_record(patient)
    assert (open_["id"], open_["counts"][0]["date"], open_["drugs"][0]["start"]) == (
        "MRN-4711", "2024-01-05", "2024-01-20",
    )  # fmt: skip
    text = json.dumps(write_record(patient, anonymous=True)[0])
    assert not any(word in text for word in ("MRN", "1990", "2024", "birth"))
    assert rewrite(patient, anonymous=True).drugs[0].start == pytest.approx(-41.33, abs=0.01)


def test_an_age_never_crosses_a_birthday() -> None:
    days = 18 * 365.25 - 0.5
    patient = read_record(f"{{person: {{age: {days} days}}, counts: [{{wbc: 3}}]}}")
    age = rewrite(patient).person.age_days
    assert age is not None and 17.98 * 365.25 < age < 18 * 365.25


def test_one_count_given_twice_keeps_both() -> None:
    patient = read_record("counts: [{wbc: 3, neutrophils: 0.3, neut %: 10 %}]")
    (draw,) = write_record(patient)[0]["counts"]
    assert draw == {"wbc": "3", "neutrophils": "0.3", "neutrophils %": "10 %"}
