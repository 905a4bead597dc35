"""The shipped examples, and requests of the shapes that the standard prints."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from leukon.service.hooks.services import TEMPLATES

from .conftest import Asker
from .people import PATIENT, bundle, call, counts, order, record
from .rules import find_breaches


def send(hooks: Asker, root: Path, name: str) -> list[dict[str, str]]:
    body = json.loads((root / f"examples/cds-hooks-{name}.json").read_text(encoding="utf-8"))
    assert set(body["prefetch"]) == set(TEMPLATES), "the example shows every key"
    answer = hooks.post(f"leukon-{name}", body)
    assert answer.status_code == 200, answer.text
    assert find_breaches(answer.json()) == []
    return answer.json()["cards"]


def test_the_examples_answer_as_the_document_says(hooks: Asker, root: Path) -> None:
    [card] = send(hooks, root, "patient-view")
    assert card["indicator"] == "critical" and "EMERGENCY" in card["summary"]
    [card] = send(hooks, root, "order-sign")
    assert card["indicator"] == "warning" and card["summary"].startswith("clozapine ordered, neutrophils 1.2")


def test_the_document_names_what_there_is(hooks: Asker, root: Path) -> None:
    text = (root / "docs/cds-hooks.md").read_text(encoding="utf-8")
    for service in hooks.ask("GET", "/cds-services").json()["services"]:
        assert f"`{service['id']}`" in text
    for path in re.findall(r"@(examples/\S+\.json)", text):
        assert (root / path).is_file()


AUTHORIZATION = {
    "access_token": "some-opaque-fhir-access-token",
    "token_type": "Bearer",
    "expires_in": 300,
    "scope": "user/Patient.read user/Observation.read",
    "subject": "cds-service4",
}


def test_a_chart_opened_with_authorization_and_part_of_the_data(hooks: Asker) -> None:
    """Calling a CDS Service, and Providing FHIR Resources: server, token, encounter, some of the prefetch."""
    body = call("patient-view", {"patient": PATIENT, "counts": counts(1.9, 0.3)}, encounterId="89284")
    body |= {"fhirServer": "http://hooks.smarthealthit.org:9080", "fhirAuthorization": AUTHORIZATION}
    answer = hooks.post("leukon-patient-view", body)
    assert answer.status_code == 200
    [card] = answer.json()["cards"]
    [action] = card["suggestions"][0]["actions"]
    assert action["resource"]["encounter"] == {"reference": "Encounter/89284"}


def test_an_extension_of_the_request_is_ignored(hooks: Asker) -> None:
    more = {"extension": {"com.example.timestamp": "2017-11-27T22:13:25Z", "com.example.specialty": "gastroenterology"}}
    assert hooks.post("leukon-patient-view", call("patient-view", record()) | more).json() == {"cards": []}


DIET = {
    "resourceType": "NutritionOrder",
    "id": "pureeddiet-simple",
    "status": "draft",
    "patient": {"reference": "Patient/1"},
    "dateTime": "2014-09-17",
    "oralDiet": {
        "type": [{"coding": [{"system": "http://snomed.info/sct", "code": "226211001"}], "text": "Pureed diet"}]
    },
}
RXNORM = {"system": "http://www.nlm.nih.gov/research/umls/rxnorm", "code": "617993"}


@pytest.mark.parametrize(
    "drug", ["Amoxicillin 120 MG/ML / clavulanate potassium 8.58 MG/ML Oral Suspension", "clozapine"]
)
def test_a_diet_and_a_drug_chosen_and_signed(hooks: Asker, drug: str) -> None:
    """order-select and order-sign: orders of several kinds, coded drugs, dosage and supply."""
    held = order(drug, "smart-MedicationRequest-103") | {
        "medicationCodeableConcept": {"coding": [RXNORM | {"display": drug}], "text": drug},
        "dosageInstruction": [{"text": "5 mL bid x 10 days", "timing": {"repeat": {"frequency": 2, "period": 1}}}],
        "dispenseRequest": {"numberOfRepeatsAllowed": 1, "expectedSupplyDuration": {"value": 10, "unit": "days"}},
    }
    chosen = ["NutritionOrder/pureeddiet-simple", "MedicationRequest/smart-MedicationRequest-103"]
    drafts = bundle(DIET, held)
    for service, more in (("order-select", {"selections": chosen}), ("order-sign", {})):
        body = call(service, record(3.0, 0.9), draftOrders=drafts, **more)
        answer = hooks.post(f"leukon-{service}", body)
        assert answer.status_code == 200
        assert len(answer.json()["cards"]) == (drug == "clozapine")


def test_more_than_anyone_asked_for_is_refused(hooks: Asker) -> None:
    many = bundle(*(order(f"drug {n}", f"rx{n}", "active") for n in range(2001)))
    answer = hooks.post("leukon-patient-view", call("patient-view", record(1.9, 0.3) | {"requests": many}))
    assert answer.status_code == 400
    assert "at most 2000" in answer.json()["error"]
