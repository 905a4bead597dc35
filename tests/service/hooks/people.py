"""People as a record sends them: FHIR resources, prefetch values, the request of a hook."""

from __future__ import annotations

import re
from datetime import date, timedelta
from itertools import count
from typing import Any

from leukon.patient import Drug, Item, Measure, Patient, Test

Resource = dict[str, Any]

TODAY = date(2026, 11, 25)
NOW = "2026-11-24"  # the day of the newest count
PATIENT = {"resourceType": "Patient", "id": "1", "gender": "female", "birthDate": "1980-01-01"}
INSTANCE = "d1577c69-dfbe-44ad-ba6d-3e05e953b2ea"

_numbers = count(1)
_BARE = {"hemoglobin": "g/dL", "mcv": "fL"}


def bundle(*resources: Resource, **more: Any) -> Resource:
    """The answer to a search."""
    return {"resourceType": "Bundle", "type": "searchset", "entry": [{"resource": r} for r in resources]} | more


def result(code: str, value: float, unit: str = "10*9/L", day: str = NOW, **more: Any) -> Resource:
    """A result by its LOINC code."""
    return {
        "resourceType": "Observation",
        "id": f"o{next(_numbers)}",
        "status": "final",
        "subject": {"reference": "Patient/1"},
        "code": {"coding": [{"system": "http://loinc.org", "code": code}]},
        "effectiveDateTime": day,
        "valueQuantity": {"value": value, "unit": unit},
    } | more


def counts(wbc: float, anc: float, day: str = NOW) -> Resource:
    """White cells and neutrophils of one draw, as the answer to the query for counts."""
    return bundle(result("6690-2", wbc, day=day), result("751-8", anc, day=day))


def condition(text: str) -> Resource:
    return {
        "resourceType": "Condition",
        "id": f"c{next(_numbers)}",
        "subject": {"reference": "Patient/1"},
        "code": {"text": text},
        "clinicalStatus": {"coding": [{"code": "active"}]},
    }


def order(text: str, id: str = "rx1", status: str = "draft", start: str | None = None) -> Resource:
    """A prescription: a draft, or with a status and a start one that is on the record."""
    made: Resource = {
        "resourceType": "MedicationRequest",
        "id": id,
        "status": status,
        "intent": "order",
        "subject": {"reference": "Patient/1"},
        "medicationCodeableConcept": {"text": text},
    }
    return made | ({"authoredOn": start} if start else {})


def record(wbc: float = 6.4, anc: float = 4.2, *drugs: Resource, conditions: tuple[str, ...] = ()) -> Resource:
    """Everything that the services ask for, of one woman of 46."""
    return {
        "patient": PATIENT,
        "counts": counts(wbc, anc),
        "results": None,
        "conditions": bundle(*map(condition, conditions)),
        "requests": bundle(*drugs),
        "statements": None,
    }


def call(hook: str, prefetch: Resource | None, **context: Any) -> Resource:
    """The request of a hook."""
    made: Resource = {
        "hook": hook,
        "hookInstance": INSTANCE,
        "context": {"userId": "Practitioner/example", "patientId": "1"} | context,
    }
    return made | ({"prefetch": prefetch} if prefetch is not None else {})


def to_prefetch(patient: Patient) -> Resource:
    """A leukon patient as a record would send him; days become dates, `now` is NOW."""
    person = patient.person
    born = date.fromisoformat(NOW) - timedelta(days=round(person.age_days)) if person.age_days is not None else None
    told: Resource = {"resourceType": "Patient", "id": "1"}
    told |= {"gender": person.sex} if person.sex else {}
    told |= {"birthDate": born.isoformat()} if born else {}
    rows = [_row(m, _date(patient, draw.day)) for draw in patient.draws for m in draw.measures]
    return {
        "patient": told,
        "counts": bundle(*rows),
        "results": bundle(*(_test(t, patient) for t in patient.tests if t.result)),
        "conditions": bundle(*(condition(i.text) for i in (*patient.conditions, *patient.present))),
        "requests": bundle(),
        "statements": bundle(*(_statement(d, patient) for d in patient.drugs)),
    }


def _date(patient: Patient, day: float | None) -> str | None:
    if day is None:
        return None
    return (date.fromisoformat(NOW) + timedelta(days=day - patient.now)).isoformat()


def _result(words: str, day: str | None) -> Resource:
    made: Resource = {"resourceType": "Observation", "id": f"o{next(_numbers)}", "status": "final"}
    return made | {"code": {"text": words}} | ({"effectiveDateTime": day} if day else {})


def _row(measure: Measure, day: str | None) -> Resource:
    text = measure.item.text
    if re.fullmatch(r"[\d.]+", text):
        text = f"{text} {_BARE.get(measure.analyte, '10*9/L')}"
    made = _result(measure.analyte, day) | {"valueString": text}
    if measure.limits:
        low, high = measure.limits
        ends = {"low": low, "high": high}
        made["referenceRange"] = [{k: {"value": v, "unit": "10*9/L"} for k, v in ends.items() if v is not None}]
    return made


def _test(test: Test, patient: Patient) -> Resource:
    assert test.result is not None
    return _result(test.name.text, _date(patient, test.day) or NOW) | {"valueString": test.result.text}


def _statement(drug: Drug, patient: Patient) -> Resource:
    period = {"start": _date(patient, drug.start), "end": _date(patient, drug.stop)}
    made: Resource = {
        "resourceType": "MedicationStatement",
        "id": f"m{next(_numbers)}",
        "status": "active",
        "medicationCodeableConcept": {"text": drug.name.text},
        "effectivePeriod": {k: v for k, v in period.items() if v},
    }
    return made | ({"note": [{"text": drug.note.text}]} if isinstance(drug.note, Item) else {})
