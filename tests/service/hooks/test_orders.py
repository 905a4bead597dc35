"""order-select and order-sign: drugs that lower counts, ordered while they are low; and the many that say nothing."""

from __future__ import annotations

from typing import Any, Literal

import pytest

from leukon.knowledge import load_knowledge
from leukon.policy import Policy, Thresholds
from leukon.service.hooks import orders
from leukon.service.hooks.drafts import list_drafts
from leukon.service.hooks.names import ORDER_SIGN
from leukon.service.hooks.prefetch import RefusedError
from leukon.service.hooks.router import _pack  # pyright: ignore[reportPrivateUsage]
from leukon.service.hooks.work import answer_orders
from leukon.service.hooks.write import About

from .conftest import Asker
from .people import TODAY, bundle, call, order, record, result

Card = dict[str, Any]


def sign(
    prefetch: dict[str, Any], *drafts: dict[str, Any], selections: list[str] | None = None, policy: Policy | None = None
) -> list[Card]:
    rows = [e["resource"] for v in prefetch.values() if v for e in v.get("entry", [{"resource": v}])]
    made, chosen = list_drafts([{"resource": d} for d in drafts], "1", selections)
    paths = {f"entry[{len(rows) + n}].resource.medication": on for n, on in chosen.items()}
    about = About(ORDER_SIGN, "1", None, TODAY)
    return answer_orders(_pack((*rows, *made)), paths, about, signing=selections is None, policy=policy)


def only(cards: list[Card]) -> Card:
    assert len(cards) == 1
    return cards[0]


@pytest.mark.parametrize("drug", ["clozapine 100 MG Oral Tablet", "Clozaril"])
def test_clozapine_with_neutrophils_under_one_and_a_half(drug: str) -> None:
    card = only(sign(record(3.4, 1.2), order(drug)))
    assert card["indicator"] == "warning"
    assert card["summary"].startswith("clozapine ordered, neutrophils 1.2 (low, limit 1.5).")
    assert "interrupt under 1.0, stop under 0.5" in card["detail"]
    assert "UK rules: neutrophils under 1.5 are a red alert" in card["detail"]
    assert "Start at >=1.5" in card["detail"], "what the label asks"
    assert "drug agranulocytosis in 0.9 %" in card["detail"]


def test_the_place_of_the_site_decides_which_clozapine_rule_comes_first() -> None:
    firsts: dict[Literal["UK", "US"], str] = {
        "UK": "Clozapine under UK rules",
        "US": "Clozapine: the psychiatric team acts",
    }
    for place, first in firsts.items():
        card = only(sign(record(3.4, 1.2), order("clozapine"), policy=Policy(jurisdiction=place)))
        assert first in card["summary"]


def test_clozapine_in_a_duffy_null_person_follows_other_limits() -> None:
    typed = result("1", 0) | {"code": {"text": "Duffy phenotype"}, "valueString": "Fy(a-b-)"}
    del typed["valueQuantity"]
    card = only(sign(record(3.4, 1.3) | {"results": bundle(typed)}, order("clozapine")))
    assert card["indicator"] == "info", "1.3 is not low for this person"
    assert "UK rules" not in card["detail"]
    assert "start at baseline >=1.0 from two counts" in card["detail"]


def test_a_repeat_prescription_speaks_of_what_the_drug_may_have_done() -> None:
    taken = order("methimazole", "rx0", status="active", start="2026-10-13")
    card = only(sign(record(2.4, 0.3, taken), order("methimazole")))
    assert card["indicator"] == "critical"
    assert "Stop methimazole today" in card["summary"] + card["detail"]


def test_a_first_prescription_is_no_culprit_yet() -> None:
    card = only(sign(record(2.4, 0.3), order("methimazole")))
    assert card["indicator"] == "critical"
    assert "Stop methimazole" not in card["detail"]
    assert "Do not change from methimazole" not in card["detail"]
    assert "drug agranulocytosis in 0.37 %" in card["detail"]


@pytest.mark.parametrize(("anc", "indicator"), [(1.3, "info"), (0.8, "warning"), (0.3, "critical")])
def test_how_deep_the_count_is_decides_how_loud_the_card_is(anc: float, indicator: str) -> None:
    assert only(sign(record(3.0, anc), order("infliximab")))["indicator"] == indicator


def test_its_relative_after_agranulocytosis() -> None:
    taken = order("methimazole", "rx0", status="active", start="2026-10-13")
    card = only(sign(record(2.4, 0.3, taken), order("propylthiouracil")))
    assert "Do not change from methimazole to another thionamide" in card["detail"]


def test_chemotherapy_with_low_neutrophils() -> None:
    card = only(sign(record(3.0, 0.9, conditions=("breast cancer",)), order("docetaxel")))
    assert card["indicator"] == "warning"
    assert "oncologist's decision" in card["detail"]
    assert "give only at ANC >=1.5" in card["detail"]


def test_the_sites_own_limit_for_the_next_cycle() -> None:
    policy = Policy(name="here", thresholds=Thresholds(next_cycle_anc=1.0))
    said = only(sign(record(3.0, 0.9), order("docetaxel"), policy=policy))["detail"]
    assert "under this site's limit of 1" in said
    lymphopenia = sign(record(4.9, 1.6), order("docetaxel"), policy=policy)
    assert lymphopenia == [], "1.6 is not low and meets the site's limit"


def test_methotrexate_with_co_trimoxazole_whatever_the_count() -> None:
    taken = order("methotrexate 2.5 MG", "rx0", status="active", start="2026-01-13")
    card = only(sign(record(6.4, 4.2, taken), order("co-trimoxazole")))
    assert card["indicator"] == "warning"
    assert "Do not give trimethoprim or co-trimoxazole with methotrexate" in card["detail"]
    assert "with methotrexate: both block folate" in card["detail"]


def test_two_drafts_that_do_not_go_together() -> None:
    cards = sign(record(3.0, 0.9), order("clozapine"), order("carbamazepine", "rx2"))
    assert any("with carbamazepine: two drugs that can cause agranulocytosis" in c["detail"] for c in cards)


@pytest.mark.parametrize(
    "drug",
    ["amoxicillin", "piperacillin-tazobactam", "paracetamol", "sertraline", "filgrastim", "prednisolone", "blue pill"],
)
def test_drugs_that_are_no_concern_stay_silent_even_with_very_low_neutrophils(drug: str) -> None:
    assert sign(record(1.2, 0.3), order(drug)) == []


@pytest.mark.parametrize("drug", ["clozapine", "methimazole", "docetaxel", "azathioprine", "infliximab", "amoxicillin"])
def test_nothing_is_said_while_the_counts_are_not_low(drug: str) -> None:
    assert sign(record(6.4, 4.2), order(drug)) == []


def test_a_drug_whose_label_asks_for_counts_and_no_count_is_there() -> None:
    card = only(sign(record() | {"counts": None}, order("clozapine"), order("paracetamol", "rx2")))
    assert card["indicator"] == "info"
    assert "no neutrophil count was found" in card["summary"]
    [proposed] = card["suggestions"]
    assert "repeat blood count" in proposed["label"]
    selecting = sign(record() | {"counts": None}, order("clozapine"), selections=["MedicationRequest/rx1"])
    assert selecting == [], "said once, when it is signed"


def test_at_most_three_cards_and_the_others_are_named() -> None:
    drugs = ("infliximab", "clozapine", "methimazole", "docetaxel", "azathioprine")
    cards = sign(record(2.4, 0.3), *(order(d, f"rx{n}") for n, d in enumerate(drugs)))
    assert len(cards) == 3
    said = {c["summary"].split(" ordered")[0] for c in cards}
    left = set(drugs) - said
    for card in cards:
        assert all(name in card["detail"].split("Also ordered, with something to say:")[1] for name in left)


def test_only_the_chosen_orders_are_spoken_of(hooks: Asker) -> None:
    drafts = bundle(order("clozapine", "rx1"), order("methimazole", "rx2"))
    prefetch = record(3.0, 0.9)
    body = call("order-select", prefetch, draftOrders=drafts, selections=["MedicationRequest/rx2"])
    cards = hooks.post("leukon-order-select", body).json()["cards"]
    assert [c["summary"].split(" ordered")[0] for c in cards] == ["methimazole"]
    assert "with clozapine: both can cause agranulocytosis" in cards[0]["detail"], "the other draft is seen"
    unknown = call("order-select", prefetch, draftOrders=drafts, selections=["MedicationRequest/rx9"])
    answer = hooks.post("leukon-order-select", unknown)
    assert answer.status_code == 400 and "selections" in answer.json()["error"]


def test_every_way_to_name_the_drug(hooks: Asker) -> None:
    plain = {k: v for k, v in order("x").items() if k != "medicationCodeableConcept"}
    code = {"coding": [{"system": "http://www.nlm.nih.gov/research/umls/rxnorm", "code": "2626"}]}
    held = {"resourceType": "Medication", "id": "med1", "code": {"text": "Leponex"}}
    ways = [
        bundle(plain | {"medicationCodeableConcept": code}),
        bundle(held, plain | {"medicationReference": {"reference": "Medication/med1"}}),
        bundle(plain | {"contained": [held], "medicationReference": {"reference": "#med1"}}),
        bundle(plain | {"medicationReference": {"reference": "Medication/9", "display": "clozapine 25 mg"}}),
    ]
    for drafts in ways:
        answer = hooks.post("leukon-order-sign", call("order-sign", record(3.4, 1.2), draftOrders=drafts))
        assert answer.json()["cards"][0]["summary"].startswith("clozapine ordered"), drafts


@pytest.mark.parametrize(
    "change",
    [
        {"doNotPerform": True},
        {"status": "cancelled"},
        {"status": "entered-in-error"},
        {"status": "stopped"},
        {"resourceType": "ServiceRequest"},
    ],
)
def test_what_is_no_order_of_a_drug_says_nothing(change: dict[str, Any]) -> None:
    assert sign(record(3.4, 1.2), order("clozapine") | change) == []


def test_dates_and_status_of_the_draft_change_nothing() -> None:
    plain = only(sign(record(3.4, 1.2), order("clozapine")))
    later = {
        "authoredOn": "2027-01-01",
        "status": "active",
        "intent": "plan",
        "dispenseRequest": {"validityPeriod": {"end": "2020-01-01"}},
    }
    assert only(sign(record(3.4, 1.2), order("clozapine") | later)) == plain


def test_an_order_of_another_patient_is_refused() -> None:
    with pytest.raises(RefusedError, match="another patient"):
        sign(record(3.4, 1.2), order("clozapine") | {"subject": {"reference": "Patient/2"}})


def test_a_regimen_of_the_standards_own_example_says_nothing() -> None:
    diet = {"resourceType": "NutritionOrder", "id": "pureed", "status": "draft", "patient": {"reference": "Patient/1"}}
    name = "Amoxicillin 120 MG/ML / clavulanate potassium 8.58 MG/ML Oral Suspension"
    assert sign(record(1.9, 0.3), diet, order(name)) == []


def test_the_options_named_in_code_are_in_the_knowledge() -> None:
    known = {option.id for option in load_knowledge().care}
    assert set(orders._NEXT_CYCLE) <= known  # pyright: ignore[reportPrivateUsage]
