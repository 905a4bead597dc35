"""A word that has a code: the exact code first, then the words, then the nearest wider code of ICD-10."""

from __future__ import annotations

from leukon.facts.lexicon import Lexicon, choose
from leukon.facts.model import Reading
from leukon.facts.phrases import Phrase, read_phrase

__all__ = ["read_coded"]


def read_coded(text: str, code: str | None, lexicon: Lexicon, kinds: tuple[str, ...]) -> Phrase:
    """What a text with its code says; a wider code says more than words in which no disease was found.

    Where there is no code the text itself may be one.
    """
    code = code or text.strip()
    if entry := choose(lexicon.find_code(code), kinds):
        return Phrase((Reading(entry[0], entry[1], True, "code"),))
    phrase = read_phrase(text, lexicon, kinds)
    sought = kinds[0] == "condition" and not phrase.relative and all(r.kind != "condition" for r in phrase.readings)
    if (sought or not phrase.readings) and (entry := choose(lexicon.find_wider_code(code), kinds)):
        return Phrase((Reading(entry[0], entry[1], True, "code"),))
    return phrase
