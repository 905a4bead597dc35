# pyright: strict
"""Codes, times, quantities and ranges of a clinical document (HL7 v3 data types)."""

from __future__ import annotations

from dataclasses import dataclass

from leukon.io.axis import read_moment
from leukon.io.ccda_xml import Element
from leukon.io.printed import Limits, read_range, read_stamp
from leukon.patient import Item

__all__ = ["Coded", "Narrative", "read_coded", "read_limits", "read_time", "read_value"]

Narrative = dict[str, str]
"""What the readable part of the document says, by the ID that entries point to."""

_SYSTEMS = {
    "2.16.840.1.113883.6.1": "LOINC", "2.16.840.1.113883.6.96": "SNOMED", "2.16.840.1.113883.6.88": "RXNORM",
    "2.16.840.1.113883.6.73": "ATC", "2.16.840.1.113883.6.90": "ICD10CM",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Coded:
    """Words and code of one concept; None where the document has none."""

    words: str | None
    code: str | None  # "LOINC:6690-2"

    @property
    def text(self) -> str:
        return self.words or self.code or ""


def read_coded(element: Element, narrative: Narrative) -> Coded:
    """The name beside the code, else the text it stands for; the first code that leukon knows, LOINC first."""
    candidates = [element, *element.each("translation")]
    codes = [
        f"{_SYSTEMS[c.attribute('codeSystem')]}:{c.attribute('code')}"
        for c in candidates
        if c.attribute("codeSystem") in _SYSTEMS and c.attribute("code")
    ]
    codes.sort(key=lambda code: not code.startswith("LOINC"))
    names = [c.attribute("displayName") for c in candidates]
    words = next((n for n in names if n), "") or read_words(element.get("originalText"), narrative)
    return Coded(words or None, codes[0] if codes else None)


def read_words(element: Element, narrative: Narrative) -> str:
    """The words of an element, its own or those of the narrative that it points to."""
    pointer = element.get("reference").attribute("value").removeprefix("#")
    return element.all_text() or narrative.get(pointer, "")


def read_time(element: Element) -> tuple[float, str] | None:
    """A point in time, or the beginning of an interval: days since year 1, and as ISO 8601."""
    for place in (element, element.get("low"), element.get("center")):
        stamp = read_stamp(place.attribute("value"))
        moment = read_moment(stamp) if stamp else None
        if moment and stamp:
            return moment[1], stamp
    return None


def read_value(element: Element, narrative: Narrative) -> str | None:
    """A result in words: "3.2 10*3/uL", "<=0.1 10*9/L", "Positive"; None where there is none."""
    kind = element.attribute("xsi:type").rpartition(":")[2]
    if kind in ("PQ", "INT", "REAL", "TS", "BL"):
        amount = element.attribute("value")
        return f"{amount} {element.attribute('unit')}".strip() if amount else None
    if kind in ("IVL_PQ", "IVL_INT", "IVL_REAL"):
        return _read_interval(element)
    if kind in ("CD", "CE", "CO", "CV", "CS"):
        coded = read_coded(element, narrative)
        return coded.words or coded.code or element.attribute("code") or None
    return read_words(element, narrative) or element.attribute("value") or None


def _read_interval(element: Element) -> str | None:
    """A value that only has a bound: "<=5 pg/mL" where the other end is absent or nought."""
    low, high = element.get("low"), element.get("high")
    bottom, top = low.attribute("value"), high.attribute("value")
    if top and (not bottom or _is_nought(bottom)):
        sign = "<" if high.attribute("inclusive") == "false" else "<="
        return f"{sign}{top} {high.attribute('unit')}".strip()
    if bottom and not top:
        sign = ">" if low.attribute("inclusive") == "false" else ">="
        return f"{sign}{bottom} {low.attribute('unit')}".strip()
    return f"{bottom}-{top} {high.attribute('unit') or low.attribute('unit')}".strip() if bottom else None


def _is_nought(text: str) -> bool:
    return not text.strip("0.")


def read_limits(observation: Element, narrative: Narrative) -> tuple[Limits | None, tuple[Item, ...], str | None]:
    """The laboratory's range for what is normal, where it prints one and no more than one; its unit."""
    found = [
        (r.get("observationRange"), made)
        for r in observation.each("referenceRange")
        if (made := _read_range(r.get("observationRange"), narrative))
        and r.get("observationRange", "interpretationCode").attribute("code") in ("", "N")
    ]
    if len(found) != 1:
        return None, (), None
    place, (limits, unit, said) = found[0]
    return limits, (Item(place.path, said),), unit


def _read_range(place: Element, narrative: Narrative) -> tuple[Limits, str | None, str] | None:
    value = place.get("value")
    low, high = value.get("low"), value.get("high")
    limits = (_number(low.attribute("value")), _number(high.attribute("value")))
    if limits != (None, None):
        unit = low.attribute("unit") or high.attribute("unit") or None
        return limits, unit, f"{low.attribute('value')}-{high.attribute('value')} {unit or ''}".strip()
    for said in (read_words(value, narrative), read_words(place.get("text"), narrative)):
        if said and (made := read_range(said)):
            return made[0], made[1], said
    return None


def _number(text: str) -> float | None:
    try:
        return float(text) if text else None
    except ValueError:
        return None
