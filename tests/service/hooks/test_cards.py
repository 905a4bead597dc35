"""A card that breaks the standard cannot be made: each rule, and what breaks it."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from leukon.service.hooks.cards import Answer

from .rules import find_breaches

REASON = {"code": "known", "system": "urn:leukon:override-reason", "display": "Known"}
CREATE = {"type": "create", "description": "Propose a film", "resource": {"resourceType": "ServiceRequest"}}
CARD: dict[str, Any] = {"summary": "Neutropenia, mild", "indicator": "info", "source": {"label": "leukon"}}


def test_a_whole_card_is_accepted() -> None:
    card = CARD | {
        "detail": "**Low**",
        "selectionBehavior": "any",
        "suggestions": [{"label": "Film", "actions": [CREATE], "isRecommended": True}],
        "overrideReasons": [REASON],
        "links": [{"label": "Guideline", "url": "https://doi.org/10.1000/1", "type": "absolute"}],
    }
    made = Answer.model_validate({"cards": [card]}).model_dump(mode="json", by_alias=True, exclude_none=True)
    assert made["cards"][0] == card
    assert find_breaches(made) == []


def suggest(*suggestions: dict[str, Any], **more: Any) -> dict[str, Any]:
    return CARD | {"suggestions": list(suggestions), "selectionBehavior": "any"} | more


@pytest.mark.parametrize(
    ("rule", "card"),
    [
        (
            "cds-resp-1",
            suggest(
                {"label": "a", "isRecommended": True},
                {"label": "b", "isRecommended": True},
                selectionBehavior="at-most-one",
            ),
        ),
        ("cds-resp-2", suggest({"label": "a", "actions": [{"type": "delete", "description": "Take it away"}]})),
        (
            "cds-resp-2",
            suggest(
                {
                    "label": "a",
                    "actions": [CREATE | {"type": "delete", "resourceId": "MedicationRequest/1"}],
                }
            ),
        ),
        (
            "cds-resp-3",
            CARD | {"links": [{"label": "a", "url": "https://a.test/", "type": "absolute", "appContext": "x"}]},
        ),
        ("cds-resp-4", CARD | {"overrideReasons": [{k: v for k, v in REASON.items() if k != "display"}]}),
        (
            "cds-resp-5",
            suggest({"label": "a", "actions": [{k: v for k, v in CREATE.items() if k != "description"}]}),
        ),
        ("cds-resp-6", CARD | {"suggestions": [{"label": "a", "actions": [CREATE]}]}),
        ("cds-resp-7", suggest({"label": "a", "actionSelectionBehavior": "some"})),
    ],
)
def test_each_rule_of_the_answer(rule: str, card: dict[str, Any]) -> None:
    assert rule in find_breaches({"cards": [card]}), "the checker of these tests must see it too"
    with pytest.raises(ValidationError):
        Answer.model_validate({"cards": [card]})


@pytest.mark.parametrize(
    "change",
    [
        {"summary": "x" * 140},
        {"summary": ""},
        {"indicator": "hard-stop"},
        {"source": {}},
        {"detail": ""},
        {"links": []},
        {"links": [{"label": "a", "url": "/relative", "type": "absolute"}]},
        {"unknown": 1},
        suggest({"label": "a", "actions": [{"type": "create", "description": "Nothing to create"}]}),
    ],
)
def test_the_form_of_a_card(change: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Answer.model_validate({"cards": [CARD | change]})


def test_at_most_three_cards() -> None:
    with pytest.raises(ValidationError):
        Answer.model_validate({"cards": [CARD] * 4})
    with pytest.raises(ValidationError):
        Answer.model_validate({})
