"""The charts say what the counts say, in words too, and 0 has its place on them."""

from __future__ import annotations

from leukon.assess import assess
from leukon.io import read_record
from leukon.report.chart import draw_counts


def draw(text: str) -> str:
    return draw_counts(assess(read_record(text)))


def test_one_chart_for_each_count_with_a_title_and_a_description() -> None:
    svg = draw("counts: [{wbc: 2.0, neutrophils: 0.9, hemoglobin: 12, platelets: 200}]")
    assert svg.count("<svg") == svg.count("<title") == svg.count("<desc") == 4
    assert "neutrophils 0.9 is low; limits 1.5" in svg


def test_zero_and_censored_counts_stand_as_open_triangles_on_the_floor() -> None:
    days = "{day: 0, neutrophils: 2}, {day: 5, neutrophils: <0.1}, {day: 6, neutrophils: 0}, {day: 9, neutrophils: 1}"
    svg = draw(f"counts: [{days}]")
    assert svg.count("<polygon") == 2
    assert svg.count("<circle") + svg.count('class="mark under"') == 2
    assert draw("counts: [{neutrophils: 0}]").count("<polygon") == 1


def test_counts_without_a_day_are_drawn_in_the_order_of_the_record() -> None:
    assert "first in the record" in draw("counts: [{wbc: 3}, {wbc: 2}]")


def test_no_count_draws_nothing() -> None:
    assert draw("findings: [fever]") == ""
