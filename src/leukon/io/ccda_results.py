# pyright: strict
"""Results and vital signs of a clinical document: observations in their panels, as counts and tests."""

from __future__ import annotations

import re
from dataclasses import dataclass

from leukon.counts.analytes import find_analyte
from leukon.io.book import Book
from leukon.io.ccda_values import Coded, Narrative, read_coded, read_limits, read_time, read_value, read_words
from leukon.io.ccda_xml import Element
from leukon.io.named import find_count, is_not_of_blood
from leukon.io.result import Result
from leukon.patient import Item, Measure, Test

__all__ = ["read_results"]

_NUMBER = re.compile(r"^[<>=≤≥~\s]*\d[\d.,]*(?:-[\d.,]+)?\s*(\S.*)?$")
_USED = ("completed", "active", "")  # active: not verified yet
_UNITS = "246514001"  # SNOMED: an observation that holds the unit of a result in words
_COMMENT = "2.16.840.1.113883.10.20.22.4.64"


@dataclass(frozen=True, slots=True)
class _Panel:
    """What a panel says of all its results."""

    time: tuple[float, str] | None
    specimen: str  # in words, where it is not blood
    status: str


def read_results(section: Element, narrative: Narrative, book: Book) -> list[Result]:
    """The results that can be used; what cannot is listed in `book`."""
    found: list[Result] = []
    for entry in section.each("entry"):
        organizer = entry.get("organizer")
        observations = [c.get("observation") for c in organizer.each("component")] or [entry.get("observation")]
        panel = _read_panel(organizer, narrative)
        for observation in filter(None, observations):
            found += _read_observation(observation, panel, narrative, book)
    return found


def _read_panel(organizer: Element, narrative: Narrative) -> _Panel:
    drawn = read_coded(organizer.get("specimen", "specimenRole", "specimenPlayingEntity", "code"), narrative).text
    ordered = read_coded(organizer.get("code"), narrative).text
    other = next((w for w in ((drawn,) if drawn else (ordered,)) if is_not_of_blood(w)), "")
    return _Panel(read_time(organizer.get("effectiveTime")), other, organizer.get("statusCode").attribute("code"))


def _read_observation(place: Element, panel: _Panel, narrative: Narrative, book: Book) -> list[Result]:
    named = read_coded(place.get("code"), narrative)
    if not named.text:
        named = Coded(read_words(place.get("text"), narrative) or "result without a name", None)
    name = Item(f"{place.path}.code", named.text, named.code)
    status = place.get("statusCode").attribute("code") or panel.status
    value = read_value(place.get("value"), narrative)
    reason = _find_fault(place, status, value)
    if reason or value is None:
        _refuse(place, name, value, reason, book)
        return []
    number = _NUMBER.match(value)
    unit = number[1] or "" if number else ""
    if number and not unit and (unit := _find_unit(place, narrative)):
        value = f"{value} {unit}"
    clash, analyte = find_count(named.text, named.code, unit, value)
    if analyte and panel.specimen and not clash:
        clash = f"of another specimen ({panel.specimen[:40]}), not of blood"
    if clash:
        _refuse(place, name, value, clash, book)
        return []
    date, time = _read_time(place, panel, book) or (None, None)
    if flag := place.get("interpretationCode").attribute("code"):
        book.take(f"{place.path}.interpretationCode", flag, "laboratory flag")
    result = Item(f"{place.path}.value", value, named.code)
    remarks = _read_remarks(place, narrative)
    if analyte is None:
        told = Item(f"{place.path}.specimen", panel.specimen) if panel.specimen else None
        for item in remarks:
            book.refuse(item.path, item.text, "a remark on a result other than a count is not read")
        _refuse_ranges(place, "leukon judges this result by limits of its own", book)
        return [Result(date, time, test=Test(name, Item(result.path, value), None, told))]
    book.take(name.path, name.text, f"count:{analyte.id}")
    limits, items, limits_unit = read_limits(place, narrative)
    if not items:
        _refuse_ranges(place, "not one range of two numbers", book)
    words = named.text if find_analyte(named.text) else named.code or named.text
    return [Result(date, time, Measure(result, words, False, limits, items, limits_unit), sample=tuple(remarks))]


def _find_fault(place: Element, status: str, value: str | None) -> str:
    """Why a result is none; empty where it is one."""
    if place.attribute("moodCode") not in ("", "EVN"):
        return "planned or asked for: not a result"
    if place.attribute("negationInd") == "true":
        return "said not to have been observed"
    if status not in _USED:
        return f"status {status[:20]}"
    if value is None:
        missing = place.get("value").attribute("nullFlavor")
        pending = ": pending" if status == "active" else ""
        return f"no result{pending}" + (f" (nullFlavor {missing})" if missing else "")
    return ""


def _refuse(place: Element, name: Item, value: str | None, reason: str, book: Book) -> None:
    book.refuse(name.path, name.text, reason)
    when = place.get("effectiveTime")
    parts = {
        "value": value,
        "interpretationCode": place.get("interpretationCode").attribute("code"),
        "effectiveTime": when.attribute("value") or when.get("low").attribute("value"),
    }
    for part, said in parts.items():
        if said:
            book.refuse(f"{place.path}.{part}", said, "its result is not used")
    _refuse_ranges(place, "its result is not used", book)


def _refuse_ranges(place: Element, reason: str, book: Book) -> None:
    for element in place.each("referenceRange"):
        where = element.get("observationRange")
        value = where.get("value")
        ends = "-".join(value.get(end).attribute("value") for end in ("low", "high")).strip("-")
        book.refuse(where.path, ends or where.all_text() or "(range)", reason)


def _read_time(place: Element, panel: _Panel, book: Book) -> tuple[float, str] | None:
    """When it was observed, which for a sample is when it was drawn; else the time of the panel."""
    element = place.get("effectiveTime")
    own = read_time(element)
    if own:
        book.take(element.path, own[1], "time:day")
    elif said := element.attribute("value") or element.get("low").attribute("value"):
        book.refuse(element.path, said, "not a date")
    return own or panel.time


def _find_unit(place: Element, narrative: Narrative) -> str:
    """The unit of a result in words, which stands in an observation of its own."""
    for relation in place.each("entryRelationship"):
        told = relation.get("observation")
        if told.get("code").attribute("code") == _UNITS:
            return told.get("value").attribute("code") or read_words(told.get("value"), narrative)
    return ""


def _read_remarks(place: Element, narrative: Narrative) -> list[Item]:
    acts = [relation.get("act") for relation in place.each("entryRelationship")]
    comments = [a for a in acts if any(t.attribute("root") == _COMMENT for t in a.each("templateId"))]
    return [Item(f"{a.path}.text", said) for a in comments if (said := read_words(a.get("text"), narrative))]
