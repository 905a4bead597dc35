"""The charts of a population as SVG, each in words too: bars of parts, intervals, columns, bars with a mark.

All are drawn for the width of a phone; a wide page sets them side by side. Colour is never the only sign: parts carry
their name, what is open is drawn hollow, what is held back is dashed.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from leukon.report.html_parts import esc

__all__ = [
    "CHART_CSS", "Bar", "Column", "Interval", "Part", "Split", "draw_bars", "draw_columns", "draw_intervals",
    "draw_splits", "key",
]  # fmt: skip

CHART_CSS = """
:root { --g0: #dfe4ea; --g1: #f3d9a4; --g2: #e8a33d; --g3: #b84a12; --g4: #8f1018; --on0: #1a1d21; }
@media (prefers-color-scheme: dark) { :root { --g0: #3b444e; --on0: #eceff3; } }
.charts { grid-template-columns: repeat(auto-fill, minmax(min(22rem, 100%), 1fr)); align-items: start;
  margin: .6rem 0; }
.charts svg, .pair svg { max-width: 28rem; }
svg .head { font-weight: 700; font-size: 13px; }
svg .part { stroke: var(--panel); stroke-width: 1; }
svg .g0, .key .g0 { fill: var(--g0); } svg .g1 { fill: var(--g1); } svg .g2 { fill: var(--g2); }
svg .g3 { fill: var(--g3); } svg .g4 { fill: var(--g4); } svg .none { fill: var(--panel); stroke: var(--soft); }
svg .held { fill: var(--panel); stroke: var(--soft); stroke-dasharray: 3 3; }
svg text.on-g0 { fill: var(--on0); } svg text.on-g1, svg text.on-g2 { fill: #1a1d21; }
svg text.on-g3, svg text.on-g4 { fill: #ffffff; } svg text.on-none, svg text.on-held { fill: var(--ink); }
svg .whole { fill: var(--bar); } svg .hollow { fill: var(--panel); stroke: var(--bar); stroke-width: 1.5; }
svg .both { fill: var(--line); stroke: var(--soft); }
svg .axis { stroke: var(--soft); stroke-width: 1; } svg .reach { stroke: var(--bar); stroke-width: 3; }
svg .tick { stroke: var(--ink); stroke-width: 2; }
svg .dot { fill: var(--bar); stroke: var(--panel); stroke-width: 1.5; }
.key { display: flex; flex-wrap: wrap; gap: .2rem 1rem; list-style: none; padding: 0; font-size: .9rem; }
.key svg { width: 1.2rem; height: .8rem; margin-right: .35rem; vertical-align: -.05rem; }
.pair { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(20rem, 100%), 1fr)); gap: 0 1.5rem;
  align-items: start; }
.pair svg { width: 100%; height: auto; background: var(--panel); border-radius: .4rem; margin: .6rem 0; }
.first { font-size: 1.1rem; } details { margin: .5rem 0; } details > summary { color: var(--link); }
@media print { .charts { grid-template-columns: 1fr 1fr; } section { break-inside: auto; } tr { break-inside: avoid; } }
"""
_WIDTH, _LEFT, _RIGHT, _TOP = 320, 10, 10, 30
_LETTER = 6.6  # the width of a letter of 12 px, about


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a bar: its css (g0 to g4, none, held), its share of the whole, and the word that stands on it."""

    css: str
    share: float
    word: str


@dataclass(frozen=True, slots=True)
class Split:
    """A bar that is the whole, in parts."""

    label: str
    note: str
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Interval:
    """A share with its interval; no share where it is held back."""

    label: str
    text: str
    value: float | None
    lower: float | None
    upper: float | None


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its parts, each a css (whole, hollow, both) and a number, from the axis up."""

    label: str
    text: str
    parts: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar, with a mark beside its end; None where it is held back."""

    label: str
    text: str
    value: float | None
    mark: float | None


def draw_splits(id: str, title: str, told: str, rows: Sequence[Split]) -> str:
    """Bars that are all as long as the whole, each under its label."""
    step, thick, width = 44, 18, _WIDTH - _LEFT - _RIGHT
    parts: list[str] = []
    for place, row in enumerate(rows):
        y = _TOP + place * step
        parts.append(_text(_LEFT, y + 12, row.label, "start", ""))
        parts.append(_text(_WIDTH - _RIGHT, y + 12, row.note, "end", "faint"))
        x = float(_LEFT)
        for part in row.parts:
            w = part.share * width
            if w > 0:
                parts.append(_rect(x, y + 17, w, thick, f"part {part.css}"))
            if w > len(part.word) * _LETTER + 4:
                parts.append(_text(x + w / 2, y + 17 + 13, part.word, "middle", f"on-{part.css}"))
            x += w
    return _wrap(id, title, told, _TOP + len(rows) * step + 2, parts)


def draw_intervals(id: str, title: str, told: str, groups: Sequence[tuple[str, Sequence[Interval]]]) -> str:
    """Shares as points on one axis of percent, each with the line of its interval, under the head of their group."""
    rows = [row for _, held in groups for row in held]
    step, head, width = 34, 24, _WIDTH - _LEFT - _RIGHT
    top = max([v for r in rows for v in (r.value, r.upper) if v is not None and r.value is not None], default=0.01)
    unit = _find_step(100 * top / 4)
    end = unit * max(math.ceil(round(100 * top / unit, 6)), 1)
    floor = _TOP + len(rows) * step + sum(head for name, _ in groups if name) + 2

    def x(share: float) -> float:
        return _LEFT + 100 * share / end * width

    parts: list[str] = []
    for i in range(round(end / unit) + 1):
        at = x(i * unit / 100)
        parts.append(_line(at, _TOP, at, floor, "grid"))
        anchor = "start" if i == 0 else "end" if i == round(end / unit) else "middle"
        parts.append(_text(at, floor + 15, f"{i * unit:g} %", anchor, "faint"))
    y = _TOP
    for name, held in groups:
        if name:
            parts.append(_text(_LEFT, y + 16, name, "start", "head"))
            y += head
        for row in held:
            parts.append(_text(_LEFT, y + 12, row.label, "start", ""))
            parts.append(_text(_WIDTH - _RIGHT, y + 12, row.text, "end", "faint"))
            if row.value is not None:
                if row.lower is not None and row.upper is not None:
                    parts.append(_line(x(row.lower), y + 23, x(row.upper), y + 23, "reach"))
                parts.append(f'<circle class="dot" cx="{x(row.value):.1f}" cy="{y + 23}" r="4.5"/>')
            y += step
    return _wrap(id, title, told, floor + 22, parts)


def draw_columns(id: str, title: str, told: str, columns: Sequence[Column], axis: str) -> str:
    """Columns side by side, in parts."""
    plot, width = 110, (_WIDTH - _LEFT - _RIGHT) / len(columns)
    most = max(sum(n for _, n in c.parts) for c in columns) or 1
    floor = _TOP + 16 + plot
    parts: list[str] = []
    for place, column in enumerate(columns):
        x, y = _LEFT + place * width, float(floor)
        for css, n in column.parts:
            y -= n / most * plot
            parts.append(_rect(x + 4, y, width - 8, n / most * plot, css))
        parts.append(_text(x + width / 2, y - 4, column.text, "middle", ""))
        parts.append(_text(x + width / 2, floor + 14, column.label, "middle", "faint"))
    parts.append(_line(_LEFT, floor, _WIDTH - _RIGHT, floor, "axis"))
    parts.append(_text(_WIDTH / 2, floor + 29, axis, "middle", "faint"))
    return _wrap(id, title, told, floor + 37, parts)


def draw_bars(id: str, title: str, told: str, rows: Sequence[Bar]) -> str:
    """Bars from one line, the longest first."""
    step, width = 34, _WIDTH - _LEFT - _RIGHT
    most = max([v for r in rows for v in (r.value, r.mark) if v is not None], default=1.0) or 1.0
    parts: list[str] = []
    for place, row in enumerate(rows):
        y = _TOP + place * step
        parts.append(_text(_LEFT, y + 12, row.label, "start", ""))
        parts.append(_text(_WIDTH - _RIGHT, y + 12, row.text, "end", "faint"))
        if row.value:
            parts.append(_rect(_LEFT, y + 17, row.value / most * width, 9, "whole"))
        if row.mark is not None:
            x = _LEFT + row.mark / most * width
            parts.append(_line(x, y + 15, x, y + 28, "tick"))
    return _wrap(id, title, told, _TOP + len(rows) * step + 4, parts)


def key(entries: Sequence[tuple[str, str]]) -> str:
    """Signs and their words: pairs of a css of a part, or whole, hollow, tick, reach, and what it means."""
    made: list[str] = []
    for css, text in entries:
        if css in ("tick", "reach"):
            at = ("10", "1", "10", "11") if css == "tick" else ("0", "6", "20", "6")
            sign = '<line class="{}" x1="{}" y1="{}" x2="{}" y2="{}"/>'.format(css, *at)
        else:
            sign = f'<rect class="{css}" x="1" y="1" width="18" height="10"/>'
        made.append(f'<li><svg viewBox="0 0 20 12" aria-hidden="true">{sign}</svg>{esc(text)}</li>')
    return f'<ul class="key">{"".join(made)}</ul>'


def _find_step(rough: float) -> float:
    """The next round number: 1, 2 or 5 times a power of ten."""
    power = 10.0 ** math.floor(math.log10(rough)) if rough > 0 else 0.1
    return next((s * power for s in (1, 2, 5) if s * power >= rough * 0.999), 10 * power)


def _wrap(id: str, title: str, told: str, height: float, parts: Sequence[str]) -> str:
    return (
        f'<svg viewBox="0 0 {_WIDTH} {height:.0f}" role="img" aria-labelledby="{id}-title {id}-desc">'
        f'<title id="{id}-title">{esc(title)}</title><desc id="{id}-desc">{esc(told)}</desc>'
        f"{_text(_LEFT, 18, title, 'start', 'head')}{''.join(parts)}</svg>"
    )


def _text(x: float, y: float, text: str, anchor: str, css: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" class="{css}">{esc(text)}</text>'


def _rect(x: float, y: float, width: float, height: float, css: str) -> str:
    return f'<rect class="{css}" x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}"/>'


def _line(x1: float, y1: float, x2: float, y2: float, css: str) -> str:
    return f'<line class="{css}" x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"/>'
