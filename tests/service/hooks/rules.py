"""The twelve rules of CDS Hooks, each as one sentence of code on plain JSON, independent of leukon's own models.

https://build.fhir.org/ig/HL7/cds-hooks/artifacts.html; beside them what the standard says of form: nothing null or
empty, summaries under 140 characters.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

Json = dict[str, Any]


def find_breaches(answer: Json) -> list[str]:
    """The rules that an answer breaks."""
    return [*_check_form(answer), *(rule for card in answer["cards"] for rule in _check_card(card))]


def _check_form(answer: Json) -> Iterator[str]:
    cards = answer.get("cards")
    if not isinstance(cards, list):
        yield "cards must be there, even if empty"
        return
    if len(cards) > 3:
        yield "more than three cards"
    for card in cards:
        inner = json.loads(json.dumps(card), object_hook=_mark_empty)
        if "EMPTY" in json.dumps(inner):
            yield "a null or empty value"


def _mark_empty(held: Json) -> Json:
    return {key: "EMPTY" if value in (None, "", [], {}) else value for key, value in held.items()}


def _check_card(card: Json) -> Iterator[str]:
    if not (0 < len(card["summary"]) < 140) or "\n" in card["summary"]:
        yield "summary: one line of under 140 characters"
    if card["indicator"] not in ("info", "warning", "critical"):
        yield "indicator"
    if not card["source"]["label"]:
        yield "source.label"
    suggested = card.get("suggestions", [])
    if card.get("selectionBehavior") == "at-most-one" and sum(s.get("isRecommended", False) for s in suggested) > 1:
        yield "cds-resp-1"
    for action in (a for s in suggested for a in s.get("actions", [])):
        if action["type"] == "delete" and ("resourceId" not in action or "resource" in action):
            yield "cds-resp-2"
        if not action.get("description"):
            yield "cds-resp-5"
        if action["type"] == "create" and not action.get("resource", {}).get("resourceType"):
            yield "create needs a resource"
    for link in card.get("links", []):
        if link["type"] != "smart" and "appContext" in link:
            yield "cds-resp-3"
        if not link["url"].startswith("https://"):
            yield "links are absolute and https"
    if not all(reason.get("display") for reason in card.get("overrideReasons", [])):
        yield "cds-resp-4"
    if suggested and "selectionBehavior" not in card:
        yield "cds-resp-6"
    if not all(s.get("actionSelectionBehavior", "all") in ("all", "any", "at-most-one") for s in suggested):
        yield "cds-resp-7"
