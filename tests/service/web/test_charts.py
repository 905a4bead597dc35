"""Charts that can be touched: valid Vega-Lite with the values of the report, and colours that follow the page."""

from __future__ import annotations

import json
from typing import Any

import altair as alt

from leukon.assess import assess
from leukon.io import read_record
from leukon.service.web.charts import chart_forecast, chart_series

SERIES = """
counts:
- {day: 0, neutrophils: 4, limits: {neutrophils: [2.0, 7.0]}}
- {day: 9, neutrophils: 0}
- {day: 10, neutrophils: <0.1}
- {day: 20, neutrophils: 0.8}
"""


def draw(text: str) -> dict[str, dict[str, Any]]:
    return dict(chart_series(assess(read_record(text))))


def check(spec: dict[str, Any]) -> None:
    alt.Chart.from_dict(spec).to_dict()  # raises where it is no Vega-Lite
    text = json.dumps({k: v for k, v in spec.items() if k != "datasets"})
    assert '"#' not in text, "a colour of its own would stay light in the dark"


def test_a_series_shows_each_count_in_days_from_the_newest() -> None:
    spec = draw(SERIES)["neutrophils"]
    check(spec)
    points = spec["datasets"]["points"]
    assert [p["x"] for p in points] == [-20, -11, -10, 0]
    assert [p["mark"] for p in points] == ["normal", "floored", "floored", "low"]
    assert [p["count"] for p in points] == ["4", "0", "<0.1", "0.8"]


def test_limits_that_change_are_drawn_where_they_hold() -> None:
    first, rest = draw(SERIES)["neutrophils"]["datasets"]["bands"]
    assert (first["x"], first["to"], first["shown"]) == (-20, -15.5, 2.0)
    assert (rest["x"], rest["to"], rest["shown"]) == (-15.5, 0, 1.5)


def test_one_count_has_no_course_to_touch() -> None:
    assert draw("counts: [{wbc: 2}]") == {}


def test_counts_without_days_stand_in_the_order_of_the_record() -> None:
    spec = draw("counts: [{wbc: 5}, {wbc: 2}]")["wbc"]
    assert [p["x"] for p in spec["datasets"]["points"]] == [1, 2]
    assert "in the order of the record" in json.dumps(spec)


def test_one_chart_does_not_change_another_of_its_kind() -> None:
    before = json.dumps(draw(SERIES))
    draw("counts: [{day: 0, neutrophils: 9}, {day: 1, neutrophils: 8}]")
    assert json.dumps(draw(SERIES)) == before


def test_a_forecast_has_its_band_and_the_counts_before_it() -> None:
    days = [{"day": float(d), "median": 0.5 + d, "p05": 0.0, "p95": 2.0 + d} for d in range(4)]
    counted = assess(read_record("counts: [{day: -40, wbc: 4}, {day: -5, wbc: 3}, {day: 0, wbc: 2}]")).counts
    alone = chart_forecast(days, counted=counted)
    check(alone)
    assert [p["day"] for p in alone["datasets"]["past"]] == [-5, 0]
    assert min(p["p05"] for p in alone["datasets"]["course"]) > 0, "0 has no place on a logarithmic scale"
    pair = chart_forecast(days, without=days)
    check(pair)
    assert len(pair["layer"]) == len(alone["layer"]) + 1  # dashed line and band more, no counts
