"""What was left out, the sources cited, and what made the report."""

from __future__ import annotations

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from leukon.answer import Report, Source
from leukon.report.cite import Citations, name_place
from leukon.report.text_parts import bullets, cut_note, heading, paragraph
from leukon.report.words import INFORMS, clean

__all__ = ["show_end"]

_MOST_ITEMS = 8
_ADMINISTRATIVE = ("about the ", "holds the diagnosis")  # what says nothing of the person stands last


def show_end(report: Report, cited: Citations) -> RenderableType:
    return Group(_show_unused(report), _show_sources(cited), _show_versions(report))


def _show_unused(report: Report) -> RenderableType:
    about = [n for n in report.not_used if not n.reason.startswith(_ADMINISTRATIVE)]
    rest = [n for n in report.not_used if n.reason.startswith(_ADMINISTRATIVE)]
    lost = [f"{n.item} ({n.path}): {n.reason}" for n in about]
    lost += [f"{u.item} ({u.path}): this part was not understood: {u.unread}" for u in report.understood if u.unread]
    lost += [f"{n.item} ({n.path}): {n.reason}" for n in rest]
    if not lost:
        return Group(heading("Not used"), paragraph("Nothing: every item of the record was read."))
    return Group(heading("Not used"), bullets(lost[:_MOST_ITEMS]), *cut_note(len(lost) - _MOST_ITEMS, indent=2))


def _show_sources(cited: Citations) -> RenderableType:
    known = cited.list_cited()
    if not known:
        return Group()
    return Group(heading("Sources (the JSON has them in full)"), *(_show_source(n, s) for n, s in known))


def _show_source(number: int, source: Source) -> RenderableType:
    """One line: the citation, cut where it must be, and its DOI or PMID. An address is too long for that."""
    grid = Table.grid(padding=(0, 1), expand=True)
    grid.add_column(width=4, no_wrap=True)
    grid.add_column(ratio=1, no_wrap=True, overflow="ellipsis")
    grid.add_column(no_wrap=True, justify="right")
    where = (name_place(source) or "") if source.doi or source.pmid else ""
    grid.add_row(Text(f"[{number}]"), Text(clean(source.citation)), Text(clean(where)))
    return grid


def _show_versions(report: Report) -> RenderableType:
    v = report.leukon
    calibration = f"{report.calibration.get('status', '')}: {report.calibration.get('note', '')}"
    return Group(
        paragraph(""),
        paragraph(f"leukon {v.version}, knowledge {v.knowledge}, model {v.model}. Probabilities {clean(calibration)}."),
        paragraph(INFORMS),
    )
