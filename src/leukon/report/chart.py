"""The counts against this person's limits over time, as inline SVG on a log scale; a table beside it says the same."""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape

from leukon.answer import CountRow

__all__ = ["draw_counts"]

_SHOWN = ("wbc", "neutrophils", "lymphocytes")
_WIDTH, _HEIGHT, _LEFT, _RIGHT, _TOP, _BOTTOM = 640, 150, 96, 20, 24, 28
_FLOOR = 0.01  # 10*9/L: 0 is drawn here, with its own mark


def draw_counts(rows: Sequence[CountRow]) -> str:
    """One small chart for each white cell count that was measured."""
    return "".join(
        _draw(name, [r for r in rows if r.analyte == name]) for name in _SHOWN if any(r.analyte == name for r in rows)
    )


def _draw(name: str, rows: Sequence[CountRow]) -> str:
    limit = rows[-1].limit
    bounds = [b for b in ((limit.lower, limit.upper) if limit else ()) if b]
    values = [max(r.value, _FLOOR) for r in rows]
    low = math.log10(min([*values, *bounds]) / 1.5)
    high = math.log10(max([*values, *bounds]) * 1.5)
    days = [r.day if r.day is not None else float(n) for n, r in enumerate(rows)]
    first, last = min(days), max(days)

    def x(day: float) -> float:
        if last == first:
            return (_LEFT + _WIDTH - _RIGHT) / 2
        return _LEFT + (day - first) / (last - first) * (_WIDTH - _LEFT - _RIGHT)

    def y(value: float) -> float:
        share = (math.log10(max(value, _FLOOR)) - low) / (high - low)
        return _HEIGHT - _BOTTOM - share * (_HEIGHT - _TOP - _BOTTOM)

    marks: list[str] = []
    if limit and limit.lower:
        top = y(limit.upper) if limit.upper else _TOP
        marks.append(
            f'<rect x="{_LEFT}" y="{top:.1f}" width="{_WIDTH - _LEFT - _RIGHT}" height="{y(limit.lower) - top:.1f}" '
            'fill="var(--green)" fill-opacity="0.15"/>'
            f'<text x="{_LEFT - 8}" y="{y(limit.lower) + 4:.1f}" text-anchor="end">{limit.lower:g}</text>'
        )
    points = sorted(zip(days, values, rows, strict=True), key=lambda p: p[0])
    line = " ".join(f"{x(d):.1f},{y(v):.1f}" for d, v, _ in points)
    marks.append(f'<polyline points="{line}" fill="none" stroke="var(--bar)" stroke-width="2"/>')
    for d, v, row in points:
        fill = "var(--red)" if row.status == "low" else "var(--bar)"
        marks.append(f'<circle cx="{x(d):.1f}" cy="{y(v):.1f}" r="4" fill="{fill}"/>')
        marks.append(f'<text x="{x(d):.1f}" y="{y(v) - 8:.1f}" text-anchor="middle">{row.value:.3g}</text>')
    for day in {first, last}:
        marks.append(f'<text x="{x(day):.1f}" y="{_HEIGHT - 8}" text-anchor="middle">day {day:g}</text>')
    said = "; ".join(f"day {d:g}: {r.value:.3g}, {r.status}" for d, _, r in points)
    return (
        f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-labelledby="t-{name} d-{name}">'
        f'<title id="t-{name}">{escape(name)} against the limits, logarithmic</title>'
        f'<desc id="d-{name}">{escape(said)}</desc>'
        f'<text x="4" y="16" font-weight="600">{escape(name)}</text>{"".join(marks)}</svg>'
    )
