"""The differential made absolute."""

from __future__ import annotations

import pytest

from leukon.counts import Counts, read_counts
from tests.strategies import make_draw, make_patient


def read(**values: str) -> Counts:
    return read_counts(make_patient(make_draw(values)))


def value(counts: Counts, analyte: str) -> float | None:
    newest = counts.newest(analyte)
    return None if newest is None else newest.value


def test_a_percentage_becomes_absolute_with_the_white_count() -> None:
    counts = read(wbc="3200 /uL", neutrophils="9 %", lymphocytes="79 %")
    assert value(counts, "neutrophils") == 0.288
    assert value(counts, "lymphocytes") == 2.528
    row = counts.newest("neutrophils")
    assert row is not None
    assert (row.as_given, row.derived, row.unit) == ("9 %", "WBC × 9 %", "10*9/L")


def test_bands_are_added_to_a_percentage_of_neutrophils_up_to_105() -> None:
    """ANC = WBC x (segs + bands)."""
    counts = read(wbc="3.2", neutrophils="9 %", lymphocytes="79 %", bands="2 %")
    assert value(counts, "neutrophils") == 0.352
    assert value(counts, "bands") == 0.064


def test_at_exactly_105_percent_the_bands_are_still_added() -> None:
    counts = read(wbc="10", neutrophils="60 %", lymphocytes="35 %", bands="10 %")
    assert value(counts, "neutrophils") == 7.0


def test_bands_were_counted_in_where_adding_them_exceeds_105_percent() -> None:
    counts = read(wbc="10", neutrophils="70 %", lymphocytes="20 %", monocytes="8 %", bands="10 %")
    assert value(counts, "neutrophils") == 7.0


def test_an_absolute_neutrophil_count_already_holds_the_bands() -> None:
    counts = read(wbc="3.2", neutrophils="0.29", bands="2 %")
    assert value(counts, "neutrophils") == 0.29


def test_segmented_neutrophils_always_have_the_bands_added() -> None:
    assert value(read(wbc="2", segs="0.3", bands="0.1"), "neutrophils") == 0.4
    assert value(read(wbc="10", segs="70 %", bands="10 %", lymphocytes="20 %"), "neutrophils") == 8.0


def test_segmented_neutrophils_beside_a_total_do_not_count_twice() -> None:
    counts = read(wbc="10", neutrophils="60 %", segs="50 %", lymphocytes="30 %")
    assert value(counts, "neutrophils") == 6.0


def test_a_differential_over_105_percent_is_kept_apart() -> None:
    counts = read(wbc="10", neutrophils="70 %", lymphocytes="50 %")
    assert value(counts, "neutrophils") is None
    assert {n.item for n in counts.not_used} == {"70 %", "50 %"}
    assert "120 %" in counts.notes[0]


def test_five_cells_that_leave_a_tenth_unaccounted_are_kept_apart() -> None:
    counts = read(wbc="10", neutrophils="50 %", lymphocytes="20 %", monocytes="5 %", eosinophils="1 %", basophils="1 %")
    assert [v.analyte for v in counts.values] == ["wbc"]
    assert "77 %" in counts.not_used[0].reason


def test_an_incomplete_differential_may_add_up_to_less() -> None:
    assert value(read(wbc="3000 /uL", neutrophils="30 %", lymphocytes="40 %"), "neutrophils") == 0.9


def test_a_percentage_that_contradicts_the_absolute_value_is_reported() -> None:
    counts = read(wbc="2.5", anc="1.2", neutrophils="9 %")
    assert value(counts, "neutrophils") == 1.2
    assert any("9 % of WBC is 0.225" in note for note in counts.notes)
    assert not counts.not_used


def test_a_percentage_that_agrees_within_rounding_says_nothing() -> None:
    assert not read(wbc="2.5", anc="1.2", neutrophils="48 %").notes


def test_a_part_larger_than_the_whole_is_kept_apart_and_the_lower_count_stays() -> None:
    """79 without a unit beside WBC 3.2 was a percentage: it is asked, not guessed."""
    counts = read(wbc="3.2", neutrophils="79", lymphocytes="0.4")
    assert value(counts, "neutrophils") is None
    assert value(counts, "wbc") == 3.2
    assert "was 79 a percentage?" in counts.not_used[0].reason


def test_without_a_white_count_a_percentage_stays_one() -> None:
    counts = read(neutrophils="9 %", bands="2 %")
    assert not counts.values
    assert [(p.analyte, p.value, p.unit) for p in counts.percentages] == [
        ("neutrophils", 11.0, "%"),
        ("bands", 2.0, "%"),
    ]


def test_a_share_of_a_count_under_the_detection_limit_is_under_it_too() -> None:
    row = read(wbc="<0.1", neutrophils="10 %").newest("neutrophils")
    assert row is not None
    assert (row.value, row.censored) == (0.01, "<")


def test_no_neutrophils_is_a_count_of_zero() -> None:
    assert value(read(wbc="0.4", neutrophils="0 %"), "neutrophils") == 0
    assert value(read(wbc="0", neutrophils="0 %"), "neutrophils") == 0


def test_reticulocytes_in_percent_are_not_a_share_of_white_cells() -> None:
    counts = read(wbc="2", neutrophils="80 %", lymphocytes="20 %", reticulocytes="5 %")
    row = counts.newest("reticulocytes")
    assert row is not None
    assert (row.value, row.unit) == (5.0, "%")
    assert value(counts, "neutrophils") == 1.6


@pytest.mark.parametrize(("blasts", "expected"), [("1-2 percent", 0.03), ("20 %", 0.4)])
def test_blasts_become_absolute(blasts: str, expected: float) -> None:
    assert value(read(wbc="2", blasts=blasts), "blasts") == expected
