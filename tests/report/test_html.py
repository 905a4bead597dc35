"""The page stands alone, escapes what it is given, and says danger first."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

from leukon.assess import assess
from leukon.io import read_record
from leukon.report.html import write_html

EXAMPLES = sorted((Path(__file__).parents[2] / "examples").glob("*.yaml"))
_VOID = {"meta", "rect", "polyline", "circle", "br", "link", "input", "img"}


class _Nesting(HTMLParser):
    """Complains of tags that close out of turn."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in _VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """A tag that closes itself."""

    def handle_endtag(self, tag: str) -> None:
        assert self.open, tag
        assert self.open.pop() == tag


def page(text: str) -> str:
    return write_html(assess(read_record(text)))


def test_every_example_is_a_well_formed_page_that_loads_nothing() -> None:
    assert EXAMPLES
    for path in EXAMPLES:
        html = page(path.read_text(encoding="utf-8"))
        reader = _Nesting()
        reader.feed(html)
        assert reader.open == [], path.name
        assert not re.search(r"<(?:script|link|img|iframe)|\bsrc=|url\(|@import", html), path.name
        assert html.count("<table") == html.count("<caption"), path.name
        assert html == page(path.read_text(encoding="utf-8"))


def test_what_the_record_says_is_escaped() -> None:
    html = page("counts: [{wbc: 2.0}]\nid: '<b>x</b>'\nfindings: ['<script>alert(1)</script>', fever]")
    assert "<script>" not in html
    assert "<b>x</b>" not in html
    assert "&lt;script&gt;" in html


def test_danger_stands_first() -> None:
    html = page("counts: [{neutrophils: 0}]\nfindings: [fever]")
    assert html.index("EMERGENCY") < html.index("Is it low?") < html.index("Why?") < html.index("Sources")
