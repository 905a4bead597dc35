"""The words and numbers that the sections of the page share."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from leukon.report.html_parts import esc

__all__ = [
    "ANALYTES",
    "CRITERIA_NAMES",
    "count_of",
    "name_family",
    "name_limit",
    "num",
    "percent",
    "say_quartiles",
    "show_year",
]

ANALYTES = {
    "wbc": "White cells",
    "neutrophils": "Neutrophils",
    "lymphocytes": "Lymphocytes",
    "hemoglobin": "Haemoglobin",
    "platelets": "Platelets",
}
CRITERIA_NAMES = {"ctcae_4_03": "CTCAE 4.03", "ctcae_5": "CTCAE 5", "ctcae_6": "CTCAE 6", "daids_2_1": "DAIDS 2.1"}
_FAMILIES = {
    "no_leukopenia": "this person's normal",
    "drug_induced_nonchemo": "a drug other than chemotherapy",
    "hiv": "HIV",
    "b12_deficiency": "vitamin B12 deficiency",
    "malnutrition_alcohol": "malnutrition, alcohol",
    "hypersplenism_liver": "large spleen, liver disease",
    "autoimmune_sle": "lupus",
    "rheumatoid_felty": "rheumatoid arthritis, Felty",
    "pnh": "paroxysmal nocturnal haemoglobinuria",
    "aplastic_anemia": "aplastic anaemia",
    "acute_leukemia": "acute leukaemia",
    "hairy_cell": "hairy cell leukaemia",
    "lgl_leukemia": "large granular lymphocyte leukaemia",
    "lymphoma_marrow_infiltration": "lymphoma, infiltrated marrow",
    "mds": "myelodysplastic syndrome",
    "whim_myelokathexis": "WHIM, myelokathexis",
    "duffy_null_benign": "Duffy-null",
    "pseudoleukopenia_artifact": "false count",
    "hlh": "haemophagocytic lymphohistiocytosis",
}


def name_family(family: str) -> str:
    return _FAMILIES.get(family, family.replace("_", " "))


def count_of(n: int, one: str, many: str) -> str:
    """
    >>> count_of(1, "person", "people")
    '1 person'
    """
    return f"{n:,} {one if n == 1 else many}"


def name_limit(analyte: str, threshold: float | None) -> str:
    """E.g. "Neutrophils under 1.5", in 10*9/L, which the page says once; None: the limit of the person."""
    name = ANALYTES.get(analyte, analyte)
    return f"{name} low for the person" if threshold is None else f"{name} under {threshold:.1f}"


def percent(share: float, digits: int = 1) -> str:
    """A share in percent; never 0 for what is not 0.

    >>> percent(0.0716), percent(0.0002), percent(0.0)
    ('7.2 %', '<0.1 %', '0 %')
    """
    least = 10.0**-digits
    if share == 0:
        return "0 %"
    return f"<{least:g} %" if 100 * share < least / 2 else f"{100 * share:.{digits}f} %"


def show_year(day: float) -> str:
    """The year of a day since 1970-01-01: dates that are finer may tell who somebody is."""
    return str((date(1970, 1, 1) + timedelta(days=day)).year)


def num(text: str) -> str:
    """A cell of a table that holds a number."""
    return f'<span class="num">{esc(text)}</span>'


def say_quartiles(values: Sequence[float] | None, digits: int) -> str:
    """The middle and, in brackets, the half of all around it; so many decimals under ten, none above.

    >>> say_quartiles((4.02, 10.3, 20.6), 1)
    '10 (4.0 to 21)'
    """
    if values is None:
        return "–"
    low, middle, high = (f"{v:.{digits}f}" if v < 10 else f"{v:.0f}" for v in values)
    return f"{middle} ({low} to {high})"
