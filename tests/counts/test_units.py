"""A count means the same whatever unit the laboratory prints."""

from __future__ import annotations

import csv
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leukon.counts.units import find_factor, to_float
from tests.strategies import COUNT_UNITS, counts_e9_l, unit_strings

THOUSANDTH = Fraction(1, 1000)


@pytest.mark.parametrize(
    "unit",
    ["10*3/uL", "10^9/L", "K/uL", "G/L", "thou/cumm", "x10E3/uL", "Thousand/uL", "giga.l-1", "10(3)/mcL", "x10^9/L",
     "×10⁹/L", "10⁹/L", "10³/µL", "thousand/mm3", "Gpt/L", "GI/L", "THOU/uL", "nL-1", "/nL", "k/ul", "Giga/L",
     "thou/mm3", "10*9.{cells}/L", "10*6/mL", "10**9/L", "x 10^3/uL", "x109/L", "10*3/mm3", "10*9.L-1", "10e9/L",
     "billion/L", "10*3 cells/uL"],
)  # fmt: skip
def test_units_that_mean_ten_to_the_nine_per_litre(unit: str) -> None:
    """Thousand per microlitre, giga per litre and 10*9/L are one unit."""
    assert find_factor(unit, "count") == 1


@pytest.mark.parametrize(
    "unit",
    ["/uL", "/mm3", "cells/mcL", "/µL", "/μL", "per mm3", "cells/mm3", "/cumm", "10*6/L", "Mpt/L", "#/uL", "MM3",
     "{cells}/uL", "1/uL", "10^3/mL", "cells per microliter", "/cu mm", "/mm^3", "WBC/uL"],
)  # fmt: skip
def test_units_that_mean_cells_per_microlitre(unit: str) -> None:
    assert find_factor(unit, "count") == THOUSANDTH


@pytest.mark.parametrize(
    "unit", ["mmol/L", "g/dL", "%", "foo", "", "m/uL", "M/uL", "/", "L", "[iU]/L", "mg/L", "K", "G"]
)
def test_a_unit_that_is_not_one_of_a_cell_count_cannot_be_said(unit: str) -> None:
    """Unknown is an answer: M/uL may be thousand (Roman) or million, mmol/L is no count."""
    assert find_factor(unit, "count") is None


def test_k_is_not_kelvin_and_g_is_not_gauss() -> None:
    """A UCUM parser reads K/uL as kelvin and G/L as gauss; here they are thousand and giga."""
    assert find_factor("K/uL", "count") == find_factor("G/L", "count") == 1
    assert find_factor("K.m", "count") is None


@pytest.mark.parametrize(
    ("unit", "factor"),
    [("10*12/kL", 1), ("10*12/L", 1000), ("10*9.m-3", THOUSANDTH), ("10*5/mL", Fraction(1, 10))],
)
def test_ucum_reads_what_the_table_does_not(unit: str, factor: Fraction) -> None:
    """Rare but right UCUM strings are understood, and their dimension is checked."""
    assert find_factor(unit, "count") == factor


@pytest.mark.parametrize(
    ("unit", "factor"),
    [("g/dL", 1), ("gm/dL", 1), ("g/dl", 1), ("g%", 1), ("g/L", Fraction(1, 10)), ("G/L", Fraction(1, 10)),
     ("mmol/L", Fraction(16114, 10000)), ("kg/m3", Fraction(1, 10))],
)  # fmt: skip
def test_haemoglobin_units(unit: str, factor: Fraction) -> None:
    """G/L beside haemoglobin is gram, not giga; mmol/L is of one chain."""
    assert find_factor(unit, "mass") == factor


def test_10_g_dl_of_haemoglobin_is_6_206_mmol_l() -> None:
    """CTCAE prints 10.0 g/dL as 6.2 mmol/L."""
    factor = find_factor("mmol/L", "mass")
    assert factor is not None
    assert float(10 / factor) == pytest.approx(6.206, abs=0.0005)


@pytest.mark.parametrize("unit", ["fL", "fl", "um3", "µm³", "cubic microns"])
def test_red_cell_volume_units(unit: str) -> None:
    assert find_factor(unit, "volume") == 1


@pytest.mark.parametrize(
    ("unit", "factor"), [("%", 1), ("percent", 1), ("/100 WBC", 1), ("per 100 WBC", 1), ("fraction", 100)]
)
def test_shares(unit: str, factor: int) -> None:
    assert find_factor(unit, "percent") == factor


@given(value=counts_e9_l(), unit=unit_strings())
def test_conversion_is_exact(value: Decimal, unit: str) -> None:
    """1499 /uL is 1.499 and stays under a limit of 1.5: no rounding of floats moves a grade."""
    factor = find_factor(unit, "count")
    assert factor is not None
    printed = value.scaleb(COUNT_UNITS[unit])
    assert to_float(Fraction(printed) * factor) == float(value)


@given(st.text(max_size=60))
def test_no_text_breaks_the_reading_of_units(text: str) -> None:
    for quantity in ("mass", "volume", "percent"):
        factor = find_factor(text.replace("/", "").replace(".", "").replace("-", ""), quantity)
        assert factor is None or factor > 0


def test_every_unit_of_the_grading_cases_is_read(shared: Path) -> None:
    """The units in which clinical trials report counts are all understood."""
    with (shared / "grading" / "cases.csv").open(encoding="utf-8") as lines:
        rows = [r for r in csv.DictReader(lines) if r["analyte"] in ("WBC", "ANC", "ALC", "PLT") and r["unit"]]
    assert len(rows) > 300
    assert {r["unit"] for r in rows if find_factor(r["unit"], "count") is None} == set()


def test_billions_a_litre_are_written_with_a_b() -> None:
    assert find_factor("B/L", "count") == 1
    assert find_factor("B/dL", "count") is None
