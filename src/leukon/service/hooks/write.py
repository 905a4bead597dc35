"""Cards as the standard writes them: the same content has the same uuid, so that feedback can name it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import NAMESPACE_URL, uuid5

import msgspec

from leukon.answer import CountRow, Report, Source
from leukon.io.axis import read_moment
from leukon.knowledge import Knowledge
from leukon.knowledge.schema import SourceFact
from leukon.report.fhir_parts import LOINC, coding, concept
from leukon.report.words import INFORMS, clean
from leukon.service.hooks.markdown import cut, plain
from leukon.service.hooks.names import COUNTS, OVERRIDE_REASONS, PATIENT, REASONS

__all__ = [
    "OLD_DAYS", "About", "Proposal", "Resource", "count_age", "end_detail", "link_sources", "make_card", "propose_test",
    "say_date",
]  # fmt: skip

OLD_DAYS = 7  # beyond it a count is no current one (as in leukon.severity) and its age is said
_MOST_LETTERS = 139  # of a summary
_MOST_LINKS = 3
_KEYS = {
    PATIENT: "the patient", COUNTS: "blood counts", "results": "other test results", "conditions": "the problem list",
    "requests": "prescriptions", "statements": "the list of drugs taken",
}  # fmt: skip
_NAMESPACE = uuid5(NAMESPACE_URL, "urn:leukon:card")
_TOPIC = {"system": "urn:leukon:topic", "code": "low-white-cells", "display": "Low white blood cells"}

Resource = dict[str, Any]


@dataclass(frozen=True, slots=True)
class About:
    """The call that is answered: whose record it is, the day, and what could not be had of it."""

    service: str
    patient: str
    encounter: str | None
    today: date
    base_url: str = ""
    missing: tuple[str, ...] = ()  # keys of the prefetch that were neither sent nor fetched
    cut: tuple[str, ...] = ()  # keys of which more exists than was fetched


@dataclass(frozen=True, slots=True)
class Proposal:
    """A test that the record may order, as one suggestion of a card."""

    key: str
    label: str
    resource: Resource


def make_card(
    about: About,
    summary: str,
    detail: str,
    indicator: str,
    *,
    proposals: Sequence[Proposal] = (),
    links: Sequence[Resource] = (),
) -> Resource:
    """A card of this content; what is empty is left out."""
    address = about.base_url if about.base_url.startswith(("https://", "http://")) else None
    source = {"label": "leukon", "topic": _TOPIC} | ({"url": address} if address else {})
    card: Resource = {
        "summary": cut(summary, _MOST_LETTERS),
        "indicator": indicator,
        "detail": detail,
        "source": source,
        "overrideReasons": [
            {"code": code, "system": OVERRIDE_REASONS, "display": said} for code, said in REASONS.items()
        ],
    }
    name = uuid5(_NAMESPACE, msgspec.json.encode([about.service, card, [p.key for p in proposals]]).decode())
    if proposals:
        card["selectionBehavior"] = "any"
        card["suggestions"] = [
            {
                "label": cut(p.label, _MOST_LETTERS),
                "uuid": str(uuid5(name, p.key)),
                "actions": [{"type": "create", "description": p.label, "resource": p.resource}],
            }
            for p in proposals
        ]
    if links:
        card["links"] = list(links)
    return {"uuid": str(name)} | card


def propose_test(about: About, key: str, words: str, because: str, priority: str, k: Knowledge) -> Proposal:
    """A ServiceRequest in draft, with the intent of a proposal: leukon orders nothing."""
    fact = k.tests.get(key)
    codes = [coding(LOINC, fact.loinc[0])] if fact and fact.loinc else []
    resource: Resource = {
        "resourceType": "ServiceRequest",
        "status": "draft",
        "intent": "proposal",
        "priority": priority,
        "code": concept(words, *codes, coding("test", key)),
        "subject": {"reference": f"Patient/{about.patient}"},
        "reasonCode": [concept(because)],
    }
    if about.encounter:
        resource["encounter"] = {"reference": f"Encounter/{about.encounter}"}
    return Proposal(key, f"Propose: {clean(words)}", resource)


def link_sources(ids: Iterable[str], sources: Mapping[str, Source | SourceFact]) -> list[Resource]:
    """Links to the first few of these sources that have a DOI or a PubMed number: a record allows two addresses."""
    found: list[Resource] = []
    for source in (sources[i] for i in dict.fromkeys(ids) if i in sources):
        address = f"https://doi.org/{source.doi}" if source.doi else f"https://pubmed.ncbi.nlm.nih.gov/{source.pmid}/"
        if source.doi or source.pmid:
            found.append({"label": cut(source.citation, 100), "url": address, "type": "absolute"})
    return found[:_MOST_LINKS]


def count_age(rows: Iterable[CountRow], today: date) -> tuple[str, int] | None:
    """The date of the newest of these counts and its age in days; None where no date is known."""
    moments = [(m[1], row.time) for row in rows if row.time and (m := read_moment(row.time)) and m[0] == "date"]
    if not moments:
        return None
    newest, said = max(moments)
    return said.split("T")[0], max(0, int(today.toordinal() - newest))


def say_date(age: tuple[str, int] | None) -> str:
    """E.g. "Newest count: 2026-11-01, 24 days ago, so perhaps no longer true." """
    if age is None:
        return "The counts have no date."
    said, days = age
    if days <= OLD_DAYS:
        return f"Newest count: {plain(said)}."
    return f"Newest count: {plain(said)}, **{days} days ago**: no newer one was sent."


def end_detail(report: Report, about: About) -> str:
    """What was not to be had or not used, and who says all this."""
    lines: list[str] = []
    if unused := _say_unused(report):
        lines.append(f"Not used: {unused}.")
    if about.missing:
        names = [_KEYS[key] for key in about.missing]
        listed = f"{', '.join(names[:-1])} and {names[-1]}" if len(names) > 1 else names[0]
        lines.append(f"Not sent, so this may be wrong: {listed}.")
    if about.cut:
        lines.append(f"The record holds more than was read: {', '.join(_KEYS[key] for key in about.cut)}.")
    v = report.leukon
    lines.append(f"*{plain(INFORMS)} leukon {v.version}, knowledge {v.knowledge}.*")
    return "\n\n".join(lines)


def _say_unused(report: Report) -> str:
    """The results of counts and the drugs of the record that say nothing here, in a few words."""
    named = {u.path.removesuffix(".code") for u in report.understood if u.as_.startswith("count:")}
    counts = [n for n in report.not_used if n.path.removesuffix(".value") in named]
    drugs = [n for n in report.not_used if n.path.endswith(".medication") and n.reason == "this drug is not known"]
    said: list[str] = []
    if counts:
        reasons = list(dict.fromkeys(n.reason for n in counts))
        said.append(f"{len(counts)} count{'' if len(counts) == 1 else 's'} ({plain('; '.join(reasons[:2]))})")
    if drugs:
        names = list(dict.fromkeys(n.item for n in drugs))
        more = f" and {len(names) - 3} more" if len(names) > 3 else ""
        said.append(f"not known as a drug: {plain(', '.join(names[:3]))}{more}")
    return "; ".join(said)
