"""patient-view: what is said of a person when the chart is opened, and of whom nothing is said."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from fhir.resources.R4B.servicerequest import ServiceRequest
from markdown_it import MarkdownIt

from leukon.service.hooks.names import PATIENT_VIEW, REASONS
from leukon.service.hooks.work import answer_view
from leukon.service.hooks.write import About

from .people import TODAY, bundle, condition, counts, order, record, result

Card = dict[str, Any]


def view(prefetch: dict[str, Any], today: Any = TODAY, **about: Any) -> list[Card]:
    rows = [r for value in prefetch.values() if value for r in value.get("entry", [{"resource": value}])]
    data = json.dumps({"resourceType": "Bundle", "type": "collection", "entry": rows}).encode()
    return answer_view(data, About(PATIENT_VIEW, "1", None, today, **about))


def only(cards: list[Card]) -> Card:
    assert len(cards) == 1
    return cards[0]


def test_febrile_agranulocytosis_on_methimazole_is_critical() -> None:
    drug = order("methimazole 10 MG Oral Tablet", status="active", start="2026-10-13")
    card = only(view(record(1.9, 0.02, drug, conditions=("Graves disease", "fever"))))
    assert card["indicator"] == "critical"
    assert "EMERGENCY" in card["summary"]
    detail = card["detail"]
    assert detail.startswith("**EMERGENCY: act within the hour**")
    assert "first dose of antibiotics within the hour" in detail
    assert "Low for this person" in detail
    assert detail.index("TREAT: First dose") < detail.index("Why? Likeliest first")
    assert "**methimazole: drug agranulocytosis**" in detail
    assert "*Caution:" in detail
    assert "knowledge 20" in detail and "orders nothing" in detail


@pytest.mark.parametrize(
    ("wbc", "anc", "indicator"),
    [(3.4, 1.2, "info"), (2.6, 0.8, "warning"), (2.0, 0.15, "critical")],
)
def test_the_indicator_follows_the_urgency(wbc: float, anc: float, indicator: str) -> None:
    assert only(view(record(wbc, anc)))["indicator"] == indicator


def test_a_count_that_is_not_low_says_nothing() -> None:
    assert view(record(6.4, 4.2)) == []


def test_what_must_be_done_today_is_said_whatever_the_count() -> None:
    drug = order("docetaxel", status="completed", start="2026-11-16")
    card = only(view(record(5.4, 3.2, drug, conditions=("breast cancer", "fever"))))
    assert card["indicator"] == "critical"
    assert "within six weeks of chemotherapy" in card["detail"]


def test_no_count_says_nothing() -> None:
    assert view(record() | {"counts": None}) == []
    void = bundle(result("751-8", 0.1, status="entered-in-error"))
    assert view(record() | {"counts": void}) == []


def test_the_usual_count_of_a_duffy_null_person_says_nothing() -> None:
    steady = [r for day in ("2026-01-01", "2026-06-01", "2026-11-24") for r in counts(3.9, 1.3, day)["entry"]]
    sent = record() | {"counts": {"resourceType": "Bundle", "entry": steady}}
    assert len(view(sent)) == 1, "without the type it is said"
    typed = result("1", 0) | {"code": {"text": "Duffy phenotype"}, "valueString": "Fy(a-b-)"}
    del typed["valueQuantity"]
    assert view(sent | {"results": bundle(typed)}) == []


def test_a_duffy_null_person_with_fever_and_no_neutrophils_is_an_emergency_all_the_same() -> None:
    typed = result("1", 0) | {"code": {"text": "Duffy phenotype"}, "valueString": "Fy(a-b-)"}
    del typed["valueQuantity"]
    sent = record(1.2, 0.2, conditions=("fever",)) | {"results": bundle(typed)}
    assert only(view(sent))["indicator"] == "critical"


def test_a_mild_count_that_has_not_changed_for_years_says_nothing() -> None:
    whole = {"6690-2": 4.8, "751-8": 1.3, "731-0": 2.4, "777-3": 240, "718-7": 13.8}
    days = ("2022-01-01", "2023-06-01", "2025-06-01", "2026-11-24")
    rows = [result(code, v, "g/dL" if code == "718-7" else "10*9/L", d) for d in days for code, v in whole.items()]
    assert view(record() | {"counts": bundle(*rows)}) == []
    assert len(view(record() | {"counts": bundle(*rows[-5:])})) == 1, "the first time it is said"


def test_the_expected_fall_after_chemotherapy_does_not_alarm() -> None:
    drug = order("docetaxel", status="completed", start="2026-11-16")
    card = only(view(record(1.8, 0.6, drug, conditions=("breast cancer",))))
    assert card["indicator"] == "info"
    assert "Stop here: the expected fall after chemotherapy" in card["detail"].replace("**", "")


def test_counts_that_cannot_be_judged_are_not_passed_over() -> None:
    unitless = bundle(result("6690-2", 2.1, unit=""), result("751-8", 0.4, unit=""))
    card = only(view(record() | {"counts": unitless}))
    assert card["indicator"] == "info"
    assert "cannot judge" in card["summary"]
    assert "Not used: 2 counts (the unit is missing)." in card["detail"]


def test_shares_without_white_cells_are_shown_as_they_stand() -> None:
    shares = bundle(result("770-8", 72, unit="%"), result("736-9", 20, unit="%"))
    card = only(view(record() | {"counts": shares}))
    assert "cannot judge" in card["summary"]
    assert "- LOINC:770-8 72 %\n- LOINC:736-9 20 %" in card["detail"]


def test_what_was_not_used_is_said_in_a_few_words() -> None:
    rows = [r["resource"] for r in counts(2.6, 0.8)["entry"]]
    sent = record(2.6, 0.8, order("blue pill no 7", status="active", start="2026-01-01")) | {
        "counts": bundle(*rows, result("731-0", 1.1, unit="per field"))
    }
    detail = only(view(sent))["detail"]
    assert "Not used: 1 count (" in detail
    assert "not known as a drug: blue pill no 7" in detail


def test_an_old_count_says_how_old_it_is() -> None:
    sent = record(2.6, 0.8)
    assert "Newest count: 2026-11-24." in only(view(sent))["detail"]
    later = only(view(sent, TODAY + timedelta(days=60)))
    assert "2026-11-24, **61 days ago**: no newer one was sent." in later["detail"]
    assert later["indicator"] == "warning"
    assert only(view(sent, TODAY + timedelta(days=400)))["indicator"] == "info"
    fever = record(1.9, 0.02, conditions=("fever",))
    assert only(view(fever, TODAY + timedelta(days=400)))["indicator"] == "critical", "danger is never lowered"


def test_next_tests_are_proposed_not_ordered() -> None:
    card = only(view(record(2.6, 0.8)))
    assert card["selectionBehavior"] == "any"
    assert 1 <= len(card["suggestions"]) <= 3
    for suggestion in card["suggestions"]:
        assert suggestion["label"].startswith("Propose: ")
        [action] = suggestion["actions"]
        assert action["type"] == "create" and action["description"]
        made = ServiceRequest.model_validate(action["resource"])
        assert (made.status, made.intent) == ("draft", "proposal")
        assert made.subject.reference == "Patient/1"
    with_visit = only(view(record(2.6, 0.8)))
    assert "encounter" not in with_visit["suggestions"][0]["actions"][0]["resource"]


def test_the_same_content_has_the_same_uuid() -> None:
    one, two, other = (only(view(record(*c)))["uuid"] for c in ((2.6, 0.8), (2.6, 0.8), (2.6, 0.7)))
    assert one == two != other
    assert UUID(one).version == 5


def test_reasons_to_set_it_aside_are_offered_with_words() -> None:
    reasons = only(view(record(2.6, 0.8)))["overrideReasons"]
    assert {r["code"]: r["display"] for r in reasons} == REASONS


def test_links_are_addresses_of_sources_that_every_record_may_allow() -> None:
    links = only(view(record(1.9, 0.02, conditions=("fever",))))["links"]
    assert 1 <= len(links) <= 3
    for link in links:
        assert link["type"] == "absolute"
        assert link["url"].startswith(("https://doi.org/", "https://pubmed.ncbi.nlm.nih.gov/"))


def test_the_source_is_leukon_with_the_address_of_this_service() -> None:
    assert "url" not in only(view(record(2.6, 0.8)))["source"]
    card = only(view(record(2.6, 0.8), base_url="https://cds.example.org"))
    assert card["source"]["url"] == "https://cds.example.org"


@pytest.mark.parametrize(
    "text",
    [
        "fever <script>alert(1)</script>",
        "fever [click](https://evil.test)",
        "fever ![x](https://evil.test/x.png)",
        "fever\n\n# Heading\n\n| a | b |",
        "fever `code` *bold* ~~gone~~",
        "fever \x1b[31m\u202e",
        "fever www.evil.test",
    ],
)
def test_words_of_the_record_are_shown_never_run(text: str) -> None:
    drug = order(text.replace("fever", "methimazole"), status="active", start="2026-10-13")
    sent = record(1.9, 0.02, drug) | {"conditions": bundle(condition(text), condition("fever"))}
    detail = only(view(sent))["detail"]
    shown = [
        token
        for block in MarkdownIt("gfm-like", {"linkify": False}).parse(detail)
        for token in (block.children or [block])
    ]
    kinds = {token.type for token in shown}
    assert not kinds & {"html_inline", "html_block", "link_open", "image", "code_inline", "heading_open", "s_open"}
    said = "".join(token.content for token in shown)
    assert "methimazole" in said and "table" not in kinds
    assert not any(c in detail for c in "\x1b\u202e")
    assert "www.evil" not in detail and "://" not in detail


def test_the_words_are_shown_as_they_were_written() -> None:
    drug = order("methimazole <10 mg> [new] *daily* & more_1", status="active", start="2026-10-13")
    tokens = MarkdownIt("commonmark").parse(only(view(record(1.9, 0.02, drug)))["detail"])
    said = "".join(t.content for block in tokens for t in block.children or ())
    assert "methimazole <10 mg> [new] *daily* & more_1, begun 42 days before" in said
