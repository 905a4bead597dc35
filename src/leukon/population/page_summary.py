# pyright: basic
# (ibis builds the methods of its columns at run time: they have no static types)
"""What the page of a population says, as small lists: sums over the tables, worked out where the tables are.

No row of a person is fetched.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Any

import ibis

from leukon.population.cuts import find_first, find_last
from leukon.population.engines import Engine
from leukon.population.groups import AGE_BANDS, COUNTS
from leukon.population.page_missed import Missed, list_missed
from leukon.population.page_words import ANALYTES, CRITERIA_NAMES

__all__ = [
    "DEPTHS",
    "GRADES",
    "LENGTHS",
    "SEVERE",
    "Analyte",
    "Cause",
    "Depth",
    "EpisodeGroup",
    "Family",
    "GradeCount",
    "Length",
    "Limits",
    "Method",
    "Share",
    "Summary",
    "summarise_tables",
]

_LEUKOCYTES = ("wbc", "neutrophils", "lymphocytes")
GRADES = (0, 1, 2, 3, 4, None)
DEPTHS = (0.1, 0.5, 1.0, 1.5)
"""10*9/L: the limits that neutrophils are told by, each the end of a band."""
SEVERE = DEPTHS[:2]
"""The bands of neutrophils that are severe neutropenia: under 0.5."""
LENGTHS = (1.0, 3.0, 7.0, 14.0, 28.0, 90.0)
"""Days: each the end of a band of durations; the last band is open."""
RECENT_DAYS = 30.0
_BY = ("all", "age", "sex", "Duffy-null", "ancestry", "ancestry, sex")
_MOST_CAUSES = 15


@dataclass(frozen=True, slots=True)
class Analyte:
    """People with a count of it; of their newest counts how many are low, not low, or cannot be said; ever low."""

    analyte: str
    people: int
    low_now: int
    not_low_now: int
    cannot_say_now: int
    ever_low: int


@dataclass(frozen=True, slots=True)
class Depth:
    """People whose newest neutrophils lie under `below` and not under the limit before; None: at or above the last."""

    below: float | None
    people: int


@dataclass(frozen=True, slots=True)
class GradeCount:
    """People whose worst grade is this one; None: no count of theirs could be graded."""

    analyte: str
    criteria: str
    grade: int | None
    people: int


@dataclass(frozen=True, slots=True)
class EpisodeGroup:
    """Episodes under one threshold. Days are from the first low count to the first one back, of those that ended."""

    analyte: str
    threshold: float
    episodes: int
    people: int
    open: int
    single: int  # of one low count only
    days: tuple[float, float, float] | None  # quartiles, of those that ended
    nadir: tuple[float, float, float] | None  # quartiles


@dataclass(frozen=True, slots=True)
class Length:
    """Episodes that lasted under `below` days, not under the limit before; open ones by how long they have lasted."""

    analyte: str
    threshold: float
    below: float | None
    open: bool
    episodes: int


@dataclass(frozen=True, slots=True)
class Share:
    """A row of the table of prevalence."""

    analyte: str
    threshold: float | None  # None: the limit of the person
    count: str
    by: str
    group: str
    people: int
    low: int
    share: float
    se: float | None
    lower: float | None
    upper: float | None
    weighted: bool


@dataclass(frozen=True, slots=True)
class Family:
    """People whose likeliest cause is of this family, and the sum of the probabilities of its causes over people."""

    family: str
    first: int
    expected: float


@dataclass(frozen=True, slots=True)
class Cause:
    cause: str
    name: str
    family: str
    must_not_miss: bool
    first: int
    expected: float


@dataclass(frozen=True, slots=True)
class Method:
    """How counts were had: measured, from the white cells and a share of them, by difference."""

    analyte: str
    how: str
    counts: int
    people: int


@dataclass(frozen=True, slots=True)
class Limits:
    """Whose limits counts were judged by, and how many they make low."""

    analyte: str
    owner: str
    counts: int
    low: int


@dataclass(frozen=True, slots=True)
class Summary:
    people: int
    draws: int
    counts: int
    first_day: float | None  # days since 1970-01-01
    last_day: float | None
    low_now: int  # people with WBC, neutrophils or lymphocytes low at their newest count
    recent: int  # people counted in the last RECENT_DAYS before `last_day`
    analytes: tuple[Analyte, ...]
    depths: tuple[Depth, ...]
    grades: tuple[GradeCount, ...]
    episodes: tuple[EpisodeGroup, ...]
    lengths: tuple[Length, ...]
    prevalence: tuple[Share, ...]
    ranked: int | None  # people ever low whose causes were ranked; None: causes were not asked for
    families: tuple[Family, ...]
    causes: tuple[Cause, ...]
    methods: tuple[Method, ...]
    limits: tuple[Limits, ...]
    missed: tuple[Missed, ...]
    missed_kinds: int
    missed_rows: int


def summarise_tables(engine: Engine, tables: Mapping[str, Any]) -> Summary:
    """The sums of `people`, `counts`, `episodes`, `prevalence`, `not_understood` and, where it is there, `causes`."""
    people = tables["people"]
    counts = tables["counts"]
    days = engine.fetch(counts.aggregate(n=counts.count(), first=counts.day.min(), last=counts.day.max())).to_pylist()[
        0
    ]
    sums = engine.fetch(people.aggregate(**_sum_people(people, days["last"]))).to_pylist()[0]
    sums = {name: value or 0 for name, value in sums.items()}
    missed, kinds, rows = list_missed(engine, tables["not_understood"], people)
    ranked, families, causes = _sum_causes(engine, tables.get("causes"), people)
    return Summary(
        people=sums["n"],
        draws=sums["draws"],
        counts=days["n"],
        first_day=days["first"],
        last_day=days["last"],
        low_now=sums["low_now"],
        recent=sums["recent"],
        analytes=tuple(
            Analyte(a, *(sums[f"{a} {what}"] for what in ("people", "low", "not low", "cannot say", "ever")))
            for a in ANALYTES
        ),
        depths=tuple(Depth(below, sums[f"depth {below}"]) for below in (*DEPTHS, None)),
        grades=tuple(
            GradeCount(a, criteria, grade, sums[f"{a} {criteria} {grade}"])
            for a in ANALYTES
            for criteria in CRITERIA_NAMES
            for grade in GRADES
        ),
        episodes=_sum_episodes(engine, tables["episodes"]),
        lengths=_sum_lengths(engine, tables["episodes"]),
        prevalence=_list_shares(engine, tables["prevalence"]),
        ranked=ranked,
        families=families,
        causes=causes,
        methods=_sum_methods(engine, counts),
        limits=_sum_limits(engine, counts),
        missed=missed,
        missed_kinds=kinds,
        missed_rows=rows,
    )


def _sum_people(people: Any, last_day: float | None) -> dict[str, Any]:
    """All that is counted over people, in one pass."""
    sums: dict[str, Any] = {"n": people.count(), "draws": people.draws.sum()}
    low_now: Any = reduce(or_, (people[f"{a}_low_now"].fill_null(False) for a in _LEUKOCYTES))
    sums["low_now"] = low_now.sum()
    newest: Any = ibis.greatest(*(people[f"{a}_last_day"].fill_null(float("-inf")) for a in ANALYTES))
    sums["recent"] = (newest >= (last_day or 0.0) - RECENT_DAYS).sum()
    for a in ANALYTES:
        held = people[f"{a}_counts"] > 0
        low = people[f"{a}_low_now"]
        sums[f"{a} people"] = held.sum()
        sums[f"{a} low"] = (held & low).sum()
        sums[f"{a} not low"] = (held & ~low).sum()
        sums[f"{a} cannot say"] = (held & low.isnull()).sum()
        sums[f"{a} ever"] = (held & (people[f"{a}_status_lowest"] == "low")).sum()
        for criteria in CRITERIA_NAMES:
            grade = people[f"{a}_grade_{criteria}"]
            for g in GRADES:
                sums[f"{a} {criteria} {g}"] = (held & (grade.isnull() if g is None else grade == g)).sum()
    value: Any = people.neutrophils_last
    taken: Any = ibis.literal(False)
    is_under = (people.neutrophils_last_bound == "<").fill_null(False)
    for below in (*DEPTHS, None):
        deep = value.notnull()
        if below is not None:
            deep = (value < find_first(below)) | (is_under & (value <= find_last(below)))
        sums[f"depth {below}"], taken = (deep & ~taken).sum(), deep
    return sums


def _sum_episodes(engine: Engine, episodes: Any) -> tuple[EpisodeGroup, ...]:
    days = episodes.to - episodes["from"]
    quarters = {"q1": 0.25, "q2": 0.5, "q3": 0.75}
    found = episodes.group_by("analyte", "threshold").aggregate(
        episodes=episodes.count(),
        people=episodes.person.nunique(),
        open=episodes.open.sum(),
        single=(episodes.counts == 1).sum(),
        **{f"days_{q}": days.quantile(at, where=~episodes.open) for q, at in quarters.items()},
        **{f"nadir_{q}": episodes.nadir.quantile(at) for q, at in quarters.items()},
    )
    rows = engine.fetch(found).to_pylist()
    return tuple(
        EpisodeGroup(
            r["analyte"], r["threshold"], r["episodes"], r["people"], r["open"], r["single"],
            _triple(r, "days", quarters), _triple(r, "nadir", quarters),
        )
        for r in sorted(rows, key=_by_threshold)
    )  # fmt: skip


def _sum_lengths(engine: Engine, episodes: Any) -> tuple[Length, ...]:
    until = ibis.coalesce(episodes.to, episodes["last"])
    days = until - episodes["from"]
    band = ibis.cases(*((days < below, place) for place, below in enumerate(LENGTHS)), else_=len(LENGTHS))
    found = episodes.mutate(_band=band.cast("int64")).group_by("analyte", "threshold", "_band", "open")
    rows = engine.fetch(found.aggregate(episodes=ibis._.count())).to_pylist()
    ends = (*LENGTHS, None)
    return tuple(
        Length(r["analyte"], r["threshold"], ends[r["_band"]], r["open"], r["episodes"])
        for r in sorted(rows, key=lambda r: (*_by_threshold(r), r["_band"], r["open"]))
    )


def _list_shares(engine: Engine, prevalence: Any) -> tuple[Share, ...]:
    """The highest limit first, then that of the person; bands of age from the youngest."""
    ages = [name for _, name in AGE_BANDS]

    def place(row: Share) -> tuple[Any, ...]:
        limit = -(row.threshold or 0.0)
        band = ages.index(row.group) if row.by == "age" and row.group in ages else len(ages)
        return *_by_analyte(row.analyte), limit, COUNTS.index(row.count), _BY.index(row.by), band, row.group

    rows = engine.fetch(prevalence.select(*Share.__slots__)).to_pylist()
    return tuple(sorted((Share(**row) for row in rows), key=place))


def _sum_causes(engine: Engine, causes: Any, people: Any) -> tuple[int | None, tuple[Family, ...], tuple[Cause, ...]]:
    """Of those who were ever low: causes are ranked for the worst count."""
    if causes is None:
        return None, (), ()
    ever: Any = reduce(or_, ((people[f"{a}_status_lowest"] == "low").fill_null(False) for a in _LEUKOCYTES))
    low = causes.semi_join(people.filter(ever), "person")
    first = (low["rank"] == 1).sum()
    sums = {"first": first, "expected": low.probability.sum()}
    people = engine.fetch(low.aggregate(n=low.person.nunique())).to_pylist()[0]["n"]
    families = engine.fetch(low.group_by("family").aggregate(**sums)).to_pylist()
    named = engine.fetch(low.group_by("cause", "name", "family", "must_not_miss").aggregate(**sums)).to_pylist()
    leading = sorted(named, key=lambda r: (-r["first"], -round(r["expected"], 6), r["cause"]))
    return (
        people,
        tuple(
            Family(**r) for r in sorted(families, key=lambda r: (-r["first"], -round(r["expected"], 6), r["family"]))
        ),
        tuple(Cause(**r) for r in leading[:_MOST_CAUSES]),
    )


def _sum_methods(engine: Engine, counts: Any) -> tuple[Method, ...]:
    found = counts.group_by("analyte", "how").aggregate(counts=counts.count(), people=counts.person.nunique())
    rows = engine.fetch(found).to_pylist()
    return tuple(Method(**r) for r in sorted(rows, key=lambda r: (*_by_analyte(r["analyte"]), -r["counts"], r["how"])))


def _sum_limits(engine: Engine, counts: Any) -> tuple[Limits, ...]:
    low = (counts.status == "low").sum()
    found = counts.group_by("analyte", owner=counts.owner.fill_null("none")).aggregate(counts=counts.count(), low=low)
    rows = engine.fetch(found).to_pylist()
    return tuple(
        Limits(**r) for r in sorted(rows, key=lambda r: (*_by_analyte(r["analyte"]), -r["counts"], r["owner"]))
    )


def _triple(row: Mapping[str, Any], name: str, quarters: Mapping[str, float]) -> tuple[float, float, float] | None:
    q1, q2, q3 = (row[f"{name}_{q}"] for q in quarters)
    return None if q1 is None else (q1, q2, q3)


def _by_analyte(analyte: str) -> tuple[int, str]:
    place = list(ANALYTES).index(analyte) if analyte in ANALYTES else len(ANALYTES)
    return place, analyte


def _by_threshold(row: Mapping[str, Any]) -> tuple[int, str, float]:
    return (*_by_analyte(row["analyte"]), -row["threshold"])
