"""What was left out, the sources cited, and what made the report."""

from __future__ import annotations

from rich.console import Group, RenderableType

from leukon.answer import Report
from leukon.report.cite import Citations, name_source
from leukon.report.text_parts import beside, bullets, cut_note, heading, paragraph
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
    width = len(str(len(known))) + 2
    return Group(heading("Sources"), *(beside(f"[{n}]", name_source(s), width=width) for n, s in known))


def _show_versions(report: Report) -> RenderableType:
    v = report.leukon
    calibration = f"{report.calibration.get('status', '')}: {report.calibration.get('note', '')}"
    return Group(
        paragraph(""),
        paragraph(f"leukon {v.version}, knowledge {v.knowledge}, model {v.model}. Probabilities {clean(calibration)}."),
        paragraph(INFORMS),
    )
