"""What the causes must explain: the counts at the worst of the episode, against what this person would have."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from leukon.causes.constants import WITHIN_PERSON_SD
from leukon.facts import Facts
from leukon.knowledge import Knowledge
from leukon.knowledge.schema import LINEAGES
from leukon.limits.expected import expected_count
from leukon.limits.judge import Judged
from leukon.patient import Person

__all__ = ["PARTS", "Observation", "Observed", "find_worst_draw", "observe_counts"]

PARTS = ("neutrophils", "lymphocytes", "monocytes", "eosinophils", "basophils")
_NEAR = 3.0  # days: counts of other lineages this near the worst draw belong to it
_DETECTION = {"platelets": 3.0}  # 10*9/L; other cells 0.05: at or under it, a count says "at most"
_BEFORE = 7.0  # days: an earlier normal count is a baseline when at least this much older


@dataclass(frozen=True, slots=True)
class Observation:
    """One count to be explained: a lineage, or a sum of parts ("wbc", or what is left of it)."""

    label: str  # "neutrophils 0.29"
    parts: tuple[str, ...]  # the lineages it is the sum of
    log_ratio: float  # ln(value / expected)
    expected: tuple[float, ...]  # of each part
    sd: float  # spread of the logarithm in people like them, with nothing acting
    at_most: bool = False  # the value is an upper bound: at the detection limit, or a word ("leukopenia")
    paths: tuple[str, ...] = ()
    source: str = "estimate"  # of the expected value, and how sure it is
    sure: str = "estimate"


@dataclass(frozen=True, slots=True)
class Observed:
    """All observations, the day they stand for, and how long the fall has lasted (days): at least, at most."""

    counts: tuple[Observation, ...]
    day: float | None
    lasted: tuple[float, float] | None = None


def observe_counts(judged: tuple[Judged, ...], facts: Facts, person: Person, k: Knowledge, now: float) -> Observed:
    """The counts of the worst draw (neutrophils, WBC or lymphocytes lowest against expectation), others near it."""
    draw, day = find_worst_draw(judged, person, now)
    age = person.age_days - (now - day) if person.age_days is not None and day is not None else person.age_days
    picked = _pick(judged, draw, day)
    made: list[Observation | None] = []
    explained = {x for name in facts.condition_ids for x in k.conditions[name].alters}
    for lineage in LINEAGES:
        if lineage in explained:
            continue
        if (row := picked.get(lineage)) and (row.count.unit != "%" or lineage == "reticulocytes"):
            made.append(_observe(lineage, (lineage,), row, judged, person, age))
    if wbc := picked.get("wbc"):
        missing = tuple(p for p in PARTS if p not in picked)
        known = sum(picked[p].count.value for p in PARTS if p in picked)
        rest = wbc.count.value - known
        if len(missing) == len(PARTS):
            made.append(_observe("wbc", PARTS, wbc, judged, person, age))
        elif "lymphocytes" in missing and "neutrophils" in picked and rest > 0.02:
            made.append(_observe_rest(rest, missing, wbc, person, age))
    made += _observe_words(facts, k, {p for o in made if o for p in o.parts}, person, age)
    return Observed(tuple(o for o in made if o is not None), day, _duration(judged, day))


def find_worst_draw(judged: tuple[Judged, ...], person: Person, now: float) -> tuple[int | None, float | None]:
    worst: tuple[float, int, float | None] | None = None
    for row in judged:
        count = row.count
        if count.analyte not in ("wbc", "neutrophils", "lymphocytes"):
            continue
        expected = expected_count(count.analyte, person, person.age_days)
        if expected is None:
            continue
        depth = math.log(max(count.value, 0.01) / expected.median) / expected.sd_log
        # Among equals the newest draw is the one asked about.
        if worst is None or depth < worst[0] - 1e-9 or (abs(depth - worst[0]) < 1e-9 and count.draw > worst[1]):
            worst = (depth, count.draw, count.day)
    if worst is not None:
        return worst[1], worst[2]
    if judged:
        last = judged[-1].count
        return last.draw, last.day
    return None, now


def _pick(judged: tuple[Judged, ...], draw: int | None, day: float | None) -> Mapping[str, Judged]:
    picked: dict[str, Judged] = {}
    distance: dict[str, float] = {}
    for row in judged:
        count = row.count
        if count.draw == draw:
            far = 0.0
        elif day is not None and count.day is not None and abs(count.day - day) <= _NEAR:
            far = abs(count.day - day) + 0.1
        else:
            continue
        if far < distance.get(count.analyte, math.inf):
            picked[count.analyte], distance[count.analyte] = row, far
    return picked


def _observe(
    name: str, parts: tuple[str, ...], row: Judged, judged: tuple[Judged, ...], person: Person, age: float | None
) -> Observation | None:
    count = row.count
    unit = count.unit if name == "reticulocytes" else None  # the only kind with expectations in two units
    expected = expected_count(name, person, age, unit=unit)
    each = [expected] if len(parts) == 1 else [expected_count(p, person, age) for p in parts]
    if expected is None or any(e is None for e in each):
        return None
    median, sd = _own_baseline(name, row, judged, expected.median, expected.sd_log)
    floor = _DETECTION.get(name, 0.05) if name in (*PARTS, "wbc", "platelets") else 0.0
    value = max(count.value, floor) if floor else count.value
    if value <= 0:
        return None
    return Observation(
        label=f"{name} {count.value:g}",
        parts=parts,
        log_ratio=math.log(value / median),
        expected=tuple(e.median for e in each if e),
        sd=sd,
        at_most=count.censored == "<" or (floor > 0 and count.value <= floor),
        paths=(count.path,),
        source=expected.source,
        sure=expected.sure,
    )


def _own_baseline(name: str, row: Judged, judged: tuple[Judged, ...], median: float, sd: float) -> tuple[float, float]:
    """The person's own usual value where earlier counts were not low, blended with that of people like them."""
    day = row.count.day
    if day is None:
        return median, sd
    earlier = [
        r.count.value
        for r in judged
        if r.count.analyte == name and r.count.day is not None and r.count.day <= day - _BEFORE
        and r.status in ("normal", "high") and r.count.value > 0
    ]  # fmt: skip
    if not earlier:
        return median, sd
    n = len(earlier)
    own = sum(math.log(v) for v in earlier) / n
    blended = (n * own + 0.5 * math.log(median)) / (n + 0.5)
    return math.exp(blended), math.sqrt(WITHIN_PERSON_SD**2 + sd**2 / (2 * n + 1))


def _observe_rest(
    rest: float, parts: tuple[str, ...], wbc: Judged, person: Person, age: float | None
) -> Observation | None:
    """What is left of the white cells when the neutrophils are known: the sum of the parts not measured."""
    each = [expected_count(p, person, age) for p in parts]
    if any(e is None for e in each):
        return None
    usual = [e for e in each if e]
    medians = tuple(e.median for e in usual)
    return Observation(
        label=f"white cells other than neutrophils {rest:.2g}",
        parts=parts,
        log_ratio=math.log(rest / sum(medians)),
        expected=medians,
        sd=0.35,
        paths=(wbc.count.path,),
        source=usual[0].source,
        sure=usual[0].sure,
    )


def _observe_words(
    facts: Facts, k: Knowledge, measured: set[str], person: Person, age: float | None
) -> list[Observation]:
    """Words that restate counts ("pancytopenia"), where the count itself is not given: an upper bound."""
    bounds: dict[str, tuple[float, str, str]] = {}
    for fact in facts.facts:
        if not fact.present or fact.id not in k.findings:
            continue
        for analyte, bound in k.findings[fact.id].at_most.items():
            parts = PARTS if analyte == "wbc" else (analyte,)
            if not measured & set(parts):
                bounds.setdefault(analyte, (bound, fact.item, fact.path))
    if len(bounds) > 1 and "neutrophils" in bounds:
        bounds.pop("wbc", None)
    made: list[Observation] = []
    for analyte, (bound, words, path) in bounds.items():
        parts = PARTS if analyte == "wbc" else (analyte,)
        expected = expected_count(analyte, person, age)
        each = [expected_count(p, person, age) for p in parts]
        if expected is None or any(e is None for e in each):
            continue
        medians = tuple(e.median for e in each if e)
        ratio = math.log(bound / expected.median)
        made.append(
            Observation(words, parts, ratio, medians, expected.sd_log, True, (path,), expected.source, expected.sure)
        )
    return made


def _duration(judged: tuple[Judged, ...], day: float | None) -> tuple[float, float] | None:
    """How long the count had been low on the worst day: at least (first low), at most (last normal before)."""
    if day is None:
        return None
    for analyte in ("neutrophils", "wbc", "lymphocytes"):
        series = [r for r in judged if r.count.analyte == analyte and r.count.day is not None and r.count.day <= day]
        if len(series) < 2 or series[-1].status != "low":
            continue
        first_low, last_normal = day, None
        for row in reversed(series):
            assert row.count.day is not None
            if row.status == "low":
                first_low = row.count.day
            else:
                last_normal = row.count.day
                break
        at_least = day - first_low
        at_most = day - last_normal if last_normal is not None else math.inf
        return at_least, at_most
    return None
