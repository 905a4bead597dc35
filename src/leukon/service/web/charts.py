"""Interactive charts as Vega-Lite: a series against this person's limits, a forecast with its band.

They show what the drawn SVG and the tables show; where scripts are off those stand alone. Colours are the names of the
page's own, so that a chart follows it into the dark and onto paper. Altair makes each kind of chart once; a chart is
then that kind with its own data.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any

from leukon.answer import CountRow, Report
from leukon.report.chart import DRAWN, find_range, is_floored
from leukon.report.words import show_day, show_limits, show_number, show_value

__all__ = ["chart_forecast", "chart_series"]

Spec = dict[str, Any]

_HEIGHT = 180
_SHAPES = {"low": "square", "floored": "triangle-down", "normal": "circle", "high": "circle", "cannot say": "circle"}
_FILLS = {"low": "var(--low)", "floored": "transparent"} | dict.fromkeys(("normal", "high", "cannot say"), "var(--bar)")
_EDGES = _FILLS | {"floored": "var(--low)"}
_LIFT = 1.15  # how far above the floor of the axis a count of 0 stands
_LIMITS = (0.5, 1.0, 1.5)
_LEAST = 0.01
_BEFORE_DAYS = 28.0  # of earlier counts beside a forecast


def chart_series(report: Report) -> Iterator[tuple[str, Spec]]:
    """Each analyte with more than one count, and its chart."""
    for analyte in DRAWN:
        rows = [r for r in report.counts if r.analyte == analyte]
        if len(rows) > 1:
            yield analyte, _chart(rows)


def _chart(rows: Sequence[CountRow]) -> Spec:
    low, high = find_range(rows)
    places, title = _place(rows)
    ends = [places[0], *((a + b) / 2 for a, b in itertools.pairwise(places)), places[-1]]
    bands: list[dict[str, float]] = []
    for row, start, end in zip(rows, ends, ends[1:], strict=False):
        if row.limit is None:
            continue
        lower, upper = row.limit.lower or low, row.limit.upper or high
        if bands and bands[-1] == bands[-1] | {"to": start, "shown": lower, "upper": upper}:
            bands[-1]["to"] = end  # the same limits go on
        else:
            bands.append({"x": start, "to": end, "shown": lower, "upper": upper})
    points = [_point(row, x, low) for row, x in zip(rows, places, strict=True)]
    known = [band for band in bands if band["shown"] > low]  # a lower limit that is one
    return _fill(_kind_series(title), {"points": points, "bands": bands, "lower": known})


def _fill(kind: Spec, data: Mapping[str, Sequence[Mapping[str, Any]]]) -> Spec:
    """A kind of chart with its data; what has none is left out."""
    layers = [layer for layer in kind["layer"] if data[layer["data"]["name"]]]
    return kind | {"layer": layers, "datasets": data}


def _place(rows: Sequence[CountRow]) -> tuple[list[float], str]:
    """Where the counts stand in time, in days from the newest; without days in the order of the record."""
    days = [r.day for r in rows]
    known = [d for d in days if d is not None]
    if len(known) == len(rows) and len(set(known)) > 1:
        return [round(d - known[-1], 3) for d in known], "days before the newest count"
    return [float(n) for n in range(1, len(rows) + 1)], "in the order of the record"


def _point(row: CountRow, x: float, low: float) -> dict[str, Any]:
    return {
        "x": x,
        "shown": low * _LIFT if is_floored(row) else row.value,
        "mark": "floored" if is_floored(row) else row.status,
        "when": show_day(row.day, row.time),
        "count": show_value(row),
        "is": row.status,
        "limits": show_limits(row.limit),
        "as given": row.as_given,
    }


@cache
def _kind_series(title: str) -> Spec:
    """Low counts are squares, those without a place on the scale open triangles; each says its words."""
    import altair as alt

    x = alt.X("x:Q", title=title, scale=alt.Scale(nice=False, padding=12), axis=alt.Axis(tickCount=5, grid=False))
    y = alt.Y(
        "shown:Q",
        title=None,
        scale=alt.Scale(type="log", nice=False, padding=6),
        axis=alt.Axis(tickCount=5, grid=False),
    )
    points, bands, lower = (
        alt.Chart(alt.NamedData(name=name)).encode(x=x, y=y) for name in ("points", "bands", "lower")
    )

    def scale(looks: Mapping[str, str]) -> Any:
        return alt.Scale(domain=list(looks), range=list(looks.values()))

    said = [f"{name}:N" for name in ("when", "count", "is", "limits", "as given")]
    return _finish(
        bands.mark_rect(fill="var(--band)").encode(x2="to:Q", y2="upper:Q"),
        lower.mark_rule(stroke="var(--soft)", strokeDash=[4, 3]).encode(x2="to:Q"),
        points.mark_line(stroke="var(--bar)", strokeWidth=1.5),
        points.mark_point(size=70, opacity=1, strokeWidth=2).encode(
            shape=alt.Shape("mark:N", scale=scale(_SHAPES), legend=None),
            fill=alt.Fill("mark:N", scale=scale(_FILLS), legend=None),
            stroke=alt.Stroke("mark:N", scale=scale(_EDGES), legend=None),
        ),
        points.mark_point(size=700, opacity=0, filled=True).encode(tooltip=said),
    )


def chart_forecast(
    series: Sequence[Mapping[str, float]],
    *,
    without: Sequence[Mapping[str, float]] = (),
    counted: Sequence[CountRow] = (),
) -> Spec:
    """A course with its band: rows of day, median, p05 and p95. `without` is the course left alone, dashed."""
    start = series[0]["day"]
    past = [
        {"day": round(r.day - start, 2), "median": max(r.value, _LEAST), "count": show_value(r),
         "when": show_day(r.day, r.time)}
        for r in counted
        if r.day is not None and start - _BEFORE_DAYS <= r.day <= start
    ]  # fmt: skip
    data = {
        "course": [_course_row(row, start) for row in series],
        "without": [_course_row(row, start) for row in without],
        "past": past,
        "limits": [{"median": v, "said": f"{v:g}"} for v in _LIMITS],
    }
    return _fill(_kind_forecast(), data)


def _course_row(row: Mapping[str, float], start: float) -> dict[str, Any]:
    return {
        "day": round(row["day"] - start, 2),
        **{key: max(row[key], _LEAST) for key in ("median", "p05", "p95")},
        "shown": show_number(row["median"]),
        "between": f"{show_number(row['p05'])} and {show_number(row['p95'])}",
    }


@cache
def _kind_forecast() -> Spec:
    import altair as alt

    x = alt.X(
        "day:Q",
        title="days after the newest count",
        scale=alt.Scale(nice=False, padding=8),
        axis=alt.Axis(tickCount=7, grid=False),
    )
    y = alt.Y(
        "median:Q",
        title=None,
        scale=alt.Scale(type="log", nice=False, padding=6),
        axis=alt.Axis(tickCount=5, grid=False),
    )
    course, without, past = (
        alt.Chart(alt.NamedData(name=name)).encode(x=x, y=y) for name in ("course", "without", "past")
    )
    limits = alt.Chart(alt.NamedData(name="limits")).encode(y=y)
    said = [alt.Tooltip("day:Q"), alt.Tooltip("shown:N", title="count"), alt.Tooltip("between:N", title="90 % between")]
    return _finish(
        course.mark_area(fill="var(--shade)", opacity=0.75).encode(y="p05:Q", y2="p95:Q"),
        limits.mark_rule(stroke="var(--low)", strokeDash=[3, 3]),
        limits.mark_text(align="left", dx=4, dy=-6, fill="var(--low)", fontSize=12).encode(
            x=alt.value(0), text="said:N"
        ),
        without.mark_area(fill="var(--shade2)", opacity=0.7).encode(y="p05:Q", y2="p95:Q"),
        without.mark_line(stroke="var(--high)", strokeWidth=2, strokeDash=[6, 4]),
        course.mark_line(stroke="var(--bar)", strokeWidth=2),
        past.mark_point(filled=True, fill="var(--ink)", size=55).encode(
            tooltip=[alt.Tooltip("when:N"), alt.Tooltip("count:N", title="counted")]
        ),
        course.mark_point(size=250, opacity=0, filled=True).encode(tooltip=said),
    )


def _finish(*layers: Any) -> Spec:
    """As wide as its place. Shift with the wheel zooms, so that the page still scrolls; dragging moves along time."""
    import altair as alt

    zoom = alt.selection_interval(bind="scales", encodings=["x"], zoom="wheel![event.shiftKey]", name="zoom")
    words = {"labelColor": "var(--soft)", "titleColor": "var(--soft)", "titleFontWeight": "normal",
             "labelFontSize": 12, "titleFontSize": 12, "domainColor": "var(--line)", "tickColor": "var(--line)",
             "gridColor": "var(--line)"}  # fmt: skip
    return (
        alt.layer(*layers[:-1], layers[-1].add_params(zoom))
        .properties(width="container", height=_HEIGHT, background="transparent")
        .configure(font="system-ui, sans-serif", axis=words, view={"stroke": None})
        .to_dict()
    )
