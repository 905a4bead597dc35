"""What the FHIR resources are made of: ids from content, codings, references, a short narrative."""

from __future__ import annotations

import html
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid5

from leukon.report.words import clean

__all__ = ["LOINC", "URN", "Names", "Resource", "coding", "concept", "extend", "list_notes", "round_number"]

Resource = dict[str, Any]

LOINC = "http://loinc.org"
URN = "urn:leukon:"  # leukon's own code systems and extensions: "urn:leukon:cause", "urn:leukon:day"

_EMPTY: tuple[Any, ...] = (None, "", [], {})


@dataclass(frozen=True, slots=True)
class Names:
    """Names the resources of one Bundle: the same content has the same ids, and they tell nothing of the person."""

    seed: UUID

    def identify(self, kind: str, key: str) -> str:
        return str(uuid5(self.seed, f"{kind}/{key}"))

    def refer(self, kind: str, key: str, display: str | None = None) -> Resource:
        """A reference that resolves inside the Bundle."""
        shown = {"display": text} if display and (text := clean(display)) else {}
        return {"reference": f"urn:uuid:{self.identify(kind, key)}", **shown}

    def make(self, kind: str, key: str, said: str | None = None, **parts: Any) -> Resource:
        """A resource with its id and, where something is `said`, a narrative; empty parts are left out."""
        told = {} if said is None else {"text": {"status": "generated", "div": _narrate(said)}}
        filled = {name: value for name, value in parts.items() if value not in _EMPTY}
        return {"resourceType": kind, "id": self.identify(kind, key), **told, **filled}

    @property
    def person(self) -> Resource:
        return self.refer("Patient", "")

    @property
    def device(self) -> Resource:
        return self.refer("Device", "", "leukon")


def _narrate(text: str) -> str:
    return f'<div xmlns="http://www.w3.org/1999/xhtml">{html.escape(clean(text)) or "–"}</div>'


def coding(system: str, code: str, display: str | None = None, version: str | None = None) -> Resource:
    """A coding; a system without a colon is one of leukon's own."""
    found = {"system": system if ":" in system else f"{URN}{system}", "version": version, "code": code}
    return {name: value for name, value in (found | {"display": display}).items() if value}


def concept(text: str | None, *codings: Resource) -> Resource:
    """A CodeableConcept; the words come from the report and may hold anything."""
    said = clean(text) if text else ""
    return ({"coding": list(codings)} if codings else {}) | ({"text": said or "–"} if said or not codings else {})


def extend(name: str, kind: str, value: Any) -> Resource:
    """One of leukon's own extensions: `extend("day", "valueDecimal", -90)`."""
    return {"url": f"{URN}{name}", kind: value}


def list_notes(texts: Iterable[str | None]) -> list[Resource]:
    """Annotations, one a text."""
    return [{"text": said} for text in texts if text and (said := clean(text))]


def round_number(value: float) -> float | int:
    """Nine significant figures, so that 0.1 + 0.2 is 0.3; whole numbers without a point.

    >>> round_number(0.1 + 0.2), round_number(-42.0)
    (0.3, -42)
    """
    short = float(f"{value:.9g}")
    return int(short) if short.is_integer() and abs(short) < 1e15 else short
