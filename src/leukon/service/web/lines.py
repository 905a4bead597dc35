"""Pasted laboratory lines: "WBC 2.1 K/uL, ANC 0.4, Hb 10.2 g/dL (12.0-16.0), plt 88", with dates for earlier counts.

A count is a known name followed by a number. Its unit is kept as typed: an unknown one is never left out, so that the
reader of the record refuses the value with its reason. What is no count and no known test is handed back.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from leukon.answer import NotUsed
from leukon.counts.analytes import Named, find_analyte
from leukon.counts.units import find_factor
from leukon.counts.values import Reading, read_value
from leukon.facts.lexicon import Lexicon, build_lexicon, choose
from leukon.knowledge import load_knowledge
from leukon.service.web.moments import LineError, find_moment

__all__ = ["Pasted", "PastedRow", "read_lines"]

_MOST_CHARACTERS = 20_000
_EXAMPLE = "WBC 2.1 K/uL, ANC 0.4, Hb 10.2 g/dL, plt 88"
_LONGEST_NAME = 5  # words
_CLAUSE = re.compile(r"\s*(?:;|\||,(?!\d)|(?<!\d),)\s*")
_NAMED = re.compile(r"(?<=[A-Za-z%#)\]])\s*[:=]+\s*(?=[<>≤≥~]?\s*\d)")
_VALUE = re.compile(r"^(?:[<>≤≥~]=?\s*)?[-+]?\d")
_TURNED = re.compile(r",\s*((?:absolute|automated|auto|manual|percent|segmented|total)\b)", re.IGNORECASE)
_SIGN = re.compile(r"^[<>≤≥~]=?$")
_FLAG = re.compile(r"^[(\[]?(?:l|h|ll|hh|low|high|critical|crit|\*+|!+)[)\]]?$", re.IGNORECASE)
_UNIT_WORDS = frozenset("thousand thousands million millions billion billions cells cell grams gram percent".split())
_WORD = re.compile(r"^\(?[A-Za-z][A-Za-z'’-]+[.)]?$")
_SAID = r"(?:ref(?:erence)?\.?(?: range| interval)?|normal(?: range)?|range|limits?)\s*:?\s*"
_NUMBERS = r"(?P<low>\d+(?:\.\d+)?)\s*(?:-|–|—|to)\s*(?P<high>\d+(?:\.\d+)?)"
_LIMITS = (
    re.compile(rf"[(\[]\s*(?:{_SAID})?{_NUMBERS}\s*(?P<unit>[^)\]\d][^)\]]*|)[)\]]", re.IGNORECASE),
    re.compile(rf"(?<=\s){_SAID}{_NUMBERS}(?P<unit>)", re.IGNORECASE),
    re.compile(rf"(?<=\s){_NUMBERS}(?P<unit>)(?![\d^*/])"),
)
_SMALL = frozenset("and with on at of the cbc fbc count counts blood results result date collected :".split())


@dataclass(slots=True)
class PastedRow:
    """One draw: `when` as a record writes it, values and printed limits by the record's words."""

    when: str | None = None
    values: dict[str, str] = field(default_factory=dict[str, str])
    limits: dict[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True, slots=True)
class Pasted:
    rows: tuple[PastedRow, ...] = ()
    tests: tuple[dict[str, str], ...] = ()
    left: tuple[NotUsed, ...] = ()


@dataclass(frozen=True, slots=True)
class _Found:
    named: Named
    text: str
    percent: bool
    limits: str | None


def read_lines(text: str) -> Pasted:
    """The counts and tests of pasted lines; raises LineError, in one line, where a line or all of them is no use."""
    if len(text) > _MOST_CHARACTERS:
        raise LineError(f"the pasted text has more than {_MOST_CHARACTERS:,} characters; drop it as a file instead")
    lexicon = build_lexicon(load_knowledge())
    rows: list[tuple[PastedRow, list[_Found]]] = []
    tests: list[dict[str, str]] = []
    left: list[NotUsed] = []
    heading: str | None = None
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        try:
            moment = find_moment(_NAMED.sub(" ", _TURNED.sub(r" \1", line.replace("\t", " "))))
            found, others = _read_clauses(moment.rest)
            if moment.when and not found and not others:  # a date alone stands over the lines that follow
                heading = moment.when
                continue
            when = moment.when or heading
            _add(found, when, rows)
        except LineError as error:
            raise LineError(f"pasted line {number}: {error}") from None
        for other in others:
            if test := _read_test(other, lexicon):
                tests.append(test | ({} if when is None else {"day": when}))
            else:
                left.append(NotUsed(other, "not understood in the pasted lines", f"pasted line {number}"))
    if text.strip() and not rows and not tests:
        raise LineError(f"the pasted lines hold no count that leukon can read; write for example {_EXAMPLE}")
    return Pasted(tuple(_close(row, found) for row, found in rows), tuple(tests), tuple(left))


def _add(found: list[_Found], when: str | None, rows: list[tuple[PastedRow, list[_Found]]]) -> None:
    """The counts of one line, put to the draw of their moment."""
    if not found:
        return
    row = next((r for r in rows if r[0].when == when), None)
    if row is None:
        row = (PastedRow(when), [])
        rows.append(row)
    for one in found:
        same = [o for o in row[1] if o.named.analyte == one.named.analyte and o.percent == one.percent]
        if any(o.text != one.text for o in same):
            place = f"on {when}" if when else "without a date; put a date or a day before each line"
            raise LineError(f"{one.named.analyte.name} {same[0].text} and {one.text} {place}")
        if not same:
            row[1].append(one)


def _close(row: PastedRow, found: list[_Found]) -> PastedRow:
    """The words of the record: a share beside the absolute count of the same cells is called so."""
    absolute = {f.named.analyte.id for f in found if not f.percent}
    for one in found:
        name = one.named.analyte.id
        key = f"{name} %" if one.percent and name in absolute else name
        row.values[key] = one.text
        if one.limits:
            row.limits[key] = one.limits
    return row


def _read_clauses(text: str) -> tuple[list[_Found], list[str]]:
    found: list[_Found] = []
    others: list[str] = []
    for clause in _CLAUSE.split(text):
        tokens = clause.split()
        hits = list(_find_names(tokens))
        begin = hits[0][0] if hits else len(tokens)
        _note(tokens[:begin], others)
        for place, (_, end, named, unit) in enumerate(hits):
            until = hits[place + 1][0] if place + 1 < len(hits) else len(tokens)
            one, rest = _read_count(named, tokens[end:until], unit)
            found.append(one)
            _note(rest, others)
    return found, others


def _note(tokens: list[str], others: list[str]) -> None:
    said = " ".join(tokens).strip(" :,-–=()[]")
    if said and not all(t.lower().strip(":()[]-–") in _SMALL for t in tokens):
        others.append(said)


def _find_names(tokens: list[str]) -> Iterator[tuple[int, int, Named, str | None]]:
    """Names of counts that a value follows: begin, begin of the value, what is counted, a unit in brackets between."""
    start = 0
    while start < len(tokens):
        for size in range(min(_LONGEST_NAME, len(tokens) - start - 1), 0, -1):
            named = find_analyte(" ".join(tokens[start : start + size]).strip(":="))
            if named is None:
                continue
            end = start + size
            unit = _bracketed_unit(tokens[end], named)
            end += unit is not None
            if end < len(tokens) and (_VALUE.match(tokens[end]) or _SIGN.match(tokens[end])):
                yield start, end, named, unit
                start = end
                break
        else:
            start += 1


def _bracketed_unit(token: str, named: Named) -> str | None:
    inner = re.fullmatch(r"[(\[](.+)[)\]]:?", token)
    known = inner and any(find_factor(inner[1], q) is not None for q in (named.analyte.quantity, "percent"))
    return inner[1] if inner and known else None


def _read_count(named: Named, tokens: list[str], unit: str | None) -> tuple[_Found, list[str]]:
    """One value with its unit and limits, and the words behind it that are neither."""
    text = " ".join(tokens)
    limits, limits_unit = None, ""
    for shape in _LIMITS:
        if match := shape.search(text):
            limits, limits_unit = f"{match['low']}-{match['high']}", match["unit"].strip()
            text = f"{text[: match.start()]} {text[match.end() :]}"
            break
    tokens = text.split()
    value, reading, rest = _settle(named, tokens)
    said = unit or limits_unit
    if said and _is_bare(value):  # the unit stands in the name or in the limits
        value = f"{value} {said}"
        got = read_value(value, named.analyte, form=named.form)
        reading = got if isinstance(got, Reading) else None
    percent = bool(reading and reading.percent)
    if percent and _is_bare(value):
        value = f"{value} %"
    return _Found(named, value, percent, limits), rest


def _is_bare(value: str) -> bool:
    return not re.search(r"[A-Za-z%/]", value)


def _settle(named: Named, tokens: list[str]) -> tuple[str, Reading | None, list[str]]:
    """The longest beginning that reads as a value. What follows it may be words, never a unit or another number."""
    for end in range(len(tokens), 0, -1):
        if end < len(tokens) and not _may_follow(tokens[end]):
            continue
        head = tokens[:end]
        for text in dict.fromkeys((" ".join(head), " ".join(t for t in head if not _FLAG.match(t)))):
            reading = read_value(text, named.analyte, form=named.form)
            if isinstance(reading, Reading):
                return text, reading, tokens[end:]
    return " ".join(tokens), None, []


def _may_follow(token: str) -> bool:
    return bool(_WORD.match(token)) and token.lower().strip("().") not in _UNIT_WORDS


def _read_test(text: str, lexicon: Lexicon) -> dict[str, str] | None:
    """A result of another test that stands among the counts ("CRP 186 mg/L")."""
    words = text.split()
    for size in range(len(words) - 1, 0, -1):
        name = " ".join(words[:size]).rstrip(":=")
        if choose(lexicon.find_whole(name), ("test",)) and find_analyte(name) is None:
            return {"name": name, "result": " ".join(words[size:])}
    return None
