"""The noise of floats is rounded away in the same manner by every engine: no count changes sides of a limit by it."""

from __future__ import annotations

import math
import random
from operator import lt
from typing import Any

import pytest

pa = pytest.importorskip("pyarrow", reason="needs leukon[population]")
pytest.importorskip("ibis", reason="needs leukon[population]")

from leukon.population import cuts  # noqa: E402
from leukon.population.rounding import round_9, round_15  # noqa: E402
from leukon.population.trees import compare_rounded  # noqa: E402

NOISE = [
    0.1 + 0.2,
    1.4999999999999999,
    1.4999999999999996,
    0.1234567890123455,
    274.7180000000005,
    0.0,
    9999.999999999998,
]


def _walk(x: float, steps: int) -> float:
    for _ in range(abs(steps)):
        x = math.nextafter(x, math.copysign(math.inf, steps))
    return x


def _make_numbers() -> list[float]:
    """Decimals, conversions of them, and floats some steps off."""
    chance = random.Random(15)
    decimals = [round(10 ** chance.uniform(-3.9, 8.9), chance.randint(0, 14)) for _ in range(8_000)]
    powers = [10.0**k for k in range(-3, 9)]
    made = [_walk(x, chance.randint(-12, 12)) for x in decimals + powers * 40 if x > 0.0002]
    return NOISE + made + [x * 3.1 / 3.1 for x in decimals] + [x / 1000 * 100 * 0.31 for x in decimals if x > 1]


def test_fifteen_digits_are_those_that_python_prints(engine: Any) -> None:
    numbers = [x for x in _make_numbers() if x > 1e-4]
    table = engine.add("numbers", pa.table({"x": numbers}))
    found = engine.fetch(table.select("x", y=round_15(table.x))).to_pylist()
    assert [row for row in found if row["y"] != cuts.round_15(row["x"])] == []
    assert len(found) == len(numbers)


def test_values_are_compared_with_limits_as_written(engine: Any) -> None:
    """Some floats off a limit is at the limit; the fifteenth digit counts."""
    chance = random.Random(7)
    limits = [chance.choice([1.5, 2.0, 0.5, 4.0, 1000.0, 150.0, 0.7, x]) for x in _make_numbers() if x > 1e-4]
    values = [_walk(x, chance.randint(-30, 30)) for x in limits]
    table = engine.add("near", pa.table({"value": values, "limit": limits}))
    rows = engine.fetch(table.mutate(under=compare_rounded(lt, table.value, table["limit"]))).to_pylist()
    wrong = [r for r in rows if r["under"] != (cuts.round_15(r["value"]) < cuts.round_15(r["limit"]))]
    assert wrong == [] and {r["under"] for r in rows} == {True, False}


def test_counts_have_nine_decimals(engine: Any) -> None:
    chance = random.Random(9)
    numbers = [round(chance.uniform(0, 1000), 9) for _ in range(3_000)]
    noisy = [_walk(x, chance.randint(-4, 4)) for x in numbers]
    table = engine.add("counts", pa.table({"x": numbers, "y": noisy}))
    rows = engine.fetch(table.select("x", z=round_9(table.y))).to_pylist()
    assert [r for r in rows if r["z"] != r["x"]] == []
