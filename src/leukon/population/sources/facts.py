# pyright: basic
# (ibis builds the methods of its columns at run time: they have no static types)
"""The facts of people in leukon's own tables, in a table of people or beside their counts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import ibis

from leukon.io.csv_columns import Column
from leukon.population.sources.fields import Field
from leukon.population.sources.people import read_day_of_birth, read_sex
from leukon.population.sources.reader import Opened, Reader

__all__ = ["FACTS", "find_fact_fields", "make_facts"]

FACTS = ("sex", "birth", "age", "age_months", "age_days", "ancestry", "duffy_null", "weight", "stratum", "psu")
_SAID = {
    "age": ("age_years", "age"),
    "ancestry": ("ancestry", "race", "ethnicity"),
    "duffy_null": ("duffy_null", "duffy null", "duffy"),
    "weight": ("weight", "survey_weight"),
    "stratum": ("stratum", "strata"),
    "psu": ("psu", "primary_unit"),
}
_KINDS = {"birth": "time", "age": "number", "age_months": "number", "age_days": "number", "weight": "number"}
_YES, _NO = ["true", "yes", "y", "t", "1"], ["false", "no", "n", "f", "0"]


def find_fact_fields(columns: Sequence[Column], *, with_unit: bool) -> list[Field]:
    """The fields of the facts that some columns hold. `unit` is the primary unit of a survey in a table of people;
    beside counts it is that of a value, and the survey's is `psu`.
    """
    fields: list[Field] = []
    for name in FACTS:
        said = [c.label.casefold() for c in columns if c.role == name]
        said += [word for word in _SAID.get(name, ()) if word in {c.label.casefold() for c in columns}]
        if name == "psu" and with_unit:
            said += [c.label.casefold() for c in columns if c.label.casefold() == "unit"]
        if said:
            fields.append(Field(name, _KINDS.get(name, "text"), tuple(dict.fromkeys(said))))  # pyright: ignore[reportArgumentType]
    return fields


def make_facts(reader: Reader, table: str, opened: Opened) -> Any | None:
    """The rows as people, each fact that was not understood told; None where they hold no fact at all."""
    has = [name for name in FACTS if name in opened.has]
    if not has:
        return None
    rows = opened.rows

    def pick(name: str, kind: str) -> Any:
        return rows[name] if name in has else ibis.null(kind)

    sex, duffy = read_sex(pick("sex", "string")), _read_flag(pick("duffy_null", "string"))
    age: Any = ibis.coalesce(
        pick("age", "float64"), pick("age_months", "float64") / 12, pick("age_days", "float64") / 365.25
    )
    survey = {"weight", "stratum", "psu"} <= set(has)
    if not survey and "weight" in has:
        reader.faults.tell(table, "weight", None, "no survey's weight without a stratum and a primary unit: not used")
    for name, good in (("sex", sex), ("duffy_null", duffy)):
        if name in has:
            reader.tell_later(table, name, rows.filter(good.isnull()), "not understood", ibis._[name])
    for name in [n for n in has if f"{n}_text" in rows.columns]:
        reason = "not a date" if name == "birth" else "not a number"
        reader.tell_later(table, name, rows.filter(rows[name].isnull()), reason, ibis._[f"{name}_text"])
    facts = {
        "sex": (sex, "sex" in has),
        "birth_date": (read_day_of_birth(pick("birth", "float64")), "birth" in has),
        "age_years": (ibis.cases((age >= 0, age)), bool({"age", "age_months", "age_days"} & set(has))),
        "ancestry": (pick("ancestry", "string"), "ancestry" in has),
        "duffy_null": (duffy, "duffy_null" in has),
        "weight": (pick("weight", "float64"), survey),
        "stratum": (pick("stratum", "string"), survey),
        "unit": (pick("psu", "string"), survey),
    }
    return rows.select(person=rows.person, **{name: fact for name, (fact, is_there) in facts.items() if is_there})


def _read_flag(word: Any) -> Any:
    low = word.lower()
    return ibis.cases((low.isin(_YES), True), (low.isin(_NO), False))
