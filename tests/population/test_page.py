"""The page of a population: danger first, nobody in it, nothing small told, nothing loaded."""

from __future__ import annotations

import dataclasses
import re
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

pytest.importorskip("duckdb", reason="needs leukon[population]")
pytest.importorskip("ibis", reason="needs leukon[population]")

from leukon.population.engines import open_engine
from leukon.population.page import write_page
from leukon.population.page_missed import Missed
from leukon.population.page_summary import Summary, summarise_tables
from leukon.population.small_cells import HIDE_BELOW, Hider
from tests.population.page_tables import make_tables
from tests.report.nesting import Nesting

ABOUT = {
    "leukon": "9.9", "knowledge": "2026.11+abc", "date": "2026-11-25", "thresholds": {"neutrophils": [1.5, 0.5]},
    "chosen": {"source": "ward", "engine": "duckdb", "merge_gap_days": 14.0},
}  # fmt: skip
_VOID = {"meta", "rect", "line", "circle"}


@cache
def summary(copies: int) -> Summary:
    """Of a ward of seven people, each so many times."""
    with TemporaryDirectory() as folder, open_engine("duckdb", Path(folder)) as engine:
        tables = {name: engine.add(name, table) for name, table in make_tables(copies=copies).items()}
        return summarise_tables(engine, tables)


def page(copies: int, hide_below: int | None = None, **changed: Any) -> str:
    chosen = ABOUT["chosen"] | ({} if hide_below is None else {"hide_below": hide_below})
    return write_page(dataclasses.replace(summary(copies), **changed), ABOUT | {"chosen": chosen})


def text_of(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html.split("</style>")[1]).split())


@pytest.mark.parametrize(("copies", "below"), [(1, 0), (1, 11), (40, 0), (40, 11)])
def test_the_page_stands_alone_and_every_chart_and_table_has_its_words(copies: int, below: int) -> None:
    html = page(copies, below)
    reader = Nesting(_VOID)
    reader.feed(html)
    assert reader.open == []
    assert not re.search(r"<(?:script|link|img|iframe)|\bsrc=|url\(|@import", html)
    assert html.count("<table") == html.count("<caption")
    charts = re.findall(r'<svg viewBox="[^"]+" role="img"', html)
    assert len(charts) == html.count("<desc ") == html.count("<title id=") >= 6
    ids = re.findall(r'\bid="([^"]+)"', html)
    assert len(ids) == len(set(ids))
    assert html == page(copies, below)


def test_danger_stands_first_then_how_common_how_bad_how_long_and_why() -> None:
    text = text_of(page(40, 0))
    assert text.startswith("Low blood counts: ward 80 of 280 people have a low white cell, neutrophil or lymphocyte")
    assert "80 people have neutrophils under 0.5 at the newest count: severe neutropenia" in text
    order = (
        "first antibiotic within the hour",
        "Low now",
        "How common",
        "How bad",
        "How long",
        "Why",
        "Not understood",
    )
    places = [text.index(words) for words in order]
    assert places == sorted(places)


def test_where_nobody_is_severely_neutropenic_nobody_is_alarmed() -> None:
    well = tuple(dataclasses.replace(d, people=0) for d in summary(40).depths)
    assert "banner" not in page(40, 0, depths=well).split("</style>")[1]


@pytest.mark.parametrize("below", [0, 11])
def test_the_page_holds_no_key_of_a_person(below: int) -> None:
    html = page(40, below)
    assert not re.search(r"\b(?:ada|ben|cem|dora|eva|finn|gwen|zoe)-\d", html)
    assert html.count("(may tell who: in the table)") == 3  # what was wrong is said, not with whom
    assert "2026" in html and not re.search(r"\b19\d\d-\d\d", html)  # of the dates of counts only the year


def test_by_default_no_number_from_1_to_10_is_told_in_a_table_or_beside_a_chart() -> None:
    html = page(1).split("</style>")[1]
    told = re.findall(r'<span class="num">([\d,]+)</span>', html) + re.findall(
        r'class="faint">([\d,]+)(?: of| ·|<)', html
    )
    assert told and not [n for n in told if 0 < int(n.replace(",", "")) < HIDE_BELOW]
    assert f"&lt;{HIDE_BELOW}" in html
    assert "numbers of 1 to 10 people are not shown" in html
    assert "Mrs Smith" not in html  # a text seen three times may tell who wrote it
    assert "furlong" in html


def test_a_number_that_is_held_back_is_not_drawn_either() -> None:
    html = page(1)
    grades = html[html.index('id="grades-neutrophils-title"') :].split("</svg>")[0]
    assert 'class="part held"' in grades and not re.search(r'class="part g\d"', grades)
    shown = page(1, 0)
    assert re.search(r'class="part g4"', shown) and 'class="part held"' not in shown


def test_without_holding_back_the_numbers_are_there() -> None:
    text = text_of(page(1, 0))
    assert "2 people have neutrophils under 0.5" in text
    assert "chemotherapy cytotoxic chemotherapy 2 1.8" in text  # likeliest in two, expected in 0.9 + 0.2 + 0.7
    assert "acute myeloid leukaemia must not miss acute leukaemia 1 0.7" in text


def test_what_the_source_says_is_escaped() -> None:
    wild = (Missed("<b>", "x", "<script>alert(1)</script>", "no & such unit", 900),)
    html = page(40, missed=wild)
    assert "<script>" not in html
    assert "&lt;script&gt;" in html and "no &amp; such unit" in html


def test_versions_and_choices_are_on_the_page() -> None:
    text = text_of(page(1))
    for said in ("leukon 9.9, knowledge 2026.11+abc, 2026-11-25", "merge gap days 14", "neutrophils 1.5, 0.5"):
        assert said in text


def test_what_was_not_asked_and_what_was_not_found_are_told_apart() -> None:
    assert "Causes were not ranked" in page(1, ranked=None, causes=(), families=())
    assert "no cause is ranked" in page(1, ranked=0, causes=(), families=())
    assert "no dated count lies under a limit" in page(1, episodes=(), lengths=())


def test_what_the_source_says_of_nobody_is_said_once_and_not_drawn() -> None:
    nobody = dataclasses.replace(summary(40).prevalence[0], by="ancestry", group="not known")
    html = page(40, prevalence=(*summary(40).prevalence, nobody))
    assert "Not known of anybody: ancestry." in html
    assert "By ancestry" not in html


def test_an_ancestry_that_few_have_is_not_named() -> None:
    few = dataclasses.replace(summary(40).prevalence[0], by="ancestry", group="from the one farm", people=4, low=0)
    many = dataclasses.replace(few, group="Irish", people=40)
    html = page(40, prevalence=(*summary(40).prevalence, few, many))
    assert "from the one farm" not in html and "(a small group)" in html and "Irish" in html
    assert "from the one farm" in page(40, 0, prevalence=(*summary(40).prevalence, few, many))


def test_one_is_no_people() -> None:
    one = tuple(dataclasses.replace(d, people=int(d.below == 0.1)) for d in summary(1).depths)
    assert "1 person has neutrophils under 0.5" in text_of(page(1, 0, depths=one))


def test_an_empty_population_is_a_page_too() -> None:
    empty = {name: table.slice(0, 0) for name, table in make_tables().items()}
    with TemporaryDirectory() as folder, open_engine("duckdb", Path(folder)) as engine:
        made = summarise_tables(engine, {name: engine.add(name, table) for name, table in empty.items()})
    assert "0 of 0 people" in text_of(write_page(made, ABOUT))


@given(st.lists(st.integers(0, 40), min_size=1, max_size=7), st.integers(0, 15))
def test_what_is_held_back_cannot_be_had_by_subtraction(cells: list[int], below: int) -> None:
    shown = Hider(below).numbers(cells)
    hidden = [cell for cell, n in zip(cells, shown, strict=True) if n is None]
    assert all(n is None or n == cell for n, cell in zip(shown, cells, strict=True))
    assert all(n is None for n, cell in zip(shown, cells, strict=True) if 0 < cell < below)
    rest = [n for n in shown if n]
    assert not hidden or not rest or (len(hidden) > 1 and sum(hidden) >= below)
