"""Whether the tags of a page close in turn."""

from __future__ import annotations

from html.parser import HTMLParser

__all__ = ["Nesting"]


class Nesting(HTMLParser):
    """Complains of tags that close out of turn; `void` are those that are written without an end."""

    def __init__(self, void: set[str]) -> None:
        super().__init__()
        self.void = void
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in self.void:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """A tag that closes itself."""

    def handle_endtag(self, tag: str) -> None:
        assert self.open, tag
        assert self.open.pop() == tag
