# pyright: basic
# (ibis builds the methods of its columns at run time: they have no static types)
"""People of a source: one row a person; two people with one key are both left out, with all that is theirs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Any

import ibis

from leukon.population.model import CONDITIONS, EXPOSURES, PEOPLE, Tables
from leukon.population.sources.days import DAY_S
from leukon.population.sources.reader import MOST, Reader

__all__ = ["People", "make_people", "make_tables", "read_day_of_birth", "read_sex"]

_TORN = "two people with one key and different facts: left out with all that is theirs"
_STRANGE = "not in a table of people: kept, of unknown sex and age"
_FACTS = tuple(name for name in PEOPLE if name != "person")


@dataclass(frozen=True, slots=True)
class People:
    """The people that a source tells of, and those whose key two people have (None where there are none)."""

    rows: Any
    torn: Any


def read_sex(word: Any) -> Any:
    """female or male of the words and letters for them, else null."""
    low = word.strip().lower()
    return ibis.cases((low.isin(["f", "female"]), "female"), (low.isin(["m", "male"]), "male"))


def read_day_of_birth(days: Any) -> Any:
    """The date of a number of days since 1970."""
    return (days * DAY_S).round().cast("int64").as_timestamp("s").date()


def make_people(reader: Reader, table: str, shelves: Sequence[Any], *, varying: Sequence[str] = ()) -> People | None:
    """The people of some tables with `person` and columns of the schema `PEOPLE`; None where there is no table.

    Rows of one key are one person where no fact of one contradicts another. A fact in `varying`, such as the age at
    each draw, may differ and is the least.
    """
    if not shelves:
        return None
    held = [name for name in _FACTS if any(name in rows.columns for rows in shelves)]
    typed = [
        rows.select(person=rows.person, **{name: _pick(rows, name).cast(PEOPLE[name]) for name in held})
        for rows in shelves
    ]
    rows = ibis.union(*typed) if len(typed) > 1 else typed[0]
    apart = [_differ(rows[name]) for name in held if name not in varying]
    grouped = rows.group_by("person").aggregate(
        **{name: rows[name].min() for name in held},
        apart=reduce(or_, apart, ibis.literal(False)),
        rows=rows.count(),
    )
    kept = reader.store(f"kept_{table}", grouped)
    known = kept.filter(kept.person.notnull())
    torn = known.filter(known.apart)
    odd = kept.filter(kept.person.isnull() | kept.apart).order_by(ibis.desc("rows"), "person").limit(MOST)
    named = reader.engine.fetch(odd.select("person", "rows")).to_pylist()
    for row in named:
        reader.faults.tell(table, "person", row["person"], _TORN if row["person"] else "no person", row["rows"])
    whole = known.filter(~known.apart)
    whole = whole.select(**{name: _pick(whole, name) for name in PEOPLE})
    return People(whole, torn.select("person") if any(row["person"] for row in named) else None)


def _pick(rows: Any, name: str) -> Any:
    return rows[name] if name in rows.columns else ibis.null(PEOPLE[name])


def _differ(fact: Any) -> Any:
    return (fact.min() != fact.max()).fill_null(False)


def make_tables(
    reader: Reader, table: str, people: People | None, counts: Any, exposures: Any = None, conditions: Any = None
) -> Tables:
    """The canonical tables. Whoever has a count stands among the people, with nothing known where the source tells
    nothing of them; exposures and conditions are raw rows of their schema.
    """
    those = counts if people is None else counts.anti_join(people.rows, "person")
    strange = reader.store(f"strange_{table}", those.group_by("person").aggregate(rows=ibis._.count()))
    found = reader.engine.fetch(strange.aggregate(rows=strange.rows.sum(), people=strange.count())).to_pylist()[0]
    if found["people"]:
        reader.faults.tell(table, "person", f"people: {found['people']}", _STRANGE, found["rows"])
    unknown = strange.select(person=strange.person, **{n: ibis.null(k) for n, k in PEOPLE.items() if n in _FACTS})
    rows = unknown if people is None else people.rows.union(unknown)
    sides = [
        _make_side(reader, name, raw, schema, people)
        for name, raw, schema in (("exposures", exposures, EXPOSURES), ("conditions", conditions, CONDITIONS))
    ]
    known = reader.store(f"all_{table}", rows)
    reader.settle_faults()
    not_understood = reader.engine.add("not_understood", reader.faults.make_table())
    return Tables(known, counts, sides[0], sides[1], not_understood)


def _make_side(reader: Reader, name: str, rows: Any, schema: Any, people: People | None) -> Any:
    """Drugs or conditions, those with a person and a name or code; the rest counted."""
    if rows is None:
        return reader.engine.add(name, schema.to_pyarrow().empty_table())
    rows = rows.select(**{column: rows[column].cast(kind) for column, kind in schema.items()})
    nobody, nameless = rows.person.isnull(), rows.name.isnull() & rows.code.isnull()
    reader.tell_later(name, "person", rows.filter(nobody), "no person")
    reader.tell_later(name, "name", rows.filter(~nobody & nameless), "no name and no code")
    good = rows.filter(~nobody & ~nameless)
    if people is not None and people.torn is not None:
        reader.tell_later(
            name, "person", good.semi_join(people.torn, "person"), "of a key that two people have: left out"
        )
        good = good.anti_join(people.torn, "person")
    return reader.store(name, good.distinct())
