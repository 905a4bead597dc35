"""What comes next: what to ask, what to test, what to consider doing."""

from __future__ import annotations

from rich.console import Group, RenderableType
from rich.text import Text

from leukon.answer import Care, Report
from leukon.report.cite import Citations
from leukon.report.text_parts import beside, bullets, cut_note, heading, paragraph
from leukon.report.words import KINDS, LINES, clean, describe_policy

__all__ = ["show_next"]

_MOST_QUESTIONS = 2
_MOST_TESTS = 10
_FULL_OPTIONS = 3  # shown with reason and caution
_MOST_OPTIONS = 6


def show_next(report: Report, cited: Citations) -> RenderableType:
    return Group(_show_questions(report), _show_tests(report, cited), _show_options(report, cited))


def _show_questions(report: Report) -> RenderableType:
    if not report.ask:
        return Group()
    shown = report.ask[:_MOST_QUESTIONS]
    return Group(
        heading("Ask"),
        bullets(f"{a.question} ({a.because})" for a in shown),
        *cut_note(len(report.ask) - len(shown), indent=2),
    )


def _show_tests(report: Report, cited: Citations) -> RenderableType:
    parts: list[RenderableType] = [heading("Next tests")]
    if report.stop_here:
        parts.append(paragraph(f"Stop here: {report.stop_here}", style="bold"))
    elif not report.workup:
        parts.append(paragraph("None suggested."))
    shown = report.workup[:_MOST_TESTS]
    for line in sorted({t.line for t in shown}):
        parts.append(Text(LINES[line], style="dim"))
        for t in (t for t in shown if t.line == line):
            text = Text(clean(t.test), style="bold")
            burden = f" ({clean(t.burden)})" if t.burden not in ("", "none") else ""
            text.append(f": {clean(t.because)}{burden}{cited.mark(t.sources)}", style="not bold")
            parts.append(beside("•", text, indent=1))
    return Group(*parts, *cut_note(len(report.workup) - len(shown), indent=2))


def _show_options(report: Report, cited: Citations) -> RenderableType:
    parts: list[RenderableType] = [heading("Options to consider")]
    if not report.care:
        parts.append(paragraph("None found for this situation; that is no advice to wait."))
    parts += [paragraph(line, indent=2, style="dim") for line in describe_policy(report)]
    shown = report.care[:_MOST_OPTIONS]
    for place, option in enumerate(shown):
        parts += _show_option(option, cited, full=place < _FULL_OPTIONS)
    if len(shown) > _FULL_OPTIONS:
        note = (
            f"The last {len(shown) - _FULL_OPTIONS} have reasons and cautions too: read them in the page or the JSON."
        )
        parts.append(paragraph(note, indent=2, style="dim"))
    return Group(*parts, *cut_note(len(report.care) - len(shown), indent=2))


def _show_option(option: Care, cited: Citations, *, full: bool) -> list[RenderableType]:
    head = Text(clean(option.option), style="bold")
    head.append(cited.mark(option.sources), style="not bold")
    parts = [beside(KINDS.get(option.kind, option.kind.upper()), head, style="magenta", width=13)]
    if full:
        caution = f". Caution: {option.caution}" if option.caution else ""
        parts.append(paragraph(f"because {option.because}{caution}", indent=14))
    return parts
