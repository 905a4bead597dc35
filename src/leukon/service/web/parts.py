"""The parts of the answer page, in the order of the report: its words and pieces, with charts that can be touched."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup, escape

from leukon.answer import CountRow, NotUsed, Report
from leukon.knowledge import Knowledge, load_knowledge
from leukon.report.chart import draw_each
from leukon.report.cite import Citations
from leukon.report.html import (
    LEGEND,
    show_banner,
    show_consequences,
    show_footer,
    show_low,
    show_real,
    show_scores,
    show_sources,
    show_unused,
    tabulate_counts,
)
from leukon.report.html_causes import show_dangerous, show_ranking
from leukon.report.html_next import show_options, show_questions, show_tests
from leukon.report.html_parts import bullets, esc, paragraph, section, table
from leukon.service.web.charts import chart_series
from leukon.service.web.render import pack
from leukon.service.web.tries import Choice, list_choices

__all__ = ["Notice", "Shown", "show_answer"]

_MOST_SAID = 6
_MOST_OPTIONS = 6  # shown at once; the others open on a click
_SETTLED = ("not given", "not measured", "no limit")  # reasons that lose nothing


@dataclass(frozen=True, slots=True)
class Notice:
    """What a reader must know before the answer: what was not used, what was read as another word."""

    unused: tuple[NotUsed, ...]
    more: int
    read_as: tuple[tuple[str, str], ...]  # as typed, as read


@dataclass(frozen=True, slots=True)
class Shown:
    """Pieces of HTML, made of escaped text, by section."""

    banner: Markup
    low: Markup
    counts: Markup
    real: Markup
    leads_to: Markup
    scores: Markup
    causes: Markup
    danger: Markup
    ask: Markup
    tests: Markup
    options: Markup
    sources: Markup
    unused: Markup
    footer: Markup
    notice: Notice
    tries: tuple[tuple[str, tuple[Choice, ...]], ...]


def show_answer(report: Report, left: tuple[NotUsed, ...]) -> Shown:
    """The parts of a report. `left` is what a file or a pasted line held that the record cannot hold."""
    k = load_knowledge()
    cited = Citations(report.sources)
    parts: dict[str, str] = {
        "banner": show_banner(report, cited),
        "low": show_low(report),
        "counts": _show_counts(report, cited),
        "real": show_real(report, cited),
        "leads_to": show_consequences(report, cited),
        "scores": show_scores(report, cited),
        "causes": show_ranking(report, cited),
        "danger": show_dangerous(report),
        "ask": show_questions(report),
        "tests": show_tests(report, cited),
        "options": show_options(report, cited, _MOST_OPTIONS),
        "sources": show_sources(cited, fold=True),
        "unused": show_unused(report) + _show_left(left),
        "footer": show_footer(report),
    }
    made = {name: Markup(text) for name, text in parts.items()}  # noqa: S704  every piece escapes what it is given
    choices = ((t.test, list_choices(t.id, report, k)) for t in report.workup)
    return Shown(**made, notice=_notice(report, left, k), tries=tuple((name, c) for name, c in choices if c))


def _show_counts(report: Report, cited: Citations) -> str:
    """The charts, the newest counts as a table, the earlier ones behind a click."""
    if not report.counts:
        return section(
            "counts", "Counts", paragraph("The record holds no count that could be used."), bullets(report.notes)
        )
    newest = _newest(report)
    earlier = [row for row in report.counts if row not in newest]
    held = tabulate_counts("Earlier counts, oldest first", earlier, cited) if earlier else ""
    drawn = _draw(report)
    return section(
        "counts",
        "Counts",
        drawn,
        paragraph(LEGEND, css="soft") if drawn else "",
        '<p class="hint touch" hidden>Point at a count for its words. Shift with the wheel zooms in time, dragging '
        "moves, a double click puts it back.</p>"
        if earlier
        else "",
        tabulate_counts("The newest counts", newest, cited),
        f"<details><summary>Earlier counts as a table</summary>{held}</details>" if held else "",
        bullets(report.notes),
    )


def _newest(report: Report) -> list[CountRow]:
    """The newest count of each kind."""
    return list({row.analyte: row for row in report.counts}.values())


def _draw(report: Report) -> str:
    """Each chart drawn, with what makes it one that can be touched beside it."""
    specs: dict[str, dict[str, Any]] = dict(chart_series(report))
    body = "\n".join(_figure(analyte, svg, specs.get(analyte)) for analyte, svg in draw_each(report))
    return f'<div class="charts">\n{body}\n</div>' if body else ""


def _figure(analyte: str, svg: str, spec: dict[str, Any] | None) -> str:
    if spec is None:
        return f"<figure>{svg}</figure>"
    return f'<figure class="chart" data-name="{esc(analyte)}" data-spec="{escape(pack(spec))}">{svg}</figure>'


def _show_left(left: tuple[NotUsed, ...]) -> str:
    if not left:
        return ""
    cells = [(esc(n.item), esc(n.path), esc(n.reason)) for n in left]
    many = "1 item" if len(left) == 1 else f"{len(left)} items"
    held = table("What the file or the pasted lines held beside it", ("Item", "Where", "Reason"), cells)
    return f"<details><summary>{many} of the file or the pasted lines</summary>{held}</details>"


def _notice(report: Report, left: tuple[NotUsed, ...], k: Knowledge) -> Notice:
    pasted = (n for n in left if n.path.startswith("pasted"))
    unused = [n for n in (*report.not_used, *pasted) if n.reason not in _SETTLED]
    unused += [
        NotUsed(u.item, f"this part was not understood: {u.unread}", u.path) for u in report.understood if u.unread
    ]
    return Notice(tuple(unused[:_MOST_SAID]), max(0, len(unused) - _MOST_SAID), tuple(_read_as(report, k)))


def _read_as(report: Report, k: Knowledge) -> Iterator[tuple[str, str]]:
    """Words that were read by their likeness, with what they were read as."""
    names = {"finding": k.findings, "condition": k.conditions, "drug": k.drugs, "test": k.tests}
    for u in report.understood:
        kind, _, name = u.as_.partition(":")
        if u.by == "fuzzy" and kind in names and name in names[kind]:
            yield u.item, names[kind][name].name
