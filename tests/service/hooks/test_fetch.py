"""Fetching what was not sent: from the registered server only, with the token, within bounds."""

from __future__ import annotations

import gzip
import logging
import time
from typing import Any

import pytest

from leukon.service.hooks import fetch

from .conftest import Asker, FhirServer
from .people import PATIENT, bundle, call, condition, counts, record, result
from .tokens import Signer

OUTCOME = {"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": "forbidden"}]}
TOKEN = "opaque-fhir-token"  # noqa: S105 - of a test


def ask(registered: Asker, signer: Signer, server: str, prefetch: Any) -> Any:
    body = call("patient-view", prefetch) | {
        "fhirServer": server,
        "fhirAuthorization": {
            "access_token": TOKEN,
            "token_type": "Bearer",
            "expires_in": 300,
            "scope": "user/*.read",
            "subject": "leukon",
        },
    }
    return registered.post("leukon-patient-view", body, signer.sign())


def fill(fhir: FhirServer) -> None:
    fhir.answer("/fhir/Patient/1", PATIENT)
    fhir.answer("/fhir/Observation", bundle())
    fhir.answer("/fhir/Observation?patient=1&code=", counts(1.9, 0.3))
    fhir.answer("/fhir/Condition", bundle(condition("fever")))
    fhir.answer("/fhir/Medication", bundle())


def test_everything_is_fetched_where_nothing_was_sent(registered: Asker, signer: Signer, fhir: FhirServer) -> None:
    fill(fhir)
    answer = ask(registered, signer, f"{fhir.address}/fhir", None)
    assert answer.status_code == 200, answer.text
    card = answer.json()["cards"][0]
    assert "EMERGENCY" in card["summary"], "the fever of the fetched problem list is seen"
    assert len(fhir.asked) == 6
    for path, headers in fhir.asked:
        assert headers["Authorization"] == f"Bearer {TOKEN}"
        assert "patient=1" in path or path == "/fhir/Patient/1"


@pytest.mark.parametrize("how", [{}, {"counts": None}, {"counts": OUTCOME}, {"counts": "123"}])
def test_only_what_is_missing_is_fetched(
    registered: Asker, signer: Signer, fhir: FhirServer, how: dict[str, Any]
) -> None:
    fill(fhir)
    sent = {k: v if v is not None else bundle() for k, v in record(1.9, 0.3).items() if k != "counts"} | how
    answer = ask(registered, signer, f"{fhir.address}/fhir", sent)
    assert len(answer.json()["cards"]) == 1
    assert [path.split("?")[0] for path, _ in fhir.asked] == ["/fhir/Observation"]


def test_nothing_is_fetched_where_all_was_sent(registered: Asker, signer: Signer, fhir: FhirServer) -> None:
    sent = {k: v if v is not None else bundle() for k, v in record(1.9, 0.3).items()}
    assert ask(registered, signer, f"{fhir.address}/fhir", sent).status_code == 200
    assert fhir.asked == []


@pytest.mark.parametrize(
    "server",
    [
        "{fhir}/other",
        "{fhir}/fhir/../other",
        "{fhir}/fhir/%2e%2e/other",
        "{fhir}",
        "http://localhost:{port}/fhir",
        "http://127.0.0.1.evil.test/fhir",
        "http://user@127.0.0.1:{port}/fhir",
        "http://169.254.169.254/fhir",
    ],
)
def test_no_other_server_is_asked(registered: Asker, signer: Signer, fhir: FhirServer, server: str) -> None:
    fill(fhir)
    fhir.answer("/", PATIENT)
    address = server.format(fhir=fhir.address, port=fhir.address.rsplit(":", 1)[1])
    answer = ask(registered, signer, address, {"patient": PATIENT})
    assert answer.status_code == 412
    assert "not one of those registered" in answer.json()["error"]
    assert fhir.asked == [], "the token went to another address"


def test_without_a_registered_client_nothing_is_fetched(hooks: Asker, signer: Signer, fhir: FhirServer) -> None:
    fill(fhir)
    assert ask(hooks, signer, f"{fhir.address}/fhir", None).status_code == 412
    assert fhir.asked == []


def test_a_redirect_is_not_followed(registered: Asker, signer: Signer, fhir: FhirServer) -> None:
    fill(fhir)
    for status in (301, 302, 307, 308):
        fhir.asked.clear()
        fhir.answer("/fhir/Patient/1", b"", status, Location=f"{fhir.address}/other/Patient/1")
        fhir.answer("/other", PATIENT)
        answer = ask(registered, signer, f"{fhir.address}/fhir", {"counts": counts(1.9, 0.3)})
        assert answer.status_code == 412
        assert str(status) in answer.json()["error"]
        assert not any(path.startswith("/other") for path, _ in fhir.asked)


@pytest.mark.parametrize(
    ("status", "body", "headers", "why"),
    [
        (403, OUTCOME, {}, "answered 403"),
        (500, b"<html>", {}, "answered 500"),
        (200, OUTCOME, {}, "OperationOutcome"),
        (200, b"<html>Log in</html>", {}, "did not send JSON"),
        (200, b"[" * 100_000, {}, "did not send JSON"),
        (200, [1, 2], {}, "did not send a FHIR resource"),
        (200, gzip.compress(b"{}"), {"Content_Encoding": "gzip"}, "packed"),
        (200, b" " * 6_000_000, {}, "more than is read"),
    ],
)
def test_an_answer_that_is_none_is_412_with_the_reason(
    registered: Asker,
    signer: Signer,
    fhir: FhirServer,
    status: int,
    body: Any,
    headers: dict[str, str],
    why: str,
) -> None:
    fill(fhir)
    fhir.answer("/fhir/Patient/1", body, status, **headers)
    answer = ask(registered, signer, f"{fhir.address}/fhir", {"counts": counts(1.9, 0.3)})
    assert answer.status_code == 412
    assert why in answer.json()["error"]
    assert TOKEN not in answer.text and "127.0.0.1" not in answer.text


def test_a_patient_that_was_not_asked_for_is_refused(registered: Asker, signer: Signer, fhir: FhirServer) -> None:
    fill(fhir)
    fhir.answer("/fhir/Patient/1", PATIENT | {"id": "2"})
    assert ask(registered, signer, f"{fhir.address}/fhir", None).status_code == 400


def test_pages_are_followed_on_the_same_server_only(registered: Asker, signer: Signer, fhir: FhirServer) -> None:
    fill(fhir)
    sent = {k: v if v is not None else bundle() for k, v in record().items() if k != "counts"}
    first = bundle(result("6690-2", 1.9))
    more = f"{fhir.address}/fhir?_page=2"
    fhir.answer("/fhir/Observation?patient=1&code=", first | {"link": [{"relation": "next", "url": more}]})
    fhir.answer("/fhir?_page=2", bundle(result("751-8", 0.3)))
    answer = ask(registered, signer, f"{fhir.address}/fhir", sent)
    assert "ANC 0.3" in answer.json()["cards"][0]["summary"]
    for away in (f"{fhir.address}/other?_page=2", "http://evil.test/fhir?_page=2", "file:///etc/passwd"):
        fhir.asked.clear()
        fhir.answer("/fhir/Observation?patient=1&code=", first | {"link": [{"relation": "next", "url": away}]})
        card = ask(registered, signer, f"{fhir.address}/fhir", sent).json()["cards"][0]
        assert len(fhir.asked) == 1
        assert "The record holds more than was read: blood counts." in card["detail"]


def test_pages_without_end_are_ended(registered: Asker, signer: Signer, fhir: FhirServer) -> None:
    fill(fhir)
    here = [{"relation": "next", "url": f"{fhir.address}/fhir/Condition?again"}]
    fhir.answer("/fhir/Condition", bundle(condition("fever"), link=here))
    sent = {k: v if v is not None else bundle() for k, v in record(1.9, 0.3).items() if k != "conditions"}
    assert ask(registered, signer, f"{fhir.address}/fhir", sent).status_code == 200
    assert len(fhir.asked) == 3


def test_a_server_that_does_not_answer_is_left_in_time(
    registered: Asker, signer: Signer, fhir: FhirServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetch, "_SECONDS", 0.3)
    fill(fhir)
    fhir.slow = 1.0
    begun = time.monotonic()
    answer = ask(registered, signer, f"{fhir.address}/fhir", None)
    assert time.monotonic() - begun < 1.0
    assert answer.status_code == 412
    assert "0.3 seconds" in answer.json()["error"] or "could not be asked" in answer.json()["error"]


def test_no_address_of_a_patient_reaches_the_log(
    registered: Asker, signer: Signer, fhir: FhirServer, caplog: pytest.LogCaptureFixture
) -> None:
    fill(fhir)
    with caplog.at_level(logging.INFO):
        ask(registered, signer, f"{fhir.address}/fhir", None)
    assert "Patient/1" not in caplog.text and TOKEN not in caplog.text
