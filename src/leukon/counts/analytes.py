"""What is counted: the analytes of a blood count, their names and codes, units and what a living person can have."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from leukon.counts.units import Quantity

__all__ = ["ANALYTES", "DIFFERENTIAL", "FIVE_CELLS", "LOINC_CODES", "Analyte", "Named", "find_analyte"]

Form = Literal["any", "absolute", "percent"]

DIFFERENTIAL = (
    "neutrophils", "segs", "bands", "lymphocytes", "monocytes", "eosinophils", "basophils", "immature_granulocytes",
    "blasts",
)  # fmt: skip
FIVE_CELLS = ("neutrophils", "lymphocytes", "monocytes", "eosinophils", "basophils")


@dataclass(frozen=True, slots=True)
class Analyte:
    """One quantity of the blood count, in its own unit.

    `plausible` bounds what a living person can have; a bare number above `bare_max` was surely meant in another unit
    (2100 is cells per microlitre). `upper_band` bounds the upper reference limit that any laboratory prints: a
    printed limit outside it contradicts its unit. `percent_band` does the same for limits in percent.
    """

    id: str
    name: str
    quantity: Quantity
    plausible: tuple[float, float]
    bare_max: float
    meant: str  # the unit that a number above `bare_max` was probably meant in
    upper_band: tuple[float, float]
    percent_band: tuple[float, float] | None = None  # None: not reported in percent
    bare_percent: bool = False  # a bare number is a percentage


@dataclass(frozen=True, slots=True)
class Named:
    """An analyte, and whether its name or code says that the number is absolute or a percentage."""

    analyte: Analyte
    form: Form


def _cell(
    id: str, name: str, most: float, bare_max: float, upper: tuple[float, float], percent: tuple[float, float]
) -> Analyte:
    return Analyte(id, name, "count", (0.0, most), bare_max, "/uL", upper, percent)


ANALYTES: dict[str, Analyte] = {
    a.id: a
    for a in (
        Analyte("wbc", "white cells", "count", (0.0, 1000.0), 200.0, "/uL", (5.0, 60.0)),
        _cell("neutrophils", "neutrophils", 800.0, 100.0, (2.5, 40.0), (42.0, 100.0)),
        _cell("segs", "segmented neutrophils", 800.0, 100.0, (2.5, 40.0), (42.0, 100.0)),
        _cell("bands", "band neutrophils", 200.0, 100.0, (0.05, 20.0), (1.0, 40.0)),
        _cell("lymphocytes", "lymphocytes", 1000.0, 100.0, (2.0, 30.0), (32.0, 100.0)),
        _cell("monocytes", "monocytes", 300.0, 50.0, (0.3, 6.0), (6.1, 40.0)),
        _cell("eosinophils", "eosinophils", 300.0, 50.0, (0.2, 3.0), (3.1, 30.0)),
        _cell("basophils", "basophils", 200.0, 50.0, (0.05, 0.6), (0.61, 10.0)),
        _cell("immature_granulocytes", "immature granulocytes", 300.0, 50.0, (0.005, 3.0), (0.3, 20.0)),
        _cell("blasts", "blasts", 1000.0, 200.0, (0.0, 1.0), (0.0, 10.0)),
        Analyte("hemoglobin", "haemoglobin", "mass", (0.5, 27.0), 27.0, "g/L", (8.0, 27.0)),
        Analyte("mcv", "mean red cell volume", "volume", (35.0, 190.0), 190.0, "another unit", (75.0, 150.0)),
        Analyte("platelets", "platelets", "count", (0.0, 6000.0), 2900.0, "/uL", (200.0, 1500.0)),
        Analyte(
            "reticulocytes", "reticulocytes", "count", (0.0, 2000.0), 30.0, "10*9/L", (30.0, 700.0), (0.5, 15.0),
            bare_percent=True,
        ),
    )
}  # fmt: skip

_NAMES: dict[str, str] = {
    "wbc": "wbc, wbcs, wcc, tlc, twbc, leukocyte, leukocytes, leucocyte, leucocytes, white cell, white cells, "
    "white blood cell, white blood cells, total leukocytes, total leucocytes, total white cells, total wbc, "
    "total white blood cells, total leukocyte",
    "neutrophils": "neutrophil, neutrophils, neut, neuts, neu, ne, anc, pmn, pmns, poly, polys, "
    "polymorphs, polymorphonuclear cells, total neutrophils, absolute neutrophil, absolute neutrophils",
    "segs": "seg, segs, segmented, segmented neutrophil, segmented neutrophils, segmenteds, "
    "seg neutrophils, neutrophils segmented, neutrophil segs",
    "bands": "band, bands, stab, stabs, band form, band forms, band neutrophil, band neutrophils, neutrophils bands, "
    "neutrophils band, band cells, staff cells, neutrophil bands",
    "lymphocytes": "lymphocyte, lymphocytes, lymph, lymphs, lym, ly, alc, absolute lymphocyte, absolute lymphocytes, "
    "total lymphocytes",
    "monocytes": "monocyte, monocytes, mono, monos, mo, amc, absolute monocyte, absolute monocytes",
    "eosinophils": "eosinophil, eosinophils, eos, eosin, eo, aec, absolute eosinophil, absolute eosinophils",
    "basophils": "basophil, basophils, baso, basos, ba, abc, absolute basophil, absolute basophils",
    "immature_granulocytes": "immature granulocyte, immature granulocytes, ig, igs, immature grans, imm granulocytes",
    "blasts": "blast, blasts, blast cells, circulating blasts, peripheral blasts, myeloblasts, lymphoblasts",
    "hemoglobin": "hemoglobin, haemoglobin, hb, hgb",
    "mcv": "mcv, mean cell volume, mean corpuscular volume, mean red cell volume, mean erythrocyte volume",
    "platelets": "platelet, platelets, plat, plats, plt, plts, thrombocyte, thrombocytes",
    "reticulocytes": "reticulocyte, reticulocytes, retic, retics, absolute reticulocyte, absolute reticulocytes",
}

# names of shares in clinical trials (CDISC test codes)
_PERCENT_CODES = {
    "neutle": "neutrophils", "neutble": "bands", "neutsgle": "segs", "lymle": "lymphocytes", "monole": "monocytes",
    "eosle": "eosinophils", "basole": "basophils", "blastle": "blasts", "retirbc": "reticulocytes",
}  # fmt: skip

# an analyser's letters, which mean the count only with "%" or "#" behind them ("IG" alone is an immunoglobulin)
_LETTERS = frozenset(("ne", "ly", "mo", "eo", "ba", "ig", "igs"))

# LOINC codes: (absolute, percent)
_LOINC: dict[str, tuple[str, str]] = {
    "wbc": ("6690-2 26464-8 804-5 33256-9 49498-9", ""),
    "neutrophils": ("751-8 26499-4 753-4", "770-8 26511-6 23761-0 71676-1"),
    "segs": ("30451-9", "32200-8 769-0"),
    "bands": ("763-3 30229-9", "26508-2 764-1 35332-6"),
    "lymphocytes": ("731-0 26474-7 732-8 30364-4", "736-9 26478-8 737-7 30365-1"),
    "monocytes": ("742-7 26484-6 743-5", "5905-5 26485-3 744-3"),
    "eosinophils": ("711-2 26449-9 712-0", "713-8 26450-7 714-6"),
    "basophils": ("704-7 26444-0 705-4", "706-2 30180-4 707-0"),
    "immature_granulocytes": ("53115-2 51584-1", "71695-1 38518-7"),
    "blasts": ("30376-8", "26446-5"),
    "hemoglobin": ("718-7 20509-6 55782-7 30350-3", ""),
    "mcv": ("787-2 30428-7", ""),
    "platelets": ("777-3 26515-7 49497-1", ""),
    "reticulocytes": ("14196-0 60474-4 40665-2", "4679-7 17849-1"),
}

LOINC_CODES = tuple(code for codes in _LOINC.values() for form in codes for code in form.split())
"""Every LOINC code of a blood count that is understood."""

_PERCENT = re.compile(r"\s*(?:%|\bpercent(?:age)?\b|\bpct\b|\bper 100(?: wbc| leukocytes)?\b|/100(?: wbc)?)\s*")
_ABSOLUTE = re.compile(r"\s*(?:#|\babs(?:olute)?\b|\bnumber\b)\s*")
_NOISE = re.compile(r"\b(?:counts?|automated|auto|manual|blood|in|by|of|total|level|conc(?:entration)?)\b|[(),:\[\]]")


@lru_cache(maxsize=1)
def _index() -> dict[str, Named]:
    found: dict[str, Named] = {}
    for id, names in _NAMES.items():
        for name in names.split(", "):
            form: Form = "absolute" if name in ("anc", "alc", "amc", "aec", "abc") else "any"
            found[name] = Named(ANALYTES[id], form)
        found[id.replace("_", " ")] = Named(ANALYTES[id], "any")
    found |= {code: Named(ANALYTES[id], "percent") for code, id in _PERCENT_CODES.items()}
    for id, (absolute, percent) in _LOINC.items():
        for code in absolute.split():
            found[code] = found[f"loinc {code}"] = Named(ANALYTES[id], "absolute")
        for code in percent.split():
            found[code] = found[f"loinc {code}"] = Named(ANALYTES[id], "percent")
    return found


@lru_cache(maxsize=1024)
def find_analyte(word: str) -> Named | None:
    """The analyte that a name or LOINC code stands for, or None.

    >>> find_analyte("Hgb").analyte.id, find_analyte("LOINC:770-8").form, find_analyte("neut %").form
    ('hemoglobin', 'percent', 'percent')
    >>> find_analyte("ferritin") is None
    True
    """
    if len(word) > 120:
        return None
    index = _index()
    text = re.sub(r"[_\s:]+", " ", word.strip().lower())
    if text in index and text not in _LETTERS:
        return index[text]
    form: Form = "any"
    if _PERCENT.search(text):
        form, text = "percent", _PERCENT.sub(" ", text)
    elif _ABSOLUTE.search(text):
        form, text = "absolute", _ABSOLUTE.sub(" ", text)
    text = text.replace("-", " ").replace(".", " ")
    for plain in (text, _NOISE.sub(" ", text)):
        named = index.get(" ".join(plain.split()))
        if named and (form != "any" or " ".join(plain.split()) not in _LETTERS):
            return Named(named.analyte, form if form != "any" else named.form)
    return None
