"""Kinds of rows: what a name and a unit mean for a set of criteria, worked out once for each pair that a table holds.

All that a row can be told, a pair of grades with its reason, is known before a row is read. The rows of a table are
only given the number of their answer; the texts are put in at the end.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from leukon.counts.units import find_factor
from leukon.severity.age import Age
from leukon.severity.criteria import CRITERIA, NAMES, Band, Term, find_terms
from leukon.severity.grade import _choose_unit, _Sample  # pyright: ignore[reportPrivateUsage]

__all__ = ["Group", "Kind", "Side", "find_kind", "group_bands", "is_known_unit"]

Stage = Literal["name", "unit", "graded"]


@dataclass(frozen=True, slots=True)
class Side:
    """One direction of a kind: the bands to grade by, printed in the unit of the row times `factor`; or why not."""

    criteria: str = ""
    term: str = ""
    bands: tuple[Band, ...] = ()
    factor: float = 1.0
    refusal: str = ""


@dataclass(frozen=True, slots=True)
class Kind:
    """Rows that are graded alike. `stage` says when its refusal is told: by its name before the value is looked at, by
    its unit after; a kind that is graded has sides."""

    stage: Stage
    refusal: str = ""
    low: Side | None = None
    high: Side | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """The bands for people of one age and sex, highest grade first."""

    from_days: int | None
    to_days: int | None
    from_years: int | None
    to_years: int | None
    sex: str
    bands: tuple[Band, ...]

    @property
    def is_for_all(self) -> bool:
        return not self.sex and {self.from_days, self.to_days, self.from_years, self.to_years} == {None}


def find_kind(criteria: str, name: str | None, unit: str | None) -> Kind:
    """What rows of this name and unit are graded by.

    >>> kind = find_kind("ctcae-5", "ANC", "/uL")
    >>> [band.upper for band in kind.low.bands], kind.high
    (['LLN', '1500', '1000', '500'], None)
    >>> find_kind("ctcae-5", "ANC", "furlong").low.refusal
    "the unit 'furlong' is not one that neutrophils is graded in"
    """
    if not name or not name.strip():
        return Kind("name", "no term")
    terms = find_terms(criteria, name)
    if not terms:
        held = [NAMES[c] for c in CRITERIA if find_terms(c, name)]
        elsewhere = f" (it stands in {', '.join(held)})" if held else ""
        return Kind("name", f"{NAMES[criteria]} has no term {name!r}{elsewhere}")
    if not unit or not unit.strip():
        return Kind("unit", "no unit")
    sides = {term.direction: _find_side(term, unit.strip(), terms[0].analyte) for term in terms}
    return Kind("graded", low=sides.get("low"), high=sides.get("high"))


def is_known_unit(unit: str) -> bool:
    """Is it a unit that any blood value is graded in? An empty one is none.

    >>> is_known_unit("K/uL"), is_known_unit("furlong")
    (True, False)
    """
    word = unit.strip()
    return word == "%" or any(find_factor(word, quantity) is not None for quantity in ("count", "mass"))


def _find_side(term: Term, unit: str, analyte: str) -> Side:
    criteria = NAMES[term.criteria]
    name = f"{criteria} {term.name}"
    valued = [band for band in term.bands if band.lower or band.upper]
    if not valued or not term.analyte:
        return Side(criteria, name, refusal=f"{name} cannot be graded from a value: it needs {term.bands[0].needs}")
    chosen = _choose_unit(valued, _Sample(0.0, unit, {}, None, Age(), analyte))
    if isinstance(chosen, str):
        return Side(criteria, name, refusal=chosen)
    bands, factor = chosen
    return Side(criteria, name, tuple(bands), factor)


def group_bands(bands: tuple[Band, ...]) -> list[Group]:
    """The bands by whom they are for, in the order of the criteria."""
    held: dict[tuple[int | None, int | None, int | None, int | None, str], list[Band]] = {}
    for band in bands:
        held.setdefault((band.from_days, band.to_days, band.from_years, band.to_years, band.sex), []).append(band)
    return [Group(*key, bands=tuple(sorted(rows, key=lambda b: -b.grade))) for key, rows in held.items()]
