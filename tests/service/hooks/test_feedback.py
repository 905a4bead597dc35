"""Feedback: its three rules, and that nothing but counts is kept of it."""

from __future__ import annotations

from typing import Any

import pytest
from prometheus_client import CollectorRegistry, generate_latest

from leukon.service.hooks.feedback import COUNTED

from .conftest import Asker

REGISTRY = CollectorRegistry()
CARD = "4e0a3a1e-3283-4575-ab82-028d55fe2719"
AT = "2026-11-25T10:05:31Z"
TAKEN = {
    "card": CARD,
    "outcome": "accepted",
    "acceptedSuggestions": [{"id": "e56e1945-20b3-4393-8503-a1a20fd73152"}],
    "outcomeTimestamp": AT,
}
LEFT = {"card": CARD, "outcome": "overridden", "outcomeTimestamp": AT}
KNOWN = {"reason": {"code": "known", "system": "urn:leukon:override-reason"}}


@pytest.fixture(scope="module", autouse=True)
def _registered() -> None:
    REGISTRY.register(COUNTED)


def count(**labels: str) -> float:
    name = "leukon_hook_feedback_total"
    return REGISTRY.get_sample_value(name, {"service": "leukon-order-sign"} | labels) or 0.0


def test_feedback_is_acknowledged_and_counted(hooks: Asker) -> None:
    before = count(outcome="overridden", reason="known"), count(outcome="accepted", reason="none")
    told = [TAKEN, LEFT, LEFT | {"overrideReason": KNOWN | {"userComment": "Mrs Watts is followed by haematology"}}]
    answer = hooks.post("leukon-order-sign/feedback", {"feedback": told})
    assert (answer.status_code, answer.json()) == (200, {"received": 3})
    assert count(outcome="overridden", reason="known") == before[0] + 1
    assert count(outcome="accepted", reason="none") == before[1] + 1


def test_nothing_of_a_person_or_card_is_kept(hooks: Asker) -> None:
    comment = {"userComment": "Mrs Watts", "reason": {"code": "site-7", "system": "https://ehr.example.org/reasons"}}
    hooks.post("leukon-order-sign/feedback", {"feedback": [LEFT | {"overrideReason": comment}]})
    kept = generate_latest(REGISTRY).decode()
    assert count(outcome="overridden", reason="other") >= 1
    assert not any(word in kept for word in ("Watts", "site-7", CARD))


@pytest.mark.parametrize(
    ("rule", "entry"),
    [
        ("outcome", LEFT | {"outcome": "ignored"}),  # cds-fb-1
        ("cds-fb-2", {k: v for k, v in TAKEN.items() if k != "acceptedSuggestions"}),
        ("acceptedSuggestions", TAKEN | {"acceptedSuggestions": []}),
        ("cds-fb-3", LEFT | {"overrideReason": {}}),
        ("cds-fb-3", LEFT | {"overrideReason": {"userComment": ""}}),
        ("card", LEFT | {"card": "the first one"}),
        ("outcomeTimestamp", LEFT | {"outcomeTimestamp": "yesterday"}),
        ("outcomeTimestamp", {k: v for k, v in LEFT.items() if k != "outcomeTimestamp"}),
    ],
)
def test_the_rules_of_feedback(hooks: Asker, rule: str, entry: dict[str, Any]) -> None:
    answer = hooks.post("leukon-patient-view/feedback", {"feedback": [entry]})
    assert answer.status_code == 400
    assert rule in answer.json()["error"]
    assert "\n" not in answer.json()["error"]


def test_each_service_has_its_feedback(hooks: Asker) -> None:
    for service in ("leukon-patient-view", "leukon-order-select", "leukon-order-sign"):
        assert hooks.post(f"{service}/feedback", {"feedback": [LEFT]}).json() == {"received": 1}
    assert hooks.post("another/feedback", {"feedback": [LEFT]}).status_code == 404
