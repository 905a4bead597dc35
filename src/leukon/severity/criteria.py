"""The grading criteria as data: CTCAE 4.03, 5.0, 6.0 and DAIDS 2.1, one row a band and unit.

A band is half-open as its row says; a limit is a number or a word that stands for a limit of this person (LLN, ULN,
baseline). The published text, its source and who else prints the same figures stand in each row.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from dataclasses import dataclass
from functools import cache
from pathlib import Path

__all__ = ["CRITERIA", "NAMES", "Band", "Term", "find_terms", "read_terms"]

CRITERIA = ("ctcae-4.03", "ctcae-5", "ctcae-6", "daids-2.1")
NAMES = {"ctcae-4.03": "CTCAE 4.03", "ctcae-5": "CTCAE 5.0", "ctcae-6": "CTCAE 6.0", "daids-2.1": "DAIDS 2.1"}

_FILE = Path(__file__).parents[1] / "knowledge" / "data" / "criteria.csv"
_SHORT = {
    "anc": "neutrophils", "alc": "lymphocytes", "aec": "eosinophils", "hb": "hemoglobin", "hgb": "hemoglobin",
    "haemoglobin": "hemoglobin", "plt": "platelets", "cd4+": "cd4", "methb": "methemoglobin",
    "methaemoglobin": "methemoglobin", "leukocytes": "wbc", "white blood cells": "wbc",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Band:
    """One grade of a term in one unit; ages in completed days and years, both ends included."""

    unit: str
    grade: int
    lower: str
    lower_inclusive: bool
    upper: str
    upper_inclusive: bool
    needs: str  # what the band needs that is not a value: "clinical judgement", "the temperature"
    from_days: int | None
    to_days: int | None
    from_years: int | None
    to_years: int | None
    sex: str
    text: str
    source: str
    confirmed_by: str


@dataclass(frozen=True, slots=True)
class Term:
    criteria: str
    name: str
    analyte: str  # "" where the term is no single value
    direction: str  # "low" | "high"
    bands: tuple[Band, ...]


def _band(row: dict[str, str]) -> Band:
    def number(name: str) -> int | None:
        return int(row[name]) if row[name] else None

    return Band(
        unit=row["unit"],
        grade=int(row["grade"]),
        lower=row["lower"],
        lower_inclusive=bool(row["lower_inclusive"]),
        upper=row["upper"],
        upper_inclusive=bool(row["upper_inclusive"]),
        needs=row["needs"],
        from_days=number("from_days"),
        to_days=number("to_days"),
        from_years=number("from_years"),
        to_years=number("to_years"),
        sex=row["sex"],
        text=row["text"],
        source=row["source"],
        confirmed_by=row["confirmed_by"],
    )


@cache
def read_terms() -> tuple[Term, ...]:
    """Every term of every criteria set, in the order of the file."""
    bands: dict[tuple[str, str, str, str], list[Band]] = defaultdict(list)
    with _FILE.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            bands[(row["criteria"], row["term"], row["analyte"], row["direction"])].append(_band(row))
    return tuple(Term(*key, bands=tuple(rows)) for key, rows in bands.items())


@cache
def _index() -> dict[tuple[str, str], tuple[Term, ...]]:
    index: dict[tuple[str, str], tuple[Term, ...]] = {}
    for term in read_terms():
        index[(term.criteria, term.name.casefold())] = (term,)
    for term in read_terms():
        key = (term.criteria, term.analyte)
        if term.analyte and all(t.analyte == term.analyte for t in index.get(key, ())):
            index[key] = (*index.get(key, ()), term)
    return index


def find_terms(criteria: str, name: str) -> tuple[Term, ...]:
    """The terms that `name` stands for in these criteria: one for a term, up to two (low, high) for an analyte.

    >>> [term.name for term in find_terms("ctcae-6", "PLT")]
    ['Thrombocytosis', 'Thrombocytopenia']
    >>> find_terms("ctcae-6", "Platelet count decreased")
    ()
    """
    word = " ".join(name.split()).casefold()
    index = _index()
    return index.get((criteria, word)) or index.get((criteria, _SHORT.get(word, word)), ())
