"""Of the page of a population: how many are low now and how low, how common that is by group, and how bad it was."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby, pairwise

from leukon.population.page_charts import Bar, Interval, Part, Split, draw_bars, draw_intervals, draw_splits, key
from leukon.population.page_summary import DEPTHS, GRADES, Share, Summary
from leukon.population.page_words import ANALYTES, CRITERIA_NAMES, name_limit, num, percent
from leukon.population.small_cells import Hider
from leukon.report.cite import Citations
from leukon.report.html_parts import esc, paragraph, section, table

__all__ = ["show_grades", "show_now", "show_prevalence"]

_GRADE_CSS = ("g0", "g1", "g2", "g3", "g4", "none")
_GRADE_WORDS = ("0", "1", "2", "3", "4", "–")
_HELD = ("held", "held back")
_LIMITS = (
    "Low for this person: under the limit of Duffy-null people (by test), else of the laboratory, the age, or adults. "
    "A count without a limit that applies is “cannot say”, never a guess; one without a unit is not understood (below)."
)
_SURVEY = (
    "Shares are of the population that the survey stands for (weighted, with design-based standard errors); numbers of "
    "people are those who were measured."
)
_COUNTED = (
    "Shares are of the people in these tables, who may differ from the population around them: who is counted is often "
    "ill."
)


def show_now(s: Summary, hide: Hider, cited: Citations) -> str:
    """Of each kind of count: low, not low or not to be said, at the newest count; and how low neutrophils are."""
    rows: list[tuple[str, ...]] = []
    bars: list[Split] = []
    for a in s.analytes:
        if not a.people:
            continue
        cells = (a.low_now, a.not_low_now, a.cannot_say_now)
        shown, words = hide.numbers(cells), hide.words(cells)
        share = "–" if shown[0] is None else percent(a.low_now / a.people)
        ever = hide.words((a.ever_low, a.people - a.ever_low))[0]
        name = ANALYTES[a.analyte]
        rows.append((esc(name), *(num(cell) for cell in (hide.one(a.people), words[0], share, *words[1:], ever))))
        parts = _cut(shown, cells, ("g3", "g0", "none"), ("low", "not low", "?"))
        bars.append(Split(name, f"{words[0]} of {hide.one(a.people)} low", parts))
    told = "; ".join(f"{bar.label}: {bar.note}" for bar in bars)
    signs = [("g3", "low"), ("g0", "not low"), ("none", "cannot say")]
    return section(
        "now",
        "Low now",
        paragraph(_LIMITS),
        '<div class="charts">',
        draw_splits("now-chart", "Newest counts: low for the person?", told, bars),
        _draw_depths(s, hide),
        "</div>",
        key([*signs, _HELD] if hide.below > 1 else signs),
        table(
            "Newest count of each person",
            ("Count", "People", "Low", "Share", "Not low", "Cannot say", "Ever low"),
            rows,
        ),
        _list_depths(s, hide, cited),
    )


def _draw_depths(s: Summary, hide: Hider) -> str:
    cells = [d.people for d in s.depths]
    told_of = zip(_name_depths(), hide.numbers(cells), hide.words(cells), strict=True)
    bars = [Bar(label, word, None if n is None else float(n), None) for label, n, word in told_of][:-1]
    told = "; ".join(f"{bar.label}: {bar.text}" for bar in bars)
    return draw_bars("depth-chart", "Low neutrophils now (10*9/L): people", told, bars)


def _list_depths(s: Summary, hide: Hider, cited: Citations) -> str:
    words = hide.words([d.people for d in s.depths])
    rows = [(esc(label), num(word)) for label, word in zip(_name_depths(), words, strict=True)]
    said = (
        f"Under 0.5 is severe neutropenia in everyone{cited.mark(['taplitz-2018-prophylaxis'])}; infection kills most "
        f"often where counts stay under 0.1{cited.mark(['bodey-1966-infection'])}. Under 1.5 alone is normal for "
        f"many Duffy-null people{cited.mark(['hibbs-2025-duffy'])}."
    )
    return paragraph(said) + table("Neutrophils at the newest count, 10*9/L", ("Neutrophils", "People"), rows)


def _name_depths() -> list[str]:
    middle = [f"{low:.1f} to under {high:.1f}" for low, high in pairwise(DEPTHS)]
    return [f"under {DEPTHS[0]:.1f}", *middle, f"{DEPTHS[-1]:.1f} or more"]


def show_prevalence(s: Summary, hide: Hider) -> str:
    """A chart of white cells and one of neutrophils, all groups on one axis; other limits in a table below."""
    if not s.prevalence:
        return ""
    charts: list[str] = []
    tables: list[str] = []
    others: list[str] = []
    unknown = _find_unknown(s.prevalence)
    known = [r for r in s.prevalence if not set(r.by.split(", ")) & set(unknown)]
    for (analyte, threshold, count), found in groupby(known, lambda r: (r.analyte, r.threshold, r.count)):
        limit = name_limit(analyte, threshold)
        groups = [list(held) for _, held in groupby(found, lambda r: r.by)]
        shown = [_hide_shares(held, hide) for held in groups]
        pairs = [pair for held, ns in zip(groups, shown, strict=True) for pair in zip(held, ns, strict=True)]
        listed = table(
            f"{limit}, {count} count",
            ("Group", "By", "People", "Low", "Share", "Interval"),
            [_list_share(r, n, hide) for r, n in pairs],
        )
        if _is_drawn(groups[0][0], known):
            charts.append(_draw_shares(f"share-{analyte}", f"{limit}, {count} count", groups, shown, hide))
            tables.append(listed)
        else:
            others.append(listed)
    more = f"<details><summary>Other limits</summary>{''.join(others)}</details>"
    said = _SURVEY if any(r.weighted for r in s.prevalence) else _COUNTED
    nobody = f"Not known of anybody: {', '.join(unknown)}." if unknown else ""
    return section(
        "prevalence",
        "How common",
        paragraph(
            f"{said} The line is the interval that holds the true share 95 times in 100. Limits are in 10*9/L. {nobody}"
        ),
        f'<div class="charts">{"".join(charts)}</div>',
        *tables,
        more if others else "",
    )


def _find_unknown(rows: Sequence[Share]) -> list[str]:
    """What nobody is grouped by, because the source does not say it."""
    groups = {by: {r.group for r in rows if r.by == by} for by in dict.fromkeys(r.by for r in rows)}
    return [by for by, held in groups.items() if held == {"not known"}]


def _name_group(r: Share, hide: Hider) -> str:
    """An ancestry that few have may tell who they are."""
    return r.group if r.people >= hide.below else "(a small group)"


def _hide_shares(group: Sequence[Share], hide: Hider) -> list[int | None]:
    """Low people of each group; held back too where nearly all of a group are low."""
    shown = hide.numbers([r.low for r in group])
    return [None if 0 < r.people - r.low < hide.below else n for r, n in zip(group, shown, strict=True)]


def _is_drawn(row: Share, rows: Sequence[Share]) -> bool:
    """The highest limit of white cells and of neutrophils, for the first way of choosing a count."""
    first = next(r for r in rows if r.analyte == row.analyte)
    return row.analyte in ("wbc", "neutrophils") and (row.threshold, row.count) == (first.threshold, first.count)


def _list_share(r: Share, shown: int | None, hide: Hider) -> tuple[str, ...]:
    low = hide.one(r.low) if shown is not None or r.low < hide.below else "held back"
    share, interval = "–", "–"
    if shown is not None:
        share = percent(r.share, 2)
        if r.lower is not None and r.upper is not None:
            interval = f"{100 * r.lower:.2f} to {100 * r.upper:.2f} %"
    return (esc(_name_group(r, hide)), esc(r.by), *(num(cell) for cell in (hide.one(r.people), low, share, interval)))


def _draw_shares(
    id: str, title: str, groups: Sequence[Sequence[Share]], shown: Sequence[Sequence[int | None]], hide: Hider
) -> str:
    drawn: list[tuple[str, list[Interval]]] = []
    for held, numbers in zip(groups, shown, strict=True):
        if "," in held[0].by:  # crossed groups are in the table only
            continue
        rows: list[Interval] = []
        for r, n in zip(held, numbers, strict=True):
            if n is None:
                rows.append(Interval(_name_group(r, hide), f"held back, of {hide.one(r.people)}", None, None, None))
            else:
                rows.append(
                    Interval(
                        _name_group(r, hide), f"{percent(r.share)} of {hide.one(r.people)}", r.share, r.lower, r.upper
                    )
                )
        drawn.append(("" if held[0].by == "all" else f"By {held[0].by}", rows))
    told = "; ".join(f"{row.label}: {row.text}" for _, rows in drawn for row in rows)
    return draw_intervals(id, title, told, drawn)


def show_grades(s: Summary, hide: Hider, cited: Citations) -> str:
    """The worst grade of each person, by each version side by side."""
    charts: list[str] = []
    rows: list[tuple[str, ...]] = []
    for a in s.analytes:
        if not a.people:
            continue
        bars: list[Split] = []
        for criteria in CRITERIA_NAMES:
            held = {g.grade: g.people for g in s.grades if (g.analyte, g.criteria) == (a.analyte, criteria)}
            cells = [held[grade] for grade in GRADES]
            shown, words = hide.numbers(cells), hide.words(cells)
            rows.append((esc(ANALYTES[a.analyte]), esc(CRITERIA_NAMES[criteria]), *(num(word) for word in words)))
            worst = shown[3:5]
            note = "" if None in worst else f"grade 3 or 4: {held[3] + held[4]:,}"
            bars.append(Split(CRITERIA_NAMES[criteria], note, _cut(shown, cells, _GRADE_CSS, _GRADE_WORDS)))
        told = "; ".join(f"{bar.label}, {bar.note or 'held back'}" for bar in bars)
        charts.append(draw_splits(f"grades-{a.analyte}", f"{ANALYTES[a.analyte]}: worst grade", told, bars))
    said = (
        f"Grades as the criteria are printed{cited.mark(['nci-ctcae-5', 'daids-2.1', 'admiral-grading'])}: they ask "
        "how far a count fell, not whether it is low for the person. CTCAE 6 sets other limits for some counts than "
        "4.03 and 5 do. “–”: no count could be graded, or the version has no such term."
    )
    signs = [*((f"g{g}", f"grade {g}") for g in range(5)), ("none", "no grade")]
    return section(
        "grades",
        "How bad: the worst grade of each person",
        paragraph(said),
        f'<div class="charts">{"".join(charts)}</div>',
        key([*signs, _HELD] if hide.below > 1 else signs),
        table(
            "People by their worst grade",
            ("Count", "Version", *(f"Grade {grade}" for grade in GRADES[:-1]), "No grade"),
            rows,
        ),
    )


def _cut(
    shown: Sequence[int | None], cells: Sequence[int], css: Sequence[str], words: Sequence[str]
) -> tuple[Part, ...]:
    """The parts of a bar; those held back are one part, at the end."""
    whole = sum(cells) or 1
    parts = [Part(c, n / whole, word) for n, c, word in zip(shown, css, words, strict=True) if n]
    held = sum(cell for n, cell in zip(shown, cells, strict=True) if n is None)
    return (*parts, Part("held", held / whole, "held back")) if held else tuple(parts)
