"""The page stands alone, escapes what it is given, and says danger first."""

from __future__ import annotations

import re
from pathlib import Path

from leukon.assess import assess
from leukon.io import read_record
from leukon.report.html import write_html
from tests.report.nesting import Nesting

EXAMPLES = sorted((Path(__file__).parents[2] / "examples").glob("*.yaml"))
_VOID = {"meta", "rect", "polyline", "circle", "br", "link", "input", "img"}


def page(text: str) -> str:
    return write_html(assess(read_record(text)))


def test_every_example_is_a_well_formed_page_that_loads_nothing() -> None:
    assert EXAMPLES
    for path in EXAMPLES:
        html = page(path.read_text(encoding="utf-8"))
        reader = Nesting(_VOID)
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
