"""Names and codes of the blood count."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from leukon.counts.analytes import ANALYTES, find_analyte


@pytest.mark.parametrize(
    ("word", "analyte"),
    [("wbc", "wbc"), ("WBC count", "wbc"), ("Leukocytes", "wbc"), ("white cells", "wbc"),
     ("White blood cell count", "wbc"),
     ("ANC", "neutrophils"), ("absolute neutrophil count", "neutrophils"), ("Neutrophils, absolute", "neutrophils"),
     ("segs", "segs"), ("Segmented neutrophils", "segs"), ("bands", "bands"), ("band forms", "bands"),
     ("ALC", "lymphocytes"), ("lymphs", "lymphocytes"), ("monos", "monocytes"), ("eos", "eosinophils"),
     ("baso", "basophils"), ("immature granulocytes", "immature_granulocytes"), ("IG%", "immature_granulocytes"),
     ("blasts", "blasts"), ("Hb", "hemoglobin"), ("HGB", "hemoglobin"), ("haemoglobin", "hemoglobin"), ("MCV", "mcv"),
     ("PLT", "platelets"), ("platelet count", "platelets"), ("retics", "reticulocytes"),
     ("reticulocyte count", "reticulocytes"), ("immature_granulocytes", "immature_granulocytes")],
)  # fmt: skip
def test_names_that_people_and_laboratories_write(word: str, analyte: str) -> None:
    named = find_analyte(word)
    assert named is not None
    assert named.analyte.id == analyte


@pytest.mark.parametrize(
    ("word", "form"),
    [("neutrophils %", "percent"), ("NEUT%", "percent"), ("lymphocytes_pct", "percent"), ("neut#", "absolute"),
     ("ANC", "absolute"), ("neutrophils", "any"), ("neutrophils per 100 WBC", "percent"), ("LYMLE", "percent")],
)  # fmt: skip
def test_the_name_may_say_percentage_or_absolute(word: str, form: str) -> None:
    """ "Is 1.0 a percentage or a count?" is settled by the name where it says so."""
    named = find_analyte(word)
    assert named is not None
    assert named.form == form


@pytest.mark.parametrize(
    "word", ["ferritin", "rdw", "hematocrit", "mch", "", "wbc in urine x", "IG", "urine WBC", "x" * 5000]
)
def test_what_is_not_a_blood_count_is_not_one(word: str) -> None:
    assert find_analyte(word) is None


def test_loinc_codes_of_counts_and_percentages(shared: Path) -> None:
    """Each LOINC code listed for a count or a percentage is known as what it is."""
    concepts = {
        "WBC count": ("wbc", "absolute"), "neutrophil count": ("neutrophils", "absolute"),
        "neutrophil percent": ("neutrophils", "percent"), "lymphocyte count": ("lymphocytes", "absolute"),
        "lymphocyte percent": ("lymphocytes", "percent"), "monocyte percent": ("monocytes", "percent"),
        "eosinophil count": ("eosinophils", "absolute"), "basophil percent": ("basophils", "percent"),
        "bands percent": ("bands", "percent"), "blast percent": ("blasts", "percent"),
        "immature granulocyte count": ("immature_granulocytes", "absolute"),
        "reticulocyte percent": ("reticulocytes", "percent"), "hemoglobin": ("hemoglobin", "absolute"),
        "MCV": ("mcv", "absolute"),
    }  # fmt: skip
    checked = 0
    with (shared / "grading" / "codes.csv").open(encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            wanted = concepts.get(row["concept"])
            if row["system"] != "LOINC" or not wanted:
                continue
            named = find_analyte(f"LOINC:{row['code']}")
            assert named is not None, row["code"]
            segs = named.analyte.id.replace("segs", "neutrophils")
            assert (segs, named.form) == wanted, row["code"]
            checked += 1
    assert checked > 40


def test_plausible_ranges_hold_the_limits_that_laboratories_print() -> None:
    for analyte in ANALYTES.values():
        assert analyte.plausible[0] <= analyte.upper_band[0] <= analyte.upper_band[1] <= analyte.plausible[1]
