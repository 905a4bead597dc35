"""The report as one self-contained page: no script, no request, the order of the text report."""

from __future__ import annotations

from collections.abc import Sequence

from leukon.answer import CountRow, Report
from leukon.report.chart import draw_counts
from leukon.report.cite import Citations, link_source
from leukon.report.css import CSS
from leukon.report.html_causes import show_causes
from leukon.report.html_next import show_next
from leukon.report.html_parts import bullets, esc, paragraph, section, table
from leukon.report.words import (
    ANALYTES,
    INFORMS,
    OWNERS,
    VERDICTS,
    describe_change,
    describe_consequence,
    describe_course,
    describe_lab,
    describe_level,
    describe_low,
    describe_score,
    show_day,
    show_grade,
    show_limits,
    show_value,
)

__all__ = ["LEGEND", "show_banner", "show_consequences", "show_counts", "show_footer", "show_low", "show_real",
           "show_scores", "show_sources", "show_unused", "tabulate_counts", "write_html"]  # fmt: skip

LEGEND = (
    "Green: between this person's limits. Dashed: the lower limit. "
    "Logarithmic. Open triangle: 0, or under the detection limit."
)


def write_html(report: Report) -> str:
    """The whole report as an HTML page. The same report gives the same page; every text of the input is escaped."""
    cited = Citations(report.sources)
    name = f" of {report.id}" if report.id else ""
    parts = (
        show_banner(report, cited),
        f"<h1>{esc(report.summary)}</h1>",
        paragraph(f"Record {report.id}", css="soft") if report.id else "",
        show_low(report),
        show_counts(report, cited, draw_counts(report)),
        show_real(report, cited),
        show_consequences(report, cited),
        show_scores(report, cited),
        *show_causes(report, cited),
        *show_next(report, cited),
        section("course", "What the count will do", bullets(describe_course(report.course))) if report.course else "",
        show_unused(report),
        show_sources(cited),
    )
    body = "\n".join(p for p in parts if p)
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{esc(f'White cell report{name}')}</title>\n<style>{CSS}</style>\n</head>\n"
        f"<body>\n<main>\n{body}\n</main>\n{show_footer(report)}\n</body>\n</html>\n"
    )


def show_banner(report: Report, cited: Citations) -> str:
    u = report.urgency
    reasons = list(u.because)
    if reasons:
        reasons[-1] += cited.mark(u.sources)
    why = bullets(reasons) or paragraph("No reason for haste found in this record.")
    level = u.level.replace(" ", "-")
    return f'<div class="banner {level}" role="note"><strong>{esc(describe_level(report))}</strong>{why}</div>'


def show_low(report: Report) -> str:
    return section("low", "Is it low?", paragraph(describe_low(report)), bullets(report.states))


def show_real(report: Report, cited: Citations) -> str:
    verdict = paragraph(f"{VERDICTS[report.real.verdict]}.{cited.mark(report.real.sources)}")
    return section("real", "Is it real?", verdict, bullets(report.real.because))


def show_counts(report: Report, cited: Citations, drawn: str) -> str:
    """The counts as charts (`drawn`, HTML) and as a table."""
    if not report.counts:
        none = paragraph("The record holds no count that could be used.")
        return section("counts", "Counts", none, bullets(report.notes))
    legend = paragraph(LEGEND, css="soft") if drawn else ""
    counts = tabulate_counts("Counts, oldest first", report.counts, cited)
    return section("counts", "Counts", drawn, legend, counts, bullets(report.notes))


def tabulate_counts(caption: str, rows: Sequence[CountRow], cited: Citations) -> str:
    """Counts as a table: value, limits and whose they are, verdict, grades, change."""
    columns = (
        "Count",
        "When",
        "Value (10*9/L unless said)",
        "As given",
        "Limits, whose",
        "Is",
        "CTCAE 4.03 / 5 / 6",
        "Note",
    )
    return table(caption, columns, [_row(row, cited) for row in rows])


def show_consequences(report: Report, cited: Citations) -> str:
    if not report.leads_to:
        return ""
    shown = [
        f"{describe_consequence(c)} {c.because[:1].upper()}{c.because[1:]}.{cited.mark(c.sources)}"
        for c in report.leads_to
    ]
    return section("leads-to", "What it leads to", bullets(shown))


def show_scores(report: Report, cited: Citations) -> str:
    if not report.scores:
        return ""
    lines = [f"{describe_score(s)} Made for {s.made_for}.{cited.mark(s.sources)}" for s in report.scores]
    compared = paragraph(report.scores_compared) if report.scores_compared else ""
    return section("scores", "Scores, side by side", bullets(lines), compared)


def _row(row: CountRow, cited: Citations) -> tuple[str, ...]:
    limits = show_limits(row.limit)
    if row.limit:
        limits += f", {OWNERS.get(row.limit.owner, row.limit.owner)}{cited.mark([row.limit.source])}"
    grades = " / ".join(show_grade(row.grades.get(v)) for v in ("ctcae-4.03", "ctcae-5", "ctcae-6"))
    said = (describe_change(row), describe_lab(row), row.edge, f"from {row.derived}" if row.derived else None)
    css = row.status.replace(" ", "-")
    return (
        esc(ANALYTES.get(row.analyte, row.analyte)),
        f'<span class="num">{esc(show_day(row.day, row.time))}</span>',
        f'<span class="num {css}">{esc(show_value(row))}</span>',
        esc(row.as_given),
        esc(limits),
        f'<span class="{css}">{esc(row.status)}</span>',
        f'<span class="num">{esc(grades)}</span>',
        esc("; ".join(s for s in said if s)),
    )


def show_unused(report: Report) -> str:
    rows = [(n.item, n.path, n.reason) for n in report.not_used]
    rows += [(u.item, u.path, f"this part was not understood: {u.unread}") for u in report.understood if u.unread]
    if not rows:
        return section("unused", "Not used", paragraph("Nothing: every item of the record was read."))
    cells = [tuple(esc(cell) for cell in row) for row in rows]
    return section("unused", "Not used", table("What was not used, and why", ("Item", "Where", "Reason"), cells))


def show_sources(cited: Citations, *, fold: bool = False) -> str:
    """The sources cited, by their numbers; `fold` opens them on a click."""
    made: list[str] = []
    for number, source in cited.list_cited():
        link = link_source(source)
        text = esc(source.citation)
        inner = f'{text} <a href="{esc(link)}" rel="noreferrer">{esc(link)}</a>' if link else text
        made.append(f'<li id="source-{number}">{inner}</li>')
    if not made:
        return ""
    listed = f"<ol>{''.join(made)}</ol>"
    if fold:
        listed = f"<details><summary>{len(made)} cited on this page</summary>{listed}</details>"
    return section("sources", "Sources", listed)


def show_footer(report: Report) -> str:
    v = report.leukon
    calibration = f"Probabilities {report.calibration.get('status', '')}: {report.calibration.get('note', '')}."
    made = f"leukon {v.version}, knowledge {v.knowledge}, model {v.model}."
    return f"<footer>{paragraph(made, css='soft')}{paragraph(calibration, css='soft')}{paragraph(INFORMS)}</footer>"
