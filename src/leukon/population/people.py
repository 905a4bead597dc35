# pyright: basic
# (ibis builds the methods of its columns at run time: they have no static types)
"""One row a person: who they are, and of each count the first, the last, the lowest and the worst grades."""

from __future__ import annotations

from typing import Any

import ibis

from leukon.population.columns import DAYS_A_YEAR, age_at, count_days, number
from leukon.population.engines import Engine
from leukon.population.kinds import find_kind
from leukon.population.trees import Tree
from leukon.severity.criteria import CRITERIA

__all__ = ["SUMMARISED", "summarise_people"]

SUMMARISED = ("wbc", "neutrophils", "lymphocytes", "hemoglobin", "platelets")
_UNITS = {"hemoglobin": "g/dL"}
_AGE_AT = ("neutrophils", "wbc", "lymphocytes")
_HAIR = 5e-10  # less than any two counts differ
_NEVER = 1e9  # a day that stands for "not given" where days are put in order
_STATUS = ("low", "cannot say", "normal", "high")  # of counts that are equally low, the first of these is told


def _grade_counts(judged: Any, people: Any, drawn: Any) -> Any:
    """The counts with `grade_` and the criteria: the grade in the low direction as `grade_value` finds it, or null.

    The lower limit that a criterion may ask for is the limit that applies (column `lower`). A count under a detection
    limit has a grade where every value under it has the same; one over a limit has none.
    """
    rows = judged.filter(judged.analyte.isin(list(SUMMARISED)))
    who = people.left_join(drawn, "person")
    who = who.select("person", _born=who.birth_date, _given=who.age_years, _sex=who.sex, _begun=who.begun)
    rows = rows.left_join(who, "person").drop("person_right")
    from_birth = (rows.day - count_days(rows._born)).floor().cast("int32")
    given = age_at(rows._given, rows.day, rows._begun)
    whole = given.floor().cast("int32")
    from_years = ibis.cases((given != given.floor(), (given * number(DAYS_A_YEAR)).floor().cast("int32")))
    days = ibis.coalesce(from_birth, from_years)
    years: Any = ibis.coalesce(((from_birth + number(0.75)) / number(DAYS_A_YEAR)).floor().cast("int32"), whole)
    rows = rows.mutate(
        _value=ibis.cases((rows.bound == "<", rows.value * number(1 - 1e-9)), else_=rows.value),
        _lln=rows.lower,
        _uln=rows.upper,
        _baseline=ibis.null("float64"),
        _days=days,
        _years=years,
        _least=ibis.cases((years > 0, (years * number(DAYS_A_YEAR)).floor().cast("int32"))),
    )
    grades = {f"grade_{_key(name)}": _find_grade(rows, name) for name in CRITERIA}
    return rows.select("person", "day", "analyte", "value", "bound", "status", **grades)


def _find_grade(rows: Any, criteria: str) -> Any:
    """The grade by the bands of each analyte; of a value "< 0.5" the worst grade, or none is sure."""
    exact: list[tuple[Any, Any]] = []
    for analyte in SUMMARISED:
        low = find_kind(criteria, analyte, _UNITS.get(analyte, "10*9/L")).low
        if low is None:
            continue
        tree = Tree(rows, low, are_rounded=True)
        grade = tree.build(lambda place, outcomes=tree.outcomes: outcomes[place][0])
        worst = ibis.literal(max(band.grade for band in low.bands), "int32")
        under = ibis.cases((grade == worst, worst))
        of_it = rows.analyte == analyte
        exact += [(of_it & rows.bound.isnull(), grade), (of_it & (rows.bound == "<"), under)]
    return ibis.cases(*exact)


def summarise_people(engine: Engine, judged: Any, people: Any) -> Any:
    """One row a person of the canonical `people` and of the judged counts.

    `judged` are derived counts with their limits and status. For each of SUMMARISED: how many counts, the first, the
    last and the lowest with their days (of counts that are equally low the earliest), the status of the first and of
    the lowest, whether the last is low, and the worst grade by each criteria. `first_bound`, `last_bound` and
    `lowest_bound` are "<" of a count under the detection limit that is given. `age_first_years` is the age at the first
    draw, `age_years` that at the lowest neutrophils, else white cells, else lymphocytes.
    """
    drawn = judged.select("person", "day").distinct().group_by("person")
    drawn = engine.keep("drawn_people", drawn.aggregate(draws=ibis._.count(), begun=ibis._.day.min()))
    rows = engine.keep("graded_counts", _add_ends(_grade_counts(judged, people, drawn)))
    made = people.select("person").union(judged.select("person"), distinct=True)
    # of each analyte apart: all at once they would not fit in memory
    for table in (people, drawn, *(_summarise_series(rows, a) for a in SUMMARISED)):
        made = made.left_join(table, "person").drop("person_right")
    parts = [name for name in made.columns if name.startswith(tuple(f"{a}_" for a in SUMMARISED))]
    lowest = ibis.coalesce(*(made[f"{a}_lowest_day"] for a in _AGE_AT))
    return made.select(
        "person",
        "sex",
        age_years=_find_age(made, lowest),
        age_first_years=_find_age(made, made.begun),
        ancestry=made.ancestry,
        duffy_null=made.duffy_null,
        draws=made.draws.fill_null(0),
        **{name: made[name].fill_null(0) if name.endswith("_counts") else made[name] for name in parts},
    )


def _find_age(made: Any, day: Any) -> Any:
    """Completed years: from the date of birth, else from the age at the first draw."""
    given = age_at(made.age_years, day, made.begun).floor()
    return ibis.coalesce(_count_years(made.birth_date, day), given).cast("float64")


def _summarise_series(rows: Any, analyte: str) -> Any:
    """One row a person with counts of one analyte."""
    rows = rows.filter(rows.analyte == analyte)
    first, last, low = rows._first == rows._early, rows._last == rows._late, rows._is_lowest
    sums = {
        "counts": rows.count(),
        "first_day": rows.day.min(),
        "first": rows.value.min(where=first),
        "first_bound": _name_bound(rows, first),
        "last_day": rows.day.max(),
        "last": rows.value.min(where=last),
        "last_bound": _name_bound(rows, last),
        "lowest": rows.value.min(),
        "lowest_bound": _name_bound(rows, low),
        "lowest_day": rows.day.min(where=low),
        "status_first": _name_status(rows._status.min(where=first)),
        "status_lowest": _name_status(rows._status.min(where=low)),
        "low_now": _name_low(rows._status.min(where=last)),
    }
    grades = {f"grade_{_key(name)}": rows[f"grade_{_key(name)}"].max() for name in CRITERIA}
    return rows.group_by("person").aggregate(
        **{f"{analyte}_{name}": column for name, column in (sums | grades).items()}
    )


def _name_bound(rows: Any, which: Any) -> Any:
    """Says "<" where the lowest of these is a value under a detection limit: it is lower than that value itself."""
    return ibis.cases((rows._floor.min(where=which) < rows.value.min(where=which), "<"))


def _add_ends(rows: Any) -> Any:
    """Which rows are the first, the last and the lowest of their analyte and person."""
    series = ibis.window(group_by=["person", "analyte"], rows=(None, None))
    rows = rows.mutate(
        _first=rows.day.fill_null(number(_NEVER)),
        _last=rows.day.fill_null(number(-_NEVER)),
        _floor=rows.value - ibis.cases((rows.bound == "<", number(_HAIR)), else_=number(0)),
        _status=ibis.cases(*((rows.status == name, ibis.literal(n, "int32")) for n, name in enumerate(_STATUS))),
    )
    return rows.mutate(
        _early=rows._first.min().over(series),
        _late=rows._last.max().over(series),
        _is_lowest=rows._floor == rows._floor.min().over(series),
    )


def _count_years(born: Any, day: Any) -> Any:
    """Completed years by the calendar."""
    drawn = (day.floor() * 86_400).cast("int64").as_timestamp("s").date()
    to_come = (drawn.month() < born.month()) | ((drawn.month() == born.month()) & (drawn.day() < born.day()))
    return drawn.year() - born.year() - to_come.cast("int32")


def _key(criteria: str) -> str:
    return criteria.replace("-", "_").replace(".", "_")


def _name_status(code: Any) -> Any:
    return ibis.cases(*((code == n, name) for n, name in enumerate(_STATUS)))


def _name_low(code: Any) -> Any:
    """Is the last count low? Null where it cannot be said."""
    return ibis.cases((code == _STATUS.index("low"), True), (code.isin([2, 3]), False))
