"""Courses drawn as SVG: line and band, limits, doses as ticks, with and without treatment in one chart.

Colour is never the only sign: what is without treatment is dashed, other models are dotted.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from leukon.report.html_parts import esc

__all__ = ["COURSE_CSS", "Drawn", "Tick", "draw_course", "legend"]

Floats = NDArray[np.float64]
_Place = Callable[[float], float]

COURSE_CSS = """
:root { --other: #5b6470; --shade: #b9d3ee; --shade2: #f0d9b8; }
@media screen and (prefers-color-scheme: dark) { :root { --other: #9aa5b1; --shade: #2c4a69; --shade2: #5a4523; } }
.lead { max-width: 46rem; } .lead svg { width: 100%; height: auto; background: var(--panel); border-radius: .4rem; }
.charts { margin-top: .75rem; grid-template-columns: repeat(auto-fill, minmax(17rem, 1fr)); }
.lead svg[role="img"] text { font-size: 13px; }
svg .head { font-weight: 700; }
svg .shade { fill: var(--shade); opacity: .75; } svg .shade2 { fill: var(--shade2); opacity: .7; }
svg .course { stroke-width: 2; stroke-linejoin: round; }
svg .without { fill: none; stroke: var(--high); stroke-width: 2; stroke-dasharray: 6 4; stroke-linejoin: round; }
svg .other { fill: none; stroke: var(--other); stroke-width: 1.2; stroke-dasharray: 1.5 3; }
svg .axis { stroke: var(--soft); stroke-width: 1; } svg .danger { fill: var(--low); }
svg .limit { stroke: var(--low); stroke-width: 1; stroke-dasharray: 3 3; }
svg .dose { stroke: var(--ink); stroke-width: 2; } svg .run { stroke: var(--ink); stroke-width: 4; }
.legend { display: flex; flex-wrap: wrap; gap: .2rem 1.1rem; list-style: none; padding: 0; font-size: .9rem; }
.legend svg { width: 2rem; height: .8rem; margin-right: .35rem; vertical-align: -.05rem; }
.short { font-size: 1.05rem; font-weight: 600; }
.words { min-width: 15rem; } .grade-assumption { color: var(--high); font-weight: 700; }
@media (max-width: 30rem) { .lead svg[role="img"] text { font-size: 16px; } }
@media print { .lead { max-width: 14cm; } .charts { grid-template-columns: 1fr 1fr; } }
"""
_MOST = 360  # points of a line: more cannot be seen
_FLOOR = 0.01  # of a logarithmic axis, in the unit of the count


@dataclass(frozen=True, slots=True)
class Drawn:
    """One line with its band: `css` is course, without or other."""

    css: str
    days: Floats
    middle: Floats
    low: Floats | None = None
    high: Floats | None = None


@dataclass(frozen=True, slots=True)
class Tick:
    """What was given, and on which days."""

    name: str
    days: tuple[float, ...]


def draw_course(
    id: str,
    title: str,
    note: str,
    told: str,
    lines: Sequence[Drawn],
    *,
    limits: Sequence[float] = (),
    ticks: Sequence[Tick] = (),
    wide: bool = False,
) -> str:
    """One chart. `note` stands under its title (scale, assumptions), `told` is the chart in words."""
    width, plot = (460, 190) if wide else (320, 120)
    left, right, top = 44, 34 if limits else 12, 44
    bottom = top + plot
    row = 15
    height = bottom + row * len(ticks) + 22
    days = lines[0].days
    first, last = float(days[0]), float(days[-1])
    low, high, log = _find_scale(lines, limits)

    def x(day: float) -> float:
        return left + (day - first) / (last - first) * (width - right - left)

    def y(value: float) -> float:
        share = math.log(max(value, low) / low) / math.log(high / low) if log else (value - low) / (high - low)
        return bottom - min(max(share, 0.0), 1.0) * plot

    parts: list[str] = []
    for tick in _choose_ticks(low, high, log):
        parts.append(_line(left, y(tick), width - right, y(tick), "grid"))
        parts.append(_text(left - 6, y(tick) + 4, f"{tick:g}", "end", "faint"))
    for css in ("without", "course"):
        parts += [_band(line, x, y) for line in lines if line.css == css and line.low is not None]
    for limit in limits:
        if low <= limit <= high:
            parts.append(_line(left, y(limit), width - right, y(limit), "limit"))
            parts.append(_text(width - right + 4, y(limit) + 4, f"{limit:.1f}", "start", "danger"))
    for css in ("other", "without", "course"):
        parts += [_path(line, x, y) for line in lines if line.css == css]
    for i, tick in enumerate(ticks):
        parts += _draw_ticks(tick, x, bottom + row * i + 3, left, width - right)
    axis = height - 22
    parts.append(_line(left, axis, width - right, axis, "axis"))
    for day in _choose_days(first, last):
        parts.append(_line(x(day), axis, x(day), axis + 4, "axis"))
        said = f"day {day:g}" if day == first else f"{day:g}"
        parts.append(_text(x(day), height - 5, said, "middle", "faint"))
    shown = f"{note} · logarithmic" if log and note else "logarithmic" if log else note
    return (
        f'<svg viewBox="0 0 {width} {height}" role="img" aria-labelledby="{id}-title {id}-desc">'
        f'<title id="{id}-title">{esc(title)}</title><desc id="{id}-desc">{esc(told)}</desc>'
        f"{_text(10, 17, title, 'start', 'head')}{_text(10, 33, shown, 'start', 'faint')}{''.join(parts)}</svg>"
    )


def legend(entries: Sequence[tuple[str, str]]) -> str:
    """Signs and words: pairs of a class (course, without, other, shade, shade2, limit, dose) and what it means."""
    made: list[str] = []
    for css, text in entries:
        if css.startswith("shade"):
            sign = f'<rect class="{css}" x="0" y="0" width="32" height="12"/>'
        elif css == "dose":
            sign = "".join(f'<line class="dose" x1="{x}" y1="1" x2="{x}" y2="11"/>' for x in (8, 16, 24))
        else:
            sign = f'<line class="{css}" x1="0" y1="6" x2="32" y2="6"/>'
        made.append(f'<li><svg viewBox="0 0 32 12" aria-hidden="true">{sign}</svg>{esc(text)}</li>')
    return f'<ul class="legend">{"".join(made)}</ul>'


def _find_scale(lines: Sequence[Drawn], limits: Sequence[float]) -> tuple[float, float, bool]:
    """Ends of the axis; logarithmic where the values span more than twelve times and the low end matters."""
    values = np.concatenate([v for line in lines for v in (line.middle, line.low, line.high) if v is not None])
    top = max(float(values.max()), *limits, 1e-6)
    positive = values[values > 0]
    least = float(positive.min()) if len(positive) else top
    if top / max(least, 1e-12) > 12:
        low = max(min(least, *limits) if limits else least, min(_FLOOR, top / 1e3))
        return low / 1.15, top * 1.15, True
    return 0.0, top * 1.08, False


def _choose_ticks(low: float, high: float, log: bool) -> list[float]:
    if not log:
        step = _round_step((high - low) / 4)
        return [round(i * step, 10) for i in range(int(high / step) + 1)]
    span = math.log10(high / low)
    steps = (1.0,) if span > 3 else (1.0, 3.0) if span > 1.7 else (1.0, 2.0, 5.0)
    decades = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    return [float(f"{s * 10.0**d:.6g}") for d in decades for s in steps if low <= s * 10.0**d <= high]


def _round_step(rough: float) -> float:
    power = 10.0 ** math.floor(math.log10(rough))
    return next((s * power for s in (1, 2, 2.5, 5) if s * power >= rough), 10 * power)


def _choose_days(first: float, last: float) -> list[float]:
    steps = (0.05, 0.125, 0.25, 0.5, 1, 2, 3.5, 7, 14, 28, 56, 112, 365, 730)
    step = next((s for s in steps if (last - first) / s <= 7), 1460.0)
    return [first + i * step for i in range(int((last - first) / step + 1e-9) + 1)]


def _thin(line: Drawn) -> NDArray[np.int64]:
    """Places of the points to draw: few, and never without the lowest and the highest."""
    count = len(line.days)
    if count <= _MOST:
        return np.arange(count)
    even = np.linspace(0, count - 1, _MOST).round().astype(np.int64)
    return np.unique(np.append(even, [line.middle.argmin(), line.middle.argmax()]))


def _path(line: Drawn, x: _Place, y: _Place) -> str:
    points = " ".join(f"{x(float(line.days[i])):.1f},{y(float(line.middle[i])):.1f}" for i in _thin(line))
    return f'<polyline class="{line.css}" points="{points}"/>'


def _band(line: Drawn, x: _Place, y: _Place) -> str:
    if line.low is None or line.high is None:
        return ""
    at = _thin(line)
    over = [f"{x(float(line.days[i])):.1f},{y(float(line.high[i])):.1f}" for i in at]
    under = [f"{x(float(line.days[i])):.1f},{y(float(line.low[i])):.1f}" for i in at[::-1]]
    css = "shade2" if line.css == "without" else "shade"
    return f'<polygon class="{css}" points="{" ".join([*over, *under])}"/>'


def _draw_ticks(tick: Tick, x: _Place, y: float, left: float, right: float) -> list[str]:
    """The doses of one drug in a row; so many that they touch are one bar."""
    at = [x(day) for day in tick.days]
    at = [px for px in at if left - 0.5 <= px <= right + 0.5]
    if not at:
        return []
    if len(at) > 1 and (at[-1] - at[0]) / (len(at) - 1) < 3.5:
        parts = [_line(at[0], y + 4.5, at[-1], y + 4.5, "run")]
    else:
        parts = [_line(px, y, px, y + 9, "dose") for px in at]
    room = 7.0 * len(tick.name) + 6
    if right - at[-1] > room:
        parts.append(_text(at[-1] + 6, y + 9, tick.name, "start", "faint"))
    elif at[0] - left > room:
        parts.append(_text(at[0] - 6, y + 9, tick.name, "end", "faint"))
    return parts


def _text(x: float, y: float, text: str, anchor: str, css: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" class="{css}">{esc(text)}</text>'


def _line(x1: float, y1: float, x2: float, y2: float, css: str) -> str:
    return f'<line class="{css}" x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"/>'
