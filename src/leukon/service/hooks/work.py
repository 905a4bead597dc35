"""What the processes of the desk do for a hook: from the person's resources to the cards, as plain values."""

from __future__ import annotations

from leukon.assess import assess
from leukon.io import RecordError
from leukon.io.fhir import read_bundle
from leukon.patient import Patient
from leukon.policy import Policy
from leukon.service.hooks.orders import make_order_cards
from leukon.service.hooks.view import make_view_cards
from leukon.service.hooks.write import About, Resource

__all__ = ["answer_orders", "answer_view"]


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
    """The person; None where nothing of the record can be used."""
    try:
        return read_bundle(bundle, "record")
    except RecordError:
        return None
