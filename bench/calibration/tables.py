"""Markdown tables of the page, and how numbers are written on it."""

from __future__ import annotations

from collections.abc import Sequence

from bench.calibration.answers import Answer
from bench.calibration.scores import Bin, Family, Score, Total, list_families, wilson

__all__ = ["count", "family_table", "percent", "reliability_table", "score_table", "table", "total_table"]


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table; the first column is text, the others are numbers."""
    marks = ["---", *["---:"] * (len(head) - 1)]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in (head, marks, *rows))


def percent(p: float) -> str:
    """
    >>> percent(0.00042), percent(0.083), percent(0.5), percent(0.0)
    ('0.04 %', '8.3 %', '50 %', '0 %')
    """
    if 0 < p < 0.01:
        return f"{p * 100:.2f} %"
    return f"{p * 100:.1f} %" if 0 < p < 0.1 else f"{p * 100:.0f} %"


def count(right: int, n: int) -> str:
    """So many of so many, with Wilson's 95 % interval.

    >>> count(20, 28)
    '20 of 28, 71 % (53 % to 85 %)'
    """
    if n == 0:
        return "none"
    low, high = wilson(right, n)
    return f"{right:,} of {n:,}, {percent(right / n)} ({percent(low)} to {percent(high)})"


def reliability_table(bins: Sequence[Bin]) -> str:
    rows = [
        (
            f"{_edge(b.low)} to {_edge(b.high)}",
            f"{b.n:,}",
            percent(b.said),
            percent(b.seen),
            f"{percent(b.interval[0])} to {percent(b.interval[1])}",
            "yes" if b.fits else "too high" if b.said > b.seen else "too low",
        )
        for b in bins
    ]
    return table(("leukon says", "statements", "said, on average", "so", "95 % interval", "said within it"), rows)


def _edge(p: float) -> str:
    return f"{p * 100:g} %"


def total_table(totals: Sequence[Total]) -> str:
    rows = [
        (t.name, percent(t.said), percent(t.seen), f"{percent(t.interval[0])} to {percent(t.interval[1])}")
        for t in totals
    ]
    return table(("of all patients", "said", "so", "95 % interval"), rows)


def score_table(columns: Sequence[tuple[str, Score]]) -> str:
    """Scores side by side, one column a world."""
    rows: list[tuple[str, ...]] = [("patients", *(f"{s.n:,}" for _, s in columns))]
    for label, pick in _LINES:
        rows.append((label, *(pick(s) for _, s in columns)))
    return table(("", *(name for name, _ in columns)), rows)


_LINES = (
    ("points apart, statements of 1 % and more", lambda s: f"{s.distance * 100:.1f}"),
    ("points apart, of the leading cause", lambda s: f"{s.distance_leading * 100:.1f}"),
    ("leading cause, in all patients: said, on average", lambda s: percent(s.leading[0])),
    ("leading cause, in all patients: so", lambda s: percent(s.leading[1])),
    ("log score", lambda s: f"{s.log:.2f}"),
    ("… of the priors alone", lambda s: f"{s.log_prior:.2f}"),
    ("… of each cause's frequency among these patients", lambda s: f"{s.log_usual:.2f}"),
    ("Brier score", lambda s: f"{s.brier:.2f}"),
    ("… of the priors alone", lambda s: f"{s.brier_prior:.2f}"),
    ("… of each cause's frequency among these patients", lambda s: f"{s.brier_usual:.2f}"),
    ("leading cause acts, where leukon knows the causes", lambda s: _share(s.first, s.known)),
    ("one of the first three acts", lambda s: _share(s.three, s.known)),
    ("leading family acts", lambda s: _share(s.first_family, s.known)),
    ("one of the first three families acts", lambda s: _share(s.three_family, s.known)),
    ("truth among the explanations that hold 90 %", lambda s: _share(*s.within)),
    ("a true cause named among them", lambda s: _share(*s.named)),
    ("explanations among them, on average", lambda s: f"{s.size:.0f}"),
)


def _share(right: int, n: int) -> str:
    if n == 0:
        return "–"
    low, high = wilson(right, n)
    return f"{percent(right / n)} ({percent(low)} to {percent(high)})"


def family_table(answers: Sequence[Answer]) -> str:
    rows = [_family_row(f) for f in list_families(answers)]
    head = ("family", "patients", "said of it in them", "said in all", "so in all", "leads in them", "in first three")
    return table(head, rows)


def _family_row(f: Family) -> tuple[str, ...]:
    return (
        f.name.replace("_", " "),
        f"{f.n:,}",
        percent(f.said_in_them),
        percent(f.said_in_all),
        percent(f.seen_in_all),
        percent(f.first / f.n),
        percent(f.three / f.n),
    )
