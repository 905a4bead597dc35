"""The sums of the page, on a ward of seven people that can be counted by hand."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pa = pytest.importorskip("pyarrow", reason="needs leukon[population]")
pytest.importorskip("ibis", reason="needs leukon[population]")

from leukon.population.engines import open_engine  # noqa: E402
from leukon.population.page_missed import Missed  # noqa: E402
from leukon.population.page_summary import (  # noqa: E402
    Analyte,
    Cause,
    Depth,
    EpisodeGroup,
    Family,
    GradeCount,
    Length,
    Limits,
    Method,
    Summary,
    summarise_tables,
)
from tests.population.page_tables import make_tables  # noqa: E402


@pytest.fixture(scope="module")
def summary(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Summary]:
    with open_engine("duckdb", tmp_path_factory.mktemp("summary")) as engine:
        yield _summarise(engine)


def _summarise(engine: Any, *without: str) -> Summary:
    tables = {name: engine.add(name, table) for name, table in make_tables().items() if name not in without}
    return summarise_tables(engine, tables)


def test_spark_gives_the_sums_of_duckdb(both_engines: tuple[Any, Any]) -> None:
    one, other = (dataclasses.asdict(_summarise(engine)) for engine in both_engines)
    assert _round(one) == _round(other)


def _round(value: Any) -> Any:
    """Sums of probabilities are added up in another order by each engine."""
    if isinstance(value, float):
        return round(value, 9)
    if isinstance(value, dict):
        return {name: _round(held) for name, held in value.items()}
    return [_round(held) for held in value] if isinstance(value, list | tuple) else value


def test_two_of_seven_are_low_now_and_one_was_last_counted_a_year_ago(summary: Summary) -> None:
    assert (summary.people, summary.draws, summary.counts, summary.low_now) == (7, 14, 13, 2)
    assert (summary.first_day, summary.last_day, summary.recent) == (-265.0, 100.0, 6)
    neutrophils = next(a for a in summary.analytes if a.analyte == "neutrophils")
    assert neutrophils == Analyte("neutrophils", 6, low_now=2, not_low_now=3, cannot_say_now=1, ever_low=3)
    hemoglobin = next(a for a in summary.analytes if a.analyte == "hemoglobin")
    assert hemoglobin == Analyte("hemoglobin", 1, 1, 0, 0, 1)


def test_neutrophils_of_none_at_all_are_the_lowest_band_not_a_gap(summary: Summary) -> None:
    assert summary.depths == (Depth(0.1, 1), Depth(0.5, 1), Depth(1.0, 0), Depth(1.5, 1), Depth(None, 3))


def test_a_count_under_the_detection_limit_is_as_deep_as_that(tmp_path: Path) -> None:
    tables = make_tables()
    held = tables["people"].to_pylist()
    held[1] |= {"neutrophils_last": 0.5, "neutrophils_last_bound": "<"}
    tables["people"] = pa.Table.from_pylist(held, tables["people"].schema)
    with open_engine("duckdb", tmp_path) as engine:
        summary = summarise_tables(engine, {name: engine.add(name, table) for name, table in tables.items()})
    assert summary.depths[:3] == (Depth(0.1, 1), Depth(0.5, 1), Depth(1.0, 0))


def test_a_grade_is_counted_once_a_person_and_no_grade_is_its_own_cell(summary: Summary) -> None:
    held = {g.grade: g.people for g in summary.grades if (g.analyte, g.criteria) == ("neutrophils", "ctcae_5")}
    assert held == {0: 2, 1: 0, 2: 1, 3: 1, 4: 2, None: 0}
    nobody = [g for g in summary.grades if g.analyte == "platelets"]
    assert nobody and all(g.people == 0 for g in nobody)  # nobody's platelets were counted
    assert GradeCount("hemoglobin", "daids_2_1", 2, 1) in summary.grades


def test_episodes_are_counted_with_how_long_and_how_low(summary: Summary) -> None:
    wbc, neutrophils = summary.episodes
    assert isinstance(neutrophils, EpisodeGroup)
    counted = (neutrophils.threshold, neutrophils.episodes, neutrophils.people, neutrophils.open, neutrophils.single)
    assert counted == (1.5, 4, 4, 3, 2)
    assert neutrophils.days == (20.0, 20.0, 20.0)  # of the one that ended
    assert neutrophils.nadir == pytest.approx((0.225, 0.45, 0.75))  # of 0, 0.3, 0.6 and 1.2
    assert (wbc.analyte, wbc.days) == ("wbc", (10.0, 10.0, 10.0))
    assert [n for n in summary.lengths if n.analyte == "neutrophils"] == [
        Length("neutrophils", 1.5, 1.0, True, 2),  # one low count, and nothing after it
        Length("neutrophils", 1.5, 14.0, True, 1),  # low for 7 days so far
        Length("neutrophils", 1.5, 28.0, False, 1),  # 20 days from the first low count to the first normal one
    ]


def test_causes_are_counted_as_the_likeliest_and_as_expected_numbers(summary: Summary) -> None:
    assert summary.ranked == 3
    chemo, leukemia = summary.families
    assert (chemo.family, chemo.first, chemo.expected) == ("cytotoxic_chemotherapy", 2, pytest.approx(1.8))
    assert leukemia == Family("acute_leukemia", 1, pytest.approx(0.7))  # pyright: ignore[reportArgumentType]
    assert summary.causes[1] == Cause("aml", "acute myeloid leukaemia", "acute_leukemia", True, 1, 0.7)


def test_causes_that_were_not_asked_for_are_not_none_found(tmp_path: Path) -> None:
    with open_engine("duckdb", tmp_path) as engine:
        assert _summarise(engine, "causes").ranked is None


def test_prevalence_comes_by_limit_and_group_with_the_youngest_first(summary: Summary) -> None:
    assert [r.threshold for r in summary.prevalence] == [1.5] * 6 + [None] * 6  # None: the limit of the person
    assert [r.group for r in summary.prevalence[:6]] == ["all", "2-5", "12-17", "65 and over", "female", "male"]


def test_how_counts_were_had_and_by_whose_limits_they_were_judged(summary: Summary) -> None:
    assert [m for m in summary.methods if m.analyte == "neutrophils"] == [
        Method("neutrophils", "measured", 4, 4),
        Method("neutrophils", "WBC × %", 2, 2),
    ]
    assert [m for m in summary.limits if m.analyte == "neutrophils"] == [
        Limits("neutrophils", "adult", 4, low=3),
        Limits("neutrophils", "duffy-null", 1, low=0),
        Limits("neutrophils", "none", 1, low=0),
    ]


def test_damaged_files_come_first_then_the_most_frequent_and_no_key_of_a_person(summary: Summary) -> None:
    assert (summary.missed_kinds, summary.missed_rows) == (7, 964)
    assert [(m.text, m.rows) for m in summary.missed] == [
        (None, None),  # a file named after a person
        ("", 900),
        ("furlong", 40),
        (None, 12),  # a key within a text
        ("people: 5", 7),  # how many, not who
        ("Mrs Smith's own drops", 3),
        (None, 2),  # a key that two people have is not in the table of people
    ]
    assert summary.missed[1] == Missed("measurement", "value_as_number", "", "no unit", 900)
