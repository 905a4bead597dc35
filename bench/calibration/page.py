"""Writes the page: what was tested, what was found, what it does not say. Every figure on it is computed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from bench.calibration.answers import Answer
from bench.calibration.records import Published
from bench.calibration.run import Results
from bench.calibration.scores import (
    DANGER_EDGES,
    Bin,
    find_dangerous,
    find_surprise,
    group,
    list_leading,
    list_pairs,
    list_totals,
    score,
    wilson,
)
from bench.calibration.tables import count, family_table, percent, reliability_table, score_table, table, total_table
from bench.calibration.texts import DANGEROUS, FAMILIES, LIMITS, SAFEGUARDS, SELECTION, TERMS, WHAT

__all__ = ["CHART", "write_page"]

CHART = "calibration.svg"
_SURE = 0.9


def write_page(results: Results, today: str) -> str:
    """The whole page as Markdown."""
    parts = [
        "# How far leukon's probabilities can be trusted",
        _write_stamp(results, today),
        "## In short",
        _write_short(results),
        "## What is tested",
        WHAT,
        f"![What was said against how often it was so]({CHART})",
        "## 1. Is the arithmetic right?",
        _write_arithmetic(results),
        "## 2. How wrong is leukon when its model is wrong?",
        _write_other(results),
        "## 3. Published records",
        *[_write_published(p) for p in results.published],
        *([] if results.published else ["No set of published records was at hand when this page was made."]),
        SELECTION,
        "## Causes that must not be missed",
        _write_dangerous(results),
        "## By family of causes",
        FAMILIES,
        "### leukon's own world, as used",
        family_table(results.own),
        "### A world that differs",
        family_table(results.other),
        "## What this page does not say",
        LIMITS,
        "## How to read the numbers",
        TERMS,
    ]
    return "\n\n".join(parts) + "\n"


def _write_stamp(results: Results, today: str) -> str:
    quarter = max(1, results.n // 4)
    return (
        "Made by `make calibration`; every figure on this page is computed anew each time. "
        f"Knowledge {results.knowledge}, {today}, {results.n:,} virtual patients in each world "
        f"({quarter:,} for each single deviation), seed {results.seed}.\n\n"
        "**leukon is not calibrated on patients.** This page says what is known without them."
    )


def _write_short(results: Results) -> str:
    exact = group(*list_pairs(results.exact))
    lines = [
        "- **The arithmetic.** On patients of its own model, safeguards off, what was said lies within the 95 % "
        f"interval of what was so in {sum(b.fits for b in exact)} of {len(exact)} groups of statements (19 of 20 are "
        f"expected to). {_say_distance(results.exact)}",
        f"- **As used**, safeguards on, on patients of its own model: {_say_sure(results.own)} "
        f"{_say_distance(results.own)}",
        f"- **When the model is wrong** in six ways at once: {_say_sure(results.other)} {_say_distance(results.other)} "
        "Until patients say more, read leukon's probabilities as no surer than this.",
    ]
    for p in results.published:
        n = len(p.judged)
        lines.append(
            f"- **Published records ({p.name}).** An acceptable family leads in "
            f"{count(sum(j.first for j in p.judged), n)}, and is among the first three families in "
            f"{count(sum(j.three for j in p.judged), n)}."
        )
    return "\n".join(lines)


def _say_distance(answers: Sequence[Answer]) -> str:
    s = score(answers)
    return f"Said and so lie {s.distance * 100:.1f} points apart, of the leading cause {s.distance_leading * 100:.1f}."


def _find_sure(answers: Sequence[Answer]) -> Bin | None:
    """The leading causes that were given 90 % and more."""
    return next((b for b in group(*list_leading(answers)) if b.low >= _SURE), None)


def _say_sure(answers: Sequence[Answer]) -> str:
    sure = _find_sure(answers)
    if sure is None:
        return "no leading cause was given 90 % or more."
    low, high = sure.interval
    return (
        f"a leading cause given 90 % or more (on average {percent(sure.said)}) acts in {percent(sure.seen)} "
        f"({percent(low)} to {percent(high)}; n = {sure.n:,})."
    )


def _write_arithmetic(results: Results) -> str:
    exact, own = results.exact, results.own
    return "\n\n".join(
        (
            "Safeguards off: what is said should be so, within chance.",
            reliability_table(group(*list_pairs(exact))),
            _judge(group(*list_pairs(exact))),
            "The leading cause of each patient alone (or that nothing acts):",
            reliability_table(group(*list_leading(exact))),
            "Families of causes:",
            reliability_table(group(*list_pairs(exact, family=True))),
            "How much acts at once:",
            total_table(list_totals(exact)),
            _say_surprise(exact),
            SAFEGUARDS,
            reliability_table(group(*list_pairs(own))),
            "The leading cause of each patient alone:",
            reliability_table(group(*list_leading(own))),
            "How much acts at once:",
            total_table(list_totals(own)),
            _say_surprise(own),
            score_table((("safeguards off", score(exact)), ("as used", score(own)))),
        )
    )


def _say_surprise(answers: Sequence[Answer]) -> str:
    s = find_surprise(answers)
    if abs(s.z) <= 2:
        verdict = "within chance"
    else:
        verdict = "leukon is too sure" if s.z > 0 else "leukon is less sure than it could be"
    return (
        f"The most sensitive test: the whole truth (every cause that acts, and no other) surprises by {s.seen:.3f} "
        f"(−ln of its probability, on average); leukon's own probabilities expect {s.expected:.3f} ± {s.error:.3f}: "
        f"{verdict}, {f'{s.z:+.1f}'.replace('-', '−')} standard errors."
    )


def _judge(bins: Sequence[Bin]) -> str:
    outside = [b for b in bins if not b.fits]
    if not outside:
        return "Every group fits."
    far = max(outside, key=lambda b: abs(b.said - b.seen))
    return (
        f"{len(outside)} of {len(bins)} groups lie outside their interval (one in twenty is expected to by chance); "
        f"the farthest was said with {percent(far.said)} and so in {percent(far.seen)}."
    )


def _write_other(results: Results) -> str:
    other = results.other
    worlds = [("leukon's own world", results.own), *((w.name, a) for w, a in results.deviations)]
    rows = [_deviation_row(name, answers) for name, answers in (*worlds, ("all six at once", other))]
    head = (
        "what is wrong", "patients", "points apart", "of the leading cause", "90 % and more, said of the leading",
        "so", "leading cause acts", "one of first three acts", "truth among what holds 90 %",
    )  # fmt: skip
    return "\n\n".join(
        (
            "All six deviations at once:",
            reliability_table(group(*list_pairs(other))),
            "The leading cause of each patient alone:",
            reliability_table(group(*list_leading(other))),
            score_table((("own world", score(results.own)), ("a world that differs", score(other)))),
            "How much acts at once, in the world that differs:",
            total_table(list_totals(other)),
            "Which wrong does most harm, each alone:",
            table(head, rows),
        )
    )


def _deviation_row(name: str, answers: Sequence[Answer]) -> tuple[str, ...]:
    s, sure = score(answers), _find_sure(answers)
    return (
        name,
        f"{s.n:,}",
        f"{s.distance * 100:.1f}",
        f"{s.distance_leading * 100:.1f}",
        percent(sure.said) if sure else "–",
        f"{percent(sure.seen)} ({percent(sure.interval[0])} to {percent(sure.interval[1])})" if sure else "–",
        percent(s.first / max(1, s.known)),
        percent(s.three / max(1, s.known)),
        percent(s.within[0] / max(1, s.within[1])),
    )


def _write_published(p: Published) -> str:
    n = len(p.judged)
    if n == 0:
        return f"### {p.name}\n\nNo record could be read: {'; '.join(p.unread)}."
    first = sum(j.first for j in p.judged)
    said = _mean(j.said for j in p.judged)
    rows: list[tuple[str, ...]] = []
    for low, high in ((0.0, 0.5), (0.5, 0.8), (0.8, 0.95), (0.95, 1.01)):
        them = [j for j in p.judged if low <= j.said < high]
        if them:
            right = sum(j.first for j in them)
            label = f"{low * 100:g} % to {min(high, 1.0) * 100:g} %"
            rows.append((label, f"{len(them)}", percent(_mean(j.said for j in them)), count(right, len(them))))
    lines = [
        f"### {p.name}: {n} records",
        f"- an acceptable family leads: {count(first, n)}\n"
        f"- it is among the first three families: {count(sum(j.three for j in p.judged), n)}\n"
        f"- it is anywhere down to 1 %: {count(sum(j.anywhere for j in p.judged), n)}\n"
        f"- probability said of the leading family, on average: {percent(said)}; it was acceptable in "
        f"{percent(first / n)}: {_compare_said(said, first, n)}",
        table(("said of the leading family", "records", "said, on average", "it was acceptable"), rows),
    ]
    if p.unread:
        lines.append(f"Not read: {'; '.join(p.unread)}.")
    return "\n\n".join(lines)


def _compare_said(said: float, right: int, n: int) -> str:
    low, high = wilson(right, n)
    if said > high:
        return "too sure"
    return "not sure enough" if said < low else f"within chance ({percent(low)} to {percent(high)})"


def _write_dangerous(results: Results) -> str:
    worlds = (("leukon's own world, as used", results.own), ("a world that differs", results.other))
    rows: list[tuple[str, ...]] = []
    for name, answers in worlds:
        d = find_dangerous(answers)
        missed = f"{d.missed:,} of {d.under:,} ({percent(d.missed / max(1, d.under))})"
        rows.append((name, count(d.shown, d.acting), f"{d.lines:.1f}", percent(d.right), missed))
    head = ("", "one acts, and is shown", "shown a patient", "of what is shown, acts", "not shown, yet acts")
    parts = [DANGEROUS, table(head, rows)]
    for name, answers in worlds:
        pairs = list_pairs(answers, dangerous=True)
        parts += [f"In {name}:", reliability_table(group(*pairs, edges=DANGER_EDGES))]
    return "\n\n".join(parts)


def _mean(values: Iterable[float]) -> float:
    held = list(values)
    return sum(held) / max(1, len(held))
