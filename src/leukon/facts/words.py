"""Words as people write them, folded to one form: lower case, American spelling, singular, no punctuation."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

__all__ = ["MODIFIERS", "STOPWORDS", "fold", "fold_tokens", "has_opposite_sense", "strip_modifiers"]

_SPELLING = (
    ("haem", "hem"), ("aemi", "emi"), ("oedem", "edem"), ("diarrhoea", "diarrhea"), ("rrhoea", "rrhea"),
    ("leuco", "leuko"), ("leukaem", "leukem"), ("anaem", "anem"), ("tumour", "tumor"), ("oesoph", "esoph"),
    ("paed", "ped"), ("coeliac", "celiac"), ("colour", "color"), ("odour", "odor"), ("fibre", "fiber"),
    ("litre", "liter"), ("penaemia", "penemia"), ("paenia", "penia"), ("sulph", "sulf"), ("foetal", "fetal"),
    ("foetus", "fetus"), ("goitre", "goiter"), ("caesar", "cesar"), ("orrhag", "orrhag"),
    ("dyspnoea", "dyspnea"), ("apnoea", "apnea"), ("pnoea", "pnea"), ("gynaec", "gynec"),
    ("orthopaed", "orthoped"), ("behaviour", "behavior"), ("labour", "labor"), ("hypovolaem", "hypovolem"),
    ("ischaem", "ischem"), ("uraem", "urem"), ("faec", "fec"), ("caecum", "cecum"), ("mould", "mold"),
    ("grey", "gray"), ("isation", "ization"), ("lysed", "lyzed"),
)  # fmt: skip

STOPWORDS = frozenset(
    {
        "a", "an", "the", "of", "in", "on", "to", "at", "with", "and", "or", "her", "his", "their", "my", "its",
        "has", "have", "had", "is", "was", "were", "be", "been",
    }
)  # fmt: skip

MODIFIERS = frozenset(
    {
        "mild", "moderate", "severe", "marked", "markedly", "slight", "slightly", "significant",
        "significantly", "profound", "high", "very", "extremely", "new", "recent", "recently", "worsening",
        "progressive", "persistent", "increasing", "gradual", "acute", "subacute", "chronic", "intermittent",
        "occasional", "frequent", "daily", "sudden", "diffuse", "generalized", "localized", "bilateral", "left",
        "right", "upper", "lower", "some", "few", "multiple", "several", "possible", "probable", "suspected",
        "known", "documented", "reported", "subjective", "constant", "continuous", "painful", "painless",
        "tender", "nontender", "non", "visible", "palpable", "obvious", "easy", "mildly", "moderately",
        "severely", "newly", "onset", "associated", "prominent", "worsened", "ongoing", "longstanding", "today",
        "yesterday", "increased", "patient", "also", "noted",
    }
)  # fmt: skip

_OPPOSITES = (
    ("hypo", "hyper"), ("penia", "cytosis"), ("penia", "philia"), ("brady", "tachy"), ("micro", "macro"),
    ("low", "high"), ("decreased", "increased"), ("decreased", "elevated"), ("low", "elevated"),
    ("low", "raised"), ("reduced", "raised"), ("positive", "negative"), ("normal", "abnormal"),
    ("gain", "loss"), ("poly", "oligo"), ("anti", ""), ("non", ""), ("un", ""), ("de", ""), ("in", ""),
    ("a", ""), ("im", ""), ("dis", ""), ("benign", "malignant"),
)  # fmt: skip

_PUNCTUATION = re.compile(r"[^\w+%./]+|(?<!\d)[./]|[./](?!\d)|_")
_KEEP_S = ("ss", "us", "is", "as", "os")
_IRREGULAR = {
    "viruses": "virus", "pruritis": "pruritus", "diagnoses": "diagnosis", "metastases": "metastasis",
    "ecchymoses": "ecchymosis", "petechiae": "petechia", "purpurae": "purpura", "verrucae": "verruca",
    "condylomata": "condyloma", "aphthae": "aphtha", "larvae": "larva", "biopsies": "biopsy", "feet": "foot",
    "teeth": "tooth", "women": "woman", "men": "man", "children": "child", "aids": "aids", "mumps": "mumps",
    "measles": "measles", "rabies": "rabies", "feces": "feces", "herpes": "herpes", "diabetes": "diabetes",
    "sepsis": "sepsis", "rales": "rales", "series": "series", "gas": "gas", "nodes": "node",
}  # fmt: skip


def _singular(token: str) -> str:
    if token in _IRREGULAR:
        return _IRREGULAR[token]
    if len(token) > 4 and token.endswith("ies"):
        return token[:-3] + "y"
    if len(token) > 3 and token.endswith("s") and not token.endswith(_KEEP_S):
        return token[:-1]
    return token


@lru_cache(maxsize=65536)
def fold(text: str) -> str:
    """One form for all ways to write the same words.

    >>> fold("Haemorrhages, peri-follicular"), fold("Swollen lymph nodes")
    ('hemorrhage peri follicular', 'swollen lymph node')
    """
    text = unicodedata.normalize("NFKC", text).lower().replace("’", "'").replace("'s", "")
    for british, american in _SPELLING:
        if british in text:
            text = text.replace(british, american)
    return " ".join(_singular(token) for token in _PUNCTUATION.sub(" ", text).split())


def fold_tokens(text: str) -> tuple[str, ...]:
    return tuple(fold(text).split())


def strip_modifiers(tokens: tuple[str, ...]) -> tuple[str, ...]:
    """The tokens without adjectives of degree and time and without small words."""
    return tuple(t for t in tokens if t not in MODIFIERS and t not in STOPWORDS)


def has_opposite_sense(one: str, other: str) -> bool:
    """Do two near spellings mean opposites ("hypokalemia", "hyperkalemia"; "neutropenia", "neutrophilia")?

    >>> has_opposite_sense("hypokalemia", "hyperkalemia"), has_opposite_sense("lymphadenopathy", "lymphadenopaty")
    (True, False)
    """
    for first, second in zip(one.split(), other.split(), strict=False):
        if first == second:
            continue
        for left, right in _OPPOSITES:
            if right:
                if (left in first) != (left in second) or (right in first) != (right in second):
                    return True
            elif first == left + second or second == left + first:
                return True
    return len(one.split()) != len(other.split()) and not (
        one.replace(" ", "") == other.replace(" ", "") or abs(len(one) - len(other)) <= 1
    )
