"""OHDSI's neutropenia cohorts beside leukon's answer, on the same OMOP tables; docs/ohdsi.md prints these figures."""

from __future__ import annotations

import gzip
import shutil
from collections.abc import Iterator
from datetime import date
from functools import partial, reduce
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("duckdb", reason="needs leukon[population]")
ibis = pytest.importorskip("ibis", reason="needs leukon[population]")

from leukon.population.columns import count_days  # noqa: E402
from leukon.population.cuts import find_first  # noqa: E402
from leukon.population.draws import derive_counts  # noqa: E402
from leukon.population.engines import open_engine  # noqa: E402
from leukon.population.episodes import find_episodes  # noqa: E402
from leukon.population.limits import add_limits  # noqa: E402
from leukon.population.sources import read_source  # noqa: E402
from tests.population.ohdsi_cohorts import PLATELETS_AUTOMATED, find_events, find_isolated, make_eras  # noqa: E402
from tests.population.ohdsi_traps import TRAPS, write_traps  # noqa: E402

DOC = Path(__file__).parents[2] / "docs" / "ohdsi.md"
_TYPES = {
    "measurement_id": "int64", "person_id": "int64", "measurement_concept_id": "int64", "measurement_date": "date",
    "value_as_number": "float64", "unit_concept_id": "int64",
}  # fmt: skip


def open_measurement(engine: Any, path: Path) -> Any:
    text = engine.open("omop_measurement", [path], "csv")
    typed = text.select(
        **{name: text[name].cast(kind) for name, kind in _TYPES.items()}, day=count_days(text.measurement_datetime)
    )
    return engine.keep("omop_typed", typed)


def judge(engine: Any, folder: Path, scratch: Path) -> tuple[Any, Any]:
    """leukon's neutrophil counts, judged, and what it did not understand."""
    scratch.mkdir()
    tables = read_source(engine, folder, "omop", scratch, today=date(2026, 1, 1), allow_future=True)
    derived, refused = derive_counts(engine, tables.counts)
    counts = engine.keep("judged", add_limits(engine, derived, tables.people))
    left_out = reduce(lambda a, b: a.union(b), (tables.not_understood, refused))
    return counts.filter(counts.analyte == "neutrophils"), left_out


def count(engine: Any, rows: Any, person: str = "person_id", **more: Any) -> dict[str, int]:
    return engine.fetch(rows.aggregate(rows=rows.count(), people=rows[person].nunique(), **more)).to_pylist()[0]


def lines_of_doc() -> set[str]:
    return {" ".join(line.split()) for line in DOC.read_text(encoding="utf-8").splitlines() if line.startswith("|")}


def row(*cells: object) -> str:
    return f"| {' | '.join(str(cell) for cell in cells)} |"


def test_each_trap_is_entered_or_not_on_either_engine(engine: Any, tmp_path: Path) -> None:
    write_traps(tmp_path)
    measurement = open_measurement(engine, tmp_path / "measurement.csv")
    events = find_events(measurement)
    by_ohdsi = {r["person_id"] for r in engine.fetch(events).to_pylist()}
    assert by_ohdsi == {number for number, trap in enumerate(TRAPS, start=1) if trap.ohdsi}
    eras = engine.fetch(make_eras(measurement, events, after_days=21, gap_days=365)).to_pylist()
    assert {r["person_id"] for r in eras} == by_ohdsi


def test_each_trap_is_answered_as_the_page_says(tmp_path: Path) -> None:
    folder, scratch = tmp_path / "omop", tmp_path / "spill"
    folder.mkdir()
    scratch.mkdir()
    write_traps(folder)
    with open_engine("duckdb", scratch) as engine:
        _check_traps(engine, folder, tmp_path / "scratch")


def _check_traps(engine: Any, folder: Path, scratch: Path) -> None:
    counts, left_out = judge(engine, folder, scratch)
    low = engine.fetch(counts.filter(counts.value < find_first(1.5))).to_pylist()
    judged = {(r["person"], r["value"]): r["status"] for r in engine.fetch(counts).to_pylist()}
    by_leukon = {int(r["person"]) for r in low}
    printed = lines_of_doc()
    for number, trap in enumerate(TRAPS, start=1):
        assert (number in by_leukon) == trap.leukon, trap.said
        status = min((s for (person, _), s in judged.items() if person == str(number)), default="cannot say")
        assert ("not low" if status == "normal" else status) == trap.low, trap.said
        said = "in" if trap.ohdsi else "out"
        differs = trap.ohdsi != (trap.low == "low")
        told = (f"**{said}**" if differs else said, "yes" if trap.leukon else "no", trap.low)
        assert row(trap.said, *told) in printed, row(trap.said, *told)
    unitless = [r for r in engine.fetch(left_out).to_pylist() if r["reason"] == "no unit"]
    assert sum(r["rows"] for r in unitless) == 1  # named, not dropped


@pytest.fixture
def mimic(shared: Path, tmp_path: Path) -> Iterator[tuple[Any, Any, Any]]:
    """An engine, MEASUREMENT as OHDSI reads it, and the neutrophil counts that leukon reads from the same tables."""
    source = shared / "data" / "mimic_iv_demo"
    if not (source / "derived_omop_measurement.csv.gz").exists():
        pytest.skip("the MIMIC demo data are not here")
    folder = tmp_path / "omop"
    folder.mkdir()
    (folder / "measurement.csv").write_bytes(gzip.decompress((source / "derived_omop_measurement.csv.gz").read_bytes()))
    shutil.copy(source / "derived_omop_person.csv", folder / "person.csv")
    scratch = tmp_path / "spill"
    scratch.mkdir()
    with open_engine("duckdb", scratch) as engine:
        measurement = open_measurement(engine, folder / "measurement.csv")
        counts, _ = judge(engine, folder, tmp_path / "scratch")
        yield engine, measurement, counts


def test_what_each_definition_finds_in_a_hundred_hospital_patients(mimic: tuple[Any, Any, Any]) -> None:
    engine, measurement, counts = mimic
    printed = lines_of_doc()
    events = engine.keep("events", find_events(measurement))
    isolated, strict = find_isolated(measurement), find_isolated(measurement, more_platelets=(PLATELETS_AUTOMATED,))
    low = engine.keep("low", counts.filter(counts.value < find_first(1.5)))
    judged_low = counts.filter(counts.status == "low")
    make = partial(make_eras, measurement, after_days=0, gap_days=0)
    rows = [
        ("OHDSI 693, laboratory part", events, make(events)),
        ("OHDSI 213, laboratory part", events, make(events, after_days=21, gap_days=365)),
        ("OHDSI 214, laboratory part, as its sets list", isolated, make(isolated)),
        ("OHDSI 214, if LOINC 777-3 counted as platelets", strict, make(strict)),
        ("leukon, ANC under 1.5", low, find_episodes(counts, 1.5)),
        ("leukon, the same with `--split-gap-days 14`", low, find_episodes(counts, 1.5, split_gap_days=14.0)),
        ("leukon, low for this person", judged_low, None),
    ]  # fmt: skip
    for name, found, spells in rows:
        person = "person" if name.startswith("leukon") else "person_id"
        held = count(engine, found, person)
        spans = "–" if spells is None else count(engine, spells, person)["rows"]
        assert row(name, held["people"], held["rows"], spans) in printed, row(name, held["people"], held["rows"], spans)


def test_what_the_difference_is_made_of(mimic: tuple[Any, Any, Any]) -> None:
    engine, measurement, counts = mimic
    events = find_events(measurement).join(measurement, ["person_id", "measurement_id"])
    seen = events.select(person=events.person_id.cast("string"), day=events.day).distinct()
    low = counts.filter(counts.value < find_first(1.5))
    missed = engine.keep("missed", low.anti_join(seen, ["person", "day"]))
    zero, measured = missed.value == 0, missed.how == "measured"
    parts = {
        "measured, and 0": zero & measured,
        "worked out from WBC and the differential, and 0": zero & ~measured,
        "worked out from WBC and the differential, above 0": ~zero & ~measured,
        "measured, above 0: another count of 4 to 8.25 on that day": ~zero & measured,
    }
    printed = lines_of_doc()
    for name, part in parts.items():
        held = count(engine, missed.filter(part), "person")
        assert row(name, held["rows"], held["people"]) in printed, row(name, held["rows"], held["people"])
    both = count(engine, low.semi_join(seen, ["person", "day"]), "person")
    assert row("found by both", both["rows"], both["people"]) in printed, row(
        "found by both", both["rows"], both["people"]
    )
    never = low.anti_join(seen.select("person").distinct(), "person")
    severe = missed.filter(missed.value < find_first(0.5))
    for name, part in (("of a person whom 693 never enters", never), ("under 0.5: severe neutropenia", severe)):
        held = count(engine, part, "person")
        assert row(name, held["rows"], held["people"]) in printed, row(name, held["rows"], held["people"])
    extra = seen.anti_join(low, ["person", "day"])
    assert count(engine, extra, "person")["rows"] == 0  # leukon misses none that OHDSI finds
