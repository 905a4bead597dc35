"""Pages as a browser sees them: the fields that a form would send, the text that a person would read."""

from __future__ import annotations

from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from leukon.service.web.state import Asked

__all__ = ["EXAMPLES", "RECORDS", "Read", "ask", "read_page"]

ROOT = Path(__file__).parents[3]
EXAMPLES = sorted((ROOT / "examples").glob("*.yaml"))
RECORDS = sorted((ROOT / "tests/records").glob("*.yaml"))
_VOID = {"input", "meta", "link", "br", "img", "rect", "circle", "polyline", "polygon", "line", "path", "option"}


class Read(HTMLParser):
    """One page: its text, the ids, and for each form its action and the fields it would send."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.said: list[str] = []
        self.ids: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.forms: list[tuple[str, dict[str, list[str]]]] = []
        self._silent = 0
        self._text: str | None = None
        self._select: str | None = None
        self.feed(html)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.said).split())

    def fields(self, action: str) -> dict[str, list[str]]:
        """What the form with this action sends."""
        return next(fields for to, fields in self.forms if to.partition("#")[0] == action)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        held = dict(attrs)
        self.tags.append((tag, held))
        if held.get("id"):
            self.ids.append(str(held["id"]))
        self._silent += tag in ("script", "style", "title", "datalist")
        if tag == "form":
            self.forms.append((str(held.get("action")), {}))
        name = held.get("name")
        if not self.forms or name is None:
            if tag == "option" and self._select and "selected" in held:
                self._send(self._select, str(held.get("value")))
            return
        if tag == "input" and held.get("type") not in ("file", "checkbox", "radio"):
            self._send(name, str(held.get("value") or ""))
        elif tag == "input" and "checked" in held:
            self._send(name, str(held.get("value") or "on"))
        elif tag == "textarea":
            self._text = name
            self._send(name, "")
        elif tag == "select":
            self._select = name

    def handle_endtag(self, tag: str) -> None:
        self._silent -= tag in ("script", "style", "title", "datalist")
        if tag == "textarea":
            self._text = None
        elif tag == "select":
            self._select = None

    def handle_data(self, data: str) -> None:
        if self._text:
            self.forms[-1][1][self._text][-1] += data
        elif not self._silent:
            self.said.append(data)

    def _send(self, name: str, value: str) -> None:
        self.forms[-1][1].setdefault(name, []).append(value)


def read_page(html: str) -> Read:
    return Read(html)


def ask(file: bytes | None = None, *, part: bool = False, **fields: Any) -> Asked:
    """A request of the typed form; `count_wbc="2.1"` is the newest white count."""
    held = {k.replace("count_", "count.").replace("drug_", "drug."): v for k, v in fields.items()}
    typed = {k: (v,) if isinstance(v, str) else tuple(v) for k, v in held.items()}
    if any(k.startswith("count.") for k in typed):
        columns = max(len(v) for k, v in typed.items() if k.startswith("count."))
        typed.setdefault("when", ("",) * columns)
    return Asked({"form": ("entry",)} | typed, file, part)
