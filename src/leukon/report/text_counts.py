"""The counts as a table: value, limit and whose it is, grade, change, and the laboratory's word where it differs."""

from __future__ import annotations

from rich import box
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from leukon.answer import CountRow, Episode, Report
from leukon.report.cite import Citations
from leukon.report.text_parts import bullets, cut_note, heading, paragraph
from leukon.report.words import (
    ANALYTES,
    OWNERS,
    clean,
    describe_change,
    describe_lab,
    show_day,
    show_grade,
    show_limits,
    show_number,
    show_value,
)

__all__ = ["show_counts"]

_MOST_ROWS = 16
_STYLES = {"low": "bold red", "high": "yellow", "cannot say": "dim", "normal": ""}


def show_counts(report: Report, cited: Citations) -> RenderableType:
    if not report.counts:
        return Group(heading("Counts"), paragraph("The record holds no count that could be used."), _notes(report))
    rows = _choose_rows(report.counts)
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1), show_edge=False, pad_edge=False, collapse_padding=True)
    for title in ("when", "count"):
        table.add_column(title, no_wrap=True)
    table.add_column("value", justify="right", no_wrap=True)
    table.add_column("limits, whose", no_wrap=True)
    table.add_column("is", no_wrap=True)
    table.add_column("CTCAE 5 / 6", no_wrap=True)
    told = [_tell(row) for row in rows]
    if any(told):
        table.add_column("note", ratio=1)
    day = None
    for row, note in zip(rows, told, strict=True):
        when = show_day(row.day, row.time)
        owner = f", {OWNERS.get(row.limit.owner, row.limit.owner)}{cited.mark([row.limit.source])}" if row.limit else ""
        cells = [
            Text("" if when == day else when),
            Text(ANALYTES.get(row.analyte, row.analyte)),
            Text(show_value(row), style=_STYLES[row.status]),
            Text(show_limits(row.limit) + owner),
            Text(row.status, style=_STYLES[row.status]),
            Text(f"{show_grade(row.grades.get('ctcae-5'))} / {show_grade(row.grades.get('ctcae-6'))}"),
        ]
        table.add_row(*cells, *([Text(note)] if any(told) else []))
        day = when
    return Group(
        heading("Counts (10*9/L unless said)"),
        table,
        *cut_note(len(report.counts) - len(rows)),
        bullets(_tell_episodes(report)),
        _notes(report),
    )


def _choose_rows(counts: tuple[CountRow, ...]) -> list[CountRow]:
    """The newest draws whole, and the lowest count of each white cell."""
    draws = list(dict.fromkeys((r.day, r.time) for r in counts))
    chosen = {draws[-1]}
    for draw in reversed(draws[:-1]):
        if sum((r.day, r.time) in chosen | {draw} for r in counts) > _MOST_ROWS:
            break
        chosen.add(draw)
    lowest = [
        min((r for r in counts if r.analyte == a), key=lambda r: r.value, default=None) for a in ("wbc", "neutrophils")
    ]
    return [r for r in counts if (r.day, r.time) in chosen or any(r is low for low in lowest)]


def _tell(row: CountRow) -> str:
    said = (describe_change(row), describe_lab(row), row.edge, f"from {row.derived}" if row.derived else None)
    return clean("; ".join(s for s in said if s))


def _tell_episodes(report: Report) -> list[str]:
    """The deepest spell of each count that was measured more than once."""
    told: list[str] = []
    for analyte in dict.fromkeys(e.analyte for e in report.episodes):
        if sum(r.analyte == analyte for r in report.counts) < 2:
            continue
        spells = [e for e in report.episodes if e.analyte == analyte]
        told += [_tell_episode(e) for e in spells if e.threshold == min(s.threshold for s in spells)][-2:]
    return told


def _tell_episode(e: Episode) -> str:
    start = f" since {show_day(e.from_, None)}" if e.from_ is not None else ""
    ended = f" until {show_day(e.to, None)}" if e.to is not None else ", back above it"
    end = ", still under it" if e.open else ended
    name = ANALYTES.get(e.analyte, e.analyte)
    return f"{name} under {show_number(e.threshold)}{start}{end}; lowest {show_number(e.nadir)}"


def _notes(report: Report) -> RenderableType:
    return bullets(report.notes)
