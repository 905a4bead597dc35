"""The reliability chart as SVG: what was said against how often it was so, with 95 % intervals."""

from __future__ import annotations

from collections.abc import Sequence

from bench.calibration.scores import Bin

__all__ = ["draw_reliability"]

_SIDE, _LEFT, _TOP, _BOTTOM, _GAP = 300, 56, 40, 52, 56
_STYLE = """
  svg { background: #ffffff }
  text { font: 13px sans-serif; fill: #222222 }
  .faint { fill: #666666; font-size: 12px } .title { font-weight: bold }
  .grid { stroke: #dddddd } .ideal { stroke: #888888; stroke-dasharray: 5 4 }
  .bar { stroke: #1f5fa8; stroke-width: 2 } .dot { fill: #1f5fa8 }
"""


def draw_reliability(panels: Sequence[tuple[str, Sequence[Bin]]]) -> str:
    """One square for each titled list of groups, side by side. On the broken line, what was said is what was so."""
    width = _LEFT + len(panels) * _SIDE + (len(panels) - 1) * _GAP + 20
    height = _TOP + _SIDE + _BOTTOM
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        'role="img" aria-label="Reliability: probability said against how often it was so">',
        f"<style>{_STYLE}</style>",
        f'<rect width="{width}" height="{height}" fill="#ffffff"/>',
    ]
    for n, (title, bins) in enumerate(panels):
        parts += _draw_panel(_LEFT + n * (_SIDE + _GAP), title, bins)
    return "\n".join([*parts, "</svg>\n"])


def _draw_panel(left: float, title: str, bins: Sequence[Bin]) -> list[str]:
    floor = _TOP + _SIDE

    def x(p: float) -> str:
        return f"{left + p * _SIDE:.1f}"

    def y(p: float) -> str:
        return f"{floor - p * _SIDE:.1f}"

    parts = [f'<text class="title" x="{left}" y="{_TOP - 16}">{title}</text>']
    for tenth in range(0, 11, 2):
        p = tenth / 10
        parts += [
            f'<line class="grid" x1="{x(p)}" y1="{y(0)}" x2="{x(p)}" y2="{y(1)}"/>',
            f'<line class="grid" x1="{x(0)}" y1="{y(p)}" x2="{x(1)}" y2="{y(p)}"/>',
            f'<text class="faint" x="{x(p)}" y="{floor + 18}" text-anchor="middle">{p:.0%}</text>',
            f'<text class="faint" x="{left - 8}" y="{y(p - 0.012)}" text-anchor="end">{p:.0%}</text>',
        ]
    parts.append(f'<line class="ideal" x1="{x(0)}" y1="{y(0)}" x2="{x(1)}" y2="{y(1)}"/>')
    for b in bins:
        low, high = b.interval
        said = f"said {b.said:.1%}, so {b.seen:.1%} ({low:.1%} to {high:.1%}), n = {b.n}"
        parts += [
            f'<line class="bar" x1="{x(b.said)}" y1="{y(low)}" x2="{x(b.said)}" y2="{y(high)}"/>',
            f'<circle class="dot" cx="{x(b.said)}" cy="{y(b.seen)}" r="4"><title>{said}</title></circle>',
        ]
    middle, label = f"{left + _SIDE / 2:.0f}", "across: probability said · upwards: how often so"
    parts.append(f'<text x="{middle}" y="{floor + 40}" text-anchor="middle">{label}</text>')
    return parts
