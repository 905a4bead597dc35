"""Requests of the shape that the standard publishes are understood; what breaks its rules is refused in one line."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from leukon.service.hooks.requests import OrderSelectRequest, OrderSignRequest, PatientViewRequest

from .people import call, counts, order, record

AUTHORIZATION = {
    "access_token": "some-opaque-token",
    "token_type": "Bearer",
    "expires_in": 300,
    "scope": "user/Patient.read user/Observation.read",
    "subject": "leukon",
}
SERVER = {"fhirServer": "https://ehr.example.org/fhir"}
KINDS = {"patient-view": PatientViewRequest, "order-select": OrderSelectRequest, "order-sign": OrderSignRequest}


def read(body: dict[str, Any]) -> Any:
    return TypeAdapter(KINDS[body["hook"]]).validate_python(body)


def test_a_request_with_everything_that_may_stand_in_it() -> None:
    body = call("patient-view", record(), encounterId="89284") | SERVER | {"fhirAuthorization": AUTHORIZATION}
    body["extension"] = {"com.example.timestamp": "2026-11-25T08:00:00Z"}
    got = read(body)
    assert got.context.patient_id == "1"
    assert got.fhir_authorization.access_token == "some-opaque-token"  # noqa: S105 - not a secret
    assert "some-opaque-token" not in repr(got), "a token must not reach a log"


@pytest.mark.parametrize(
    ("rule", "change"),
    [
        ("cds-r-1", {"fhirAuthorization": AUTHORIZATION}),
        ("cds-r-2", SERVER | {"fhirAuthorization": AUTHORIZATION | {"scope": "patient/Observation.read"}}),
        ("cds-r-2", SERVER | {"fhirAuthorization": AUTHORIZATION | {"scope": "launch Patient/*.read"}}),
    ],
)
def test_the_rules_of_the_request(rule: str, change: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match=rule):
        read(call("patient-view", record()) | change)


def test_a_scope_of_one_patient_names_the_patient() -> None:
    told = AUTHORIZATION | {"scope": "patient/Observation.read", "patient": "1"}
    assert read(call("patient-view", record()) | SERVER | {"fhirAuthorization": told}).fhir_authorization.patient == "1"


@pytest.mark.parametrize(
    "change",
    [
        {"hook": "order-sign"},
        {"hookInstance": "not-a-uuid"},
        {"hookInstance": None},
        {"context": {"userId": "Practitioner/1"}},
        {"context": {"patientId": "1"}},
        {"context": {"userId": "Practitioner/1", "patientId": "../Practitioner"}},
        {"context": {"userId": "Practitioner/1", "patientId": ".."}},
        {"context": {"userId": "Practitioner/1", "patientId": "1/_history/2"}},
        {"context": {"userId": "Practitioner/1", "patientId": "1?_include=*"}},
        {"context": {"userId": "Practitioner/1", "patientId": "{{context.userId}}"}},
        {"context": {"userId": "Practitioner/1", "patientId": "1\n"}},
        {"context": {"userId": "Practitioner/1", "patientId": "1" * 65}},
        {"prefetch": "all"},
        SERVER | {"fhirAuthorization": AUTHORIZATION | {"token_type": "Basic"}},
        SERVER | {"fhirAuthorization": AUTHORIZATION | {"access_token": "a\r\nHost: evil.test"}},
        SERVER | {"fhirAuthorization": {"access_token": "a"}},
    ],
)
def test_what_is_no_request_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(ValidationError) as caught:
        PatientViewRequest.model_validate(call("patient-view", record()) | change)
    assert "Host: evil" not in str(caught.value), "what was sent is not echoed"


def test_orders_need_their_drafts() -> None:
    drafts = {"resourceType": "Bundle", "entry": [{"resource": order("clozapine")}]}
    body = call("order-select", {"counts": counts(3, 1)}, draftOrders=drafts, selections=["MedicationRequest/rx1"])
    assert read(body).context.selections == ["MedicationRequest/rx1"]
    for change in ({"selections": []}, {"draftOrders": {"resourceType": "Patient"}}, {"draftOrders": None}):
        with pytest.raises(ValidationError):
            read(body | {"context": body["context"] | change})
