"""Values as people and analysers write them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leukon.counts.analytes import ANALYTES
from leukon.counts.values import Reading, Refusal, read_value


def read(analyte: str, text: str, *, bare_unit: bool = True) -> Reading | Refusal:
    return read_value(text, ANALYTES[analyte], bare_unit=bare_unit)


def number(analyte: str, text: str) -> float:
    reading = read(analyte, text)
    assert isinstance(reading, Reading), reading
    return reading.number


def reason(analyte: str, text: str, *, bare_unit: bool = True) -> str:
    refusal = read(analyte, text, bare_unit=bare_unit)
    assert isinstance(refusal, Refusal), refusal
    return refusal.reason


@pytest.mark.parametrize(
    ("text", "value"),
    [("3200 /uL", 3.2), ("4,710 /uL", 4.71), ("1.1 x 10^9/L", 1.1), ("2.1 K/uL", 2.1), ("0.4", 0.4), ("0 /uL", 0.0),
     ("3.2x10E3/uL", 3.2), ("2.5e3 /uL", 2.5), ("12 000 /uL", 12.0), ("3,2 G/l", 3.2), ("3200/mm3", 3.2),
     ("3.2 thousand per microliter", 3.2), ("3.2 10*3/uL", 3.2), (".4", 0.4), ("2.1 K/uL (L)", 2.1), ("3.2*", 3.2),
     ("~3.2", 3.2), ("5 109/L", 5.0), ("0.01 10*9/L", 0.01)],
)  # fmt: skip
def test_white_counts_as_written(text: str, value: float) -> None:
    assert number("wbc", text) == value


def test_a_share_is_a_percentage() -> None:
    reading = read("neutrophils", "9 %")
    assert isinstance(reading, Reading)
    assert reading.percent
    assert reading.number == 9


def test_a_range_of_shares_is_read_at_its_middle_and_says_so() -> None:
    reading = read("blasts", "1-2 percent")
    assert isinstance(reading, Reading)
    assert (reading.number, reading.percent, reading.remark) == (1.5, True, "midpoint of 1-2")


@pytest.mark.parametrize("text", ["<0.1", "< 0.1 10*9/L", "≤0.1", "<100 /uL", "less than 0.1", "under 0.1 K/uL"])
def test_a_count_under_the_detection_limit_is_a_bound(text: str) -> None:
    reading = read("wbc", text)
    assert isinstance(reading, Reading)
    assert (reading.number, reading.bound) == (0.1, "<")


def test_a_count_over_the_counter_is_a_bound() -> None:
    reading = read("platelets", "> 1000 10*9/L")
    assert isinstance(reading, Reading)
    assert reading.bound == ">"


def test_a_bare_number_is_in_the_default_unit_in_our_own_records_only() -> None:
    """In FHIR, HL7 and CSV a missing unit is "cannot say"."""
    assert number("hemoglobin", "13.4") == 13.4
    assert number("mcv", "92") == 92
    assert "unit is missing" in reason("wbc", "3.2", bare_unit=False)


def test_a_bare_reticulocyte_number_is_a_percentage() -> None:
    reading = read("reticulocytes", "0.5")
    assert isinstance(reading, Reading)
    assert reading.percent


@pytest.mark.parametrize(
    ("analyte", "text", "hint"),
    [("wbc", "2100", "did you mean 2100 /uL?"), ("neutrophils", "320", "did you mean 320 /uL?"),
     ("platelets", "50000", "did you mean 50000 /uL?"), ("hemoglobin", "134", "did you mean 134 g/L?"),
     ("reticulocytes", "45", "did you mean 45 10*9/L?")],
)  # fmt: skip
def test_a_bare_number_in_another_unit_is_refused_with_a_question(analyte: str, text: str, hint: str) -> None:
    assert hint in reason(analyte, text)


@pytest.mark.parametrize(
    "text", ["----", "***.**", "**.*", "TNP", "QNS", "clotted", "N/A", "pending", "", "  ", "-", "NaN", "not done"]
)
def test_blanks_of_analysers_and_laboratories_are_no_value(text: str) -> None:
    assert reason("wbc", text).startswith("no value")


@pytest.mark.parametrize("text", ["-3.2", "- 3.2 K/uL"])
def test_no_count_is_negative(text: str) -> None:
    assert "negative" in reason("wbc", text)


@pytest.mark.parametrize("text", ["1,726 x10^9/L", "9200 10*9/L"])
def test_nobody_has_a_white_count_over_1000(text: str) -> None:
    """9200 10*9/L is cells per microlitre under the wrong label."""
    assert "outside what a living person can have" in reason("wbc", text)


@pytest.mark.parametrize(
    ("analyte", "text"),
    [
        ("hemoglobin", "0 g/dL"),
        ("hemoglobin", "60 g/dL"),
        ("mcv", "9 fL"),
        ("neutrophils", "140 %"),
        ("platelets", "9 G/uL"),
    ],
)
def test_absurd_values_are_refused(analyte: str, text: str) -> None:
    assert isinstance(read(analyte, text), Refusal)


@pytest.mark.parametrize("text", ["4.2 mmol/L", "12 %", "3.2 bananas", "3.2 M/uL"])
def test_a_unit_that_is_not_of_the_analyte_is_refused_and_named(text: str) -> None:
    assert text.split(maxsplit=1)[1] in reason("wbc", text)


@pytest.mark.parametrize("text", ["low", "normal", "inf", "1e400", "3.2.1", "x" * 200, "5-3 %"])
def test_words_and_broken_numbers_are_refused(text: str) -> None:
    assert isinstance(read("wbc", text), Refusal)


@given(st.text(max_size=100), st.sampled_from(sorted(ANALYTES)), st.booleans())
def test_no_text_breaks_the_reading(text: str, analyte: str, bare_unit: bool) -> None:
    """Any text is a number in leukon's unit, or refused with a reason."""
    read_back = read_value(text.replace("/", ""), ANALYTES[analyte], bare_unit=bare_unit)
    if isinstance(read_back, Reading):
        assert read_back.number >= 0
    else:
        assert read_back.reason


def test_a_comma_after_a_zero_is_a_decimal_comma() -> None:
    """Neutrophils "0,310" are 0.31: read as thousands they would be 310."""
    read = read_value("0,310", ANALYTES["neutrophils"])
    assert isinstance(read, Reading)
    assert read.number == 0.31
