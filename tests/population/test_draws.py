"""Counts of a table made absolute: as for one person, draw by draw."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator, Sequence
from decimal import Decimal
from pathlib import Path
from statistics import median
from typing import Any

import pytest

from leukon.counts import read_counts
from tests.population.canonical import count, fetch_rows, make_counts
from tests.strategies import make_draw, make_patient

pytest.importorskip("pyarrow", reason="needs leukon[population]")
pytest.importorskip("duckdb", reason="needs leukon[population]")
pytest.importorskip("ibis", reason="needs leukon[population]")

from pyarrow import parquet

from leukon.population.draws import BY_DIFFERENCE, derive_counts
from leukon.population.engines import open_engine

CELLS = (
    "neutrophils", "segs", "bands", "lymphocytes", "monocytes", "eosinophils", "basophils", "immature_granulocytes",
    "blasts",
)  # fmt: skip
PEOPLE = 20_000 if os.environ.get("LEUKON_CAMPAIGN") else 400
OTHERS = ("lymphocytes", "monocytes", "eosinophils", "basophils")


def _derive(engine: Any, rows: list[dict[str, Any]]) -> tuple[dict[tuple[Any, ...], dict[str, Any]], dict[Any, int]]:
    """The counts by person, day and analyte, and how many rows were refused, by what they are and why."""
    derived, refused = derive_counts(engine, make_counts(engine, rows))
    found = fetch_rows(engine, derived)
    by_key = {(r["person"], r["day"], r["analyte"]): r for r in found}
    assert len(by_key) == len(found)
    return by_key, {(r["text"], r["reason"]): r["rows"] for r in fetch_rows(engine, refused)}


def _cell(analyte: str, value: float, **more: Any) -> dict[str, Any]:
    return count("a", 1.0, analyte, value, **more)


def _share(analyte: str, value: float, **more: Any) -> dict[str, Any]:
    return _cell(analyte, value, percent=True, **more)


WBC = _cell("wbc", 2.0)
FOUR = tuple(_cell(name, value) for name, value in zip(OTHERS, (1.0, 0.3, 0.1, 0.04), strict=True))
BANDED = (WBC, _share("neutrophils", 40), _share("bands", 5))
DRAWS: dict[str, tuple[dict[str, Any], ...]] = {
    "bands": BANDED,
    "105 %": (*BANDED, _share("lymphocytes", 60)),
    "over 105 %": (*BANDED, _share("lymphocytes", 60.1)),
    "segs %": (WBC, _share("segs", 40), _share("bands", 5)),
    "segs": (WBC, _cell("segs", 0.8), _cell("bands", 0.1, bound="<")),
    "both": (WBC, _cell("neutrophils", 0.8), _share("neutrophils", 40)),
    "90 %": (WBC, *(_share(n, 20) for n in ("neutrophils", *OTHERS[:3])), _share("basophils", 10)),
    "bound": (_cell("wbc", 0.1, bound="<"), _share("neutrophils", 50)),
    "limits": (_cell("wbc", 5.0, lower=4.0, upper=11.0), _share("neutrophils", 50, lower=40, upper=70)),
    "reticulocytes": (WBC, _share("reticulocytes", 1.2)),
    "rest": (_cell("wbc", 4.0), *FOUR),
    "nothing left": (_cell("wbc", 1.44), *FOUR),
    "rest but neutrophils": (_cell("wbc", 4.0), *FOUR, _share("neutrophils", 30)),
    "rest but bands": (_cell("wbc", 4.0), *FOUR, _cell("bands", 0.1)),
    "rest but blasts": (_cell("wbc", 4.0), *FOUR, _cell("blasts", 0.1)),
    "rest but immature": (_cell("wbc", 4.0), *FOUR, _share("immature_granulocytes", 1)),
    "rest of three": (_cell("wbc", 4.0), *FOUR[:3]),
    "rest with a bound": (_cell("wbc", 4.0), *FOUR[:3], _cell("basophils", 0.1, bound="<")),
}


@pytest.fixture
def duck(tmp_path: Path) -> Iterator[Any]:
    with open_engine("duckdb", tmp_path) as opened:
        yield opened


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, str], dict[str, Any]]:
    """The counts of DRAWS, each a draw of somebody else, by name and analyte."""
    with open_engine("duckdb", tmp_path_factory.mktemp("draws")) as duck:
        found, refused = _derive(duck, [row | {"person": name} for name, rows in DRAWS.items() for row in rows])
    assert refused == {}
    return {(person, analyte): row for (person, _, analyte), row in found.items()}


Drawn = dict[tuple[str, str], dict[str, Any]]


def _anc(drawn: Drawn, name: str) -> tuple[float, str]:
    return drawn[name, "neutrophils"]["value"], drawn[name, "neutrophils"]["how"]


def test_a_percentage_of_neutrophils_has_the_bands_added(drawn: Drawn) -> None:
    assert _anc(drawn, "bands") == (0.9, "WBC × (neutrophils + bands)")
    assert drawn["bands", "bands"]["value"] == 0.1 and drawn["bands", "bands"]["how"] == "WBC × bands %"


def test_bands_are_added_up_to_105_percent(drawn: Drawn) -> None:
    """Above that they were counted as neutrophils already."""
    assert _anc(drawn, "105 %")[0] == 0.9
    assert _anc(drawn, "over 105 %") == (0.8, "WBC × neutrophils %")


def test_segmented_cells_and_bands_are_neutrophils(drawn: Drawn) -> None:
    assert _anc(drawn, "segs %") == (0.9, "WBC × (segs + bands)")
    assert _anc(drawn, "segs") == (0.9, "segs + bands")
    assert drawn["segs", "neutrophils"]["bound"] == "<"


def test_a_measured_count_comes_before_a_percentage(drawn: Drawn) -> None:
    assert _anc(drawn, "both") == (0.8, "measured")


def test_a_differential_of_90_percent_is_used(drawn: Drawn) -> None:
    assert _anc(drawn, "90 %") == (0.4, "WBC × neutrophils %")


def test_a_bound_of_the_white_count_is_one_of_its_parts(drawn: Drawn) -> None:
    assert (drawn["bound", "neutrophils"]["value"], drawn["bound", "neutrophils"]["bound"]) == (0.05, "<")


def test_limits_of_a_percentage_are_no_limits_of_the_count(drawn: Drawn) -> None:
    assert drawn["limits", "wbc"]["upper"] == 11.0 and drawn["limits", "neutrophils"]["upper"] is None


def test_a_share_of_reticulocytes_is_kept_as_one(drawn: Drawn) -> None:
    found = drawn["reticulocytes", "reticulocytes"]
    assert (found["value"], found["unit"], found["how"]) == (1.2, "%", "measured")


def test_neutrophils_are_what_the_four_other_cells_leave(drawn: Drawn) -> None:
    """For one person leukon does not do this."""
    assert _anc(drawn, "rest") == (2.56, BY_DIFFERENCE)
    assert _anc(drawn, "nothing left") == (0.0, BY_DIFFERENCE)


@pytest.mark.parametrize("more", ["neutrophils", "bands", "blasts", "immature"])
def test_no_difference_where_neutrophils_or_immature_cells_are_given(drawn: Drawn, more: str) -> None:
    found = drawn.get((f"rest but {more}", "neutrophils"))
    assert found is None if more != "neutrophils" else found["how"] == "WBC × neutrophils %"


def test_no_difference_where_one_of_the_four_is_missing_or_has_a_bound(drawn: Drawn) -> None:
    assert ("rest of three", "neutrophils") not in drawn and ("rest with a bound", "neutrophils") not in drawn


@pytest.mark.parametrize(
    ("rows", "text", "reason", "kept"),
    [
        (
            (WBC, _cell("neutrophils", 0.3), _share("neutrophils", 40)),
            "neutrophils %",
            "differs",
            {"wbc", "neutrophils"},
        ),
        ((_share("neutrophils", 40),), "neutrophils %", "without a white count", set()),
        ((WBC, _cell("neutrophils", 55)), "neutrophils", "larger than the white count", {"wbc"}),
        ((WBC, _cell("wbc", 3)), "wbc", "a second value", {"wbc"}),
        ((_cell("wbc", 1.43), *FOUR), "wbc", "less than the other cells", {"wbc", *OTHERS}),
    ],
)
def test_what_is_refused_is_counted_with_its_reason(
    duck: Any, rows: Sequence[dict[str, Any]], text: str, reason: str, kept: set[str]
) -> None:
    found, refused = _derive(duck, list(rows))
    ((what, why),) = refused
    assert what == text and reason in why and refused[what, why] == 1
    assert {analyte for _, _, analyte in found} == kept


def test_a_differential_far_from_100_percent_is_refused_with_all_its_rows(duck: Any) -> None:
    shares = [_share(n, 20) for n in ("neutrophils", *OTHERS[:3])]
    found, refused = _derive(duck, [WBC, *shares, _share("basophils", 9.9)])
    assert {analyte for _, _, analyte in found} == {"wbc"}
    assert sorted(text for text, _ in refused) == sorted(f"{n} %" for n in ("neutrophils", *OTHERS))


def test_of_two_values_the_lower_is_used_with_the_limits_printed_beside_it(duck: Any) -> None:
    found, refused = _derive(duck, [_cell("wbc", 3), WBC, WBC | {"lower": 4.0, "upper": 11.0}])
    used = found["a", 1.0, "wbc"]
    assert (used["value"], used["lower"], used["upper"]) == (2.0, 4.0, 11.0)
    assert list(refused.values()) == [1]


def test_counts_without_a_day_are_one_draw_of_a_person(duck: Any) -> None:
    """A survey has no days: who was counted once needs none."""
    rows = [count(p, None, "wbc", w) for p, w in (("a", 2.0), ("b", 8.0))]
    rows += [count(p, None, "neutrophils", 40, percent=True) for p in "ab"]
    found, _ = _derive(duck, rows)
    assert [found[p, None, "neutrophils"]["value"] for p in "ab"] == [0.8, 3.2]


def test_a_trial_without_neutrophils_has_those_that_were_measured(duck: Any, shared: Path) -> None:
    """CDISC pilot: median 4.0, 1.12 to 11.42; under 1.5 in 6 draws of 3 people, under 1.0 in none."""
    path = shared / "data" / "cdisc_pilot_lb" / "lb.parquet"
    if not path.exists():
        pytest.skip("the CDISC pilot data are not here")
    names = {"WBC": "wbc"} | dict(zip(("LYM", "MONO", "EOS", "BASO"), OTHERS, strict=True))
    names |= {"LYMLE": "lymphocytes", "MONOLE": "monocytes", "EOSLE": "eosinophils", "BASOLE": "basophils"}
    days: dict[str, float] = {}
    rows: list[dict[str, Any]] = []
    for row in parquet.read_table(path).to_pylist():
        if row["LBTESTCD"] in names and row["LBSTRESN"] is not None:
            day, share = days.setdefault(row["LBDTC"], float(len(days))), row["LBSTRESU"] == "FRACTION"
            value, analyte = row["LBSTRESN"], names[row["LBTESTCD"]]
            rows.append(count(row["USUBJID"], day, analyte, value * 100 if share else value, percent=share))
    found, _ = _derive(duck, rows)
    left = [r for (_, _, a), r in found.items() if a == "neutrophils"]
    assert {r["how"] for r in left} == {BY_DIFFERENCE}
    values = sorted(r["value"] for r in left)
    assert (round(median(values), 1), values[0], values[-1]) == (4.0, 1.12, 11.42)
    under = [r for r in left if r["value"] < 1.5]
    assert (len(under), len({r["person"] for r in under})) == (6, 3)


def _make_number(chance: random.Random, most: float) -> Decimal:
    return Decimal(repr(round(chance.uniform(0, most) ** chance.choice([1, 1, 0.3]), chance.randint(0, 3))))


def _make_draw_rows(chance: random.Random) -> dict[tuple[str, bool], list[tuple[Decimal, str | None]]]:
    """Values of one draw by analyte and form, some twice, some with a bound, some that cannot be."""
    made: dict[tuple[str, bool], list[tuple[Decimal, str | None]]] = {}
    wbc = _make_number(chance, chance.choice([1, 10, 50]))
    cuts = sorted(chance.randint(0, 1000) for _ in range(5))
    shares = [Decimal(b - a) / 10 for a, b in zip([0, *cuts], [*cuts, 1000], strict=True)]
    if chance.random() < 0.9:
        made["wbc", False] = [(wbc, None)]
    for cell in chance.sample(CELLS, chance.randint(0, 9)):
        if chance.random() < 0.7:
            share = chance.choice([*shares, _make_number(chance, 100)])
            made[cell, True] = [(min(share, Decimal(100)), None)]
        if chance.random() < 0.4:
            part = wbc * chance.choice(shares) / 100 * chance.choice([1, 1, 1, Decimal("1.2"), 12])
            made[cell, False] = [(round(min(part, Decimal(150)), chance.randint(1, 4)), None)]
    for name, most in (("hemoglobin", 18), ("platelets", 600), ("mcv", 110)):
        if chance.random() < 0.3:
            made[name, False] = [(max(_make_number(chance, most), Decimal(80 if name == "mcv" else 2)), None)]
    if chance.random() < 0.3:
        made["reticulocytes", chance.random() < 0.6] = [(_make_number(chance, 3), None)]
    for held in made.values():
        if chance.random() < 0.06:
            held[0] = (held[0][0], chance.choice("<>"))
        if chance.random() < 0.1:
            held.append((held[0][0] * chance.choice([1, Decimal("0.5"), Decimal("0.9")]), held[0][1]))
    return made


_UNITS = {"hemoglobin": "g/dL", "mcv": "fL"}
_SAID = {  # what is said of one person, and of a table
    "a second value of": "a second value in one draw",
    "far from 100 %": "far from 100 %",
    "cannot exceed WBC": "larger than the white count",
}


def test_a_table_has_the_counts_of_its_people_one_by_one(engine: Any) -> None:
    """Measured and from percentages: values, bounds and what is refused."""
    chance = random.Random(PEOPLE)
    rows: list[dict[str, Any]] = []
    expected: dict[tuple[str, float, str], tuple[float, str, str | None]] = {}
    refused: dict[str, int] = {}
    for number in range(PEOPLE):
        person, draws = f"p{number}", []
        for order in range(chance.randint(1, 3)):
            made, texts = _make_draw_rows(chance), []
            for (analyte, percent), values in made.items():
                for value, bound in values:
                    unit = "%" if percent else _UNITS.get(analyte, "10*9/L")
                    texts.append((analyte, f"{bound or ''}{value:f} {unit}"))
                    rows.append(count(person, float(order), analyte, float(value), percent=percent, bound=bound))
            measures = tuple(make_draw({analyte: text}, order=order).measures[0] for analyte, text in texts)
            draw = make_draw({}, day=float(order), order=order)
            draws.append(type(draw)(draw.day, None, order, measures))
        counts = read_counts(make_patient(*draws, now=5.0))
        for v in counts.values:
            assert v.day is not None
            bound = "<" if v.censored else ">" if v.over else None
            expected[person, v.day, v.analyte] = (round(v.value, 9), v.unit, bound)
        for item in counts.not_used:
            said = next(table for one, table in _SAID.items() if one in item.reason)
            refused[said] = refused.get(said, 0) + 1
    found, left_out = _derive(engine, rows)
    both = {key: (r["value"], r["unit"], r["bound"]) for key, r in found.items() if r["how"] != BY_DIFFERENCE}
    assert both == expected
    told: dict[str, int] = {}
    for (_, reason), n in left_out.items():
        said = next((table for table in _SAID.values() if table in reason), None)
        if said:
            told[said] = told.get(said, 0) + n
    assert told == refused and min(refused.values()) > 3
