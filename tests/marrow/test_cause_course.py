"""The course of a person's counts under the cause that an assessment leads with, and `leukon simulate --cause`."""

from __future__ import annotations

import csv
import io
import json

import pytest

pytest.importorskip("jax")

from leukon.marrow.cause_course import course_of, why_no_course
from tests.marrow.shell import run


def test_the_course_starts_at_the_count_measured_and_names_every_assumption() -> None:
    course = course_of("b12_deficiency", {"neutrophils": 1.1}, treatments=["vitamin B12 day 0"], first_day=100)
    assert course is not None
    first = next(row for row in course["series"] if row["analyte"] == "neutrophils")
    assert first["day"] == 100 and first["p05"] < 1.1 < first["p95"]
    assert first["median"] == pytest.approx(1.1, rel=0.15)
    assert course["recovery"]["to"] == 1.5 and course["recovery"]["day"] > 100
    assert any("no published model" in text for text in course["assumptions"])
    assert course["sources"] and json.dumps(course)


def test_a_normal_variant_goes_nowhere() -> None:
    course = course_of("duffy_null", {"neutrophils": 1.3})
    assert course is not None
    rows = [row["median"] for row in course["series"] if row["analyte"] == "neutrophils"]
    assert max(rows) == pytest.approx(min(rows), rel=1e-6)
    assert course["recovery"] is None


def test_no_course_is_none_with_a_reason() -> None:
    assert course_of("in_vitro_artefact") is None
    assert "in the body" in (why_no_course("in_vitro_artefact") or "")
    assert why_no_course("hiv") is None


def test_the_same_seed_gives_the_same_course() -> None:
    assert course_of("dengue", {"neutrophils": 1.0}) == course_of("dengue", {"neutrophils": 1.0})


def test_a_cause_as_csv_has_a_row_for_every_lineage(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _ = run(capsys, "--cause", "b12_deficiency", "--treat", "vitamin B12 day 0", "--days", "42",
                         "--format", "csv", "--patients", "200")  # fmt: skip
    rows = list(csv.DictReader(io.StringIO(out)))
    assert status == 0
    assert list(rows[0]) == ["day", "analyte", "value", "p05", "p95"]
    assert {row["analyte"] for row in rows} == {"wbc", "neutrophils", "lymphocytes", "monocytes", "eosinophils",
                                                "basophils"}  # fmt: skip
    assert len(rows) == 6 * (42 * 4 + 1)


def test_the_text_shows_the_evidence_and_the_course_without_treatment(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _ = run(capsys, "--cause", "b12_deficiency", "--treat", "vitamin B12 day 0")
    assert status == 0
    assert "Evidence: assumption" in out
    assert "neutrophils without treatment" in out
    assert "no published value" in out and "Sources" in out


def test_json_tells_grade_and_source_and_what_was_not_used(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _ = run(capsys, "--cause", "folate_deficiency", "--treat", "vitamin B12 day 0", "--format", "json")
    found = json.loads(out)
    assert status == 0
    assert found["causes"][0]["grade"] == "assumption"
    assert all(p["grade"] in {"confirmed", "derived", "assumption"} and p["source"] for p in found["parameters"])
    assert "vitamin b12 is not known to act on folate_deficiency" in found["not_used"][0]["item"]
    assert {row["analyte"] for row in found["without_treatment"]} >= {"wbc", "neutrophils"}


def test_a_steroid_alone_is_simulated_in_a_healthy_marrow(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _ = run(capsys, "--treat", "prednisone 40 mg day 0", "--days", "3", "--every", "1", "--format", "csv")
    counts = [float(r["value"]) for r in csv.DictReader(io.StringIO(out)) if r["analyte"] == "neutrophils"]
    assert status == 0 and max(counts) > 2 * counts[0]


def test_a_cause_without_a_course_ends_in_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, err = run(capsys, "--cause", "in_vitro_artefact")
    assert status == 1 and not out
    assert err.count("\n") == 1 and "no course of its own" in err
