"""What the processes of the desk do for a hook: from the person's resources to the cards, as plain values."""

from __future__ import annotations

from dataclasses import replace

from leukon.assess import assess
from leukon.facts import read_facts
from leukon.io import RecordError
from leukon.io.fhir import read_bundle
from leukon.knowledge import load_knowledge
from leukon.patient import Patient
from leukon.policy import Policy
from leukon.service.hooks.orders import make_order_cards
from leukon.service.hooks.view import make_view_cards
from leukon.service.hooks.write import About, Resource

__all__ = ["answer_orders", "answer_view"]

_DUFFY = "duffy_null_test"


def answer_view(bundle: bytes, about: About, policy: Policy | None = None) -> list[Resource]:
    """The cards of `patient-view` for the one person of a Bundle."""
    patient = _read(bundle)
    return make_view_cards(assess(patient, policy=policy), about) if patient else []


def answer_orders(
    bundle: bytes, drafts: dict[str, bool], about: About, *, signing: bool, policy: Policy | None = None
) -> list[Resource]:
    """The cards of `order-select` and `order-sign`; `drafts` as in `make_order_cards`."""
    patient = _read(bundle)
    return make_order_cards(patient, drafts, about, signing=signing, policy=policy) if patient else []


def _read(bundle: bytes) -> Patient | None:
    """The person, with the Duffy type that a result tells; None where nothing of the record can be used."""
    try:
        patient = read_bundle(bundle, "record")
    except RecordError:
        return None
    found = next((f for f in read_facts(patient, load_knowledge()).facts if f.id == _DUFFY), None)
    if found is None or patient.person.duffy_null is not None:
        return patient
    return replace(patient, person=replace(patient.person, duffy_null=found.present))
