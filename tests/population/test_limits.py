"""Is a count of a table low for its person: the same limit, owner and verdict as for one person, at every age."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from leukon.counts.series import Counts, CountValue
from leukon.limits.judge import judge_counts
from leukon.patient import Patient, Person
from tests.population.canonical import fetch_rows, make_people

pytest.importorskip("duckdb", reason="needs leukon[population]")
ibis = pytest.importorskip("ibis", reason="needs leukon[population]")
pa = pytest.importorskip("pyarrow", reason="needs leukon[population]")

from leukon.population.engines import open_engine  # noqa: E402
from leukon.population.limits import add_limits  # noqa: E402

PEOPLE = 20_000 if os.environ.get("LEUKON_CAMPAIGN") else 700
DERIVED = pa.schema(
    [("person", pa.string()), ("day", pa.float64()), ("analyte", pa.string()), ("value", pa.float64()),
     ("unit", pa.string()), ("bound", pa.string()), ("lower", pa.float64()), ("upper", pa.float64()),
     ("how", pa.string())]
)  # fmt: skip
ADULT = {  # what a laboratory prints for adults
    "wbc": (4.0, 11.0), "neutrophils": (1.8, 7.7), "lymphocytes": (1.0, 4.8), "monocytes": (0.2, 0.8),
    "eosinophils": (0.0, 0.5), "basophils": (0.0, 0.1), "hemoglobin": (12.0, 15.5), "platelets": (150.0, 400.0),
    "mcv": (80.0, 100.0), "blasts": (None, 0.0), "bands": (None, 0.7),
}  # fmt: skip
EDGES = [0.0, 0.5, 1, 3, 7, 14, 30, 42, 90, 180, 365, 730, 1825, 2190, 3650, 4380, 5475, 6570, 47450]


@pytest.fixture
def duck(tmp_path: Path) -> Iterator[Any]:
    with open_engine("duckdb", tmp_path) as opened:
        yield opened


def _derived(engine: Any, rows: list[dict[str, Any]]) -> Any:
    plain = {"unit": "10*9/L", "bound": None, "lower": None, "upper": None, "how": "measured", "day": 1000.0}
    made = [plain | row for row in rows]
    random.Random(3).shuffle(made)
    return engine.add("derived", pa.Table.from_pylist(made, DERIVED))


def _judge(engine: Any, people: list[dict[str, Any]], rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    judged = add_limits(engine, _derived(engine, rows), make_people(engine, people))
    assert list(judged.columns) == [
        "person", "day", "analyte", "value", "unit", "bound", "lower", "upper", "how", "status", "owner",
    ]  # fmt: skip
    return fetch_rows(engine, judged)


def test_limits_are_those_of_the_person(duck: Any) -> None:
    """ANC 1.3: low for an adult, not for a Duffy-null one; a child's white cells are not judged by an adult's range."""
    people: list[dict[str, Any]] = [
        {"person": "adult", "birth_date": date(1930, 1, 1)},
        {"person": "duffy", "birth_date": date(1930, 1, 1), "duffy_null": True},
        {"person": "child", "age_years": 1.5},
        {"person": "nobody knows"},
        {"person": "laboratory", "age_years": 40.0},
        {"person": "unborn", "birth_date": date(1980, 1, 1)},
    ]
    rows: list[dict[str, Any]] = [
        {"person": p, "analyte": "neutrophils", "value": 1.3} for p in ("adult", "duffy", "nobody knows", "unborn")
    ]
    rows.append({"person": "child", "analyte": "wbc", "value": 4.5, "lower": 4.0, "upper": 11.0})
    rows.append({"person": "laboratory", "analyte": "wbc", "value": 3.9, "lower": 3.8, "upper": 10.0})
    found = {r["person"]: (r["status"], r["owner"], r["lower"]) for r in _judge(duck, people, rows)}
    assert found == {
        "adult": ("low", "adult", 1.5),
        "duffy": ("normal", "duffy-null", 1.21),
        "child": ("low", "age", 4.9),
        "nobody knows": ("low", "adult", 1.5),
        "laboratory": ("normal", "laboratory", 3.8),
        "unborn": ("cannot say", None, None),
    }


def test_a_count_is_judged_at_the_age_at_which_it_was_taken(duck: Any) -> None:
    """Lymphocytes 2.5 are low at six months, not at three years; the age given is that at the first count."""
    people: list[dict[str, Any]] = [{"person": "a", "age_years": 0.5}, {"person": "b", "birth_date": date(2000, 1, 1)}]
    first = {"a": 5000.0, "b": 10957.0 + 182}
    rows = [
        {"person": p, "analyte": "lymphocytes", "value": 2.5, "day": first[p] + later}
        for p in "ab"
        for later in (0.0, 913.0)
    ]
    found = {(r["person"], r["day"] - first[r["person"]]): r["status"] for r in _judge(duck, people, rows)}
    assert found == {(p, later): s for p in "ab" for later, s in ((0.0, "low"), (913.0, "normal"))}


def _make_person(chance: random.Random, key: str) -> dict[str, Any]:
    days = chance.choice([None, chance.uniform(0, 400), chance.uniform(0, 8000), chance.uniform(0, 40000)])
    if chance.random() < 0.3:  # at the edges of ages
        days = max(chance.choice(EDGES) + chance.choice([-1, -0.5, 0, 0, 0.5, 1]), -2.0)
    row: dict[str, Any] = {
        "person": key,
        "sex": chance.choice(["female", "male", None]),
        "duffy_null": chance.choice([True, False, None]),
        "days": days,
    }
    born = days is not None and chance.random() < 0.7
    if born:
        row["birth_date"] = date.fromordinal(date(1970, 1, 1).toordinal() + 20_000 - round(days or 0))
        row["days"] = float(round(days or 0))
    elif days is not None and days >= 0:
        row["age_years"] = days / 365.25
        row["days"] = row["age_years"] * 365.25
    else:
        row["days"] = None
    return row


def _make_count(chance: random.Random) -> dict[str, Any]:
    analyte = chance.choice(list(ADULT))
    low, high = ADULT[analyte]
    cut = chance.choice([low or 0.1, high or 0.1])
    value = round(chance.choice([cut, cut * chance.uniform(0.2, 2), chance.uniform(0, 3 * (high or 0.3))]), 2)
    unit = {"hemoglobin": "g/dL", "mcv": "fL"}.get(analyte, "10*9/L")
    row = {"analyte": analyte, "value": value, "unit": unit, "bound": chance.choice([None] * 8 + ["<", ">"])}
    kind = chance.random()
    if kind < 0.35:
        return row | {"lower": low, "upper": high}
    if kind < 0.6:
        lower = round((low or 0) * chance.uniform(0.6, 2.5), 1)
        return row | {"lower": lower or None, "upper": round((high or 1) * chance.uniform(0.7, 2.5), 1)}
    if kind < 0.7:
        return row | {"lower": None, "upper": high}
    return row | {"lower": low, "upper": None} if kind < 0.75 else row


def test_every_count_of_every_person_is_judged_as_for_one(engine: Any) -> None:
    chance = random.Random(PEOPLE)
    people: list[dict[str, Any]] = []
    rows: list[dict[str, Any]] = []
    expected: dict[tuple[str, float, str], tuple[Any, ...]] = {}
    for n in range(PEOPLE):
        person = _make_person(chance, f"p{n}")
        days = person.pop("days")
        people.append(person)
        taken = {}
        for later in (0.0, *chance.sample([0.25, 40.0, 400.0, 4000.0], 2)):
            row = _make_count(chance)
            taken[later] = row | {"person": person["person"], "day": 20_000.0 + later}
        rows += taken.values()
        values = [
            CountValue(
                analyte=r["analyte"], value=r["value"], unit=r["unit"], day=later, time=None, draw=0, as_given="",
                path="",
                censored="<" if r["bound"] == "<" else None, over=r["bound"] == ">",
                limits=None if r.get("lower") is None and r.get("upper") is None else (r["lower"], r["upper"]),
            )
            for later, r in taken.items()
        ]  # fmt: skip
        who = Person(age_days=days, sex=person["sex"], duffy_null=person["duffy_null"])
        for judged in judge_counts(Counts(tuple(values)), Patient(person=who, now=0.0)):
            limit = judged.limit
            said = (judged.status, *((limit.lower, limit.upper, limit.owner) if limit else (None, None, None)))
            expected[person["person"], 20_000.0 + (judged.count.day or 0.0), judged.count.analyte] = said
    found = {
        (r["person"], r["day"], r["analyte"]): (r["status"], r["lower"], r["upper"], r["owner"])
        for r in _judge(engine, people, rows)
    }
    assert len(found) == len(rows)
    assert {k: (v, expected[k]) for k, v in found.items() if v != expected[k]} == {}
    assert {owner for *_, owner in expected.values()} == {"duffy-null", "laboratory", "age", "adult", None}
