"""A phrase of a record read as facts: negation, the past, relatives, several things in one line."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from leukon.facts.lexicon import Entry, Lexicon, choose
from leukon.facts.measures import read_measure
from leukon.facts.model import Reading
from leukon.facts.words import MODIFIERS, STOPWORDS, fold

__all__ = ["Phrase", "read_phrase", "split_clauses"]

_NO = re.compile(
    r"^(?:no(?: evidence of| signs? of| history of| known)?|denies|denied|without|absence of|absent(?= )|"
    r"negative for|not|never|free of|lack of|none)\s+",
    re.I,
)
_NO_AFTER = re.compile(
    r"[\s:,-]+(?:absent|negative|not (?:detected|seen|found|present)|none|ruled out|excluded|denied)\.?$", re.I
)
_PAST = re.compile(
    r"^(?:(?:past |remote |prior |previous )?(?:medical )?history of|h/o|past|prior|previous(?:ly)?|former|"
    r"childhood|remote)\s+",
    re.I,
)
_PAST_AFTER = re.compile(r"[\s,(]*\b(?:in the (?:distant |remote )?past|previously|long ago|in childhood)\)?$", re.I)
_RESOLVED = re.compile(r"[\s,(]*\b(?:resolved|now resolved|has resolved|subsided|recovered)\b\)?", re.I)
_RELATIVE = re.compile(
    r"\b(?:mother|father|brother|sister|sibling|siblings|parents?|uncle|aunt|cousins?|grand(?:mother|father|parents?)|"
    r"family history|familial|relatives?|son|daughter|twin|maternal|paternal)\b", re.I,
)  # fmt: skip
_BRACKETS = re.compile(r"\([^)]*\)")
_FILLER = frozenset(
    {
        "year", "month", "week", "day", "ago", "for", "since", "x", "past", "last", "age", "old", "returned", "more",
        "than", "many", "from", "back", "travel", "trip", "about", "found", "seen", "there", "none",
    }
)  # fmt: skip
_CLAUSE = re.compile(r"\s*(?:[;,.](?!\d)|\bbut\b|\bwith(?=\s+no\b)|\n)\s*", re.I)
_JOIN = re.compile(r"\s*(?:\band\b|\bor\b|/|&|\+)\s*", re.I)


@dataclass(frozen=True, slots=True)
class Phrase:
    """What a phrase was read as, and what of it was not understood."""

    readings: tuple[Reading, ...]
    unread: str | None = None
    relative: bool = False  # it speaks of a relative


def split_clauses(text: str) -> list[str]:
    """
    >>> split_clauses("leukopenia, marked neutropenia, no blasts")
    ['leukopenia', 'marked neutropenia', 'no blasts']
    """
    return [part for part in _CLAUSE.split(text) if part]


def read_phrase(text: str, lexicon: Lexicon, kinds: tuple[str, ...], *, inside: bool = True) -> Phrase:
    """Reads one leaf. `kinds` are the kinds of fact looked for, most wanted first.

    The whole is tried first, as written; then without brackets, negation and words of time; then clause by clause;
    then known phrases inside it (`inside`); a likeness last.
    """
    if found := choose(lexicon.find_whole(text), kinds):
        return Phrase((_reading(found),))
    relative = bool(_RELATIVE.search(text))
    if relative:
        return _read_of_relative(text, lexicon)
    readings: list[Reading] = []
    unread: list[str] = []
    for clause in split_clauses(text):
        got = _read_clause(clause, lexicon, kinds, inside)
        readings += got
        if not got and not _is_small_talk(clause):
            unread.append(clause)
    return Phrase(tuple(dict.fromkeys(readings)), "; ".join(unread) or None)


def _reading(entry: Entry, present: bool = True, tense: str = "now") -> Reading:
    return Reading(entry[0], entry[1], present, entry[2], tense)


def _read_of_relative(text: str, lexicon: Lexicon) -> Phrase:
    """Only what the lexicon holds as a family finding ("sibling died in infancy") speaks of this person."""
    spans = [e for e, _ in lexicon.find_inside(text, ("finding",)) if _is_family(e[1])]
    if spans:
        return Phrase(tuple(_reading(e) for e in spans[:1]))
    return Phrase((), text, relative=True)


def _is_family(name: str) -> bool:
    return name.startswith(("family_", "sibling_", "maternal_", "consanguin", "mother_"))


def _read_clause(clause: str, lexicon: Lexicon, kinds: tuple[str, ...], inside: bool) -> list[Reading]:
    if found := choose(lexicon.find_whole(clause), kinds):
        return [_reading(found)]
    if "finding" in kinds and (measured := read_measure(clause)):
        return list(measured)
    tense = "now"
    if _RESOLVED.search(clause):
        clause, tense = _RESOLVED.sub(" ", clause).strip(), "resolved"
    clause = _BRACKETS.sub(" ", clause).strip()
    present = True
    for pattern in (_NO, _NO_AFTER):
        if pattern.search(clause):
            clause, present = pattern.sub("", clause).strip(), False
            break
    if match := _PAST.match(clause):
        clause, tense = clause[match.end() :], "past"
    elif match := _PAST_AFTER.search(clause):
        clause, tense = clause[: match.start()], "past"
    if not clause:
        return []
    if found := choose(lexicon.find_whole(clause), kinds):
        return [_reading(found, present, tense)]
    parts = list(_joined(clause))
    if len(parts) > 1:
        whole = [choose(lexicon.find_whole(part), kinds) for part in parts]
        if all(whole):
            return [_reading(entry, present, tense) for entry in whole if entry]
    if inside:
        got = _read_inside(clause, lexicon, kinds)
        if got:
            return [replace(r, present=r.present and present, tense=tense) for r in got]
    if found := lexicon.find_alike(clause, kinds):
        return [_reading(found, present, tense)]
    return []


def _joined(clause: str) -> Iterator[str]:
    """ "cervical and axillary lymphadenopathy" -> both with their noun; "fever and chills" -> both."""
    parts = [p for p in _JOIN.split(clause) if p]
    noun = parts[-1].split()[-1] if parts and len(parts[-1].split()) > 1 else ""
    for part in parts:
        yield f"{part} {noun}" if noun and len(part.split()) == 1 and part is not parts[-1] else part


def _read_inside(clause: str, lexicon: Lexicon, kinds: tuple[str, ...]) -> list[Reading]:
    """Known phrases inside a clause; a "no" before one turns it; a lone common word in a long clause is not enough."""
    tokens = fold(clause).split()
    readings: list[Reading] = []
    inside = lexicon.find_inside(clause, kinds)
    for entry, (start, _) in inside:
        before = tokens[max(0, start - 3) : start]
        denied = any(word in ("no", "not", "without", "denies", "never", "absent") for word in before)
        readings.append(_reading(entry, not denied))
    covered = sum(end - start for _, (start, end) in inside)
    content = [t for t in tokens if not _is_filler(t)]
    if readings and covered * 4 < len(content):
        return []
    return list(dict.fromkeys(readings))


def _is_small_talk(clause: str) -> bool:
    words = fold(clause).split()
    return all(_is_filler(w) for w in words)


def _is_filler(word: str) -> bool:
    return word in STOPWORDS or word in MODIFIERS or word in _FILLER or word[0].isdigit()
