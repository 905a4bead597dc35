"""A table is graded as one value is: the same grades and the same reasons, also at the cut-points."""

from __future__ import annotations

import math
import random
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from leukon.severity.criteria import CRITERIA, read_terms
from leukon.severity.grade import grade_value

NAMES = [
    "ANC", "alc", "Hb", "PLT", "CD4", "MetHb", "wbc", "eosinophils", "cellularity", "HGB ", "white  blood cells",
    "monocytes", "", None, *sorted({term.name for term in read_terms()}),
]  # fmt: skip
UNITS = [
    "10*9/L", "10^9/L", "K/uL", "/uL", "cells/mm3", " /uL ", "G/L", "10^3/mL", "10^6/mL", "g/dL", "g/L", "mmol/L", "%",
    "mm3", "furlong", "", None,
]  # fmt: skip
CUTS = sorted(
    {float(w) for t in read_terms() for b in t.bands for w in (b.lower, b.upper) if w.replace(".", "").isdigit()}
)
FIXED = [
    (term.name, band.unit, float(word))
    for term in read_terms()
    for band in term.bands
    for word in (band.lower, band.upper)
    if word.replace(".", "").isdigit()
]
COLUMNS = (
    "term",
    "value",
    "unit",
    "lln",
    "uln",
    "baseline",
    "sex",
    "age_years",
    "age_days",
    "birth_date",
    "sample_date",
)


def _near(cut: float, steps: int) -> float:
    """The cut, or a float that is `steps` floats away from it."""
    for _ in range(abs(steps)):
        cut = math.nextafter(cut, math.copysign(math.inf, steps))
    return cut


def _say(reason: str, value: float | None, unit: str | None) -> str:
    """The reason of one value in the words of a table, which does not repeat the value."""
    if value is None:
        return reason
    shown = f"{value:g} {(unit or '').strip()}"
    reason = reason.replace(f" grades {shown}", " grades it").replace(f": {shown} lies", ": the value lies")
    return reason.replace(f"{value:g} is below zero", "the value is below zero")


def _check(rows: list[dict[str, Any]], grade: Any) -> None:
    columns = {name: [row[name] for row in rows] for name in COLUMNS}
    graded = grade(columns, *CRITERIA)
    assert len(graded) == len(rows)
    for row, got in zip(rows, graded, strict=True):
        given = {name: row[name] for name in COLUMNS[3:]}
        for criteria in CRITERIA:
            one = grade_value(row["term"], row["value"], row["unit"], criteria=criteria, **given)
            expected = (one.low, one.high, _say(one.reason, row["value"], row["unit"]))
            found = tuple(got[f"grade_{what}_{criteria}"] for what in ("low", "high", "reason"))
            if one.reason.startswith("the age cannot be had"):
                assert found[:2] == (None, None) and found[2].startswith("the age cannot be had"), (row, found)
            else:
                assert found == expected, (criteria, str(row))


@pytest.fixture
def grade(grade_parquet):
    """Grades columns whose types are said, also where every cell is empty."""
    import pyarrow as pa

    types = dict.fromkeys(("term", "unit", "sex"), pa.string())
    types |= dict.fromkeys(("birth_date", "sample_date"), pa.date32())

    def run(columns: dict[str, list[Any]], *criteria: str) -> list[dict[str, Any]]:
        typed = {name: pa.array(held, types.get(name, pa.float64())) for name, held in columns.items()}
        return grade_parquet(typed, *criteria)

    return run


_numbers = st.one_of(
    st.none(),
    st.floats(0, 400),
    st.builds(_near, st.sampled_from(CUTS), st.integers(-60, 60)),
    st.builds(
        lambda cut, factor: cut * 3 * factor / 3, st.sampled_from(CUTS), st.sampled_from([1, 0.1, 10, 0.001, 1000])
    ),
    st.sampled_from([0.0, -1.0, math.nan, math.inf, -math.inf, 1.0, 12.0, 150.0]),
)
_dates = st.one_of(st.none(), st.dates(date(2000, 1, 1), date(2024, 12, 31)))
_row = st.fixed_dictionaries(
    {
        "term": st.sampled_from(NAMES),
        "value": _numbers,
        "unit": st.sampled_from(UNITS),
        "lln": _numbers,
        "uln": _numbers,
        "baseline": _numbers,
        "sex": st.sampled_from([None, "M", "F", "female", " Male", "unknown"]),
        "age": st.one_of(
            st.just((None, None)),
            st.tuples(st.one_of(st.integers(0, 90).map(float), st.floats(0, 20)), st.none()),
            st.tuples(st.none(), st.integers(0, 7000).map(float)),
        ),
        "birth_date": _dates,
        "sample_date": _dates,
    }
).map(lambda row: row | {"age_years": row["age"][0], "age_days": row["age"][1]})


@settings(
    max_examples=10,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(rows=st.lists(_row, min_size=1, max_size=60))
def test_any_table_is_graded_as_its_values_are_one_by_one(rows, grade) -> None:
    _check(rows, grade)


def test_thousands_of_values_around_the_cut_points_are_graded_as_one_by_one(grade) -> None:
    """A value some floats off a limit, the noise of a change of unit, has the grade of the limit."""
    chance = random.Random(5)

    def number() -> float | None:
        kind = chance.random()
        if kind < 0.1:
            return None
        if kind < 0.7:
            return _near(chance.choice(CUTS), chance.randint(-60, 60))
        return round(chance.choice([20, 200, 20000]) * chance.random() ** 2, chance.randint(0, 3))

    rows: list[dict[str, Any]] = []
    for _ in range(6000):
        value, lln = number(), number()
        if value is not None and chance.random() < 0.3:  # a limit of this person some floats off the value
            lln = _near(value, chance.randint(-60, 60))
        term, unit = chance.choice(NAMES), chance.choice(UNITS[:13])
        if chance.random() < 0.6:  # a fixed limit of the term itself, in the unit it is printed in
            term, unit, cut = chance.choice(FIXED)
            value = _near(cut, chance.randint(-60, 60))
        days = chance.choice(
            [None, None, None, chance.randint(0, 70), chance.randint(4745, 4750), chance.randint(2188, 2194)]
        )  # years beside it that contradict it are not tried
        born = date(2000, 1, 1) + timedelta(days=chance.randint(0, 8000))
        rows.append(
            {
                "term": term,
                "value": value,
                "unit": unit,
                "lln": lln,
                "uln": lln if chance.random() < 0.5 else number(),
                "baseline": number(),
                "sex": chance.choice(["M", "F", None]),
                "age_years": chance.choice(
                    [None, chance.randint(0, 40), chance.random() * 15, (chance.randint(0, 60) + 1e-3) / 365.25]
                )
                if days is None
                else None,
                "age_days": days,
                "birth_date": chance.choice([None, None, born]),
                "sample_date": chance.choice([None, born + timedelta(days=chance.choice([3, 40, 4747, 4748, 2000]))]),
            }
        )
    _check(rows, grade)
