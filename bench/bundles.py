"""The records of tests/records as FHIR R4 Bundles, as an electronic record would send them: varied, and of nobody."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

from leukon.assess import assess
from leukon.io import open_input
from leukon.patient import Patient
from leukon.report.fhir import report_to_bundle

__all__ = ["make_bundle", "make_bundles"]

ROOT = Path(__file__).resolve().parents[1]
_NOW = date(2026, 3, 1)

Resource = dict[str, Any]


def make_bundles(every: int = 1) -> dict[str, Resource]:
    """A Bundle of each record, or of every second, third, …; by the name of its file."""
    made: dict[str, Resource] = {}
    paths = sorted([*(ROOT / "examples").glob("*.yaml"), *(ROOT / "tests" / "records").glob("*.yaml")])
    for path in paths[::every]:
        (patient,) = open_input(path.read_bytes(), path.name).records
        assert isinstance(patient, Patient)
        made[path.stem] = make_bundle(patient)
    return made


def make_bundle(patient: Patient) -> Resource:
    """Patient, counts with LOINC and UCUM, drugs, conditions and findings as Conditions, tests as Observations."""
    subject = {"reference": "Patient/1"}
    person: Resource = {"resourceType": "Patient", "id": "1", "gender": patient.person.sex or "unknown"}
    if patient.person.age_days is not None:
        person["birthDate"] = _say_day(-patient.person.age_days)
    counts = [
        {
            "resourceType": "Observation",
            "status": "final",
            "code": said["code"],
            "subject": subject,
            "effectiveDateTime": _say_day((row.day or 0.0) - patient.now),
            "valueQuantity": said["valueQuantity"],
        }
        for row, said in _pair_counts(patient)
    ]
    drugs: list[Resource] = [
        {
            "resourceType": "MedicationStatement",
            "status": "active",
            "medicationCodeableConcept": {"text": drug.name.text},
            "subject": subject,
            "effectivePeriod": {
                key: _say_day(day - patient.now) for key, day in (("start", drug.start), ("end", drug.stop)) if day
            },
        }
        for drug in patient.drugs
    ]
    conditions = [
        {
            "resourceType": "Condition",
            "code": {"text": item.text},
            "subject": subject,
            "verificationStatus": {"coding": [{"code": status}]},
        }
        for items, status in (((*patient.conditions, *patient.present), "confirmed"), (patient.absent, "refuted"))
        for item in items
    ]
    tests = [
        {
            "resourceType": "Observation",
            "status": "final",
            "code": {"text": test.name.text},
            "subject": subject,
            "valueString": test.result.text,
        }
        for test in patient.tests
        if test.result
    ]
    entries = [{"resource": resource} for resource in (person, *counts, *drugs, *conditions, *tests)]
    return {"resourceType": "Bundle", "type": "collection", "entry": entries}


def _pair_counts(patient: Patient) -> list[tuple[Any, Resource]]:
    report = assess(patient)
    entries = (e["resource"] for e in report_to_bundle(report)["entry"])
    return list(zip(report.counts, (r for r in entries if r["resourceType"] == "Observation"), strict=True))


def _say_day(days: float) -> str:
    return (_NOW + timedelta(days=days)).isoformat()
