"""A value of a table is read as it is for one person: the same number, or refused where one person's is."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from leukon.counts.measure import Ledger, read_measure
from leukon.counts.units import to_float
from leukon.io.csv_cells import join_unit
from leukon.patient import Item, Measure
from tests.population.sources.conftest import Found, write_csv

NAMES = [
    "WBC",
    "ANC",
    "neutrophils",
    "neut %",
    "LOINC:770-8",
    "bands",
    "Hb",
    "MCV",
    "platelets",
    "reticulocytes",
    "ferritin",
]
UNITS = ["10^9/L", "K/uL", "/uL", "cells/mm3", "%", "fraction", "g/dL", "g/L", "mmol/L", "fL", "furlong", "", "10*6/mL"]
CELLS = [
    "0", "1.499", "1.5", "1499", "1500", "0.9", "9", "101", "-3", "3,2", "4,710", "<0.1", ">100", "≤ 0.5", "TNP",
    "3.2 K/uL", "9 %", "1-2", "fewer than 0.1", "3.2 L", "1e3", "1e99", "five",
]  # fmt: skip
VALUES = st.one_of(
    st.sampled_from(CELLS), st.floats(1e-3, 2e5).map(lambda x: f"{x:.4g}"), st.floats(1e-4, 20).map(repr)
)
CUTS = [0.1, 0.5, 1.0, 1.5, 2.0, 4.0]
NEAR = [1 - 1e-6, 1, 1 + 1e-6]
_row = st.fixed_dictionaries(
    {
        "analyte": st.sampled_from(NAMES),
        "value": VALUES,
        "unit": st.sampled_from(UNITS),
        "lln": st.sampled_from(["", "4", "1.5", "4000", "40", "150", "-1"]),
        "uln": st.sampled_from(["", "11", "7.5", "11000", "75", "450", "3"]),
    }
).map(lambda row: row | {"unit": ""} if row["value"] in ("3.2 K/uL", "9 %") else row)  # two units are one too many


def _read_alone(row: dict[str, str]) -> tuple[Any, ...] | None:
    """The count, share, bound and limits of one value in a record, None where it is refused."""
    limits = tuple(float(row[edge]) if row[edge] else None for edge in ("lln", "uln"))
    items = (Item("limits", "limits"),) if limits != (None, None) else ()
    text = join_unit(row["value"], row["unit"])
    measure = Measure(Item("value", text), row["analyte"], False, limits if items else None, items)  # pyright: ignore[reportArgumentType]
    read = read_measure(measure, Ledger())
    if read is None:
        return None
    low, high = (read.percent_limits if read.reading.percent else read.limits) or (None, None)
    return read.analyte.id, read.reading.percent, to_float(read.reading.value), read.reading.bound, low, high


@settings(
    max_examples=5,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(rows=st.lists(_row, min_size=60, max_size=120))
def test_a_table_holds_what_its_values_are_one_by_one(
    rows: list[dict[str, str]], read: Callable[..., Found], tmp_path: Path
) -> None:
    known = {"analyte": "WBC", "value": "5", "unit": "K/uL", "lln": "", "uln": ""}
    rows = [known, *rows]
    path = write_csv(tmp_path / "counts.csv", [{"person": f"p{k:03}", **row} for k, row in enumerate(rows)])
    found = {count.pop("person"): count for count in read(path, "leukon").counts}
    for number, row in enumerate(rows):
        alone = _read_alone(row)
        got = found.get(f"p{number:03}")
        assert (got is None) == (alone is None), (row, alone, got)
        if got is None or alone is None:
            continue
        assert (got["analyte"], got["percent"], got["bound"]) == (alone[0], alone[1], alone[3]), row
        assert got["value"] == pytest.approx(alone[2], rel=1e-12, abs=5.01e-11), row
        assert (got["lower"], got["upper"]) == alone[4:], row


def test_a_change_of_unit_moves_no_count_across_a_cut_point(read: Callable[..., Found], tmp_path: Path) -> None:
    """1500 per microlitre is 1.5, and what is a millionth under it is under 1.5."""
    sizes = {"/uL": 1000, "10^6/L": 1000, "10*12/L": 0.001, "10^9/L": 1}
    asked = [(cut, unit, cut * size * near) for cut in CUTS for unit, size in sizes.items() for near in NEAR]
    rows = [{"person": f"{k:03}", "analyte": "ANC", "value": repr(x), "unit": u} for k, (_, u, x) in enumerate(asked)]
    found = [c["value"] for c in read(write_csv(tmp_path / "counts.csv", rows), "leukon").counts]
    for (cut, unit, _), value, near in zip(asked, found, NEAR * (len(asked) // 3), strict=True):
        assert (value < cut, value == cut, value > cut) == (near < 1, near == 1, near > 1), (cut, unit, value)
