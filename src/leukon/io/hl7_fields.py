# pyright: basic
# python-hl7 ships no types.
"""Fields of HL7 v2 segments, escapes undone: the only module that touches the parser."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from leukon.counts.units import find_factor
from leukon.io.safe import RecordError

__all__ = ["Segment", "has_several_values", "parse_message", "read_result_text", "read_unit"]

_CODED = ("CE", "CWE", "CNE", "CF")
_NOT_WORDS = ("ED", "RP")
_LINES = ("ST", "TX", "FT")  # each repetition is a line of text
_NUMBERS = ("NM", "SN")


@dataclass(frozen=True, slots=True)
class Segment:
    """One segment of a message; `number` counts those of its name from 1."""

    name: str
    number: int
    raw: Any
    unescape: Callable[[str], str]

    @property
    def path(self) -> str:
        return f"{self.name}[{self.number}]"

    def text(self, field: int) -> str:
        """The whole field; empty where it is absent or the explicit null of HL7."""
        if field >= len(self.raw):
            return ""
        text = self.unescape(str(self.raw[field])).strip()
        return "" if text == '""' else text

    def repetitions(self, field: int) -> list[list[str]]:
        """The components of each repetition."""
        if field >= len(self.raw):
            return []
        repeated = [[one] if isinstance(one, str) else one for one in self.raw[field]]
        return [[self.unescape(str(c)).strip() for c in one] for one in repeated]

    def parts(self, field: int) -> list[str]:
        """The components of the first repetition."""
        return next(iter(self.repetitions(field)), [])

    def part(self, field: int, component: int) -> str:
        parts = self.parts(field)
        return parts[component - 1] if component <= len(parts) else ""

    @property
    def filled(self) -> list[int]:
        return [n for n in range(1, len(self.raw)) if self.text(n)]


def parse_message(text: str, where: str) -> list[Segment]:
    """The segments of one message, in order."""
    try:
        import hl7
    except ImportError:
        raise RecordError(f"{where}: HL7 v2 needs the package hl7: pip install hl7") from None
    try:
        message: Any = hl7.parse(text)
        separators = message.separators
    except Exception as error:  # whatever a damaged header does to the parser
        raise RecordError(f"{where}: not readable as an HL7 v2 message ({_say(error)})") from None
    if len(set(separators)) < len(separators):
        raise RecordError(f"{where}: the separators named in MSH-1 and MSH-2 are damaged")

    marks = dict(zip("FRSTE", (*separators[1:5], message.esc), strict=False))
    sequence = re.compile(re.escape(message.esc) + "([^" + re.escape(message.esc) + "]{1,40})" + re.escape(message.esc))

    def unescape(raw: str) -> str:
        return " ".join(sequence.sub(lambda m: _decode_escape(m[1], marks), raw).split())

    counted: dict[str, int] = {}
    segments: list[Segment] = []
    for raw in message:
        name = str(raw[0])
        counted[name] = counted.get(name, 0) + 1
        segments.append(Segment(name, counted[name], raw, unescape))
    return segments


def _decode_escape(sequence: str, marks: dict[str, str]) -> str:
    """One escape sequence (HL7 v2 chapter 2.7): a separator, letters in hex, or a mark of layout."""
    if sequence in marks:
        return marks[sequence]
    if re.fullmatch("X(?:[0-9A-Fa-f]{2})+", sequence):
        letters = bytes.fromhex(sequence[1:])
        try:
            return letters.decode()
        except UnicodeDecodeError:
            return letters.decode("cp1252", "replace")
    return " " if sequence[:1] in (".", "H", "N", "C", "M", "Z") else f"\\{sequence}\\"


def _say(error: Exception) -> str:
    return f"damaged header: {str(error).splitlines()[0][:80]}" if str(error) else "damaged header"


def read_result_text(obx: Segment) -> str | None:
    """The result in words: numbers as sent, structured numbers ("<^0.1") joined, codes by their text."""
    kind = obx.text(2).upper()
    if kind in _NOT_WORDS:
        return None
    if kind == "SN":
        return "".join(obx.parts(5)[:4]) or None
    if kind in _CODED:
        given = [next((p[n] for n in (1, 8, 4, 0) if n < len(p) and p[n]), "") for p in obx.repetitions(5)]
        return "; ".join(filter(None, given)) or None
    if kind in _LINES and len(obx.repetitions(5)) > 1:
        return " ".join(" ".join(line) for line in obx.repetitions(5)).strip() or None
    return obx.text(5) or None


def has_several_values(obx: Segment) -> bool:
    """Does a number come more than once in one result?"""
    return obx.text(2).upper() in _NUMBERS and sum(any(one) for one in obx.repetitions(5)) > 1


def read_unit(obx: Segment) -> str:
    """The unit of OBX-6. A "^" that was not escaped ("10^3/uL") looks like two components and is put together again."""
    parts = [p for p in obx.parts(6) if p]
    if not parts:
        return ""
    joined = "^".join(parts[:2])
    for unit in (parts[0], joined, *parts[1:2]):
        if any(find_factor(unit, quantity) is not None for quantity in ("count", "mass", "volume", "percent")):
            return unit
    return parts[0]
