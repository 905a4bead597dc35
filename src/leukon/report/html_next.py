"""What comes next, on the page: questions, tests, options."""

from __future__ import annotations

from collections.abc import Sequence

from leukon.answer import Care, Report
from leukon.report.cite import Citations
from leukon.report.html_parts import bullets, esc, paragraph, section, table
from leukon.report.words import KINDS, LINES, describe_policy, show_number

__all__ = ["show_next", "show_options", "show_questions", "show_tests"]


def show_next(report: Report, cited: Citations) -> tuple[str, ...]:
    return show_questions(report), show_tests(report, cited), show_options(report, cited)


def show_questions(report: Report) -> str:
    if not report.ask:
        return ""
    return section("ask", "Ask", bullets(f"{a.question} ({a.because})" for a in report.ask))


def show_tests(report: Report, cited: Citations) -> str:
    stop = f"<p><strong>{esc(f'Stop here: {report.stop_here}')}</strong></p>" if report.stop_here else ""
    if not report.workup:
        return section("tests", "Next tests", stop or paragraph("None suggested."))
    rows = [
        (
            esc(t.test),
            esc(LINES[t.line]),
            esc(f"{t.because}{cited.mark(t.sources)}"),
            esc(t.burden),
            f'<span class="num">{esc(show_number(t.gain)) if t.gain else "–"}</span>',
        )
        for t in sorted(report.workup, key=lambda t: t.line)
    ]
    columns = ("Test", "Line", "Because", "Burden", "Gain (bits)")
    return section("tests", "Next tests", stop, table("Tests to consider, in order", columns, rows))


def show_options(report: Report, cited: Citations, most: int | None = None) -> str:
    """The options in their order; those after the first `most` are folded away."""
    if not report.care:
        none = paragraph("None found for this situation; that is no advice to wait.")
        return section("options", "Options to consider", none)
    items = [_show_option(option, cited) for option in report.care]
    policy = "".join(paragraph(line, css="soft") for line in describe_policy(report))
    first, rest = items[:most], items[most:] if most else []
    more = f"<details><summary>{len(rest)} more</summary>{_list(rest)}</details>" if rest else ""
    return section("options", "Options to consider", policy, _list(first), more)


def _list(items: Sequence[str]) -> str:
    body = "\n".join(items)
    return f"<ul>\n{body}\n</ul>"


def _show_option(option: Care, cited: Citations) -> str:
    caution = f"<br>Caution: {esc(option.caution)}" if option.caution else ""
    origin = ", ".join(o for o in (option.jurisdiction, option.date) if o)
    return (
        f'<li><span class="kind">{esc(KINDS.get(option.kind, option.kind))}</span>'
        f"<strong>{esc(option.option)}</strong> {esc(cited.mark(option.sources))}"
        f"<br>Because {esc(option.because)}{caution}"
        f"{_origin(origin)}</li>"
    )


def _origin(text: str) -> str:
    return f'<br><span class="soft">{esc(text)}</span>' if text else ""
