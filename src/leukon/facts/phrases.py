"""A phrase of a record read as facts: negation, the past, relatives, several things in one line."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

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
_OR = re.compile(r"\b(?:or|nor)\b", re.I)
_DENIES = re.compile(r"^(?:denies|denied|negative for)\b", re.I)
_SENTENCE = re.compile(r"\s*(?:[;.](?!\d)|\bbut\b|\n)\s*", re.I)
_NO_FACT = re.compile(
    r"\b(?:vaccinat(?:ed|ion) (?:against|for)|immuni[sz]ed against|"
    r"rule out|r/o|to exclude|suspected|suspicion of|at risk of|screening for)\b", re.I,
)  # fmt: skip
"""A thought or a vaccine, not the disease."""
_MET = re.compile(r"\b(?:contact with|exposed to|exposure to)\b", re.I)
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


@lru_cache(maxsize=4096)  # batches say the same words again and again
def read_phrase(text: str, lexicon: Lexicon, kinds: tuple[str, ...], *, inside: bool = True) -> Phrase:
    """Reads one leaf. `kinds` are the kinds of fact looked for, most wanted first.

    The whole is tried first, as written; then without brackets, negation and words of time; then clause by clause;
    then known phrases inside it (`inside`); a likeness last. A denied list ("no fever, rash or cough") denies each of
    its items. What is suspected, to be ruled out, vaccinated against or met in others is no fact of this person.
    """
    if _NO_FACT.search(text) and not lexicon.find_exact(text):
        return Phrase((), text)
    if found := choose(lexicon.find_whole(text), kinds):
        return Phrase((_reading(found),))
    if _MET.search(text):  # what was met is an exposure, never the disease itself
        met = [e for e, _ in lexicon.find_inside(text, ("finding",)) if e[1] in lexicon.exposures]
        return Phrase(tuple(_reading(e, present=not _NO.match(text)) for e in met), None if met else text)
    relative = bool(_RELATIVE.search(text))
    if relative:
        return _read_of_relative(text, lexicon)
    readings: list[Reading] = []
    unread: list[str] = []
    for sentence in _SENTENCE.split(text):
        clauses = split_clauses(sentence)
        for place, clause in enumerate(_spread_denial(sentence, clauses)):
            got = _read_clause(clause, lexicon, kinds, inside) or _read_with_noun(
                clause, clauses[place + 1 :], lexicon, kinds
            )
            readings += got
            if not got and not _is_small_talk(clause):
                unread.append(clause)
    return Phrase(tuple(dict.fromkeys(readings)), "; ".join(unread) or None)


def _spread_denial(sentence: str, clauses: list[str]) -> list[str]:
    """A sentence that begins with a denial and ends its list with "or" denies every item of the list."""
    if len(clauses) < 2 or not _NO.match(clauses[0]):
        return clauses
    if not (_OR.search(sentence) or _DENIES.match(clauses[0])):
        return clauses
    rest = [re.sub(r"^(?:or|nor|and)\s+", "", c, flags=re.I) for c in clauses[1:]]
    return [clauses[0], *(c if _NO.match(c) or _NO_AFTER.search(c) else f"no {c}" for c in rest)]


def _read_with_noun(clause: str, later: list[str], lexicon: Lexicon, kinds: tuple[str, ...]) -> list[Reading]:
    """An adjective that waits for the noun of a later item: "cervical, inguinal and axillary lymphadenopathy"."""
    words = clause.split()
    if not later or not 1 <= len(words) <= 2:
        return []
    noun = later[-1].split()[-1]
    found = choose(lexicon.find_whole(f"{clause} {noun}"), kinds)
    return [_reading(found)] if found else []


def _reading(entry: Entry, present: bool = True, tense: str = "now") -> Reading:
    return Reading(entry[0], entry[1], present, entry[2], tense)


def _read_of_relative(text: str, lexicon: Lexicon) -> Phrase:
    """Only what the lexicon holds as a family finding ("sibling died in infancy") speaks of this person."""
    denied = bool(_NO.match(text))
    whole = choose(lexicon.find_whole(_NO.sub("", text)), ("finding",))
    if whole and _is_family(whole[1]):
        return Phrase((_reading(whole, present=not denied),))
    spans = [e for e, _ in lexicon.find_inside(text, ("finding",)) if _is_family(e[1])]
    if spans:
        return Phrase((_reading(spans[0], present=not denied),))
    return Phrase((), text, relative=True)


def _is_family(name: str) -> bool:
    return name.startswith(("family_", "sibling_", "maternal_", "consanguin", "mother_"))


def _read_clause(clause: str, lexicon: Lexicon, kinds: tuple[str, ...], inside: bool) -> list[Reading]:
    if found := choose(lexicon.find_whole(clause), kinds):
        return [_reading(found)]
    if "finding" in kinds and (measured := read_measure(clause)):
        return list(measured)
    if said_as_no := _find_denied_words(clause, lexicon, kinds):
        return said_as_no
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


def _find_denied_words(clause: str, lexicon: Lexicon, kinds: tuple[str, ...]) -> list[Reading]:
    """Findings whose own words begin with "no" ("no bowel movement", "absent thumb"): not a denial."""
    tokens = fold(clause).split()
    if not tokens or tokens[0] not in ("no", "not", "absent", "without", "lack"):
        return []
    inside = [(entry, span) for entry, span in lexicon.find_inside(clause, kinds) if span[0] == 0 and span[1] > 1]
    return [_reading(entry) for entry, _ in inside]


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
