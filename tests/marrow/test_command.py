"""What `leukon simulate` prints, and how it ends when it cannot."""

from __future__ import annotations

import csv
import io
import json

import pytest

pytest.importorskip("jax")

from tests.marrow.shell import run


def test_a_course_as_csv_has_a_row_every_six_hours(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _ = run(capsys, "--drug", "docetaxel 100 mg/m2 day 0", "--days", "42", "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(out)))
    assert status == 0
    assert list(rows[0]) == ["day", "analyte", "value"]
    assert len(rows) == 42 * 4 + 1
    lowest = min(rows, key=lambda r: float(r["value"]))
    assert float(lowest["value"]) == pytest.approx(0.896246, rel=2e-3)
    assert float(lowest["day"]) == pytest.approx(7.57, abs=0.2)
    assert {r["analyte"] for r in rows} == {"neutrophils"}


def test_virtual_people_give_a_band(capsys: pytest.CaptureFixture[str]) -> None:
    words = (
        "--model",
        "kloft-2006-docetaxel",
        "--drug",
        "docetaxel 75 mg/m2 day 0",
        "--patients",
        "200",
        "--every",
        "24",
    )
    status, out, _ = run(capsys, *words, "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(out)))
    assert status == 0
    assert list(rows[0]) == ["day", "analyte", "value", "p05", "p95"]
    assert all(float(r["p05"]) <= float(r["value"]) <= float(r["p95"]) for r in rows)
    assert run(capsys, *words, "--format", "csv")[1] == out
    assert run(capsys, *words, "--format", "csv", "--seed", "2")[1] != out


def test_json_tells_every_parameter_with_source_and_grade(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _ = run(capsys, "--drug", "docetaxel 75 mg/m2 day 0, 21", "--every", "24", "--format", "json",
                         "--person", "175 cm, 80 kg, age 60")  # fmt: skip
    found = json.loads(out)
    assert status == 0
    assert found["model"]["id"] == "friberg-2002-docetaxel"
    assert found["nadir"]["value"] < 1.4
    assert [part["limit"] for part in found["below"]] == [0.5, 1.0, 1.5]
    assert {p["grade"] for p in found["parameters"]} <= {"confirmed", "derived", "assumption"}
    assert found["not_used"][0]["item"] == "age"
    assert "kloft-2006-docetaxel" in found["other_models"]
    assert any("J Clin Oncol 2002" in s["citation"] for s in found["sources"])


def test_text_names_the_nadir_the_sources_and_the_models_that_disagree(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _ = run(capsys, "--drug", "docetaxel 100 mg/m2 day 0")
    assert status == 0
    assert "Lowest: 0.90 on day 7.6" in out
    assert "Below 1: 2.2 days" in out
    assert "Other published models" in out and "quartino-2014" in out
    assert "doi:10.1200/JCO.2002.02.140" in out


def test_a_treatment_alone_uses_its_usual_model(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _ = run(capsys, "--treat", "filgrastim 5 ug/kg day 2-9", "--days", "14", "--format", "csv")
    counts = [float(r["value"]) for r in csv.DictReader(io.StringIO(out))]
    assert status == 0
    assert counts[0] == pytest.approx(1.65) and max(counts) > 20


def test_the_list_names_models_drugs_treatments_and_what_is_missing(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _ = run(capsys, "--list")
    assert status == 0
    for word in ("friberg-2002-docetaxel", "krzyzanski-2010-filgrastim", "mercaptopurine, also 6-mp", "not available"):
        assert word in out


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--drug", "docetaxel 75"), "has no unit"),
        (("--drug", "docetaxl 75 mg/m2 day 0"), "did you mean docetaxel"),
        (("--model", "friberg"), "did you mean"),
        (("--model", "henrich-2017"), "is not available because"),
        ((), "name a model, a drug or a treatment"),
        (("--cause", "in_vitro_artefact"), "no course of its own"),
        (("--drug", "docetaxel 75 mg/m2 day 0", "--person", "80"), "person:"),
        (("--drug", "docetaxel 75 mg/m2 day 0", "--every", "0"), "--every"),
        (("--drug", "docetaxel 75 mg/m2 day 0", "--days", "-3"), "--days"),
        (("--drug", "docetaxel 75 mg/m2 day 0", "--patients", "1"), "--patients"),
        (("--model", "quartino-2014", "--patients", "10"), "no published variability"),
    ],
)
def test_what_cannot_be_done_ends_with_one_line(
    capsys: pytest.CaptureFixture[str], words: tuple[str, ...], says: str
) -> None:
    status, out, err = run(capsys, *words)
    assert status == 1
    assert out == ""
    assert says in err and err.count("\n") == 1
