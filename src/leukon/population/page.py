"""The page of a population: one file that stands alone, without script or request, and without any person in it.

First what matters: how many are low now, and how low. Then how common, how bad, how long, why, and what was left out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

from leukon.answer import Source
from leukon.knowledge import load_knowledge
from leukon.population.page_charts import CHART_CSS
from leukon.population.page_long import show_causes, show_episodes
from leukon.population.page_low import show_grades, show_now, show_prevalence
from leukon.population.page_summary import SEVERE, Summary
from leukon.population.page_words import ANALYTES, count_of, num, show_year
from leukon.population.small_cells import HIDE_BELOW, Hider
from leukon.report.cite import Citations, link_source
from leukon.report.css import CSS
from leukon.report.html_parts import bullets, esc, paragraph, section, table
from leukon.report.words import INFORMS

__all__ = ["write_page"]

_CITED = (
    "taplitz-2018-prophylaxis",
    "bodey-1966-infection",
    "taplitz-2018-outpatient",
    "nci-ctcae-5",
    "hibbs-2025-duffy",
)
_OTHERS = (
    Source(
        "daids-2.1",
        "DAIDS Table for Grading the Severity of Adult and Pediatric Adverse Events, corrected version 2.1, July 2017",
    ),
    Source(
        "admiral-grading",
        "CTCAE 4.03, 5.0, 6.0 and DAIDS 2.1 as quoted in pharmaverse/admiral 6eb5125a, data-raw/adlb_grading",
        url="https://github.com/pharmaverse/admiral",
    ),
)
_MADE = {"chosen": "", "thresholds": "episodes under, of"}
_OWNERS = {
    "duffy-null": "of Duffy-null people",
    "laboratory": "of the laboratory",
    "age": "of the age",
    "adult": "of adults",
    "none": "none known: cannot be said",
}


def write_page(summary: Summary, about: Mapping[str, Any]) -> str:
    """The page. `about` is what the result was made with; `about["chosen"]["hide_below"]`, the least number of people
    that is shown, is HIDE_BELOW where nothing is said."""
    s = summary
    below = about.get("chosen", {}).get("hide_below")
    hide = Hider(HIDE_BELOW if below is None else below)
    cited = Citations(_list_sources())
    title = f"Low blood counts: {about.get('chosen', {}).get('source', 'a population')}"
    low, _ = hide.words((s.low_now, s.people - s.low_now))
    parts = (
        f"<h1>{esc(title)}</h1>",
        f'<p class="first"><strong>{esc(low)} of {esc(count_of(s.people, "person", "people"))}</strong> '
        f"have a low white cell, neutrophil or lymphocyte count at their newest count.</p>",
        _show_banner(s, hide, cited),
        _show_scope(s, hide),
        show_now(s, hide, cited),
        show_prevalence(s, hide),
        show_grades(s, hide, cited),
        show_episodes(s, hide),
        show_causes(s, hide),
        _show_methods(s, hide),
        _show_missed(s, hide),
        _show_made(about),
        _show_sources(cited),
    )
    body = "\n".join(part for part in parts if part)
    made = f"leukon {about.get('leukon', '')}, knowledge {about.get('knowledge', '')}, {about.get('date', '')}."
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{esc(title)}</title>\n<style>{CSS}{CHART_CSS}</style>\n</head>\n"
        f"<body>\n<main>\n{body}\n</main>\n<footer>{paragraph(made, css='soft')}{paragraph(INFORMS)}</footer>\n"
        "</body>\n</html>\n"
    )


def _show_banner(s: Summary, hide: Hider, cited: Citations) -> str:
    """The most dangerous first: neutrophils under 0.5 now."""
    severe = sum(d.people for d in s.depths if d.below in SEVERE)
    if not severe:
        return ""
    parts = hide.numbers([d.people for d in s.depths])[: len(SEVERE)]
    whole = severe if parts.count(None) in (0, len(parts)) else 0  # with one part shown the other would be known
    who = f"{hide.one(whole)} people have" if whole > 1 else "1 person has" if whole else "Some people have"
    said = (
        f"{who} neutrophils under 0.5 at the newest count: severe neutropenia{cited.mark(_CITED[:1])}. With fever that "
        f"is an emergency: first antibiotic within the hour{cited.mark(_CITED[2:3])}."
    )
    find = "Who: people.parquet, neutrophils_last < 0.5."
    return f'<div class="banner emergency" role="note"><strong>{esc(said)}</strong>{paragraph(find)}</div>'


def _show_scope(s: Summary, hide: Hider) -> str:
    lines = [f"{s.counts:,} counts from {s.draws:,} draws of {s.people:,} people"]
    if s.first_day is not None and s.last_day is not None:
        first, last = show_year(s.first_day), show_year(s.last_day)
        lines[0] += f", {first}" if first == last else f", {first} to {last}"
        recent, _ = hide.words((s.recent, s.people - s.recent))
        lines.append(
            f"“Now” is the newest count of each person, however old. Counted in the last 30 days before the newest "
            f"count of all: {recent} of them"
        )
    if hide.below > 1:
        lines.append(
            f"This page may be passed on: numbers of 1 to {hide.below - 1} people are not shown, nor, in the same "
            "table, what would give them away. The tables beside it hold every person and may not be passed on"
        )
    return bullets(f"{line}." for line in lines)


def _show_methods(s: Summary, hide: Hider) -> str:
    said = {
        "measured": "measured",
    }
    methods = [
        (
            esc(ANALYTES.get(m.analyte, m.analyte)),
            esc(said.get(m.how, m.how)),
            num(hide.one(m.counts)),
            num(hide.one(m.people)),
        )
        for m in s.methods
        if m.analyte in ANALYTES
    ]
    limits = [
        (esc(ANALYTES.get(row.analyte, row.analyte)), esc(_OWNERS.get(row.owner, row.owner)), num(hide.one(row.counts)),
         num(hide.one(row.low)))
        for row in s.limits
        if row.analyte in ANALYTES
    ]  # fmt: skip
    return section(
        "methods",
        "How counts were had, and whose limits judged them",
        '<div class="pair">',
        table("How counts were had", ("Count", "How", "Counts", "People"), methods),
        table("Whose limits", ("Count", "Limits", "Counts judged", "Low by them"), limits),
        "</div>",
    )


def _show_missed(s: Summary, hide: Hider) -> str:
    if not s.missed:
        return section("missed", "Not understood", paragraph("Nothing: every row of the source was read."))
    rows: list[tuple[str, ...]] = []
    for m in s.missed:
        text = m.text
        if text is None:
            text = "(may tell who: in the table)"
        elif text and m.rows is not None and m.rows < hide.below:
            text = "(seldom: in the table)"
        where = ".".join(part for part in (m.table, m.column) if part)
        rows.append((esc(where), esc(text), esc(m.reason), num("not known" if m.rows is None else hide.one(m.rows))))
    lead = f"{s.missed_rows:,} rows in {s.missed_kinds:,} kinds, most frequent first."
    if s.missed_kinds > len(s.missed):
        lead += f" The first {len(s.missed)} kinds are shown; all stand in not_understood.parquet."
    listed = table("What was not understood, and why", ("Where", "Text", "Why", "Rows"), rows)
    return section("missed", "Not understood", paragraph(lead), listed)


def _show_made(about: Mapping[str, Any]) -> str:
    rows: list[tuple[str, str]] = []
    for name, value in about.items():
        inner = cast("Mapping[str, Any]", value) if isinstance(value, Mapping) else {"": value}
        head = _MADE.get(name, name)
        rows += [(f"{head} {which}".strip(), _say(held)) for which, held in inner.items()]
    cells = [(esc(name.replace("_", " ")), esc(value)) for name, value in rows]
    lead = paragraph("Columns of every table: dictionary.csv. What each choice means: docs/population.md of leukon.")
    return section("made", "How this was made", lead, table("Versions and choices", ("What", "Value"), cells))


def _show_sources(cited: Citations) -> str:
    made: list[str] = []
    for number, source in cited.list_cited():
        link = link_source(source)
        tail = f' <a href="{esc(link)}" rel="noreferrer">{esc(link)}</a>' if link else ""
        made.append(f'<li id="source-{number}">{esc(source.citation)}{tail}</li>')
    return section("sources", "Sources", f"<ol>{''.join(made)}</ol>") if made else ""


def _list_sources() -> list[Source]:
    held = load_knowledge().sources
    facts = [held[name] for name in _CITED]
    return [*(Source(f.id, f.citation, f.doi, f.pmid, f.url) for f in facts), *_OTHERS]


def _say(value: Any) -> str:
    if isinstance(value, list | tuple):
        return ", ".join(_say(held) for held in cast("Sequence[Any]", value))
    return f"{value:g}" if isinstance(value, float) else str(value)
