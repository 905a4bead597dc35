"""Pasted laboratory lines: what people copy out of other systems."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leukon.service.web.lines import Pasted, read_lines
from leukon.service.web.moments import LineError


def values(text: str) -> dict[str, str]:
    (row,) = read_lines(text).rows
    return row.values


@pytest.mark.parametrize(
    ("line", "read"),
    [
        ("WBC 2.1 K/uL, ANC 0.4, Hb 10.2 g/dL, plt 88",
         {"wbc": "2.1 K/uL", "neutrophils": "0.4", "hemoglobin": "10.2 g/dL", "platelets": "88"}),
        ("WBC 2.1 ANC 0.4 Hb 10.2 plt 88",
         {"wbc": "2.1", "neutrophils": "0.4", "hemoglobin": "10.2", "platelets": "88"}),
        ("WBC: 2,1 G/l; Hb: 10,2 g/dl", {"wbc": "2,1 G/l", "hemoglobin": "10,2 g/dl"}),
        ("Leukocytes 4,710 /uL, Platelets 88,000 /uL", {"wbc": "4,710 /uL", "platelets": "88,000 /uL"}),
        ("Neut % 9\nNeut # 0.19", {"neutrophils %": "9 %", "neutrophils": "0.19"}),
        ("ANC <0.1", {"neutrophils": "<0.1"}),
        ("ANC < 0.1", {"neutrophils": "< 0.1"}),
        ("WBC (10*3/uL): 2.1", {"wbc": "2.1 10*3/uL"}),
        ("Neutrophils, absolute 0.4", {"neutrophils": "0.4"}),
        ("Absolute Neutrophil Count 400 cells/mcL", {"neutrophils": "400 cells/mcL"}),
        ("Hgb\t10.2\tg/dL\tL", {"hemoglobin": "10.2 g/dL L"}),
    ],
)  # fmt: skip
def test_lines_of_many_systems(line: str, read: dict[str, str]) -> None:
    assert values(line) == read


def test_printed_limits_stand_beside_their_count_and_lend_it_their_unit() -> None:
    pasted = read_lines("WBC 2.1 L (4.0-11.0) x10^9/L\nHGB\t10.2\tg/dL\t12.0-16.0\tL\nplt 88000 (150000-450000 /uL)")
    (row,) = pasted.rows
    assert row.values == {"wbc": "2.1 x10^9/L", "hemoglobin": "10.2 g/dL L", "platelets": "88000 /uL"}
    assert row.limits == {"wbc": "4.0-11.0", "hemoglobin": "12.0-16.0", "platelets": "150000-450000"}


def test_each_date_or_day_is_a_draw_of_its_own() -> None:
    pasted = read_lines("2026-03-01: WBC 2.1\n1 Feb 2026 WBC 6.1\n25/12/2025 WBC 6.0\nday -400: WBC 7")
    assert [r.when for r in pasted.rows] == ["2026-03-01", "2026-02-01", "2025-12-25", "-400"]
    assert [r.when for r in read_lines("3 weeks ago: WBC 5\nWBC 2").rows] == ["3 weeks ago", None]


def test_a_date_alone_stands_over_the_lines_that_follow() -> None:
    (row,) = read_lines("Collected 2026-03-01 08:00\nWBC 2.1\nANC 0.4").rows
    assert (row.when, row.values) == ("2026-03-01T08:00", {"wbc": "2.1", "neutrophils": "0.4"})


def test_a_date_in_a_line_of_its_own_counts_does_not_date_the_next_line() -> None:
    """Taken for an old count, a new one would be missed."""
    rows = read_lines("2026-02-01 WBC 6.1\nANC 0.4").rows
    assert [(r.when, r.values) for r in rows] == [("2026-02-01", {"wbc": "6.1"}), (None, {"neutrophils": "0.4"})]


def test_what_is_not_understood_is_handed_back() -> None:
    pasted = read_lines("WBC fell from 4.5 to 2.1, ANC 0.4, seen by the night team\nRDW-SD pending")
    assert pasted.rows[0].values == {"neutrophils": "0.4"}
    assert [n.item for n in pasted.left] == ["WBC fell from 4.5 to 2.1", "seen by the night team", "RDW-SD pending"]


def test_a_known_test_among_the_counts_becomes_a_test() -> None:
    assert read_lines("WBC 2.1, CRP 186 mg/L").tests == ({"name": "CRP", "result": "186 mg/L"},)


@pytest.mark.parametrize("line", ["WBC 2.1 mg/dL", "WBC 2.1 -> 0.9", "WBC 2.1 0.9", "WBC 4.2 thousand"])
def test_an_unknown_unit_or_a_second_number_is_kept_so_that_the_value_is_refused(line: str) -> None:
    """Without its unit or its second number the first number would be read as something it is not."""
    assert values(line)["wbc"] == line.removeprefix("WBC ")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("03/04/2026 WBC 2.1", "can be 2026-04-03 or 2026-03-04"),
        ("03/04/26 WBC 2.1", "without its century"),
        ("31.02.2026 WBC 2.1", "not a date"),
        ("2026-03-01 WBC 2.1, 2026-02-01 WBC 6", "two dates in one line"),
        ("WBC 2.1\nWBC 3", "pasted line 2: white cells 2.1 and 3 without a date"),
        ("hello", "no count that leukon can read"),
        ("x" * 20_001, "drop it as a file"),
    ],
)
def test_a_line_that_cannot_be_used_is_one_line(text: str, says: str) -> None:
    with pytest.raises(LineError, match=says) as caught:
        read_lines(text)
    assert "\n" not in str(caught.value)


@given(st.text(max_size=200))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        assert isinstance(read_lines(text), Pasted)
    except LineError as error:
        assert str(error)


@given(st.floats(0.01, 50).map(lambda v: f"{v:.2f}"), st.sampled_from(["", " K/uL", " 10*9/L", " G/L"]))
def test_a_count_is_kept_as_it_was_typed(number: str, unit: str) -> None:
    assert values(f"Hb 9.1 g/dL, WBC {number}{unit}, plt 40")["wbc"] == number + unit
