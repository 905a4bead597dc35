"""Test results as facts: words ("positive", "above normal"), numbers against the test's own limits, titres, reports."""

from __future__ import annotations

import re

from leukon.facts.lexicon import Lexicon, choose
from leukon.facts.model import Reading
from leukon.facts.numbers import Result, read_number
from leukon.facts.phrases import read_phrase
from leukon.facts.words import fold
from leukon.knowledge import Knowledge
from leukon.knowledge.schema import TestFact
from leukon.patient import Person

__all__ = ["Result", "find_tests", "read_result", "read_verdict"]

_SPLIT = re.compile(r"\s*(?:,|;|/|&|\+|\band\b|\bor\b)\s*", re.I)
_CARRIED = re.compile(r"^(.*\s)([A-E]|[IVX]+|[0-9]+)$")  # "hepatitis B and C": the C is a hepatitis too
_NORMAL = re.compile(
    r"\b(?:normal|negative|neg|non ?reactive|not (?:detected|elevated|raised|increased|seen)|undetect(?:ed|able)|"
    r"no growth|sterile|unremarkable|unrevealing|non ?diagnostic|within (?:normal )?(?:limit|range)|wnl|clear|"
    r"therapeutic|no (?:acute )?abnormalit(?:y|ies)|no (?:deficiency|mutations?)|excluded|unchanged|protective|"
    r"46,? ?x[xy]|none)\b"
)
_CELLULARITY = re.compile(r"cellularity[^\d%]{0,16}(\d{1,3})\s*%|(\d{1,3})\s*%\s*(?:cellular|cellularity)\b", re.I)
_FEW_BLASTS = re.compile(
    r"(?:<|less than|under|below)\s*5\s*%\s*\w*blasts|blasts? (?:are |were )?(?:not|un)[- ]?(?:increased|elevated)",
    re.I,
)
_BLASTS = re.compile(
    r"(?P<before>\d+(?:\.\d+)?)\s*%[^,;.\d%]{0,40}\b(?:\w*blasts?)\b(?! like)"
    r"|\b\w*blasts?\b[^,;.\d%]{0,20}?(?P<after>\d+(?:\.\d+)?)\s*%",
    re.I,
)
_NO_BLASTS = (
    "erythroblast",
    "sideroblast",
    "megaloblast",
    "normoblast",
    "pronormoblast",
    "proerythroblast",
    "osteoblast",
)
_SHORT = 6  # words: "normal" speaks of the whole report only when little else is said
_HYPOCELLULAR = 30.0  # percent of the marrow space; normal is about 100 minus age
_ABNORMAL = re.compile(r"\babnormal\b")
_HIGH = re.compile(
    r"\b(?:elevated|high|raised|increased|above|prolonged|markedly elevated|supranormal|strongly positive|"
    r"deranged|impaired)\b"
)
_LOW = re.compile(r"\b(?:low|decreased|reduced|below|deficient|depressed|undetectable|diminished|suppressed|absent)\b")
_POSITIVE = re.compile(r"\b(?:positive|pos|reactive|detected|present|seen|grew|isolated)\b")


def find_tests(name: str, lexicon: Lexicon, knowledge: Knowledge) -> tuple[tuple[str, str], ...]:
    """The tests a name stands for, as (test id, how it was read); several when the name lists several."""
    if entry := choose(lexicon.find_whole(name), ("test",)):
        return ((entry[1], entry[2]),)
    bare = re.sub(r"\([^)]*\)", " ", name)
    parts = [p for p in _SPLIT.split(bare) if p]
    if len(parts) == 1:
        parts = [bare]
    found: list[tuple[str, str]] = []
    carried = ""
    for part in parts:
        entry = choose(lexicon.find_whole(part), ("test",)) or choose(lexicon.find_whole(carried + part), ("test",))
        if match := _CARRIED.match(part):
            carried = match[1]
        if entry is None:
            inside = lexicon.find_inside(part, ("test",))
            entry = inside[0][0] if inside else lexicon.find_alike(part, ("test",))
        if entry:
            found.append((entry[1], entry[2]))
    return tuple(dict.fromkeys(found))


def read_verdict(text: str) -> bool | None:
    """Positive, negative or neither.

    >>> read_verdict("negative"), read_verdict("strongly positive"), read_verdict("pending")
    (False, True, None)
    """
    words = fold(text)
    if _NORMAL.search(words) and not _ABNORMAL.search(words):
        return False
    return True if _POSITIVE.search(words) or _HIGH.search(words) else None


def read_result(test: TestFact, text: str, person: Person, lexicon: Lexicon, knowledge: Knowledge) -> Result:
    """Reads one result of one test: each finding it makes present or absent."""
    words = fold(text)
    if test.kind == "report":
        return _read_report(test, text, words, lexicon, knowledge)
    if number := read_number(test, text, person):
        return number
    present: list[Reading] = []
    if "undetect" in words and test.low:
        return Result((_reading(test.low), *((_reading(test.high, False),) if test.high else ())))
    if _NORMAL.search(words) and not _ABNORMAL.search(words) and not re.search(r"\babove normal|below normal\b", words):
        return Result(_all(test, present=False) or (Reading("test", test.id, False, "synonym"),))
    if _HIGH.search(words):
        present = [_reading(test.high or test.positive)] if (test.high or test.positive) else []
        absent = [_reading(test.low, False)] if test.low else []
        return Result(tuple(present + absent) or (Reading("test", test.id, True, "synonym"),))
    if _LOW.search(words) and (test.low or test.below or not test.positive):
        found = [_reading(test.low)] if test.low else [_reading(f) for f in list(test.below)[:1]]
        absent = [_reading(test.high, False)] if test.high else []
        return Result(tuple(found + absent) or (Reading("test", test.id, True, "synonym"),))
    if _POSITIVE.search(words):
        found = [_reading(f) for f in (test.positive, test.high) if f][:1]
        return Result(tuple(found) or (Reading("test", test.id, True, "synonym"),))
    phrase = read_phrase(text, lexicon, ("finding", "condition"))
    if phrase.readings:
        return Result(phrase.readings, phrase.unread)
    return Result((), text, f"not understood as a result of {test.name}")


def _reading(finding: str | None, present: bool = True, by: str = "synonym") -> Reading:
    assert finding is not None
    return Reading("finding", finding, present, by)


def _all(test: TestFact, *, present: bool, by: str = "synonym") -> tuple[Reading, ...]:
    names = [test.positive, test.high, test.low, *test.above, *test.below]
    return tuple(_reading(n, present, by) for n in dict.fromkeys(n for n in names if n))


_SPECIMENS = {
    "film": ("film", "marrow", "differential", "sample"),
    "marrow": ("marrow",),
    "restates count": ("film", "differential", "marrow"),
}
"""Kinds of finding that only a report on these specimens gives: plasma cells in the bowel are no marrow finding."""


def _speaks_of(test: TestFact, reading: Reading, knowledge: Knowledge) -> bool:
    if reading.kind != "finding":
        return True
    finding = knowledge.findings[reading.id]
    specimens = finding.only_in or _SPECIMENS.get(finding.kind)
    return specimens is None or test.specimen in specimens or test.specimen in ("blood", "any")


def _count_blasts(test: TestFact, text: str) -> bool | None:
    """Are there more blasts than normal: 5 % of a marrow, any in the blood (WHO classification)?"""
    if test.specimen not in ("marrow", "film", "differential"):
        return None
    if _FEW_BLASTS.search(text):
        return False
    match = next((m for m in _BLASTS.finditer(text) if not any(w in m[0].lower() for w in _NO_BLASTS)), None)
    if match is None:
        return None
    value = float(match["before"] or match["after"])
    return value >= 5 if test.specimen == "marrow" else value >= 1


def _read_report(test: TestFact, text: str, words: str, lexicon: Lexicon, knowledge: Knowledge) -> Result:
    """A report in words: the findings it names; "normal" speaks against all findings of its specimen."""
    phrase = read_phrase(text, lexicon, ("finding", "condition"))
    readings = [r for r in phrase.readings if _speaks_of(test, r, knowledge)]
    cellularity = _CELLULARITY.search(text)
    if cellularity and float(cellularity[1] or cellularity[2]) < _HYPOCELLULAR and test.specimen == "marrow":
        readings.append(_reading("hypocellular_marrow", True, "number"))
    if (counted := _count_blasts(test, text)) is not None:
        readings = [*(r for r in readings if r.id != "blasts"), _reading("blasts", counted, "number")]
    if readings:
        return Result(tuple(dict.fromkeys(readings)), phrase.unread)
    if _NORMAL.search(words) and not _ABNORMAL.search(words) and len(words.split()) <= _SHORT:
        kind = {"film": "film", "marrow": "marrow"}.get(test.specimen)
        found = [f.id for f in knowledge.findings.values() if kind and f.kind == kind]
        made = tuple(_reading(f, False) for f in found if f != test.normal) + _all(test, present=False)
        if test.normal:
            made = (_reading(test.normal), *made)
        return Result(made or (Reading("test", test.id, False, "synonym"),))
    if _POSITIVE.search(words) and test.positive:
        return Result((_reading(test.positive),))
    return Result((), text, f"not understood as a result of {test.name}")
