"""The few pieces that the page is made of. Every text that comes from outside passes `esc`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

from leukon.report.words import clean

__all__ = ["bullets", "esc", "paragraph", "section", "table"]


def esc(text: str) -> str:
    """Text made safe for the page and for attributes in double quotes."""
    return escape(clean(text), quote=True)


def paragraph(text: str, *, css: str = "") -> str:
    return f'<p class="{css}">{esc(text)}</p>' if css else f"<p>{esc(text)}</p>"


def bullets(items: Iterable[str]) -> str:
    """A list of plain texts; nothing for none."""
    made = "".join(f"<li>{esc(item)}</li>" for item in items)
    return f"<ul>{made}</ul>" if made else ""


def section(id: str, title: str, *parts: str) -> str:
    body = "\n".join(p for p in parts if p)
    return f'<section aria-labelledby="{id}">\n<h2 id="{id}">{esc(title)}</h2>\n{body}\n</section>'


def table(caption: str, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table of cells that are HTML already; the first cell of each row is its heading."""
    head = "".join(f'<th scope="col">{esc(c)}</th>' for c in columns)
    body = "\n".join(
        f'<tr><th scope="row">{first}</th>{"".join(f"<td>{cell}</td>" for cell in rest)}</tr>' for first, *rest in rows
    )
    return (
        f'<div class="scroll" role="region" aria-label="{esc(caption)}" tabindex="0"><table>\n'
        f"<caption>{esc(caption)}</caption>\n<thead><tr>{head}</tr></thead>\n<tbody>\n{body}\n</tbody>\n</table></div>"
    )
