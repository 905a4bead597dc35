# pyright: basic
# (ibis builds the methods of its columns at run time: they have no static types)
"""How common low counts are, by age, sex, ancestry and Duffy status: in the table, or in the population of a survey.

The engine counts people in cells, the finest groups there are; what is said of a group is worked out from its cells
here, so that every engine gives the same figures. The standard error of a weighted share is design-based: the Taylor
series of a ratio, primary units drawn with replacement within strata (NCHS, NHANES analytic guidelines); a group is a
domain, and a unit that holds nobody of it counts with nobody. Intervals are Wilson's, with the effective number of
people where shares are weighted (Franco et al. 2019, PMC6690503).
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import ibis
import pyarrow as pa

from leukon.population.cuts import find_first, find_last
from leukon.population.engines import Engine

__all__ = ["AGE_BANDS", "COUNTS", "PREVALENCE", "THRESHOLDS", "count_groups"]

THRESHOLDS: Mapping[str, Sequence[float]] = {"wbc": (4.0,), "neutrophils": (1.5, 1.0, 0.5), "lymphocytes": (1.0,)}
"""10*9/L. Neutropenia is graded at 1.5, 1.0 and 0.5; lymphopenia of adults is under 1.0, leukopenia under 4.0."""

COUNTS = ("first", "lowest")
"""Which count of a person: the first says how common, the lowest how common ever."""

AGE_BANDS = ((0, "0-1"), (2, "2-5"), (6, "6-11"), (12, "12-17"), (18, "18-44"), (45, "45-64"), (65, "65 and over"))
"""Completed years from which a band begins."""

PREVALENCE = pa.schema(
    [
        ("analyte", pa.string()),
        ("threshold", pa.float64()),  # null: the limit of the person
        ("count", pa.string()),
        ("by", pa.string()),
        ("group", pa.string()),
        ("people", pa.int64()),
        ("low", pa.int64()),
        ("share", pa.float64()),
        ("se", pa.float64()),
        ("lower", pa.float64()),
        ("upper", pa.float64()),
        ("weighted", pa.bool_()),
    ]
)

_BY = (("all", ()), ("age", ("age",)), ("sex", ("sex",)), ("ancestry", ("ancestry",)), ("Duffy-null", ("duffy",)),
       ("ancestry, sex", ("ancestry", "sex")))  # fmt: skip
_CELL = ("age", "age_first", "sex", "ancestry", "duffy", "stratum", "unit")
_UNKNOWN = "not known"
_Z = 1.959963984540054
_DIGITS = 9


@dataclass(frozen=True, slots=True)
class _Measure:
    """One thing that is counted: whose column says so, and of which rows of the result it is."""

    name: str
    analyte: str
    threshold: float | None
    count: str


@dataclass(slots=True)
class _Sums:
    """Of the people of a group in one unit: how many were measured, were low; their weights."""

    people: int = 0
    low: int = 0
    weight: float = 0.0
    low_weight: float = 0.0


def count_groups(engine: Engine, summary: Any, people: Any) -> Any:
    """The table of `PREVALENCE`: a row for each count, threshold and group.

    `summary` has one row a person, as `summarise_people` makes it; `people` are the canonical people, with the weight,
    stratum and unit of a survey where it was one. A share is weighted when every person measured has a weight. A count
    "< 0.5" is under every limit from 0.5. Ages are those at the count: at the first draw, at the lowest count.
    """
    design = people.select("person", "weight", "stratum", "unit")
    rows = summary.select(
        "person",
        age=_find_band(summary.age_years),
        age_first=_find_band(summary.age_first_years),
        sex=summary.sex.fill_null(_UNKNOWN),
        ancestry=summary.ancestry.fill_null(_UNKNOWN),
        duffy=ibis.cases((summary.duffy_null, "yes"), (~summary.duffy_null, "no"), else_=_UNKNOWN),
        **{name: _read(low) for name, low in _find_low(summary).items()},
    )
    rows = rows.left_join(design, "person").drop("person_right")
    weight = rows.weight.fill_null(0.0)
    sums = {
        f"{what}_{m.name}": column
        for m in _list_measures()
        for what, column in (
            ("n", rows[m.name].count()),
            ("k", rows[m.name].sum()),
            ("w", weight.sum(where=rows[m.name].notnull())),
            ("a", weight.sum(where=rows[m.name] == 1)),
        )
    }
    cells = rows.group_by(*_CELL).aggregate(**sums, _unweighted=rows.weight.isnull().sum())
    held = engine.fetch(cells).to_pylist()
    weighted = bool(held) and not any(cell["_unweighted"] for cell in held)
    made = [row for m in _list_measures() for row in _list_groups(m, held, weighted)]
    return engine.add("prevalence_rows", pa.Table.from_pylist(made, PREVALENCE))


def _list_measures() -> list[_Measure]:
    limits = [(a, limit) for a, values in THRESHOLDS.items() for limit in (*values, None)]
    return [
        _Measure(f"{analyte}_{n}_{count}", analyte, limit, count)
        for n, (analyte, limit) in enumerate(limits)
        for count in COUNTS
    ]


def _find_low(summary: Any) -> dict[str, Any]:
    """For each measure, is a person low? Null: not measured, or it cannot be said."""
    found: dict[str, Any] = {}
    for m in _list_measures():
        if m.threshold is None:
            status = summary[f"{m.analyte}_status_{m.count}"]
            found[m.name] = ibis.cases((status.isin(["low", "normal", "high"]), status == "low"))
        else:
            value, bound = summary[f"{m.analyte}_{m.count}"], summary[f"{m.analyte}_{m.count}_bound"]
            at_most = (bound == "<").fill_null(False) & (value <= find_last(m.threshold))
            found[m.name] = (value < find_first(m.threshold)) | at_most
    return found


def _read(low: Any) -> Any:
    return low.cast("int64")


def _find_band(age: Any) -> Any:
    bands = [(age >= start, name) for start, name in reversed(AGE_BANDS)]
    return ibis.cases(*bands, else_=_UNKNOWN)


def _list_groups(m: _Measure, cells: Sequence[Mapping[str, Any]], weighted: bool) -> Iterable[dict[str, Any]]:
    units = {(cell["stratum"], cell["unit"]) for cell in cells}
    for by, keys in _BY:
        groups: dict[str, dict[tuple[Any, Any], _Sums]] = defaultdict(lambda: defaultdict(_Sums))
        for cell in cells:
            group = ", ".join(cell["age_first" if (key, m.count) == ("age", "first") else key] for key in keys) or "all"
            sums = groups[group][cell["stratum"], cell["unit"]]
            sums.people += cell[f"n_{m.name}"]
            sums.low += cell[f"k_{m.name}"] or 0
            sums.weight += cell[f"w_{m.name}"] or 0.0
            sums.low_weight += cell[f"a_{m.name}"] or 0.0
        for group in sorted(groups):
            row = _describe(groups[group], units, weighted)
            if row is not None:
                named = {"analyte": m.analyte, "threshold": m.threshold, "count": m.count, "by": by, "group": group}
                yield named | row


def _describe(parts: Mapping[tuple[Any, Any], _Sums], units: set[tuple[Any, Any]], weighted: bool) -> Any:
    """Share, standard error and interval of a group; None where nobody was measured."""
    people, low = sum(s.people for s in parts.values()), sum(s.low for s in parts.values())
    if not people:
        return None
    if weighted:
        whole = math.fsum(s.weight for s in parts.values())
        if whole <= 0:
            return None
        share = math.fsum(s.low_weight for s in parts.values()) / whole
        se = _find_error(parts, units, share, whole)
    else:
        share = low / people
        se = math.sqrt(share * (1 - share) / people)
    lower = upper = None
    if se is not None:
        effective = share * (1 - share) / se**2 if weighted and se > 0 else people
        lower, upper = _find_interval(share, effective)
    numbers = {"share": share, "se": se, "lower": lower, "upper": upper}
    rounded = {name: None if value is None else round(value, _DIGITS) for name, value in numbers.items()}
    return {"people": people, "low": low, **rounded, "weighted": weighted}


def _find_error(
    parts: Mapping[tuple[Any, Any], _Sums], units: set[tuple[Any, Any]], share: float, whole: float
) -> float | None:
    """A stratum with one primary unit adds nothing; None where all have one: weights alone tell no error."""
    strata: dict[Any, list[float]] = defaultdict(list)
    for stratum, unit in units:
        sums = parts.get((stratum, unit))
        strata[stratum].append((sums.low_weight - share * sums.weight) / whole if sums else 0.0)
    if all(len(scores) == 1 for scores in strata.values()):
        return None
    variance = 0.0
    for scores in strata.values():
        many = len(scores)
        if many > 1:
            mean = math.fsum(scores) / many
            variance += many / (many - 1) * math.fsum((score - mean) ** 2 for score in scores)
    return math.sqrt(variance)


def _find_interval(share: float, people: float) -> tuple[float, float]:
    """Wilson's 95 % interval.

    >>> [round(limit, 4) for limit in _find_interval(0.1, 100)]
    [0.0552, 0.1744]
    """
    spread = _Z**2 / people
    centre = (share + spread / 2) / (1 + spread)
    half = _Z / (1 + spread) * math.sqrt(share * (1 - share) / people + spread / (4 * people))
    return max(0.0, centre - half), min(1.0, centre + half)
