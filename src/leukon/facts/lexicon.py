"""The lexicon: every name, synonym and code that leukon knows, folded, and what it stands for."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from leukon.facts.words import fold, has_opposite_sense, strip_modifiers
from leukon.knowledge import Knowledge
from leukon.knowledge.once import once_per_version

__all__ = ["KINDS", "Entry", "Lexicon", "build_lexicon"]

_DIGITS = re.compile(r"\d+")
KINDS = ("finding", "condition", "drug", "test")
Entry = tuple[str, str, str]  # kind, id, "exact" | "synonym"

_LONGEST = 8  # words of the longest phrase looked for inside a longer text
_FUZZY = 92.0  # of 100, on the folded text: one slip in a word of twelve letters
_DIRECTIONS = frozenset(
    {"high", "increased", "few", "non", "new", "recent", "recently", "left", "right", "severe", "profound"}
)
_ICD = "ICD10CM:"
_KEPT = 4096  # words whose near spellings are kept


class Lexicon:
    """Looks words up: whole first, then without adjectives, then inside a longer text, last by likeness."""

    def __init__(self, knowledge: Knowledge) -> None:
        self._phrases: dict[str, list[Entry]] = {}
        self._bags: dict[tuple[tuple[str, ...], frozenset[str]], list[Entry]] = {}
        self._codes: dict[str, list[Entry]] = {}
        for kind, of in zip(
            KINDS, (knowledge.findings, knowledge.conditions, knowledge.drugs, knowledge.tests), strict=True
        ):
            for entry in of.values():
                self._add(entry.name, (kind, entry.id, "exact"))
                for word in entry.synonyms:
                    self._add(word, (kind, entry.id, "synonym"))
                for code in self._codes_of(entry):
                    self._codes.setdefault(code.upper(), []).append((kind, entry.id, "code"))
        for term in knowledge.hpo:
            entry = ("finding", term.finding, "synonym")
            for word in (term.label, *term.synonyms):
                if fold(word) not in self._phrases:
                    self._add(word, entry)
            self._codes.setdefault(term.id.upper(), []).append(("finding", term.finding, "code"))
        self.exposures = frozenset(f.id for f in knowledge.findings.values() if f.kind == "exposure")
        self._keys = tuple(self._phrases)
        self._alike: dict[str, list[str]] = {}

    @staticmethod
    def _codes_of(entry: object) -> Iterator[str]:
        for name, prefix in (("hpo", ""), ("codes", ""), ("loinc", "LOINC:"), ("atc", "ATC:"), ("rxnorm", "RXNORM:")):
            yield from (prefix + code for code in getattr(entry, name, ()))

    def _add(self, text: str, entry: Entry) -> None:
        key = fold(text)
        if not key:
            return
        held = self._phrases.setdefault(key, [])
        if all(e[:2] != entry[:2] for e in held):
            held.append(entry)
        tokens = tuple(key.split())
        bag = tuple(sorted(strip_modifiers(tokens)))
        if len(bag) > 1:
            bagged = self._bags.setdefault((bag, _directions(tokens)), [])
            if all(e[:2] != entry[:2] for e in bagged):
                bagged.append((entry[0], entry[1], "synonym"))

    def find_code(self, code: str) -> list[Entry]:
        return self._codes.get(code.upper().replace(" ", ""), [])

    def find_wider_code(self, code: str) -> list[Entry]:
        """What the nearest known code of ICD-10 above this one stands for: M32, lupus, of "ICD10CM:M32.14"."""
        key = code.upper().replace(" ", "")
        body = key.removeprefix(_ICD).replace(".", "") if key.startswith(_ICD) else ""
        for size in range(len(body), 2, -1):
            dotted = f"{body[:3]}.{body[3:size]}" if size > 3 else body[:3]
            if found := self._codes.get(_ICD + dotted):
                return found
        return []

    def find_exact(self, text: str) -> list[Entry]:
        """What the text stands for exactly as written."""
        return self._phrases.get(fold(text), [])

    def find_whole(self, text: str) -> list[Entry]:
        """What the whole text stands for: as written, else without adjectives or in another order of words."""
        key = fold(text)
        if found := self._phrases.get(key):
            return found
        tokens = tuple(key.split())
        bare = strip_modifiers(tokens)
        if found := self._phrases.get(" ".join(bare)):
            return [(kind, name, "synonym") for kind, name, _ in found]
        return self._bags.get((tuple(sorted(bare)), _directions(tokens)), [])

    def find_inside(self, text: str, kinds: Iterable[str] = KINDS) -> list[tuple[Entry, tuple[int, int]]]:
        """The longest known phrases inside a text, left to right, not overlapping: entry and span of words."""
        wanted = tuple(kinds)
        tokens = tuple(fold(text).split())
        found: list[tuple[Entry, tuple[int, int]]] = []
        start = 0
        while start < len(tokens):
            for size in range(min(_LONGEST, len(tokens) - start), 0, -1):
                entries = self._phrases.get(" ".join(tokens[start : start + size]), ())
                chosen = choose(entries, wanted)
                if chosen:
                    found += [((chosen[0], chosen[1], "synonym"), (start, start + size))]
                    start += size
                    break
            else:
                start += 1
        return found

    def find_alike(self, text: str, kinds: Iterable[str] = KINDS) -> Entry | None:
        """The entry spelt most alike, if only a slip of the pen apart and not its opposite."""
        key = fold(text)
        if len(key) < 7:
            return None
        for phrase in self._near(key):
            entry = choose(self._phrases[phrase], tuple(kinds))
            if entry and not has_opposite_sense(key, phrase) and _DIGITS.findall(key) == _DIGITS.findall(phrase):
                return entry[0], entry[1], "fuzzy"
        return None

    def _near(self, key: str) -> list[str]:
        """The phrases spelt most like a key, nearest first; kept, since batches say the same words again."""
        if key not in self._alike:
            from rapidfuzz import fuzz, process

            if len(self._alike) >= _KEPT:
                self._alike.clear()
            best = process.extract(key, self._keys, scorer=fuzz.ratio, score_cutoff=_FUZZY, limit=3)
            self._alike[key] = [phrase for phrase, _, _ in best]
        return self._alike[key]


def _directions(tokens: tuple[str, ...]) -> frozenset[str]:
    """The adjectives that change what a word means: "white count" is no "high white count"."""
    return _DIRECTIONS.intersection(tokens)


def choose(entries: Iterable[Entry], kinds: tuple[str, ...]) -> Entry | None:
    """The first entry of the kind most wanted."""
    held = list(entries)
    for kind in kinds:
        for entry in held:
            if entry[0] == kind:
                return entry
    return None


@once_per_version
def build_lexicon(knowledge: Knowledge) -> Lexicon:
    """The lexicon of a knowledge version; built once."""
    return Lexicon(knowledge)
