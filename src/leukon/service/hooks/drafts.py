"""The orders that are not signed yet: the drugs among them, as resources that the FHIR reader takes as given."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from leukon.service.hooks.prefetch import RefusedError, Resource, own

__all__ = ["list_drafts"]

_DRUG = "MedicationRequest"
_OVER = ("cancelled", "completed", "entered-in-error", "stopped")  # an order revised to no longer be given
_TIMES = ("authoredOn", "dispenseRequest", "status", "intent")  # when and whether it is given is what is being decided


def list_drafts(
    entries: Iterable[dict[str, Any]], patient: str, selections: list[str] | None
) -> tuple[list[Resource], dict[int, bool]]:
    """The drugs ordered (with the Medications they refer to), and the places of the drugs among them.

    True stands at the places of the orders in `selections` ("MedicationRequest/103"), or of all where it is None.
    Orders of other kinds lower no counts and are left out. Raises RefusedError for an order of another patient, and for
    a selection that is not among the orders.
    """
    found: list[Resource] = []
    places: dict[int, bool] = {}
    names: set[str] = set()
    for entry in entries:
        resource = entry.get("resource")
        if not isinstance(resource, dict):
            continue
        kind = resource.get("resourceType")
        name = f"{kind}/{resource.get('id')}"
        known = {name, str(resource.get("id")), str(entry.get("fullUrl"))}
        names |= known
        if kind == "Medication":
            found.append(resource)
        elif kind == _DRUG and resource.get("status") not in _OVER:
            places[len(found)] = selections is None or bool(known & set(selections))
            found.append(_take_as_given(resource, patient))
    if selections and not set(selections) <= names:
        raise RefusedError(400, "context.selections names an order that is not in context.draftOrders")
    return found, places


def _take_as_given(resource: Resource, patient: str) -> Resource:
    """The order as if it were carried out from now on, whatever its status and dates say."""
    kept = {key: value for key, value in resource.items() if key not in _TIMES}
    return own(kept, patient, "context.draftOrders") | {"status": "active", "intent": "order"}
