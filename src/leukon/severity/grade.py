"""Grades of a value by published toxicity criteria, each with its version.

The grade is of the criterion as written. Where the lower limit of normal lies under a fixed limit, the fixed limits
stand; where it is missing, a value that no fixed limit grades cannot be graded. Values are compared in the unit they
came in when the criterion is printed in that unit, else after conversion, always rounded to 15 significant digits.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import lru_cache
from typing import TYPE_CHECKING

from leukon.counts.units import find_factor
from leukon.severity.age import Age, find_age
from leukon.severity.criteria import CRITERIA, NAMES, Band, Term, find_terms

if TYPE_CHECKING:
    from leukon.limits.judge import Judged
    from leukon.patient import Patient

__all__ = ["REPORTED", "Grade", "grade_value", "report_grades"]

REPORTED = ("ctcae-4.03", "ctcae-5", "ctcae-6")
"""The versions that stand side by side in a report."""


@dataclass(frozen=True, slots=True)
class Grade:
    """Grade in the low and in the high direction: 0 = criterion not met, None = cannot be graded or no such term."""

    low: int | None
    high: int | None
    reason: str


@dataclass(frozen=True, slots=True)
class _Sample:
    value: float
    unit: str
    limits: dict[str, float | None]  # LLN, ULN, baseline, in `unit`
    sex: str | None
    age: Age
    analyte: str


@lru_cache(maxsize=8192)
def grade_value(
    term_or_analyte: str | None,
    value: float | None,
    unit: str | None,
    *,
    criteria: str = "ctcae-5",
    lln: float | None = None,
    uln: float | None = None,
    baseline: float | None = None,
    sex: str | None = None,
    age_years: float | None = None,
    age_days: float | None = None,
    birth_date: str | date | None = None,
    sample_date: str | date | None = None,
) -> Grade:
    """Grades one value. `lln`, `uln` and `baseline` are in the unit of the value; a term wins over an analyte.

    Raises ValueError for criteria that leukon does not hold; everything else that is missing or not understood gives
    no grade and the reason.

    >>> grade_value("ANC", 400, "/uL").low, grade_value("ANC", 400, "/uL", criteria="ctcae-6").low
    (4, 3)
    >>> grade_value("Neutrophil count decreased", 1.7, "10*9/L").reason
    'the lower limit of normal is missing and no fixed limit of CTCAE 5.0 grades 1.7 10*9/L'
    """
    if criteria not in CRITERIA:
        raise ValueError(f"unknown criteria {criteria!r}; choose one of: {', '.join(CRITERIA)}")
    if not term_or_analyte or not term_or_analyte.strip():
        return Grade(None, None, "no term")
    terms = find_terms(criteria, term_or_analyte)
    if not terms:
        return Grade(None, None, f"{NAMES[criteria]} has no term {term_or_analyte!r}{_other_name(term_or_analyte)}")
    if value is None or not math.isfinite(value):
        return Grade(None, None, "no value")
    if value < 0:
        return Grade(None, None, f"{value:g} is below zero")
    if not unit or not unit.strip():
        return Grade(None, None, "no unit")
    try:
        age = find_age(age_years, age_days, birth_date, sample_date)
    except ValueError as error:
        return Grade(None, None, f"the age cannot be had: {error}")
    given = {"LLN": lln, "ULN": uln, "baseline": baseline}
    limits = {name: limit if limit is not None and math.isfinite(limit) else None for name, limit in given.items()}
    sample = _Sample(value, unit.strip(), limits, _read_sex(sex), age, terms[0].analyte)
    grades: dict[str, int | None] = {"low": None, "high": None}
    reasons: list[str] = []
    for term in sorted(terms, key=lambda t: t.direction, reverse=True):
        grades[term.direction], reason = _grade_term(term, sample)
        reasons.append(reason)
    return Grade(grades["low"], grades["high"], "; ".join(dict.fromkeys(reasons)))


def report_grades(judged: Judged, patient: Patient) -> dict[str, int | None]:
    """The grades of one count in the low direction, by criteria; the lower limit used is the limit shown.

    A count under a detection limit has a grade where every value under it has the same.
    """
    count = judged.count
    lower = judged.limit.lower if judged.limit else None

    def grade(criteria: str, value: float) -> int | None:
        sex = patient.person.sex
        return grade_value(count.analyte, value, count.unit, criteria=criteria, lln=lower, sex=sex).low

    if count.censored != "<":
        return {criteria: grade(criteria, count.value) for criteria in REPORTED}
    just_under = math.nextafter(count.value, 0.0) if count.value < 1e-9 else count.value * (1 - 1e-9)
    return {c: g if (g := grade(c, just_under)) == grade(c, 0.0) else None for c in REPORTED}


def _other_name(name: str) -> str:
    held = [NAMES[c] for c in CRITERIA if find_terms(c, name)]
    return f" (it stands in {', '.join(held)})" if held else ""


def _read_sex(sex: str | None) -> str | None:
    word = (sex or "").strip().casefold()
    return {"f": "female", "m": "male", "female": "female", "male": "male"}.get(word)


def _round(value: float) -> float:
    return float(f"{value:.15g}")


def _find_scale(unit: str, analyte: str) -> Fraction | None:
    """The factor of a unit to leukon's own; None when it is no unit of this quantity.

    "mm3" alone is a volume: reports that mean "/mm3" by it are read elsewhere, a grade does not guess.
    """
    if not any(mark in unit.casefold() for mark in ("/", "per", "-1")):
        return None
    return find_factor(unit, "mass" if analyte == "hemoglobin" else "count")


def _grade_term(term: Term, sample: _Sample) -> tuple[int | None, str]:
    name = f"{NAMES[term.criteria]} {term.name}"
    valued = [band for band in term.bands if band.lower or band.upper]
    if not valued or not term.analyte:
        return None, f"{name} cannot be graded from a value: it needs {term.bands[0].needs}"
    chosen = _choose_unit(valued, sample)
    if isinstance(chosen, str):
        return None, chosen
    bands, factor = chosen
    mine, missing = _choose_group(bands, sample)
    if missing:
        return None, f"{name} needs {missing}"
    if not mine:
        return None, f"{name} has no criterion at this age"
    return _match(term, mine, sample, factor)


def _choose_unit(bands: list[Band], sample: _Sample) -> tuple[list[Band], float] | str:
    """The bands printed in the unit of the sample, and 1; else, for haemoglobin in mmol/L, the first and the factor."""
    refusal = f"the unit {sample.unit!r} is not one that {sample.analyte} is graded in"
    if sample.analyte in ("methemoglobin", "cellularity"):
        return (bands, 1.0) if sample.unit == "%" else refusal
    own = _find_scale(sample.unit, sample.analyte)
    if own is None:
        return refusal
    if not bands[0].unit:  # printed without a unit: only limits of this person
        return bands, 1.0
    scales = {unit: _find_scale(unit, sample.analyte) for unit in dict.fromkeys(band.unit for band in bands)}
    best = next((unit for unit, scale in scales.items() if scale == own), None)
    if best is not None:
        return [band for band in bands if band.unit == best], 1.0
    first, scale = next(iter(scales.items()))
    if scale is None or not sample.unit.casefold().startswith("mmol"):
        return refusal
    return [band for band in bands if band.unit == first], float(own / scale)


def _choose_group(bands: list[Band], sample: _Sample) -> tuple[list[Band], str]:
    """The bands of this person's age and sex, or what is missing to choose them."""
    mine: list[Band] = []
    missing = ""
    for band in bands:
        fits = [
            sample.age.within(band.from_days, band.to_days, "days"),
            sample.age.within(band.from_years, band.to_years, "years"),
        ]
        if False in fits:
            continue
        if None in fits:
            missing = "the age in days" if sample.age.years == 0 else "the age"
        elif band.sex and sample.sex is None:
            missing = "the sex"
        elif band.sex in ("", sample.sex):
            mine.append(band)
    return (mine, "") if mine else ([], missing)


def _limit(text: str, sample: _Sample, factor: float) -> float | None:
    """A limit of a band in the band's unit; None when this person's limit it rests on is missing."""
    word, plus, more = text.partition("+")
    lln, uln, baseline = (sample.limits[k] for k in ("LLN", "ULN", "baseline"))
    match word:
        case "LLN":
            base = lln
        case "ULN":
            base = uln
        case "baseline-or-ULN":  # above the baseline where that is above normal, else above the limit
            base = uln if uln is None or baseline is None else max(uln, baseline)
        case "ULN-and-baseline":
            base = None if uln is None else max(uln, baseline if baseline is not None else uln)
        case _:
            return float(word)
    if base is None:
        return None
    return _round(base * factor + (float(more) if plus else 0.0))


def _match(term: Term, bands: list[Band], sample: _Sample, factor: float) -> tuple[int | None, str]:
    name = f"{NAMES[term.criteria]} {term.name}"
    given = f"{sample.value:g} {sample.unit}"
    value = _round(sample.value * factor)
    lacking = ""
    ranges: list[tuple[float, float]] = []
    for band in sorted(bands, key=lambda b: -b.grade):
        lower = _limit(band.lower, sample, factor) if band.lower else -math.inf
        upper = _limit(band.upper, sample, factor) if band.upper else math.inf
        if lower is None or upper is None:
            lacking = "lower" if "LLN" in band.lower + band.upper else "upper"
            continue
        above = value > lower or (band.lower_inclusive and value == lower)
        if above and (value < upper or (band.upper_inclusive and value == upper)):
            return band.grade, f"{name}, grade {band.grade}: {band.text}"
        if lower < upper:  # a limit of normal under the fixed limit leaves grade 1 empty
            ranges.append((lower, upper))
    if lacking:
        fixed = f"no fixed limit of {NAMES[term.criteria]} grades {given}"
        return None, f"the {lacking} limit of normal is missing and {fixed}"
    if any(upper <= value for _, upper in ranges) and any(lower >= value for lower, _ in ranges):
        return None, f"{name}: {given} lies in a gap between two grades as printed"
    return 0, f"{name}: criterion not met"
