"""How good the probabilities are: said against seen, in groups; distance, log score, Brier score; who leads."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from bench.calibration.answers import Answer
from leukon.causes import NORMAL

__all__ = [
    "DANGER_EDGES", "EDGES", "Bin", "Dangerous", "Family", "Score", "Surprise", "Total", "find_dangerous",
    "find_surprise", "group", "list_families", "list_leading", "list_pairs", "list_totals", "measure_distance", "score",
    "wilson",
]  # fmt: skip

Floats = NDArray[np.float64]
EDGES = (0.0, 0.01, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)
DANGER_EDGES = (0.0, 0.001, 0.01, 0.03, 0.1, 0.3, 1.0)
SHOWN = 0.01  # a cause that must not be missed is shown at this probability
_LEAST = 1e-6  # probabilities in the log score are held off 0 and 1 by this


@dataclass(frozen=True, slots=True)
class Bin:
    """The statements within a range of probability: how many, what was said on average, how often it was so."""

    low: float
    high: float
    n: int
    said: float
    seen: float
    interval: tuple[float, float]  # of `seen`: Wilson, 95 %

    @property
    def fits(self) -> bool:
        return self.interval[0] <= self.said <= self.interval[1]


@dataclass(frozen=True, slots=True)
class Score:
    """Scores of one set of patients; log and Brier scores are means over patients of the sum over causes."""

    n: int
    known: int
    distance: float  # expected calibration error, of statements of 1 % and more
    distance_leading: float  # the same of the leading cause of each person
    log: float
    log_prior: float
    log_usual: float
    brier: float
    brier_prior: float
    brier_usual: float
    first: int  # of those whose causes leukon knows: the leading cause acts
    three: int
    first_family: int
    three_family: int
    leading: tuple[float, float]  # in all: mean probability said of the leading cause, and how often it acts
    within: tuple[int, int]  # of so many, the truth is in the smallest group holding 90 %
    named: tuple[int, int]
    size: float


@dataclass(frozen=True, slots=True)
class Total:
    """How many of all patients have something: as many as the probabilities add up to, or not."""

    name: str
    said: float
    seen: float
    interval: tuple[float, float]


@dataclass(frozen=True, slots=True)
class Surprise:
    """-ln of the probability given to the whole truth, on average; what was to be expected; the standard error."""

    seen: float
    expected: float
    error: float

    @property
    def z(self) -> float:
        return (self.seen - self.expected) / self.error


@dataclass(frozen=True, slots=True)
class Family:
    """One family of causes: people who have it, the probability said in them and in all, who leads in them."""

    name: str
    n: int
    said_in_them: float
    said_in_all: float
    seen_in_all: float
    first: int
    three: int


@dataclass(frozen=True, slots=True)
class Dangerous:
    """Causes that must not be missed, at the probability from which they are shown."""

    acting: int  # people in whom one acts
    shown: int  # of them, at or above the limit
    lines: float  # shown per person, on average
    right: float  # share of what is shown that acts
    under: int  # statements under the limit
    missed: int  # of them, it acted


def wilson(right: int, n: int, z: float = 1.96) -> tuple[float, float]:
    """Wilson's 95 % interval of a proportion.

    >>> [round(x, 3) for x in wilson(20, 28)]
    [0.529, 0.847]
    """
    if n == 0:
        return 0.0, 1.0
    p, z2 = right / n, z * z
    middle = (p + z2 / (2 * n)) / (1 + z2 / n)
    half = z * math.sqrt(p * (1 - p) / n + z2 / (4 * n * n)) / (1 + z2 / n)
    return max(0.0, middle - half), min(1.0, middle + half)


def list_pairs(answers: Sequence[Answer], *, family: bool = False, dangerous: bool = False) -> tuple[Floats, Floats]:
    """Every statement (one a cause and person, or a family and person): what was said, whether it was so."""
    said: list[float] = []
    so: list[bool] = []
    for a in answers:
        truth = a.families if family else _truth(a)
        for name, p in (a.said_families if family else a.said).items():
            if not dangerous or name in a.dangerous:
                said.append(p)
                so.append(name in truth)
    return np.array(said), np.array(so, dtype=float)


def list_leading(answers: Sequence[Answer]) -> tuple[Floats, Floats]:
    """What was said of the leading cause of each person (or that nothing acts), and whether it was so."""
    best = [max(a.said.items(), key=lambda item: item[1]) for a in answers]
    return np.array([p for _, p in best]), np.array(
        [float(name in _truth(a)) for (name, _), a in zip(best, answers, strict=True)]
    )


def group(said: Floats, so: Floats, edges: Sequence[float] = EDGES, z: float = 1.96) -> list[Bin]:
    """Statements grouped by what was said; empty groups are left out."""
    place = np.clip(np.searchsorted(edges, said, side="right") - 1, 0, len(edges) - 2)
    made: list[Bin] = []
    for n, (low, high) in enumerate(pairwise(edges)):
        inside = place == n
        count = int(inside.sum())
        if count:
            right = int(so[inside].sum())
            made.append(Bin(low, high, count, float(said[inside].mean()), right / count, wilson(right, count, z)))
    return made


def measure_distance(said: Floats, so: Floats, least: float = SHOWN) -> float:
    """Expected calibration error: how far said and seen lie apart, on average over statements of `least` and more."""
    kept = said >= least
    bins = group(said[kept], so[kept])
    return sum(b.n * abs(b.said - b.seen) for b in bins) / max(1, sum(b.n for b in bins))


def score(answers: Sequence[Answer]) -> Score:
    """All scores of a set of patients."""
    known = [a for a in answers if a.known]
    leading = list_leading(answers)
    usual = _count_usual(answers)
    logs = np.array([_log_and_brier(a, usual) for a in answers]).mean(axis=0)
    held = [a.within for a in answers if a.within is not None]
    named = [a.named for a in answers if a.named is not None]
    return Score(
        n=len(answers),
        known=len(known),
        distance=measure_distance(*list_pairs(answers)),
        distance_leading=measure_distance(*leading),
        log=logs[0], brier=logs[1], log_prior=logs[2], brier_prior=logs[3], log_usual=logs[4], brier_usual=logs[5],
        first=sum(_leads(a.said, _truth(a), 1) for a in known),
        three=sum(_leads(a.said, _truth(a), 3) for a in known),
        first_family=sum(_leads(a.said_families, a.families, 1) for a in known),
        three_family=sum(_leads(a.said_families, a.families, 3) for a in known),
        leading=(float(leading[0].mean()), float(leading[1].mean())),
        within=(sum(held), len(held)),
        named=(sum(named), len(named)),
        size=float(np.mean([a.size for a in answers])),
    )  # fmt: skip


def list_totals(answers: Sequence[Answer]) -> list[Total]:
    """Nothing acts, one cause, two, none of these: what the probabilities add up to, and how many there are."""
    n = len(answers)
    each = (
        ("nothing acts", [a.normal for a in answers], [a.known and not a.truth for a in answers]),
        (
            "one cause", [1 - a.normal - a.several - a.none_of_these for a in answers],
            [len(a.truth) == 1 for a in answers],
        ),
        ("several causes", [a.several for a in answers], [len(a.truth) > 1 for a in answers]),
        ("none of these", [a.none_of_these for a in answers], [not a.known for a in answers]),
    )  # fmt: skip
    return [Total(name, sum(said) / n, sum(so) / n, wilson(sum(so), n)) for name, said, so in each]


def find_surprise(answers: Sequence[Answer]) -> Surprise:
    """The most sensitive test of the arithmetic: is the truth as surprising as the probabilities expect?"""
    held = [a.surprise for a in answers if a.surprise]
    n = max(1, len(held))
    seen, expected, variance = (sum(x) / n for x in zip(*held, strict=True)) if held else (0.0, 0.0, 1.0)
    return Surprise(seen, expected, max(math.sqrt(variance / n), 1e-9))


def list_families(answers: Sequence[Answer]) -> list[Family]:
    """Each family that acts in someone, the commonest first."""
    names = sorted({f for a in answers for f in a.families})
    made: list[Family] = []
    for name in names:
        them = [a for a in answers if name in a.families]
        made.append(
            Family(
                name,
                len(them),
                float(np.mean([a.said_families.get(name, 0.0) for a in them])),
                float(np.mean([a.said_families.get(name, 0.0) for a in answers])),
                len(them) / len(answers),
                sum(_leads(a.said_families, frozenset([name]), 1) for a in them),
                sum(_leads(a.said_families, frozenset([name]), 3) for a in them),
            )
        )
    return sorted(made, key=lambda f: (-f.n, f.name))


def find_dangerous(answers: Sequence[Answer]) -> Dangerous:
    """What showing dangerous causes at 1 % finds and what it costs."""
    acting = [a for a in answers if a.truth & a.dangerous]
    said, so = list_pairs(answers, dangerous=True)
    above = said >= SHOWN
    return Dangerous(
        acting=len(acting),
        shown=sum(any(a.said[c] >= SHOWN for c in a.truth & a.dangerous) for a in acting),
        lines=float(above.sum()) / max(1, len(answers)),
        right=float(so[above].mean()) if above.any() else 0.0,
        under=int((~above).sum()),
        missed=int(so[~above].sum()),
    )


def _truth(a: Answer) -> frozenset[str]:
    return a.truth or frozenset([NORMAL] if a.known else [])


def _leads(said: dict[str, float], truth: frozenset[str], places: int) -> bool:
    best = sorted(said, key=lambda name: (-said[name], name))[:places]
    return not truth.isdisjoint(best)


def _count_usual(answers: Sequence[Answer]) -> dict[str, float]:
    """How often each cause acts among these people: what one could say of each without looking at anyone."""
    found: dict[str, float] = {}
    for a in answers:
        for name in _truth(a):
            found[name] = found.get(name, 0.0) + 1 / len(answers)
    return found


def _log_and_brier(a: Answer, usual: dict[str, float]) -> list[float]:
    truth = _truth(a)
    names = list(a.said)
    so = np.array([name in truth for name in names], dtype=float)
    made: list[float] = []
    for source in (a.said, a.prior, usual):
        p = np.clip(np.array([source.get(name, 0.0) for name in names]), _LEAST, 1 - _LEAST)
        made += [float(-(so * np.log(p) + (1 - so) * np.log(1 - p)).sum()), float(((p - so) ** 2).sum())]
    return made
