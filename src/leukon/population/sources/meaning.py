"""What a name and a unit mean: the analyte, a share or an absolute count, and the factor to leukon's own unit.

The rules are those for one person (`leukon.counts`), worked out once for each name and unit that a table holds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from leukon.counts.analytes import Analyte, Form, Named, find_analyte
from leukon.counts.units import find_factor
from leukon.counts.values import Reading, read_value
from leukon.io.csv_cells import join_unit

__all__ = ["Meaning", "Refusal", "find_meaning", "find_named", "read_text"]


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why rows of a name and unit are not used: the column to look at, what it holds, and the reason."""

    column: str
    text: str
    reason: str


@dataclass(frozen=True, slots=True)
class Meaning:
    """How rows are read. `factor` is None where there is no unit: then only text that holds one is a count.

    `limit_factor` is None where the limits beside the value are in a unit of another kind; `own_limits` says that they
    name no unit of their own, so that a unit may contradict them. `band` bounds an upper limit that a laboratory
    prints, in leukon's unit.
    """

    analyte: Analyte
    form: Form
    unit: str
    percent: bool
    factor: Fraction | None
    limit_factor: Fraction | None
    own_limits: bool

    @property
    def plausible(self) -> tuple[float, float]:
        return (0.0, 100.0) if self.percent else self.analyte.plausible

    @property
    def band(self) -> tuple[float, float] | None:
        return self.analyte.percent_band if self.percent else self.analyte.upper_band


def find_named(words: Sequence[str | None]) -> Named | None:
    """The analyte of the first of some codes and names that stands for one."""
    return next((named for word in words if word and (named := find_analyte(word))), None)


def find_meaning(named: Named, unit: str | None, column: str, limits_unit: str | None = None) -> Meaning | Refusal:
    """What a unit makes of an analyte; `column` is the source's name for the column of units.

    >>> neutrophils = find_named(["ANC"])
    >>> find_meaning(neutrophils, "cells/uL", "unit").factor, find_meaning(neutrophils, "%", "unit").percent
    (Fraction(1, 1000), True)
    >>> find_meaning(neutrophils, "furlong", "unit").reason
    'not a unit of neutrophils that leukon knows'
    """
    analyte = named.analyte
    found = _find_factor(unit, analyte) if unit else (None, named.form == "percent")
    if found is None:
        return Refusal(column, unit or "", f"not a unit of {analyte.name} that leukon knows")
    factor, percent = found
    limits = factor
    if limits_unit:
        other = _find_factor(limits_unit, analyte)
        limits = other[0] if other and other[1] == percent else None
    return Meaning(analyte, named.form, unit or "", percent, factor, limits, not limits_unit)


def _find_factor(unit: str, analyte: Analyte) -> tuple[Fraction, bool] | None:
    share = find_factor(unit, "percent") if analyte.percent_band else None
    if share is not None:
        return share, True
    absolute = find_factor(unit, analyte.quantity)
    return None if absolute is None else (absolute, False)


def read_text(text: str, meaning: Meaning) -> Reading | str:
    """A value that is no plain number ("3,2", "3.2 L", "3.2 K/uL"), or why it is none."""
    read = read_value(join_unit(text, meaning.unit), meaning.analyte, bare_unit=False, form=meaning.form)
    return read if isinstance(read, Reading) else read.reason
