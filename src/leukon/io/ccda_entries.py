# pyright: strict
"""Problems and medications of a clinical document."""

from __future__ import annotations

from dataclasses import dataclass

from leukon.io.book import Book
from leukon.io.ccda_values import Narrative, read_coded, read_time, read_words
from leukon.io.ccda_xml import Element
from leukon.patient import Item

__all__ = ["Taken", "read_medications", "read_problems"]

_PROBLEM = "2.16.840.1.113883.10.20.22.4.4"
_STATUS = "2.16.840.1.113883.10.20.22.4.6"
_ANY_PROBLEM = ("SNOMED:55607006", "SNOMED:64572001", "SNOMED:404684003")  # problem, disease, finding: none known
_PAST = {"413322009": "resolved", "73425007": "inactive", "277022003": "in remission"}  # SNOMED
_VOID = ("aborted", "cancelled", "held", "nullified", "obsolete")
_OVER = ("completed", "aborted")
_OFTEN = ("PIVL_TS", "EIVL_TS")  # how often, not from when to when


@dataclass(frozen=True, slots=True)
class Taken:
    """A drug with the dates it was begun and stopped, in days since year 1."""

    name: Item
    start: float | None
    stop: float | None
    dose: Item | None


def read_problems(section: Element, narrative: Narrative, book: Book) -> tuple[list[Item], list[Item]]:
    """What the person has, and what the document says the person has not."""
    present: list[Item] = []
    absent: list[Item] = []
    for entry in section.each("entry"):
        concern = entry.get("act")
        nested = [r.get("observation") for r in concern.each("entryRelationship")]
        for place in filter(None, nested or [entry.get("observation")]):
            if not _is(place, _PROBLEM):
                continue
            named = read_coded(place.get("value"), narrative)
            words = named.text or read_words(place.get("text"), narrative)
            item = Item(f"{place.path}.value", words or "problem", named.code)
            if place.attribute("negationInd") == "true":
                if named.code in _ANY_PROBLEM:
                    book.refuse(item.path, f"no {item.text}", "says that none is known: nothing to weigh")
                else:
                    absent.append(item)
            elif past := _find_past(concern, place):
                book.refuse(item.path, item.text, past)
            else:
                present.append(item)
    return present, absent


def _find_past(concern: Element, place: Element) -> str:
    """Why a problem is not one of now; empty where it is."""
    for relation in place.each("entryRelationship"):
        told = relation.get("observation")
        code = told.get("value").attribute("code")
        if _is(told, _STATUS) and code in _PAST:
            return f"{_PAST[code]}: in the past, not now"
    status = place.get("statusCode").attribute("code")
    if status in _VOID:
        return f"status {status}"
    end = place.get("effectiveTime").get("high")
    if end.attribute("value") or end.attribute("nullFlavor") in ("UNK", "NI"):  # ended, even if nobody knows when
        return "resolved: in the past, not now"
    if concern.get("statusCode").attribute("code") in _OVER:
        return "nobody's concern any more: in the past, not now"
    return ""


def read_medications(section: Element, narrative: Narrative, book: Book) -> list[Taken]:
    """The drugs that were given or prescribed."""
    found: list[Taken] = []
    for entry in section.each("entry"):
        place = entry.get("substanceAdministration")
        if not place:
            continue
        material = place.get("consumable", "manufacturedProduct", "manufacturedMaterial")
        named = read_coded(material.get("code"), narrative)
        words = named.text or material.get("name").all_text() or read_words(place.get("text"), narrative)
        item = Item(f"{place.path}.consumable", words or "medication", named.code)
        status = place.get("statusCode").attribute("code")
        if place.attribute("negationInd") == "true":
            book.refuse(item.path, item.text, "said not to be taken")
        elif place.attribute("moodCode") not in ("", "EVN", "INT"):
            book.refuse(item.path, item.text, "not given: asked for or proposed")
        elif status in _VOID and status != "aborted":
            book.refuse(item.path, item.text, f"status {status}")
        else:
            found.append(_read_one(place, item, status, book))
    return found


def _read_one(place: Element, item: Item, status: str, book: Book) -> Taken:
    times = place.each("effectiveTime")
    when = next((t for t in times if t.attribute("xsi:type").rpartition(":")[2] not in _OFTEN), Element())
    start = _settle(when if when.attribute("value") else when.get("low"), "drug:start", book)
    stop = _settle(when.get("high"), "drug:stop", book)
    if when.attribute("value") and not when.get("low"):  # given once
        stop = start
    if stop is None and status in _OVER:
        stop = start
    if start is not None and stop is not None and stop < start:
        stop = None
    return Taken(item, start, stop, _read_dose(place))


def _settle(element: Element, as_: str, book: Book) -> float | None:
    said = element.attribute("value")
    time = read_time(element) if said else None
    if said and time is None:
        book.refuse(element.path, said, "not a date")
    elif time is not None:
        book.take(element.path, time[1], as_)
    return time[0] if time else None


def _read_dose(place: Element) -> Item | None:
    """ "500 mg every 8 h"."""
    quantity = place.get("doseQuantity")
    amount = f"{quantity.attribute('value')} {quantity.attribute('unit')}".strip()
    period = next((p for t in place.each("effectiveTime") if (p := t.get("period")).attribute("value")), Element())
    often = f"every {period.attribute('value')} {period.attribute('unit')}" if period else ""
    said = " ".join(part for part in (amount, often) if part)
    return Item(f"{place.path}.doseQuantity", said) if amount else None


def _is(place: Element, template: str) -> bool:
    return any(t.attribute("root") == template for t in place.each("templateId"))
