"""For many people: the answers hold the twelve rules and the form of the standard, whatever the record says."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from leukon.io import read_record
from leukon.knowledge import load_knowledge
from leukon.patient import Patient
from leukon.service.hooks.cards import Answer
from leukon.service.hooks.names import PATIENT_VIEW
from leukon.service.hooks.work import answer_view
from leukon.service.hooks.write import About
from tests.strategies import patients

from .people import TODAY, order, to_prefetch
from .rules import find_breaches
from .test_orders import sign

ROOT = Path(__file__).parents[3]
RECORDS = [*sorted((ROOT / "examples").glob("*.yaml")), *sorted((ROOT / "tests/records").glob("*.yaml"))]
SOME = RECORDS if os.environ.get("LEUKON_CAMPAIGN") else RECORDS[::4]
EXAMPLES = 2000 if os.environ.get("LEUKON_CAMPAIGN") else 40
DRUGS = ("clozapine", "methimazole", "docetaxel", "co-trimoxazole", "azathioprine", "amoxicillin", "R-CHOP")


def check(cards: list[dict[str, Any]]) -> None:
    """The answer as it leaves the service, by the models and by the independent rules."""
    answer = Answer.model_validate({"cards": cards}).model_dump(mode="json", by_alias=True, exclude_none=True)
    assert find_breaches(json.loads(json.dumps(answer))) == []


def view(patient: Patient) -> list[dict[str, Any]]:
    sent = to_prefetch(patient)
    rows = [e for v in sent.values() for e in v.get("entry", [{"resource": v}])]
    data = json.dumps({"resourceType": "Bundle", "type": "collection", "entry": rows}).encode()
    return answer_view(data, About(PATIENT_VIEW, "1", "visit", TODAY, "https://cds.example.org", ("results",), ()))


@pytest.mark.parametrize("path", SOME, ids=lambda p: p.stem)
def test_every_person_of_the_records(path: Path) -> None:
    patient = read_record(path.read_text(encoding="utf-8"))
    check(view(patient))
    check(sign(to_prefetch(patient), *(order(d, f"rx{n}") for n, d in enumerate(DRUGS))))


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(patient=patients(), drugs=st.lists(st.sampled_from(sorted(load_knowledge().drugs)), max_size=6))
def test_anyone(patient: Patient, drugs: list[str]) -> None:
    check(view(patient))
    check(sign(to_prefetch(patient), *(order(d, f"rx{n}") for n, d in enumerate(drugs))))


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(text=st.text(max_size=200), patient=patients(most_draws=1))
def test_any_words_of_a_record(text: str, patient: Patient) -> None:
    sent = to_prefetch(patient)
    for name in (text, f"fever {text}", f"methimazole {text}"):
        row = order(name, status="active", start="2026-10-13")
        sent["requests"]["entry"] += [{"resource": row}]
        sent["conditions"]["entry"] += [{"resource": {"resourceType": "Condition", "code": {"text": name}}}]
    rows = [e for v in sent.values() for e in v.get("entry", [{"resource": v}])]
    data = json.dumps({"resourceType": "Bundle", "type": "collection", "entry": rows}).encode("utf-8", "replace")
    check(answer_view(data, About(PATIENT_VIEW, "1", None, TODAY)))
