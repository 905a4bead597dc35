"""The few shapes that the text report is made of: headings, paragraphs, bullets, a note of what was cut."""

from __future__ import annotations

from collections.abc import Iterable

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from leukon.report.words import clean

__all__ = ["beside", "bullets", "cut_note", "heading", "paragraph"]


def heading(title: str) -> Text:
    return Text(f"\n{title.upper()}", style="bold cyan")


def paragraph(text: str, *, indent: int = 0, style: str = "") -> RenderableType:
    return Padding(Text(clean(text), style=style), (0, 0, 0, indent))


def beside(
    mark: str, text: Text | str, *, indent: int = 0, style: str = "", width: int | None = None
) -> RenderableType:
    """A mark, and the text hanging beside it when it wraps."""
    grid = Table.grid(padding=(0, 1))
    grid.add_column(width=width or len(mark), no_wrap=True)
    grid.add_column(ratio=1)
    grid.add_row(Text(mark, style=style), Text(clean(text)) if isinstance(text, str) else text)
    return Padding(grid, (0, 0, 0, indent))


def bullets(items: Iterable[str], *, indent: int = 0) -> RenderableType:
    return Group(*(beside("•", item, indent=indent) for item in items))


def cut_note(left: int, *, indent: int = 0) -> list[RenderableType]:
    """ "… and 5 more (JSON has all)", or nothing when nothing was cut."""
    return [paragraph(f"… and {left} more (JSON has all)", indent=indent, style="dim")] if left > 0 else []
