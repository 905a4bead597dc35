"""The reference intervals and defining limits that leukon knows, with their sources.

They stand in `knowledge/data/intervals.csv`, one fact a row: `use` says which of the published tables that disagree
is chosen and which are kept beside it; `expect` marks the rows that say what people like these have when nothing
acts on the count (median and spread of the natural logarithm).
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from leukon.answer import Source

__all__ = ["Interval", "find_expected", "find_interval", "load_intervals", "load_sources"]

_DATA = Path(__file__).parent.parent / "knowledge" / "data"


@dataclass(frozen=True, slots=True)
class Interval:
    """One published interval or defining limit, in leukon's units; ages in days, `to` not included."""

    analyte: str
    unit: str
    sex: str  # "any" | "female" | "male"
    age_from_days: float
    age_to_days: float
    group: str  # "general" | "duffy-null" | "pregnancy" | …
    weeks_from: float | None
    weeks_to: float | None
    lower: float | None
    upper: float | None
    median: float | None
    sd_log: float | None
    source: str
    upper_source: str
    population: str
    sure: str
    use: str  # "chosen" | "kept"
    expect: bool
    note: str

    def fits(self, age_days: float, sex: str | None, weeks: float | None) -> bool:
        """Is it printed for a person of this age, sex and week of pregnancy?"""
        return (
            self.age_from_days <= age_days < self.age_to_days
            and (self.sex == "any" or self.sex == sex)
            and (self.weeks_from is None or (weeks is not None and self.weeks_from <= weeks < (self.weeks_to or 99)))
        )


@cache
def load_intervals() -> tuple[Interval, ...]:
    """Every interval of the knowledge, chosen or kept."""
    with (_DATA / "intervals.csv").open(encoding="utf-8", newline="") as lines:
        rows = csv.reader(lines)
        at = {name: place for place, name in enumerate(next(rows))}
        return tuple(_read_row(row, at) for row in rows)


def _read_row(row: list[str], at: dict[str, int]) -> Interval:
    def number(name: str) -> float | None:
        text = row[at[name]]
        return float(text) if text else None

    return Interval(
        analyte=row[at["analyte"]],
        unit=row[at["unit"]],
        sex=row[at["sex"]],
        age_from_days=float(row[at["age_from_days"]]),
        age_to_days=float(row[at["age_to_days"]]),
        group=row[at["group"]],
        weeks_from=number("weeks_from"),
        weeks_to=number("weeks_to"),
        lower=number("lower"),
        upper=number("upper"),
        median=number("median"),
        sd_log=number("sd_log"),
        source=row[at["source"]],
        upper_source=row[at["upper_source"]],
        population=row[at["population"]],
        sure=row[at["sure"]],
        use=row[at["use"]],
        expect=row[at["expect"]] == "chosen",
        note=row[at["note"]],
    )


@cache
def load_sources() -> dict[str, Source]:
    """The sources that intervals, within-person variation and the change formula name, by id."""
    with (_DATA / "interval_sources.csv").open(encoding="utf-8", newline="") as lines:
        return {
            row["id"]: Source(row["id"], row["citation"], row["doi"] or None, row["pmid"] or None, row["url"] or None)
            for row in csv.DictReader(lines)
        }


@cache
def _chosen() -> dict[tuple[str, str, str], tuple[Interval, ...]]:
    found: dict[tuple[str, str, str], list[Interval]] = {}
    for interval in load_intervals():
        if interval.use == "chosen":
            found.setdefault((interval.analyte, interval.group, interval.unit), []).append(interval)
    return {key: tuple(rows) for key, rows in found.items()}


@cache
def _expected() -> dict[tuple[str, str, str], tuple[Interval, ...]]:
    found: dict[tuple[str, str, str], list[Interval]] = {}
    for interval in load_intervals():
        if interval.expect:
            found.setdefault((interval.analyte, interval.group, interval.unit), []).append(interval)
    return {key: tuple(rows) for key, rows in found.items()}


def find_interval(
    analyte: str, group: str, unit: str, *, age_days: float, sex: str | None, weeks: float | None = None
) -> Interval | None:
    """The chosen interval of a group at an age; None where none is chosen."""
    return next((i for i in _chosen().get((analyte, group, unit), ()) if i.fits(age_days, sex, weeks)), None)


def find_expected(
    analyte: str, group: str, unit: str, *, age_days: float, sex: str | None, weeks: float | None = None
) -> Interval | None:
    """The row that says what people of a group have at an age when nothing acts."""
    return next((i for i in _expected().get((analyte, group, unit), ()) if i.fits(age_days, sex, weeks)), None)
