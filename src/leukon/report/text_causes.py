"""The causes, likeliest first, each with what speaks for and against it; then what must not be missed."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Group, RenderableType
from rich.text import Text

from leukon.answer import Cause, Evidence, Report
from leukon.report.cite import Citations
from leukon.report.text_parts import beside, cut_note, heading, paragraph
from leukon.report.words import ESTIMATE, SIGNS, clean, name_test, shorten_list, show_percent, sign

__all__ = ["show_causes"]

_FULL = 4  # causes shown with their evidence
_MOST = 8
_ITEMS = 4
_BAR = 10
_EIGHTHS = " ▏▎▍▌▋▊▉"


def show_causes(report: Report, cited: Citations) -> RenderableType:
    shown = [c for i, c in enumerate(report.causes[:_MOST]) if i < _FULL or c.probability >= 0.01]
    parts: list[RenderableType] = [heading("Why? Causes, likeliest first")]
    if not shown:
        parts.append(paragraph("No cause reached 0.1%." if report.low != "not low" else "Nothing to explain."))
    for place, cause in enumerate(shown):
        parts += _show_cause(cause, report, cited, full=place < _FULL)
    parts += cut_note(len(report.causes) - len(shown), indent=1)
    parts.append(
        paragraph(
            f"None of these: {show_percent(report.none_of_these)}. "
            f"This person's normal, nothing acting: {show_percent(report.this_persons_normal)}."
        )
    )
    parts.append(
        paragraph(f"{SIGNS} ~ is an estimate without a published figure. Several causes can act together.", style="dim")
    )
    parts.append(_show_dangerous(report))
    return Group(*parts)


def _show_cause(cause: Cause, report: Report, cited: Citations, *, full: bool) -> list[RenderableType]:
    line = Text(f"{clean(cause.name)}", style="bold")
    if cause.must_not_miss:
        line.append("  must not miss", style="bold red")
    mark = f"{show_percent(cause.probability):>4} {_bar(cause.probability)}"
    parts: list[RenderableType] = [beside(mark, line, style="cyan")]
    if not full:
        return parts
    for title, evidence in (("for", cause.for_), ("against", cause.against)):
        if evidence:
            parts.append(beside(title, _join(evidence, cited), indent=5, style="dim", width=7))
    if cause.confirm:
        names = ", ".join(name_test(t, report) for t in cause.confirm[:_ITEMS])
        parts.append(beside("confirm", names, indent=5, style="dim"))
    return parts


def _bar(probability: float) -> str:
    """Ten cells, in eighths.

    >>> _bar(0.5)
    '█████     '
    """
    eighths = round(probability * _BAR * 8)
    part = _EIGHTHS[eighths % 8] if eighths % 8 else ""
    return ("█" * (eighths // 8) + part).ljust(_BAR)


def _join(evidence: Sequence[Evidence], cited: Citations) -> Text:
    said = [
        f"{sign(e)} {clean(e.item)}{'~' if e.source == ESTIMATE else cited.mark([e.source])}" for e in evidence[:_ITEMS]
    ]
    rest = len(evidence) - len(said)
    return Text("; ".join(said) + (f"; … and {rest} more" if rest else ""))


def _show_dangerous(report: Report) -> RenderableType:
    parts: list[RenderableType] = []
    if report.must_not_miss:
        named = "; ".join(f"{m.name} ({m.because.removeprefix('probability ')})" for m in report.must_not_miss)
        parts += [heading("Must not miss"), paragraph(f"{named}.")]
    if report.not_looked_for:
        parts.append(paragraph(shorten_list(clean(report.not_looked_for), 190), style="dim"))
    return Group(*parts)
