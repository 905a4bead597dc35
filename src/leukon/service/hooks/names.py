"""Names that several modules share: the services, the needed keys of the prefetch, the reasons to set a card aside."""

from __future__ import annotations

__all__ = ["COUNTS", "ORDER_SELECT", "ORDER_SIGN", "OVERRIDE_REASONS", "PATIENT", "PATIENT_VIEW", "REASONS"]

PATIENT_VIEW = "leukon-patient-view"
ORDER_SELECT = "leukon-order-select"
ORDER_SIGN = "leukon-order-sign"

PATIENT = "patient"  # these two are needed: without them nothing is said
COUNTS = "counts"

OVERRIDE_REASONS = "urn:leukon:override-reason"  # the code system
REASONS = {
    "known": "Known, and already followed",
    "acted-on": "Already acted on",
    "does-not-fit": "Does not fit this person",
    "count-wrong": "The count is wrong or out of date",
}
"""Offered with each card, counted when chosen."""
