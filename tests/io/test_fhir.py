"""FHIR R4: counts by LOINC with their own units; what is missing stays missing; nothing is dropped in silence."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from leukon.counts import read_counts
from leukon.io import ReadProblem, RecordError, read_inputs
from leukon.patient import Patient


def observation(
    code: str, value: Any, unit: str | None = "10*3/uL", day: str = "2025-03-01", **more: Any
) -> dict[str, Any]:
    quantity = {"value": value} | ({"unit": unit} if unit else {})
    return {
        "resourceType": "Observation", "status": "final", "effectiveDateTime": day,
        "code": {"coding": [{"system": "http://loinc.org", "code": code}]}, "valueQuantity": quantity,
    } | more  # fmt: skip


def bundle(*resources: dict[str, Any]) -> bytes:
    return json.dumps({"resourceType": "Bundle", "entry": [{"resource": r} for r in resources]}).encode()


def read(*resources: dict[str, Any]) -> Patient:
    (patient,) = read_inputs(bundle(*resources), "bundle")
    assert isinstance(patient, Patient)
    return patient


PERSON = {"resourceType": "Patient", "id": "p1", "gender": "female", "birthDate": "1990-03-01"}


def test_counts_are_found_by_loinc_and_kept_in_their_unit() -> None:
    patient = read(PERSON, observation("6690-2", 2.1), observation("751-8", 400, "/uL"), observation("777-3", 120))
    found = {v.analyte: v.value for v in read_counts(patient).values}
    assert found == {"wbc": 2.1, "neutrophils": 0.4, "platelets": 120.0}
    assert patient.person.age_days == pytest.approx(35 * 365.25, abs=2)


def test_a_missing_unit_is_cannot_say() -> None:
    counts = read_counts(read(observation("6690-2", 2.1, None)))
    assert counts.values == ()
    assert any("unit" in n.reason for n in counts.not_used)


def test_an_absent_result_and_an_erroneous_one_are_listed() -> None:
    absent = observation("6690-2", 0) | {"valueQuantity": None, "dataAbsentReason": {"text": "specimen clotted"}}
    wrong = observation("6690-2", 1.0, status="entered-in-error")
    patient = read(PERSON, observation("777-3", 120), absent, wrong)
    reasons = [reason for _, reason in patient.not_used]
    assert any("clotted" in r for r in reasons)
    assert any("entered-in-error" in r for r in reasons)


def test_a_reference_range_is_the_laboratorys_own() -> None:
    given = observation("6690-2", 3.8, referenceRange=[{"low": {"value": 4.0}, "high": {"value": 11.0}}])
    (value,) = read_counts(read(given)).values
    assert value.limits == (4.0, 11.0)


def test_components_conditions_and_drugs_are_read() -> None:
    panel = {
        "resourceType": "Observation", "status": "final", "effectiveDateTime": "2025-03-01",
        "code": {"text": "CBC"},
        "component": [{k: v for k, v in observation("6690-2", 2.0).items() if k in ("code", "valueQuantity")}],
    }  # fmt: skip
    refuted = {
        "resourceType": "Condition", "code": {"text": "HIV infection"},
        "verificationStatus": {"coding": [{"code": "refuted"}]},
    }  # fmt: skip
    known = {"resourceType": "Condition", "code": {"text": "Graves disease"}}
    drug = {
        "resourceType": "MedicationRequest", "status": "active", "authoredOn": "2025-01-18",
        "medicationCodeableConcept": {"text": "methimazole"},
    }  # fmt: skip
    patient = read(PERSON, panel, refuted, known, drug)
    assert [m.analyte for d in patient.draws for m in d.measures]
    assert [c.text for c in patient.conditions] == ["Graves disease"]
    assert [c.text for c in patient.absent] == ["HIV infection"]
    assert patient.drugs[0].start == -42.0


def test_two_patients_in_one_bundle_are_refused() -> None:
    one = observation("6690-2", 2.0, subject={"reference": "Patient/a"})
    two = observation("6690-2", 2.0, subject={"reference": "Patient/b"})
    with pytest.raises(RecordError, match="2 patients"):
        list(read_inputs(bundle(one, two)))


def test_bulk_lines_give_one_patient_each_by_first_appearance() -> None:
    rows = [observation("6690-2", 2.0 + n, subject={"reference": f"Patient/{who}"}) for n, who in enumerate("baab")]
    data = "\n".join([json.dumps(rows[0]), "{broken", *map(json.dumps, rows[1:])]).encode()
    found = list(read_inputs(data, "bulk.ndjson"))
    assert [x.id for x in found if isinstance(x, Patient)] == ["b", "a"]
    assert [x.line for x in found if isinstance(x, ReadProblem)] == [2]


def test_damaged_resources_lose_nothing_else() -> None:
    odd = {"resourceType": "Observation", "code": 5, "valueQuantity": {"value": "many"}}
    patient = read(PERSON, observation("6690-2", 2.0), odd)
    assert patient.draws
    assert any("damaged" in reason for _, reason in patient.not_used)


def test_real_bundles_are_read(shared: Path) -> None:
    for path in sorted((shared / "data/hl7v2_ccda_fhir_samples/fhir_r4").glob("*.json")):
        (patient,) = read_inputs(path.read_bytes(), path.name)
        assert isinstance(patient, Patient), path.name


def test_a_printed_range_in_words_is_a_range() -> None:
    given = observation("6690-2", 3.8, referenceRange=[{"text": "4.0 to 11.0"}])
    (value,) = read_counts(read(given)).values
    assert value.limits == (4.0, 11.0)


def test_an_entry_is_known_by_its_address() -> None:
    """Bundles refer to the patient by the address of the entry, not by the id."""
    entries = [
        {"fullUrl": "urn:uuid:1-2", "resource": PERSON},
        {"resource": observation("6690-2", 2.0, subject={"reference": "urn:uuid:1-2"})},
    ]
    (patient,) = read_inputs(json.dumps({"resourceType": "Bundle", "entry": entries}).encode())
    assert isinstance(patient, Patient)
    assert (patient.id, patient.person.sex) == ("p1", "female")


@pytest.mark.parametrize(
    "more",
    [{"status": "not-taken"}, {"status": "active", "intent": "plan"}, {"status": "active", "doNotPerform": True}],
)
def test_a_drug_that_was_not_taken_is_no_drug(more: dict[str, Any]) -> None:
    drug = {"resourceType": "MedicationRequest", "medicationCodeableConcept": {"text": "methimazole"}} | more
    patient = read(observation("6690-2", 2.0), drug)
    assert patient.drugs == ()
    assert any("MedicationRequest" in i.text or i.text == "methimazole" for i, _ in patient.not_used)


def test_a_diagnosis_that_is_only_thought_of_is_not_a_condition() -> None:
    thought = {
        "resourceType": "Condition", "code": {"text": "lupus"},
        "verificationStatus": {"coding": [{"code": "differential"}]},
    }  # fmt: skip
    patient = read(observation("6690-2", 2.0), thought)
    assert patient.conditions == ()
    assert any(i.text == "lupus" for i, _ in patient.not_used)


def test_a_line_of_bulk_with_a_byte_that_is_no_text_is_told_and_the_rest_go_on() -> None:
    good = json.dumps(
        {
            "resourceType": "Observation", "status": "final", "subject": {"reference": "Patient/a"},
            "code": {"coding": [{"system": "http://loinc.org", "code": "6690-2"}]},
            "valueQuantity": {"value": 2.1, "unit": "10*9/L"},
        }
    )  # fmt: skip
    bad = b'{"resourceType":"Patient","id":"b\xff"}'
    read = list(read_inputs(good.encode() + b"\n" + bad + b"\n", "bulk.ndjson"))
    assert {type(one) for one in read} == {Patient, ReadProblem}
    assert [one.line for one in read if isinstance(one, ReadProblem)] == [2]
