"""Of the page of a population: how long counts were low, and why."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from leukon.population.page_charts import Bar, Column, draw_bars, draw_columns, key
from leukon.population.page_summary import LENGTHS, EpisodeGroup, Length, Summary
from leukon.population.page_words import name_family, name_limit, num, say_quartiles
from leukon.population.small_cells import Hider
from leukon.report.html_parts import esc, paragraph, section, table

__all__ = ["show_causes", "show_episodes"]

_DRAWN = (("wbc", 4.0), ("neutrophils", 1.5), ("neutrophils", 0.5), ("lymphocytes", 1.0))
_EPISODES = (
    "An episode goes from the first count under the limit to the first one back at it. It is open where no count came "
    "back: the person may have recovered, died, or not been counted again. Open ones are drawn by how long they had "
    "lasted; as long episodes are open more often, the true middle is longer than that of the ended ones."
)
_CAUSES = (
    "The bar counts those in whom a cause of the family is the likeliest; the mark is the expected number, the sum of "
    "the probabilities of all of them: the better figure where no cause stands out. Several causes may act in one "
    "person. The probabilities are not calibrated on patients: look for what may be missed and compare groups, but do "
    "not take a share as how frequent a disease is."
)
_LIKELY = 0.5  # families expected in fewer people, and the likeliest in none, are told together


def show_episodes(s: Summary, hide: Hider) -> str:
    """Runs of low counts: how many, how long, how deep."""
    if not s.episodes:
        return section("episodes", "How long: episodes", paragraph("None: no dated count lies under a limit."))
    charts = [_draw_lengths(e, s.lengths, hide) for e in s.episodes if (e.analyte, e.threshold) in _DRAWN]
    signs = [("whole", "ended"), ("hollow", "still open")]
    head = ("Limit", "Episodes", "People", "Open", "Of one low count", "Days, ended ones", "Lowest count")
    return section(
        "episodes",
        "How long: episodes",
        paragraph(_EPISODES),
        f'<div class="charts">{"".join(charts)}</div>',
        key([*signs, ("both", "ended and open: too few to tell apart")] if hide.below > 1 else signs),
        table(
            "Episodes: days, and lowest counts in 10*9/L, as median and quartiles",
            head,
            [_list_episodes(e, hide) for e in s.episodes],
        ),
    )


def _list_episodes(e: EpisodeGroup, hide: Hider) -> tuple[str, ...]:
    open_ = hide.words((e.open, e.episodes - e.open))[0]
    single = hide.words((e.single, e.episodes - e.single))[0]
    few = 0 < e.people < hide.below
    days = None if few or 0 < e.episodes - e.open < hide.below else e.days
    nadir = None if few else e.nadir
    counted = (hide.one(e.episodes), hide.one(e.people), open_, single)
    measured = (say_quartiles(days, 1), say_quartiles(nadir, 2))
    return (esc(name_limit(e.analyte, e.threshold)), *(num(cell) for cell in (*counted, *measured)))


def _draw_lengths(e: EpisodeGroup, lengths: Sequence[Length], hide: Hider) -> str:
    """Ended and open ones are told apart where no part of any column is too small to be shown."""
    held = {(n.below, n.open): n.episodes for n in lengths if (n.analyte, n.threshold) == (e.analyte, e.threshold)}
    pairs = [(held.get((below, False), 0), held.get((below, True), 0)) for below in (*LENGTHS, None)]
    told_apart = None not in hide.numbers([n for pair in pairs for n in pair])
    shown = hide.numbers([sum(pair) for pair in pairs])
    columns: list[Column] = []
    for label, (over, still), n in zip(_name_lengths(), pairs, shown, strict=True):
        parts = (("whole", over), ("hollow", still)) if told_apart else (("both", n or 0),)
        columns.append(Column(label, "–" if n is None else f"{n:,}", parts))
    told = "; ".join(f"{c.label} days: {c.text}" for c in columns)
    title = f"{name_limit(e.analyte, e.threshold)}: {hide.one(e.episodes)} episodes"
    return draw_columns(f"lengths-{e.analyte}-{e.threshold:g}", title, told, columns, "days")


def _name_lengths() -> list[str]:
    middle = [f"{low:g}–{high:g}" for low, high in pairwise(LENGTHS)]
    return [f"<{LENGTHS[0]:g}", *middle, f"≥{LENGTHS[-1]:g}"]


def show_causes(s: Summary, hide: Hider) -> str:
    """The families of the likeliest causes, and the causes themselves."""
    if not s.ranked:
        said = "Causes were not ranked." if s.ranked is None else "Nobody was ever low: no cause is ranked."
        return section("causes", "Why", paragraph(said))
    firsts = [f.first for f in s.families]
    shown, words = hide.numbers(firsts), hide.words(firsts)
    bars: list[Bar] = []
    families: list[tuple[str, ...]] = []
    for f, n, word in zip(s.families, shown, words, strict=True):
        if f.first or f.expected >= _LIKELY:
            name, expected = name_family(f.family), _expect(f.expected, hide)
            families.append((esc(name), num(word), num(expected)))
            mark = None if 0 < f.expected < hide.below else f.expected
            bars.append(Bar(name, f"{word} · {expected}", None if n is None else float(n), mark))
    others = [f for f in s.families if not f.first and f.expected < _LIKELY]
    if others:
        together = _expect(sum(f.expected for f in others), hide)
        families.append((esc(f"{len(others)} other families together"), num("0"), num(together)))
    causes: list[tuple[str, ...]] = []
    for c in s.causes:
        flag = ' <span class="flag">must not miss</span>' if c.must_not_miss else ""
        cells = (num(hide.one(c.first)), num(_expect(c.expected, hide)))
        causes.append((esc(c.name) + flag, esc(name_family(c.family)), *cells))
    told = "; ".join(f"{bar.label}: {bar.text}" for bar in bars)
    return section(
        "causes",
        "Why: the likeliest causes",
        paragraph(f"Ranked for {hide.one(s.ranked)} people who were ever low, for their worst count. {_CAUSES}"),
        '<div class="pair">',
        draw_bars("families", "Families: likeliest in · expected in", told, bars),
        table("Families of causes, people", ("Family", "Likeliest in", "Expected in"), families),
        "</div>",
        key([("whole", "people in whom it is the likeliest"), ("tick", "expected number of people")]),
        table(
            "Causes that are the likeliest in most people", ("Cause", "Family", "Likeliest in", "Expected in"), causes
        ),
    )


def _expect(expected: float, hide: Hider) -> str:
    if 0 < expected < hide.below:
        return f"<{hide.below}"
    if 0 < expected < 0.05:
        return "<0.1"
    return f"{expected:.1f}" if expected < 10 else f"{expected:,.0f}"
