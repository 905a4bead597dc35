"""What was left out, the sources cited, and what made the report."""

from __future__ import annotations

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from leukon.answer import Report
from leukon.report.cite import Citations, name_place
from leukon.report.text_parts import bullets, cut_note, heading, paragraph
from leukon.report.words import INFORMS, clean

__all__ = ["show_end"]

_MOST_ITEMS = 8


def show_end(report: Report, cited: Citations) -> RenderableType:
    return Group(_show_unused(report), _show_sources(cited), _show_versions(report))


def _show_unused(report: Report) -> RenderableType:
    lost = [f"{n.item} ({n.path}): {n.reason}" for n in report.not_used]
    lost += [f"{u.item} ({u.path}): this part was not understood: {u.unread}" for u in report.understood if u.unread]
    if not lost:
        return Group(heading("Not used"), paragraph("Nothing: every item of the record was read."))
    return Group(heading("Not used"), bullets(lost[:_MOST_ITEMS]), *cut_note(len(lost) - _MOST_ITEMS, indent=2))


def _show_sources(cited: Citations) -> RenderableType:
    known = cited.list_cited()
    if not known:
        return Group()
    grid = Table.grid(padding=(0, 1), expand=True)
    grid.add_column(no_wrap=True)
    grid.add_column(ratio=1, no_wrap=True, overflow="ellipsis")
    grid.add_column(no_wrap=True, justify="right")
    for n, source in known:
        where = name_place(source) if source.doi or source.pmid else ""  # an address is too long for one line
        grid.add_row(Text(f"[{n}]"), Text(clean(source.citation)), Text(clean(where or "")))
    return Group(heading("Sources (the JSON has them in full)"), grid)


def _show_versions(report: Report) -> RenderableType:
    v = report.leukon
    calibration = f"{report.calibration.get('status', '')}: {report.calibration.get('note', '')}"
    return Group(
        paragraph(""),
        paragraph(f"leukon {v.version}, knowledge {v.knowledge}, model {v.model}. Probabilities {clean(calibration)}."),
        paragraph(INFORMS),
    )
