"""The report as text for a terminal, most urgent first: for a tired doctor at 3 a.m."""

from __future__ import annotations

import io

from rich.console import Console, Group, RenderableType
from rich.panel import Panel
from rich.text import Text

from leukon.answer import Report
from leukon.report.cite import Citations
from leukon.report.text_causes import show_causes
from leukon.report.text_counts import show_counts
from leukon.report.text_end import show_end
from leukon.report.text_next import show_next
from leukon.report.text_parts import bullets, heading, paragraph
from leukon.report.words import (
    VERDICTS,
    clean,
    describe_consequence,
    describe_course,
    describe_level,
    describe_low,
    describe_score,
)

__all__ = ["write_text"]

_MOST_SIGNS = 2  # of the infections and signs that a low count leads to; the page has all
_BANNER = {
    "emergency": "bold white on red",
    "same day": "bold red",
    "urgent": "bold yellow",
    "soon": "bold blue",
    "routine": "green",
    "none": "green",
}


def write_text(report: Report, *, width: int = 100, colour: bool = False) -> str:
    """The report as lines of at most `width` characters; `colour` adds terminal colours.

    The order is the order in which it matters. Long lists are cut and say so; the JSON report has everything.
    """
    out = io.StringIO()
    console = Console(
        file=out,
        width=width,
        force_terminal=colour,
        color_system="standard" if colour else None,
        legacy_windows=False,
        markup=False,
        emoji=False,
        highlight=False,
        _environ={},  # the same bytes wherever it runs
    )
    cited = Citations(report.sources)
    for part in (
        _show_banner(report, cited),
        _show_summary(report),
        show_counts(report, cited),
        _show_real(report, cited),
        _show_consequences(report, cited),
        show_causes(report, cited),
        show_next(report, cited),
        _show_course(report),
        show_end(report, cited),
    ):
        console.print(part)
    return "\n".join(line.rstrip() for line in out.getvalue().splitlines()).strip("\n") + "\n"


def _show_banner(report: Report, cited: Citations) -> RenderableType:
    u = report.urgency
    reasons = list(u.because)
    if reasons:
        reasons[-1] += cited.mark(u.sources)
    style = _BANNER[u.level]
    border = "red" if u.level in ("emergency", "same day") else style
    return Panel(
        bullets(reasons) if reasons else Text("no reason for haste found in this record"),
        title=Text(f" {describe_level(report)} ", style=style),
        title_align="left",
        border_style=border,
    )


def _show_summary(report: Report) -> RenderableType:
    low = [paragraph(describe_low(report))]
    if report.states:
        low.append(paragraph(f"Present: {'; '.join(map(clean, report.states))}."))
    who = [Text(f"Record {clean(report.id)}", style="dim")] if report.id else []
    return Group(*who, Text(clean(report.summary), style="bold"), heading("Is it low?"), *low)


def _show_real(report: Report, cited: Citations) -> RenderableType:
    r = report.real
    return Group(
        heading("Is it real?"), paragraph(f"{VERDICTS[r.verdict]}.{cited.mark(r.sources)}"), bullets(r.because)
    )


def _show_consequences(report: Report, cited: Citations) -> RenderableType:
    if not report.leads_to:
        return Group()
    shown = [f"{describe_consequence(c, most=_MOST_SIGNS)}{cited.mark(c.sources)}" for c in report.leads_to]
    return Group(heading("What it leads to"), bullets(shown), *_show_scores(report, cited))


def _show_course(report: Report) -> RenderableType:
    if not report.course:
        return Group()
    return Group(heading("What the count will do"), bullets(describe_course(report.course)))


def _show_scores(report: Report, cited: Citations) -> list[RenderableType]:
    if not report.scores:
        return []
    lines = [f"{describe_score(s)}{cited.mark(s.sources)}" for s in report.scores]
    return [
        heading("Scores, side by side"),
        bullets([*lines, *([report.scores_compared] if report.scores_compared else [])]),
    ]
