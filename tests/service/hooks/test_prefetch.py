"""What the record sends, in whole, in part or not at all."""

from __future__ import annotations

from typing import Any

import pytest

from .conftest import Asker
from .people import PATIENT, bundle, call, condition, counts, order, record, result

OUTCOME = {"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": "forbidden"}]}
LOW = record(1.9, 0.3)


def view(hooks: Asker, prefetch: Any) -> Any:
    return hooks.post("leukon-patient-view", call("patient-view", prefetch))


def test_a_whole_record(hooks: Asker) -> None:
    answer = view(hooks, LOW)
    assert answer.status_code == 200
    assert len(answer.json()["cards"]) == 1
    assert "Not sent" not in answer.json()["cards"][0]["detail"]


@pytest.mark.parametrize("key", ["patient", "counts"])
@pytest.mark.parametrize("how", ["absent", "outcome", "words"])
def test_what_is_needed_and_missing_is_412_with_its_name(hooks: Asker, key: str, how: str) -> None:
    sent = {k: v for k, v in LOW.items() if k != key}
    sent |= {"absent": {}, "outcome": {key: OUTCOME}, "words": {key: "123"}}[how]
    answer = view(hooks, sent)
    assert answer.status_code == 412
    detail = answer.json()["error"]
    assert key in detail.lower() and "\n" not in detail
    assert {"absent": "has no", "outcome": "OperationOutcome", "words": "not a FHIR resource"}[how] in detail


def test_nothing_sent_at_all(hooks: Asker) -> None:
    for prefetch in (None, {}, {"other": PATIENT | {"id": "1"}}):
        assert view(hooks, prefetch).status_code == 412


def test_a_patient_is_never_taken_for_granted(hooks: Asker) -> None:
    assert view(hooks, LOW | {"patient": None}).status_code == 412
    assert view(hooks, LOW | {"patient": bundle()}).status_code == 412


def test_null_counts_mean_that_there_are_none(hooks: Asker) -> None:
    answer = view(hooks, LOW | {"counts": None})
    assert (answer.status_code, answer.json()) == (200, {"cards": []})


def test_the_rest_may_be_missing_and_the_card_says_so(hooks: Asker) -> None:
    card = view(hooks, {"patient": PATIENT, "counts": counts(1.9, 0.3), "conditions": OUTCOME}).json()["cards"][0]
    said = "other test results, the problem list, prescriptions and the list of drugs taken"
    assert f"Not sent, so this may be wrong: {said}." in card["detail"]


def test_an_outcome_beside_results_is_only_a_remark_of_the_server(hooks: Asker) -> None:
    found = counts(1.9, 0.3)
    found["entry"].append({"resource": OUTCOME, "search": {"mode": "outcome"}})
    assert len(view(hooks, LOW | {"counts": found}).json()["cards"]) == 1


@pytest.mark.parametrize(
    "sent",
    [
        {"patient": PATIENT | {"id": "2"}},
        {"counts": bundle(result("751-8", 0.3, subject={"reference": "Patient/2"}))},
        {"counts": bundle(result("751-8", 0.3, subject={"reference": "https://ehr.test/fhir/Patient/2/_history/1"}))},
        {"counts": bundle(result("751-8", 0.3, subject={"reference": "urn:uuid:2"}))},
        {"counts": bundle(result("751-8", 0.3, subject={"reference": "Group/1"}))},
        {"conditions": bundle(condition("fever") | {"subject": {"reference": "Patient/11"}})},
        {"requests": bundle(order("methimazole", status="active") | {"subject": {"reference": "Patient/2"}})},
    ],
)
def test_another_patient_among_what_was_sent_is_refused(hooks: Asker, sent: dict[str, Any]) -> None:
    answer = view(hooks, LOW | sent)
    assert answer.status_code == 400
    assert "another patient" in answer.json()["error"]


def test_the_same_patient_in_every_form_of_reference(hooks: Asker) -> None:
    forms = ("Patient/1", "https://ehr.test/fhir/Patient/1", "Patient/1/_history/4", "urn:uuid:1")
    rows = [result("751-8", 0.3, subject={"reference": form}) for form in forms]
    unnamed = result("6690-2", 1.9)
    del unnamed["subject"]
    answer = view(hooks, LOW | {"counts": bundle(*rows, unnamed)})
    assert "neutrophils at most 0.3" in answer.json()["cards"][0]["detail"]


def test_a_resource_sent_under_two_keys_counts_once(hooks: Asker) -> None:
    odd = counts(1.9, 0.3)
    odd["entry"].append({"resource": result("731-0", 1.1, unit="per field")})
    card = view(hooks, LOW | {"counts": odd, "results": odd}).json()["cards"][0]
    assert "Not used: 1 count (" in card["detail"]


def test_text_that_is_not_unicode_is_refused_in_one_line(hooks: Asker) -> None:
    body = '{"hook":"patient-view","hookInstance":"d1577c69-dfbe-44ad-ba6d-3e05e953b2ea","context":{"userId":"u",'
    body += '"patientId":"1"},"prefetch":{"patient":{"resourceType":"Patient","id":"1","gender":"\\ud800"},'
    body += '"counts":null}}'
    headers = {"Content-Type": "application/json"}
    answer = hooks.ask("POST", "/cds-services/leukon-patient-view", content=body, headers=headers)
    assert answer.status_code == 400
    assert "Unicode" in answer.json()["error"]
