"""The worst neutrophil count that a record allows."""

from __future__ import annotations

import pytest

from leukon.severity.worst import bound_anc


def test_a_measured_neutrophil_count_is_taken_as_it_is(someone) -> None:
    worst = bound_anc(someone([{"wbc": 3.2, "neutrophils": "9 %"}]).judged)
    assert worst.at_most == pytest.approx(0.288) and worst.measured


def test_white_cells_alone_bound_the_neutrophils(someone) -> None:
    worst = bound_anc(someone([{"wbc": 0.6}]).judged)
    assert worst.at_most == 0.6 and not worst.measured


def test_every_other_cell_counted_lowers_the_bound(someone) -> None:
    worst = bound_anc(someone([{"wbc": 2.0, "lymphocytes": 1.2, "monocytes": 0.3, "blasts": 0.1}]).judged)
    assert worst.at_most == pytest.approx(0.4)
    assert worst.because == (
        "neutrophils at most 0.4: white cells 2 less lymphocytes 1.2 less monocytes 0.3 less blasts 0.1"
    )


def test_the_bound_never_falls_under_zero(someone) -> None:
    assert bound_anc(someone([{"wbc": 1.0, "lymphocytes": 1.1}]).judged).at_most == 0.0


def test_neutrophils_above_the_white_cells_are_bounded_by_them(someone) -> None:
    assert bound_anc(someone([{"wbc": 0.8, "neutrophils": 1.9}]).judged).at_most == 0.8


def test_a_count_under_the_detection_limit_is_at_most_that_limit(someone) -> None:
    worst = bound_anc(someone([{"wbc": 0.9, "neutrophils": "<0.1"}]).judged)
    assert worst.at_most == 0.1 and worst.because == "neutrophils < 0.1"


def test_zero_is_a_count(someone) -> None:
    assert bound_anc(someone([{"neutrophils": 0}]).judged).at_most == 0.0


def test_no_count_is_unknown_and_not_zero(someone) -> None:
    for counts in ([], [{"hemoglobin": 9.0}], [{"neutrophils": "9 %"}]):
        worst = bound_anc(someone(counts).judged)
        assert worst.at_most is None and not worst.measured


def test_a_differential_of_this_week_counts_where_the_newest_draw_has_none(someone) -> None:
    week = [{"day": 0, "wbc": 1.5, "neutrophils": 0.2}, {"day": 3, "wbc": 1.9}]
    assert bound_anc(someone(week).judged).at_most == 0.2
    month = [{"day": 0, "wbc": 1.5, "neutrophils": 0.2}, {"day": 30, "wbc": 1.9}]
    assert bound_anc(someone(month).judged).at_most == 1.9


def test_a_newer_neutrophil_count_replaces_the_older_one(someone) -> None:
    series = [{"day": 0, "neutrophils": 0.2}, {"day": 3, "neutrophils": 1.9}]
    assert bound_anc(someone(series).judged).at_most == 1.9
