"""Completion from the vocabulary: what leukon knows of that begins with, or holds, what is being typed."""

from __future__ import annotations

from dataclasses import dataclass

from leukon.facts.words import fold
from leukon.knowledge import Knowledge, load_knowledge
from leukon.knowledge.once import once_per_version

__all__ = ["KINDS", "Suggestion", "suggest"]

_MOST = 12
_LEAST_TYPED, _LEAST_INSIDE = 2, 4  # characters
_LONGEST = 60

KINDS = ("drug", "finding", "condition", "exposure", "test")


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A name to type; `also` is the synonym by which it was found, where it is another word."""

    name: str
    also: str = ""


@dataclass(frozen=True, slots=True)
class _Word:
    folded: str
    name: str
    also: str


def suggest(kind: str, typed: str) -> tuple[Suggestion, ...]:
    """At most a dozen names of one kind: those that begin with what is typed, then those in which a word does."""
    key = fold(typed[:_LONGEST])
    if kind not in KINDS or len(key) < _LEAST_TYPED:
        return ()
    words = _list_words(load_knowledge())[kind]
    begins = [w for w in words if w.folded.startswith(key)]
    holds = [w for w in words if f" {key}" in w.folded] if len(key) >= _LEAST_INSIDE else []
    found: dict[str, Suggestion] = {}
    for word in (*begins, *holds):
        found.setdefault(word.name, Suggestion(word.name, word.also))
        if len(found) == _MOST:
            break
    return tuple(found.values())


@once_per_version
def _list_words(k: Knowledge) -> dict[str, tuple[_Word, ...]]:
    exposures = {f.id for f in k.findings.values() if f.kind == "exposure"}
    held = {
        "drug": k.drugs.values(),
        "finding": (f for f in k.findings.values() if f.id not in exposures),
        "condition": k.conditions.values(),
        "exposure": (f for f in k.findings.values() if f.id in exposures),
        "test": (t for t in k.tests.values()),
    }
    return {kind: _fold_all(entries) for kind, entries in held.items()}


def _fold_all(entries: object) -> tuple[_Word, ...]:
    words: list[_Word] = []
    for entry in entries:  # type: ignore[attr-defined]
        words.append(_Word(fold(entry.name), entry.name, ""))
        words += [_Word(fold(word), entry.name, word) for word in entry.synonyms]
    return tuple(sorted(words, key=lambda w: (bool(w.also), w.folded)))
