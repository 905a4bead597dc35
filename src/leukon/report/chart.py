"""Counts against this person's limits, drawn as SVG: one small chart for each analyte, on a logarithmic scale.

Values of 0 and values under a detection limit have no place on a logarithmic scale: they stand as open triangles on
the floor of the chart. Colour is never the only sign.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence

from leukon.answer import CountRow, Report
from leukon.report.html_parts import esc
from leukon.report.words import ANALYTES, show_day, show_limits, show_number, show_value

__all__ = ["DRAWN", "draw_counts", "draw_each", "find_range", "is_floored"]

DRAWN = ("wbc", "neutrophils", "lymphocytes", "hemoglobin", "platelets")
_WIDTH, _HEIGHT = 320, 170
_LEFT, _RIGHT, _TOP, _BOTTOM = 44, 12, 28, 24


def draw_counts(report: Report) -> str:
    """The charts of what was counted; empty without counts."""
    body = "\n".join(chart for _, chart in draw_each(report))
    return f'<div class="charts">\n{body}\n</div>' if body else ""


def draw_each(report: Report) -> Iterator[tuple[str, str]]:
    """Each analyte that was counted, with its chart."""
    for analyte in DRAWN:
        rows = [r for r in report.counts if r.analyte == analyte]
        if len(rows) > 1:
            yield analyte, _draw_series(analyte, rows)
        elif rows:
            yield analyte, _draw_single(rows[0])


def _draw_single(row: CountRow) -> str:
    """A bar from the left to the value, over the band of the limits."""
    low, high = find_range([row])
    height, bar_y, bar_height = 74, 32, 16

    def x(value: float) -> float:
        return _place(value, low, high, _RIGHT, _WIDTH - _RIGHT)

    lower, upper = _limits(row, low, high)
    parts = [_rect(x(lower), bar_y - 4, x(upper) - x(lower), bar_height + 8, "band")] if row.limit else []
    floored = is_floored(row)
    if floored:
        parts.append(_triangle(_RIGHT + 6, bar_y + bar_height / 2))
    else:
        under = " under" if row.status == "low" else ""
        parts.append(_rect(_RIGHT, bar_y, x(row.value) - _RIGHT, bar_height, f"mark{under}"))
    if row.limit and row.limit.lower is not None:
        parts.append(_line(x(lower), bar_y - 6, x(lower), bar_y + bar_height + 6, "limit"))
    parts += [_text(x(t), height - 6, show_number(t), "middle", "faint") for t in _find_ticks(low, high)]
    return _wrap(
        f"single-{row.analyte}", height, row.analyte, _describe([row]), parts, f"{show_value(row)}, {row.status}"
    )


def _draw_series(analyte: str, rows: Sequence[CountRow]) -> str:
    low, high = find_range(rows)
    days = [r.day for r in rows]
    known = [d for d in days if d is not None]
    dated = len(known) == len(rows) and len(set(known)) > 1
    at = known if dated else [float(i) for i in range(len(rows))]
    floor_y = _HEIGHT - _BOTTOM

    def x(day: float) -> float:
        return _LEFT + 8 + (day - at[0]) / (at[-1] - at[0]) * (_WIDTH - _RIGHT - _LEFT - 16)

    def y(value: float) -> float:
        return _place(value, low, high, floor_y - 6, _TOP)

    xs = [x(d) for d in at]
    edges = [float(_LEFT), *((a + b) / 2 for a, b in itertools.pairwise(xs)), float(_WIDTH - _RIGHT)]
    bands, lines = [], []
    for row, start, end in zip(rows, edges, edges[1:], strict=False):
        if row.limit:
            lower, upper = _limits(row, low, high)
            bands.append(_rect(start, y(upper), end - start, y(lower) - y(upper), "band"))
            if row.limit.lower is not None:
                lines.append(_line(start, y(lower), end, y(lower), "limit"))
    grid: list[str] = []
    for tick in _find_ticks(low, high):
        grid.append(_line(_LEFT, y(tick), _WIDTH - _RIGHT, y(tick), "grid"))
        grid.append(_text(_LEFT - 6, y(tick) + 4, show_number(tick), "end", "faint"))
    ys = [floor_y - 6 if is_floored(r) else y(r.value) for r in rows]
    course = " ".join(f"{_n(a)},{_n(b)}" for a, b in zip(xs, ys, strict=True))
    marks = [_mark(r, a, b) for r, a, b in zip(rows, xs, ys, strict=True)]
    first, end = (show_day(r.day, r.time) for r in (rows[0], rows[-1]))
    if not dated:
        first, end = "first in the record", "last"
    ends = [_text(_LEFT, _HEIGHT - 6, first, "start", "faint")]
    ends.append(_text(_WIDTH - _RIGHT, _HEIGHT - 6, end, "end", "faint"))
    parts = [*bands, *grid, *lines, f'<polyline class="course" points="{course}"/>', *marks, *ends]
    last = rows[-1]
    return _wrap(f"series-{analyte}", _HEIGHT, analyte, _describe(rows), parts, f"{show_value(last)}, {last.status}")


def _mark(row: CountRow, x: float, y: float) -> str:
    if is_floored(row):
        return _triangle(x, y)
    if row.status == "low":
        return _rect(x - 3.5, y - 3.5, 7, 7, "mark under")
    return f'<circle class="mark" cx="{_n(x)}" cy="{_n(y)}" r="3.5"/>'


def is_floored(row: CountRow) -> bool:
    """Has the value no place on a logarithmic scale?"""
    return row.value <= 0 or row.censored == "<"


def find_range(rows: Sequence[CountRow]) -> tuple[float, float]:
    """The ends of the scale: all values and limits, with room; the floor lies under the least positive value."""
    seen = [r.value for r in rows if r.value > 0]
    for r in rows:
        seen += [v for v in ((r.limit.lower, r.limit.upper) if r.limit else ()) if v]
    if not seen:
        return 0.1, 10.0
    return min(seen) / 1.6, max(seen) * 1.25


def _limits(row: CountRow, low: float, high: float) -> tuple[float, float]:
    """The limits for drawing: an open end reaches to the edge."""
    lower = row.limit.lower if row.limit and row.limit.lower else low
    upper = row.limit.upper if row.limit and row.limit.upper else high
    return lower, upper


def _place(value: float, low: float, high: float, start: float, end: float) -> float:
    share = math.log(max(value, low) / low) / math.log(high / low)
    return start + min(share, 1.0) * (end - start)


def _find_ticks(low: float, high: float) -> list[float]:
    """At most about five round numbers between the ends."""
    span = math.log10(high / low)
    steps = (
        (1.0,)
        if span > 2.5
        else (1.0, 3.0)
        if span > 1.5
        else (1.0, 2.0, 5.0)
        if span > 0.7
        else (1, 1.5, 2, 3, 4, 5, 7)
    )
    decades = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    return [float(f"{s * 10.0**d:.6g}") for d in decades for s in steps if low <= s * 10.0**d <= high]


def _describe(rows: Sequence[CountRow]) -> str:
    """The chart in words; the table of counts holds every value."""
    last = rows[-1]
    name = ANALYTES.get(last.analyte, last.analyte)
    text = f"{name} {show_value(last)} is {last.status}; limits {show_limits(last.limit)}."
    if len(rows) > 1:
        least = min(r.value for r in rows)
        text = f"{len(rows)} counts, lowest {show_number(least)}. The newest: {text}"
    return f"{text} The table of counts gives every value."


def _wrap(id: str, height: int, analyte: str, description: str, parts: Sequence[str], said: str) -> str:
    name = ANALYTES.get(analyte, analyte)
    title = f"{name[0].upper()}{name[1:]}"
    return (
        f'<svg viewBox="0 0 {_WIDTH} {height}" role="img" aria-labelledby="{id}-title {id}-desc">'
        f'<title id="{id}-title">{esc(title)} against the limits</title><desc id="{id}-desc">{esc(description)}</desc>'
        f"{_text(_RIGHT, 18, f'{title}: {said}', 'start', '')}{''.join(parts)}</svg>"
    )


def _text(x: float, y: float, text: str, anchor: str, css: str) -> str:
    return f'<text x="{_n(x)}" y="{_n(y)}" text-anchor="{anchor}" class="{css}">{esc(text)}</text>'


def _rect(x: float, y: float, width: float, height: float, css: str) -> str:
    w, h = max(width, 0.0), max(height, 0.0)
    return f'<rect class="{css}" x="{_n(x)}" y="{_n(y)}" width="{_n(w)}" height="{_n(h)}"/>'


def _line(x1: float, y1: float, x2: float, y2: float, css: str) -> str:
    return f'<line class="{css}" x1="{_n(x1)}" y1="{_n(y1)}" x2="{_n(x2)}" y2="{_n(y2)}"/>'


def _triangle(x: float, y: float) -> str:
    """An open triangle that points down: at or under the floor."""
    points = f"{_n(x - 5)},{_n(y - 5)} {_n(x + 5)},{_n(y - 5)} {_n(x)},{_n(y + 4)}"
    return f'<polygon class="mark floor" points="{points}"/>'


def _n(value: float) -> str:
    return f"{value:.1f}"
