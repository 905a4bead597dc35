"""The published grading cases, graded as a table."""

from __future__ import annotations

import csv
from collections import defaultdict
from pathlib import Path

import pytest

from leukon.severity.criteria import NAMES

_ID = {name: id_ for id_, name in NAMES.items()}


def _read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


@pytest.mark.parametrize("by", ["term", "analyte"])
def test_all_published_cases_are_graded_as_published(shared: Path, grade_csv, by: str) -> None:
    """814 cases of admiral's own tests, by their term and by their analyte, one table for each version."""
    cases = _read(shared / "grading" / "cases.csv")
    assert len(cases) == 814
    versions: dict[str, list[dict[str, str]]] = defaultdict(list)
    for case in cases:
        versions[_ID[case["criteria_version"]]].append(case)
    wrong: list[str] = []
    for criteria, rows in versions.items():
        if by == "analyte":
            rows = [
                {k: v for k, v in row.items() if k != "term"} | {"analyte": row["analyte"] or row["term"]}
                for row in rows
            ]
        graded = grade_csv(rows, criteria)
        assert [row["case_id"] for row in graded] == [row["case_id"] for row in rows]
        for row in graded:
            got = row[f"grade_{row['direction']}"] or "NA"
            if got != row[f"expected_grade_{row['direction']}"]:
                wrong.append(f"{row['case_id']}: {got} ({row['grade_reason']})")
    assert not wrong, "\n".join(wrong)


def test_published_flags_of_a_trial_are_those_of_the_printed_limits(shared: Path) -> None:
    """1,966 distinct values of the CDISC pilot, each with the flag that the trial published."""
    duckdb = pytest.importorskip("duckdb", reason="needs leukon[population]")
    ibis = pytest.importorskip("ibis", reason="needs leukon[population]")
    from leukon.population.flags import flag_limits

    path = shared / "grading" / "cdisc_pilot_flags.csv"
    table = ibis.table(
        dict.fromkeys(("value", "range_low", "range_high"), "float64") | {"published_flag": "string"}, "t"
    )
    rows = table.select("published_flag", flag=flag_limits(table.value, table.range_low, table.range_high))
    with duckdb.connect() as con:
        con.read_csv(str(path)).create_view("t")
        flags = con.execute(ibis.to_sql(rows, dialect="duckdb")).fetchall()
    assert len(flags) == 1966
    assert [(given, got) for given, got in flags if given != got] == []


def test_grades_after_car_t_cells_are_as_published(shared: Path) -> None:
    """ICAHT of ten patients: longest runs, early and late grade."""
    from leukon.population.icaht import grade_icaht

    series: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for row in _read(shared / "grading" / "icaht_series.csv"):
        series[row["patient"]].append((float(row["day_from_infusion"]), float(row["anc_per_uL"])))
    expected = _read(shared / "grading" / "icaht_expected.csv")
    assert len(expected) == 10
    for row in expected:
        ends = [row[n] for n in ("followup_day", "progression_day", "subsequent_therapy_day")]
        got = grade_icaht(series[row["patient"]], until=min(float(day) for day in ends if day))
        late = None if row["published_late_grade"] == "NA" else int(row["published_late_grade"])
        days = (int(row["published_days_ANC<=500_max"]), int(row["published_days_ANC<=100_max"]))
        assert (got.days_at_most_500, got.days_at_most_100) == days, row
        assert (got.early, got.late) == (int(row["published_early_grade"]), late), row
