# pyright: basic
# (ibis builds the methods of its columns at run time: they have no static types)
"""Is each count of a table low for its person: the limit that applies and whose it is, as `limits` finds it for one.

What is known without the laboratory's limits is worked out by the code for one person, once for each analyte, sex and
stretch of ages, and joined to the counts. Pregnancy does not stand in the tables.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import ibis
import pyarrow as pa

from leukon.limits.choose import ADULT_AGE, ADULT_DAYS, FAR, choose_limit
from leukon.limits.intervals import load_intervals
from leukon.limits.judge import CANNOT_SAY
from leukon.patient import Person
from leukon.population.columns import DAYS_A_YEAR, age_at, count_days, number
from leukon.population.engines import Engine

__all__ = ["add_limits"]

_NEWBORN = -1.0  # days before the birth that a date may be off
_COLUMNS = ("person", "day", "analyte", "value", "unit", "bound")
_NUMBERS = ("lower", "upper", "adult_lower", "adult_upper", "duffy_lower", "duffy_upper")


def add_limits(engine: Engine, derived: Any, people: Any) -> Any:
    """The derived counts with the limits that apply, `status` ("low", "normal", "high", "cannot say") and `owner`.

    `lower` and `upper` are the limits that a count is judged by, in place of the laboratory's; `owner` says whose they
    are ("duffy-null", "laboratory", "age", "adult"), null where there are none. Ages are those at the draw: from the
    date of birth, else from the age at the first count. Without an age an adult's limits are taken, without a sex a
    woman's, and then nothing is said that does not hold for a man as well.
    """
    rows = _add_age(derived, people)
    known = engine.add("known_limits", _list_limits())
    rows = rows.left_join(known, ["analyte", "unit", "_sex", "_stretch"])
    first, second = (_choose_limit(rows, sex) for sex in ("woman", "man"))
    verdict, other = (_judge(rows, lower, upper) for lower, upper, _ in (first, second))
    born = (rows._age >= _NEWBORN).fill_null(True)
    lower, upper, owner = (ibis.cases((born, limit)) for limit in first)
    return rows.select(
        *_COLUMNS,
        lower=lower,
        upper=upper,
        how=rows.how,
        status=ibis.cases((born & (verdict == other), verdict), else_=CANNOT_SAY),
        owner=owner,
    )


def _add_age(derived: Any, people: Any) -> Any:
    """The counts with the age in days at which they were taken, and the keys by which limits are found."""
    begun = derived.group_by("person").aggregate(_begun=derived.day.min())
    who = people.left_join(begun, "person")
    who = who.select(
        "person",
        _sex=who.sex,
        _duffy=who.duffy_null,
        _born=count_days(who.birth_date),
        _given=who.age_years,
        _begun=who._begun,
    )
    rows = derived.left_join(who, "person").drop("person_right")
    given = age_at(rows._given, rows.day, rows._begun) * number(DAYS_A_YEAR)
    rows = rows.mutate(_age=ibis.coalesce(rows.day - rows._born, given))
    age = rows._age.fill_null(number(ADULT_AGE))
    stretch = ibis.cases(*((age < end, n) for n, (_, end) in enumerate(_list_stretches())), else_=-1)
    return rows.mutate(_stretch=stretch.cast("int32"), _sex=rows._sex.fill_null(""))


def _list_stretches() -> list[tuple[float, float]]:
    """Ages in days between which no limit changes."""
    chosen = [i for i in load_intervals() if i.use == "chosen" and i.group in ("general", "duffy-null")]
    return list(pairwise(sorted({edge for i in chosen for edge in (i.age_from_days, i.age_to_days)})))


def _list_limits() -> pa.Table:
    """Of each analyte in each of its units, sex ("" where it is not known) and stretch: what is known of its limits."""
    kinds = {(i.analyte, i.unit) for i in load_intervals() if i.use == "chosen" and i.group == "general"}
    rows = [
        {"analyte": analyte, "unit": unit, "_sex": sex, "_stretch": n}
        | {
            f"{name}_{field}": value
            for name, of_sex in (("woman", sex or "female"), ("man", sex or "male"))
            for field, value in _find_limit(analyte, unit, of_sex, age).items()
        }
        for analyte, unit in sorted(kinds)
        for sex in ("female", "male", "")
        for n, (age, _) in enumerate(_list_stretches())
    ]
    fields = [("analyte", pa.string()), ("unit", pa.string()), ("_sex", pa.string()), ("_stretch", pa.int32())]
    for name in ("woman", "man"):
        fields += [(f"{name}_{field}", pa.float64()) for field in _NUMBERS]
        fields += [(f"{name}_owner", pa.string()), (f"{name}_duffy_owner", pa.string())]
    return pa.Table.from_pylist(rows, pa.schema(fields))


def _find_limit(analyte: str, unit: str, sex: str, age: float) -> dict[str, Any]:
    """The limits without a laboratory's; of Duffy-null people where they have their own; the adult's where they differ
    so much from a child's that a printed range can be told from the other."""
    found: dict[str, Any] = {}
    plain = choose_limit(analyte, Person(sex=sex), age, unit=unit)
    duffy = choose_limit(analyte, Person(sex=sex, duffy_null=True), age, unit=unit)
    adult = choose_limit(analyte, Person(sex=sex), ADULT_AGE, unit=unit)
    if plain is not None:
        found |= {"lower": plain.lower, "upper": plain.upper, "owner": plain.owner}
    if duffy is not None and duffy.owner == "duffy-null":
        found |= {"duffy_lower": duffy.lower, "duffy_upper": duffy.upper, "duffy_owner": duffy.owner}
    if plain is not None and adult is not None and age < ADULT_DAYS:
        for side in ("lower", "upper"):
            mine, grown = getattr(plain, side), getattr(adult, side)
            if mine and grown and abs(mine - grown) > FAR * grown:
                found[f"adult_{side}"] = grown
    return found


def _choose_limit(rows: Any, sex: str) -> tuple[Any, Any, Any]:
    """Lower limit, upper limit and owner: confirmed Duffy-null, the laboratory's, those of the age."""
    known = {field: rows[f"{sex}_{field}"] for field in (*_NUMBERS, "owner", "duffy_owner")}
    printed = rows.lower.notnull() | rows.upper.notnull()
    lacks_lower = rows.lower.isnull() & (known["lower"] > 0)
    adults = _compare(rows.lower, known, "lower") * _compare(rows.upper, known, "upper") > 1
    is_duffy = rows._duffy & known["duffy_owner"].notnull()
    is_printed = printed & ~lacks_lower.fill_null(False) & ~adults
    return (
        ibis.cases((is_duffy, known["duffy_lower"]), (is_printed, rows.lower), else_=known["lower"]),
        ibis.cases((is_duffy, known["duffy_upper"]), (is_printed, rows.upper), else_=known["upper"]),
        ibis.cases((is_duffy, known["duffy_owner"]), (is_printed, "laboratory"), else_=known["owner"]),
    )


def _compare(printed: Any, known: dict[str, Any], side: str) -> Any:
    """Over 1 where a printed limit is nearer to the adult's than to the child's, in ratios; 1 where it does not say."""
    child, adult = known[side], known[f"adult_{side}"]
    from_child: Any = ibis.greatest(printed / child, child / printed)
    from_adult: Any = ibis.greatest(printed / adult, adult / printed)
    return ibis.cases((adult.notnull() & (printed > 0), from_child / from_adult), else_=number(1))


def _judge(rows: Any, lower: Any, upper: Any) -> Any:
    """As `judge_value`: a bound says only what holds for every value under or over it."""
    value, floor = rows.value, lower.fill_null(number(0))
    censored = ibis.cases(
        ((floor > 0) & (value <= floor), "low"), ((floor == 0) & (value <= upper), "normal"), else_=CANNOT_SAY
    )
    return ibis.cases(
        (lower.isnull() & upper.isnull(), CANNOT_SAY),
        (rows.bound == "<", censored),
        (rows.bound == ">", ibis.cases((value >= upper, "high"), else_=CANNOT_SAY)),
        (value < lower, "low"),
        (value > upper, "high"),
        else_="normal",
    )
