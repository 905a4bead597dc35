"""Hypothesis strategies for people, units, counts, draws and records: the one place for all tests.

Values are decimals with few digits, as laboratories print them, so that a change of unit is exact.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from leukon.patient import Draw, Item, Measure, Patient, Person

__all__ = [
    "COUNT_UNITS", "HEMOGLOBIN_UNITS", "counts_e9_l", "draws", "make_draw", "make_patient", "patients", "people",
    "records", "unit_strings", "write_value",
]  # fmt: skip

# unit -> how many powers of ten a number in 10*9/L (g/dL) grows when written in it
COUNT_UNITS: dict[str, int] = {
    "10*9/L": 0, "10^9/L": 0, "x10^9/L": 0, "×10⁹/L": 0, "10*3/uL": 0, "K/uL": 0, "G/L": 0, "thou/cumm": 0,
    "x10E3/uL": 0, "Thousand/uL": 0, "giga.l-1": 0, "10(3)/mcL": 0, "Gpt/L": 0, "nL-1": 0, "thousand/mm3": 0,
    "/uL": 3, "/µL": 3, "/mm3": 3, "cells/mcL": 3, "per mm3": 3, "cells/mm3": 3, "/cumm": 3, "10*6/L": 3, "Mpt/L": 3,
}  # fmt: skip
HEMOGLOBIN_UNITS: dict[str, int] = {"g/dL": 0, "gm/dL": 0, "g/L": 1, "g%": 0}

_MOST = {
    "wbc": 60, "neutrophils": 40, "lymphocytes": 20, "monocytes": 5, "eosinophils": 5, "basophils": 1,
    "platelets": 1000,
}  # fmt: skip
_SHARES = ("neutrophils", "lymphocytes", "monocytes", "eosinophils", "basophils")


def unit_strings() -> st.SearchStrategy[str]:
    """A unit of a cell count as some laboratory writes it."""
    return st.sampled_from(sorted(COUNT_UNITS))


def counts_e9_l(most: int = 60) -> st.SearchStrategy[Decimal]:
    """A cell count in 10*9/L with at most three decimals; 0 is one."""
    return st.integers(0, most * 1000).map(lambda n: Decimal(n) / 1000)


def write_value(value: Decimal, unit: str, units: dict[str, int] = COUNT_UNITS) -> str:
    """A value in leukon's unit, written in another: 3.2 in /uL is "3200 /uL"."""
    number = (value.scaleb(units[unit])).normalize()
    return f"{number:f} {unit}"


def people() -> st.SearchStrategy[Person]:
    """Anyone: newborn to very old, sex, Duffy status and pregnancy known or not."""
    return st.builds(
        _person,
        age_days=st.none() | st.floats(0, 40000),
        sex=st.sampled_from([None, "female", "male"]),
        duffy_null=st.sampled_from([None, True, False]),
        pregnant=st.sampled_from([None, None, True, False]),
        weeks=st.none() | st.floats(0, 41),
    )


def _person(
    age_days: float | None, sex: str | None, duffy_null: bool | None, pregnant: bool | None, weeks: float | None
) -> Person:
    if sex == "male" or (age_days is not None and not 4745 <= age_days <= 18980):
        pregnant = None
    return Person(
        age_days=age_days,
        sex=sex,
        duffy_null=duffy_null,
        pregnant=pregnant,
        pregnancy_weeks=weeks if pregnant else None,
    )


def make_draw(
    values: dict[str, str],
    *,
    day: float | None = 0.0,
    order: int = 0,
    limits: dict[str, tuple[float | None, float | None]] | None = None,
    bare_unit: bool = True,
    limits_unit: str | None = None,
) -> Draw:
    """A draw as a reader makes it: every value and every limit a leaf with its path."""
    measures: list[Measure] = []
    for name, text in values.items():
        own = (limits or {}).get(name)
        leaves = tuple(
            Item(f"counts[{order}].limits.{name}[{place}]", str(v))
            for place, v in enumerate(own or ())
            if v is not None
        )
        item = Item(f"counts[{order}].{name}", text)
        measures.append(Measure(item, name, bare_unit, own, leaves, limits_unit))
    return Draw(day, None, order, tuple(measures))


def make_patient(*given: Draw, now: float = 0.0, **person: Any) -> Patient:
    """A patient with these draws; the other arguments are those of `Person`."""
    return Patient(person=Person(**person), draws=given, now=now)


@st.composite
def draws(draw: st.DrawFn, *, day: float | None = 0.0, order: int = 0) -> Draw:
    """A complete count: white cells, a differential that adds up to 100 %, haemoglobin, platelets."""
    values = {"wbc": write_value(draw(counts_e9_l(_MOST["wbc"])), draw(unit_strings()))}
    cuts = sorted(draw(st.lists(st.integers(0, 100), min_size=4, max_size=4)))
    shares = [high - low for low, high in zip([0, *cuts], [*cuts, 100], strict=True)]
    values |= {cell: f"{share} %" for cell, share in zip(_SHARES, shares, strict=True)}
    values["hemoglobin"] = write_value(
        Decimal(draw(st.integers(30, 200))) / 10, draw(st.sampled_from(sorted(HEMOGLOBIN_UNITS))), HEMOGLOBIN_UNITS
    )
    values["platelets"] = write_value(Decimal(draw(st.integers(0, _MOST["platelets"]))), draw(unit_strings()))
    return make_draw(values, day=day, order=order)


@st.composite
def patients(draw: st.DrawFn, *, most_draws: int = 3) -> Patient:
    """A person with one to a few complete counts on different days; the newest is now."""
    days = sorted(draw(st.sets(st.integers(-400, 0), min_size=1, max_size=most_draws)))
    made = tuple(draw(draws(day=float(day - days[-1]), order=place)) for place, day in enumerate(days))
    return Patient(person=draw(people()), draws=made, now=0.0)


@st.composite
def records(draw: st.DrawFn) -> dict[str, Any]:
    """A record as a person types it, as plain values."""
    patient = draw(patients())
    person: dict[str, Any] = {}
    if patient.person.age_days is not None:
        person["age"] = f"{round(patient.person.age_days)} days"
    if patient.person.sex:
        person["sex"] = patient.person.sex
    if patient.person.duffy_null is not None:
        person["duffy_null"] = patient.person.duffy_null
    if patient.person.pregnant is not None:
        person["pregnant"] = patient.person.pregnant
    counts = [{"day": d.day} | {m.analyte: m.item.text for m in d.measures} for d in patient.draws]
    return {"person": person, "counts": counts}
