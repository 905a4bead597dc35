"""The patient's page: what the count means, how soon to be seen, when to get help, what to ask.

It says nothing of causes, chances, treatments or medicines to change: only the counts, the words for them and the
urgency leave the report. The words stand in `plain.yaml`, with their sources.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

import yaml

from leukon.answer import CountRow, Report, Source
from leukon.knowledge import load_knowledge
from leukon.report.words import show_limits, show_number

__all__ = ["Plain", "PlainCount", "PlainPart", "read_words", "write_plain"]

_DEPTHS = {"profound": "severe", "severe": "severe", "moderate": "moderate", "mild": "mild"}


@dataclass(frozen=True, slots=True)
class PlainCount:
    """One of the person's newest white counts: name, number, what is usual, and the verdict in words."""

    name: str
    value: str
    usual: str
    verdict: str
    status: str


@dataclass(frozen=True, slots=True)
class PlainPart:
    """A list with its title; `notes` stand under it."""

    id: str
    title: str
    lines: tuple[str, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Plain:
    """What the page shows."""

    level: str
    headline: str
    soon: str
    meaning: str
    counts: tuple[PlainCount, ...]
    what: str
    parts: tuple[PlainPart, ...]
    sources: tuple[Source, ...]


@cache
def read_words() -> Mapping[str, Any]:
    """The texts of `plain.yaml`."""
    return yaml.safe_load(resources.files("leukon.service.web").joinpath("plain.yaml").read_text(encoding="utf-8"))


def write_plain(report: Report) -> Plain:
    """The patient's page of a report."""
    words = read_words()
    level = report.urgency.level
    meaning = _find_meaning(report)
    said = "unknown" if level in ("routine", "none") and report.low == "cannot say" else level
    careful = meaning not in ("variant", "not low")  # the count is, or may be, low for the person
    cited = dict.fromkeys(name for part in words["parts"] for name in part.get("sources", ()))
    known = load_knowledge().sources
    return Plain(
        level=level,
        headline=words["headline"][said],
        soon=words["soon"][said],
        meaning=words["meaning"][meaning],
        counts=tuple(_write_count(row, words) for row in _find_newest(report)),
        what=words["what"],
        parts=tuple(
            PlainPart(p["id"], p["title"], tuple(p["lines"]), tuple(p.get("if low", ()) if careful else ()))
            for p in words["parts"]
        ),
        sources=tuple(Source(s.id, s.citation, s.doi, s.pmid, s.url) for s in (known[name] for name in cited)),
    )


def _find_meaning(report: Report) -> str:
    if report.real.verdict == "artefact":
        return "artefact"
    if report.low != "low":
        return "variant" if report.real.verdict == "normal variant" and report.low == "not low" else report.low
    depth = next((s for name in report.states if (s := _depth(name))), None)
    if depth:
        return depth
    return "variant" if report.real.verdict == "normal variant" else "low"


def _depth(state: str) -> str | None:
    """The depth that a state names ("neutropenia, severe"); agranulocytosis is severe."""
    if state == "agranulocytosis":
        return "severe"
    head, _, depth = state.partition(", ")
    return _DEPTHS.get(depth) if head == "neutropenia" else None


def _find_newest(report: Report) -> list[CountRow]:
    """The newest count of each kind of white cell that the page names."""
    newest = {row.analyte: row for row in report.counts}
    return [newest[name] for name in read_words()["cells"] if name in newest]


def _write_count(row: CountRow, words: Mapping[str, Any]) -> PlainCount:
    value = f"under {show_number(row.value)}" if row.censored else show_number(row.value)
    usual = show_limits(row.limit).replace("–", " to ").replace("none known", "not known")
    return PlainCount(words["cells"][row.analyte], value, usual, words["verdicts"][row.status], row.status)
