"""What the record sent, and what is fetched because it did not: one list of resources of one person.

A key may be absent, null (the record looked and found nothing) or an OperationOutcome (it looked and failed). What is
not there is fetched where the client may be asked; what is needed and cannot be had is answered with 412, never passed
over. https://cds-hooks.hl7.org/2.0/#prefetch-template
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from leukon.counts.analytes import LOINC_CODES
from leukon.report.words import clean
from leukon.service.hooks.fetch import Fetched, Fetcher, FetchError
from leukon.service.hooks.names import COUNTS, PATIENT
from leukon.service.hooks.requests import HookRequest
from leukon.service.hooks.services import TEMPLATES

__all__ = ["Gathered", "RefusedError", "Resource", "gather", "own"]

Resource = dict[str, Any]

_MOST_NESTED = 3  # Bundles in Bundles
_REFERENCE = re.compile(r"(?:.*/)?(?P<kind>[A-Z][A-Za-z]+)/(?P<id>[A-Za-z0-9.\-]+)(?:/_history/[A-Za-z0-9.\-]+)?")
_SUBJECTS = ("subject", "patient")


class RefusedError(Exception):
    """The call cannot be answered: the status, and one line for the people who run the record."""

    def __init__(self, status: int, line: str) -> None:
        super().__init__(line)
        self.status = status


@dataclass(frozen=True, slots=True)
class Gathered:
    """The person's resources, and the keys that are not or not wholly among them."""

    resources: tuple[Resource, ...]
    missing: tuple[str, ...] = ()
    cut: tuple[str, ...] = ()


async def gather(request: HookRequest, fetcher: Fetcher | None, why_not: str) -> Gathered:
    """Everything that was sent or can be fetched; raises RefusedError.

    `why_not` says why nothing is fetched, where there is no `fetcher`.
    """
    sent = request.prefetch or {}
    held = {key: found for key, value in sent.items() if (found := _read(value)) is not None}
    wanting = [key for key in TEMPLATES if key not in held]
    reasons = {key: _say_how(key, sent) for key in wanting}
    shortened: list[str] = []
    if fetcher is not None and wanting:
        patient = request.context.patient_id
        queries = {key: TEMPLATES[key].replace("{{context.patientId}}", patient) for key in wanting}
        for key, answer in (await fetcher.fetch_all(queries)).items():
            found = _take(answer)
            if isinstance(found, str):
                reasons[key] += f", and {found}"
                continue
            held[key] = found
            if isinstance(answer, Fetched) and not answer.whole:
                shortened.append(key)
    elif wanting:
        reasons = {key: f"{reason}, and {why_not}" for key, reason in reasons.items()}
    for key in wanting:
        if key not in held and key in sent and sent[key] is None:
            held[key] = []  # null: the record looked and there is nothing
    mine = tuple(_each_of(held, request.context.patient_id))
    _need(mine, held, reasons)
    return Gathered(mine, tuple(key for key in TEMPLATES if key not in held), tuple(shortened))


def _read(value: Any) -> list[Resource] | None:
    """The resources of one prefetch value; None where it is no answer to the query."""
    if not isinstance(value, dict) or not isinstance(value.get("resourceType"), str):
        return None
    found = list(_flatten(value, 0))
    if found and all(r["resourceType"] == "OperationOutcome" for r in found):
        return None
    return [r for r in found if r["resourceType"] != "OperationOutcome"]


def _flatten(resource: Resource, depth: int) -> Iterator[Resource]:
    if resource["resourceType"] != "Bundle":
        yield resource
        return
    entries = resource.get("entry")
    for entry in entries if isinstance(entries, list) and depth < _MOST_NESTED else ():
        inner = entry.get("resource") if isinstance(entry, dict) else None
        if isinstance(inner, dict) and isinstance(inner.get("resourceType"), str):
            yield from _flatten(inner, depth + 1)


def _take(answer: Fetched | FetchError) -> list[Resource] | str:
    """The resources of what was fetched, or why there are none."""
    if isinstance(answer, FetchError):
        return str(answer)
    pages = [_read(page) for page in answer.pages]
    if not pages or any(page is None for page in pages):
        return "the FHIR server answered with an OperationOutcome"
    return [r for page in pages if page for r in page]


def _say_how(key: str, sent: dict[str, Any]) -> str:
    if key not in sent:
        return f"prefetch has no {key}"
    if sent[key] is None:
        return f"prefetch {key} is null"
    outcome = isinstance(sent[key], dict) and sent[key].get("resourceType") in ("OperationOutcome", "Bundle")
    return f"prefetch {key} is {'an OperationOutcome' if outcome else 'not a FHIR resource'}"


def _each_of(held: dict[str, list[Resource]], patient: str) -> Iterator[Resource]:
    """Every resource once, all of this person; raises RefusedError where one is another's."""
    seen: set[tuple[str, str]] = set()
    for key, resources in held.items():
        for resource in resources:
            mine = own(resource, patient, f"prefetch {key}")
            name = (resource["resourceType"], resource.get("id"))
            if isinstance(name[1], str) and name[1]:
                if name in seen:
                    continue
                seen.add((name[0], name[1]))
            yield mine


def own(resource: Resource, patient: str, place: str) -> Resource:
    """The resource as one of this patient, in the words that the reader compares.

    Raises RefusedError where it is about another; one that names nobody was found by this patient's own query.
    """
    kind = resource["resourceType"]
    about = resource.get("id") if kind == "Patient" else _find_subject(resource)
    if about not in (None, patient):
        raise RefusedError(400, f"{place} holds a {clean(kind)} of another patient than context.patientId")
    if kind == "Patient":
        return resource | {"id": patient}
    kept = {key: value for key, value in resource.items() if key not in _SUBJECTS}
    return kept | {"subject": {"reference": f"Patient/{patient}"}}


def _find_subject(resource: Resource) -> str | None:
    """The id of the patient a resource is about; None where it names none by a reference."""
    for key in _SUBJECTS:
        named = resource.get(key)
        text = named.get("reference") if isinstance(named, dict) else None
        if isinstance(text, str):
            match = _REFERENCE.fullmatch(text)
            return match["id"] if match and match["kind"] == "Patient" else text.removeprefix("urn:uuid:")
    return None


def _need(mine: tuple[Resource, ...], held: dict[str, list[Resource]], reasons: dict[str, str]) -> None:
    """Raises RefusedError where the patient or the counts are neither sent nor to be had."""
    if not any(r["resourceType"] == "Patient" for r in mine):
        raise RefusedError(412, f"the Patient is needed: {reasons.get(PATIENT, 'prefetch patient holds none')}")
    if COUNTS not in held and not any(_is_count(r) for r in mine):
        raise RefusedError(412, f"the blood counts are needed: {reasons.get(COUNTS, 'none were sent')}")


def _is_count(resource: Resource) -> bool:
    code = resource.get("code") if resource["resourceType"] == "Observation" else None
    codings = code.get("coding") if isinstance(code, dict) else None
    return any(
        isinstance(c, dict) and c.get("code") in LOINC_CODES for c in (codings if isinstance(codings, list) else ())
    )
