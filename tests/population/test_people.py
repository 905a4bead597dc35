"""One row a person: the ends of each series and the worst grades, as counted from the person's counts one by one."""

from __future__ import annotations

import math
import os
import random
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from leukon.severity.criteria import CRITERIA
from leukon.severity.grade import grade_value
from tests.population.canonical import fetch_rows, make_people

pytest.importorskip("duckdb", reason="needs leukon[population]")
ibis = pytest.importorskip("ibis", reason="needs leukon[population]")
pa = pytest.importorskip("pyarrow", reason="needs leukon[population]")

from leukon.population.engines import open_engine  # noqa: E402
from leukon.population.people import SUMMARISED, summarise_people  # noqa: E402

PEOPLE = 20_000 if os.environ.get("LEUKON_CAMPAIGN") else 250
EPOCH = date(1970, 1, 1)
JUDGED = pa.schema(
    [("person", pa.string()), ("day", pa.float64()), ("analyte", pa.string()), ("value", pa.float64()),
     ("unit", pa.string()), ("bound", pa.string()), ("lower", pa.float64()), ("upper", pa.float64()),
     ("how", pa.string()), ("status", pa.string()), ("owner", pa.string())]
)  # fmt: skip
UNITS = {"hemoglobin": "g/dL", "mcv": "fL"}
CUTS = {
    "wbc": [1.0, 2.0, 3.0, 4.0, 2.5], "neutrophils": [0.1, 0.4, 0.5, 0.8, 1.0, 1.5, 2.0], "mcv": [80.0],
    "hemoglobin": [6.5, 8.0, 8.5, 9.5, 10.0, 10.4, 12.0], "platelets": [25.0, 50.0, 75.0, 100.0, 125.0, 150.0],
    "lymphocytes": [0.2, 0.5, 0.65, 0.8, 1.0],
}  # fmt: skip

Row = dict[str, Any]


def _count(person: str, day: float | None, analyte: str, value: float, status: str = "normal", **more: Any) -> Row:
    plain = {"bound": None, "lower": None, "upper": None, "how": "measured", "owner": "adult"}
    row = {"person": person, "day": day, "analyte": analyte, "value": value, "status": status}
    return row | {"unit": UNITS.get(analyte, "10*9/L")} | plain | more


@pytest.fixture
def duck(tmp_path: Path) -> Iterator[Any]:
    with open_engine("duckdb", tmp_path) as opened:
        yield opened


def _summarise(engine: Any, people: list[Row], counts: list[Row]) -> dict[str, Row]:
    mixed = random.Random(5).sample(counts, len(counts))
    judged = engine.add("judged", pa.Table.from_pylist(mixed, JUDGED))
    found = fetch_rows(engine, summarise_people(engine, judged, make_people(engine, people)))
    assert len(found) == len(people)
    return {row["person"]: row for row in found}


def test_a_person_has_the_ends_of_each_series_and_the_worst_grade(duck: Any) -> None:
    """Lowest twice: its day is the earlier one. A child's age is that at the lowest count. Who has no count stays."""
    people = [
        {"person": "a", "sex": "female", "birth_date": date(1990, 5, 2), "ancestry": "Irish"},
        {"person": "child", "age_years": 4.5},
        {"person": "nobody counted", "sex": "male", "duffy_null": True},
    ]
    counts = [
        _count("a", 100.0, "neutrophils", 2.0, lower=1.5),
        _count("a", 101.0, "neutrophils", 0.4, "low", lower=1.5),
        _count("a", 103.5, "neutrophils", 0.4, "low", lower=1.5),
        _count("a", 110.0, "neutrophils", 1.6, lower=1.5),
        _count("a", 110.0, "wbc", 3.0, "low", lower=4.0),
        _count("child", 20_000.0, "hemoglobin", 12.0),
        _count("child", 21_000.0, "neutrophils", 0.9, "low", lower=1.5),
    ]
    found = _summarise(duck, people, counts)
    a, child, nobody = found["a"], found["child"], found["nobody counted"]
    parts = ("counts", "first", "last", "lowest", "lowest_day", "status_lowest", "low_now", "grade_ctcae_5")
    assert [a[f"neutrophils_{part}"] for part in parts] == [4, 2.0, 1.6, 0.4, 101.0, "low", False, 4]
    assert (a["draws"], a["wbc_low_now"], a["wbc_grade_ctcae_5"], a["ancestry"]) == (4, True, 1, "Irish")
    assert (child["age_years"], child["draws"], child["hemoglobin_counts"]) == (7, 2, 1)
    assert child["age_first_years"] == 4
    assert (nobody["draws"], nobody["wbc_counts"], nobody["wbc_lowest"], nobody["duffy_null"]) == (0, 0, None, True)


def test_ages_change_on_birthdays(duck: Any) -> None:
    ages = {
        "18th birthday": (date(2001, 1, 1), date(2019, 1, 1), 18),
        "the day before": (date(2001, 1, 1), date(2018, 12, 31), 17),
        "leap day before a birthday": (date(2001, 3, 1), date(2004, 2, 29), 2),
        "born on a leap day": (date(2004, 2, 29), date(2005, 2, 28), 0),
    }
    people = [{"person": name, "birth_date": born} for name, (born, _, _) in ages.items()]
    counts = [_count(name, (drawn - EPOCH).days + 0.9, "wbc", 5.0) for name, (_, drawn, _) in ages.items()]
    found = _summarise(duck, people, counts)
    assert {name: row["age_years"] for name, row in found.items()} == {name: age for name, (_, _, age) in ages.items()}


def _make_counts(chance: random.Random, person: str) -> list[Row]:
    days: list[float | None] = [
        20_000.0 + chance.randint(0, 1500) / chance.choice([1, 2]) for _ in range(chance.randint(1, 5))
    ]
    if chance.random() < 0.15:
        days.append(None)
    rows: list[Row] = []
    for day in dict.fromkeys(days):
        for analyte in chance.sample(list(CUTS), chance.randint(1, 6)):
            cut = chance.choice(CUTS[analyte])
            value = chance.choice([cut, round(cut * chance.uniform(0.3, 1.7), chance.randint(0, 3)), 0.0])
            lower = chance.choice([None, cut, round(cut * chance.uniform(0.5, 2), 2)])
            bound = chance.choice([None] * 9 + ["<", ">"])
            status = chance.choice(["low", "normal", "high", "cannot say"])
            rows.append(_count(person, day, analyte, value, status, lower=lower, bound=bound))
    return rows


def _make_person(chance: random.Random, person: str) -> Row:
    row: Row = {"person": person, "sex": chance.choice(["female", "male", None])}
    kind = chance.random()
    if kind < 0.6:
        row["birth_date"] = EPOCH + timedelta(days=20_000 - chance.choice([0, 3, 30, 60, chance.randint(0, 30_000)]))
    elif kind < 0.85:
        row["age_years"] = chance.choice([float(chance.randint(0, 15)), chance.uniform(0.0, 15.0), 40.0])
    return row


def _grade(row: Row, person: Row, first_day: float | None, criteria: str) -> int | None:
    age: dict[str, float] = {}
    since = 0.0 if row["day"] is None or first_day is None else row["day"] - first_day
    if "birth_date" in person and row["day"] is not None:
        age = {"age_days": math.floor(row["day"] - (person["birth_date"] - EPOCH).days)}
    elif "age_years" in person:
        age = {"age_years": person["age_years"] + since / 365.25}

    def find(value: float) -> int | None:
        lln, sex = row["lower"], person["sex"]
        return grade_value(row["analyte"], value, row["unit"], criteria=criteria, lln=lln, sex=sex, **age).low

    if row["bound"] == ">":
        return None
    if row["bound"] is None:
        return find(row["value"])
    grade = find(row["value"] * (1 - 1e-9))
    return grade if grade == find(0.0) else None


def _expect(person: Row, counts: list[Row]) -> Row:
    days = [row["day"] for row in counts if row["day"] is not None]
    expected: Row = {"draws": len({row["day"] for row in counts})}
    order = ("low", "cannot say", "normal", "high")
    for analyte in SUMMARISED:
        mine = [row for row in counts if row["analyte"] == analyte]
        expected[f"{analyte}_counts"] = len(mine)
        if not mine:
            continue
        first = min(mine, key=lambda r: math.inf if r["day"] is None else r["day"])
        last = max(mine, key=lambda r: -math.inf if r["day"] is None else r["day"])
        least = min((r["value"], r["bound"] != "<") for r in mine)  # "< 0.5" is lower than 0.5
        lowest = [r for r in mine if (r["value"], r["bound"] != "<") == least]
        dated = [r["day"] for r in lowest if r["day"] is not None]
        grades = {c: [_grade(r, person, min(days, default=None), c) for r in mine] for c in CRITERIA}
        expected |= {
            f"{analyte}_first": first["value"],
            f"{analyte}_last": last["value"],
            f"{analyte}_last_day": last["day"],
            f"{analyte}_lowest": lowest[0]["value"],
            **{
                f"{analyte}_{name}_bound": "<" if r["bound"] == "<" else None
                for name, r in (("first", first), ("last", last), ("lowest", lowest[0]))
            },
            f"{analyte}_lowest_day": min(dated, default=None),
            f"{analyte}_status_first": first["status"],
            f"{analyte}_status_lowest": min((r["status"] for r in lowest), key=order.index),
            f"{analyte}_low_now": {"low": True, "cannot say": None}.get(last["status"], False),
        }
        for criteria, held in grades.items():
            name = criteria.replace("-", "_").replace(".", "_")
            expected[f"{analyte}_grade_{name}"] = max((g for g in held if g is not None), default=None)
    return expected


def test_everybody_has_what_their_counts_say_one_by_one(engine: Any) -> None:
    """With ties, counts without a day, bounds, missing limits, newborns, ages that are not known."""
    chance = random.Random(PEOPLE)
    people = [_make_person(chance, f"p{n}") for n in range(PEOPLE)]
    counts = {person["person"]: _make_counts(chance, person["person"]) for person in people}
    found = _summarise(engine, people, [row for rows in counts.values() for row in rows])
    wrong: list[Any] = []
    for person in people:
        got = found[person["person"]]
        for name, value in _expect(person, counts[person["person"]]).items():
            if got[name] != value:
                wrong.append((person, name, got[name], value))
    assert wrong == []
    assert {row["neutrophils_grade_daids_2_1"] for row in found.values()} == {None, 0, 1, 2, 3, 4}
