"""What is known of normal counts: facts with sources, published tables side by side, one chosen."""

from __future__ import annotations

import csv
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from leukon.limits.intervals import Interval, find_interval, load_intervals, load_sources

CHOSEN = [i for i in load_intervals() if i.use == "chosen"]


def test_every_interval_names_a_source_that_is_listed() -> None:
    sources = load_sources()
    for interval in load_intervals():
        assert interval.source in sources
        assert not interval.upper_source or interval.upper_source in sources
        assert interval.sure in ("confirmed", "literature", "estimate")
        assert interval.sure != "estimate" or interval.note, f"an estimate must say why: {interval}"


def test_every_source_has_a_citation() -> None:
    for source in load_sources().values():
        assert len(source.citation) > 20


def test_limits_run_from_low_to_high() -> None:
    for i in load_intervals():
        assert i.age_from_days < i.age_to_days
        if i.lower is not None and i.upper is not None:
            assert i.lower < i.upper


@pytest.mark.parametrize("sex", ["female", "male"])
@pytest.mark.parametrize(
    "analyte",
    ["wbc", "neutrophils", "lymphocytes", "monocytes", "eosinophils", "basophils", "platelets", "mcv", "hemoglobin"],
)
def test_every_age_from_the_first_hour_to_110_years_has_one_limit(analyte: str, sex: str) -> None:
    unit = {"hemoglobin": "g/dL", "mcv": "fL"}.get(analyte, "10*9/L")
    for days in (
        0,
        0.3,
        0.6,
        1,
        2.9,
        3,
        7,
        14,
        29,
        30,
        60,
        90,
        179,
        180,
        364,
        365,
        730,
        2000,
        4500,
        6569,
        6570,
        20000,
        40150,
    ):
        fitting = [
            i for i in CHOSEN if (i.analyte, i.group, i.unit) == (analyte, "general", unit) and i.fits(days, sex, None)
        ]
        assert len(fitting) == 1, (days, fitting)


def test_chosen_intervals_of_one_group_never_overlap() -> None:
    def pairs() -> Iterator[tuple[Interval, Interval]]:
        for place, a in enumerate(CHOSEN):
            for b in CHOSEN[place + 1 :]:
                if (a.analyte, a.group, a.unit) == (b.analyte, b.group, b.unit):
                    yield a, b

    for a, b in pairs():
        ages = a.age_from_days < b.age_to_days and b.age_from_days < a.age_to_days
        sexes = a.sex == b.sex or "any" in (a.sex, b.sex)
        weeks = a.weeks_from is None or (a.weeks_from < (b.weeks_to or 0) and (b.weeks_from or 0) < (a.weeks_to or 0))
        assert not (ages and sexes and weeks), (a, b)


def test_tables_that_disagree_stand_side_by_side() -> None:
    """The WBC of a toddler: Dallman 1977 from 6.0, NHANES from 4.6; one is chosen, both are kept."""
    rows = [
        i
        for i in load_intervals()
        if i.analyte == "wbc" and i.group == "general" and i.fits(800, "female", None) and i.lower is not None
    ]
    assert {i.source for i in rows} >= {"dallman-1977", "nhanes-2017-2018", "iowa-paediatric", "wang-2016"}
    assert sum(i.use == "chosen" for i in rows) == 1


def test_duffy_null_limits_of_four_countries_are_kept() -> None:
    rows = [
        i
        for i in load_intervals()
        if i.analyte == "neutrophils" and i.group == "duffy-null" and i.source == "hibbs-2025"
    ]
    assert {i.lower for i in rows} == {0.82, 1.14, 1.185, 1.21}


@pytest.mark.parametrize(
    ("analyte", "lower"), [("wbc", 4.0), ("neutrophils", 1.5), ("lymphocytes", 1.0), ("platelets", 150.0)]
)
def test_adult_limits_are_those_by_which_the_field_defines_the_terms(analyte: str, lower: float) -> None:
    interval = find_interval(analyte, "general", "10*9/L", age_days=15000, sex="male")
    assert interval is not None
    assert interval.lower == lower


def test_no_figure_of_the_reference_table_was_lost(shared: Path) -> None:
    """Every row of the reference intervals stands among the facts, in leukon's unit."""
    names = {"WBC": "wbc", "Hb": "hemoglobin", "MCV": "mcv"}
    have = {(i.analyte, i.lower, i.upper) for i in load_intervals()}
    with (shared / "medical" / "reference_intervals.csv").open(encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            scale = 10 if row["analyte"] == "Hb" else 1
            low, high = (round(float(row[k]) / scale, 6) if row[k] else None for k in ("lower", "upper"))
            if low is None and high is None:
                continue
            analyte = names.get(row["analyte"], row["analyte"].replace(" ", "_"))
            low = None if analyte == "immature_granulocytes" else low  # printed as 0: no lower limit
            assert (analyte, low, high) in have, row


def test_loading_takes_a_few_milliseconds() -> None:
    load_intervals.cache_clear()
    start = time.perf_counter()
    load_intervals()
    assert time.perf_counter() - start < 0.05
