"""Grades of blood counts by CTCAE 4.03, 5.0, 6.0 and DAIDS 2.1."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from leukon.severity.age import find_age
from leukon.severity.criteria import CRITERIA, NAMES, find_terms, read_terms
from leukon.severity.grade import grade_value, report_grades

_ID = {name: id_ for id_, name in NAMES.items()}

# term or analyte, value, unit, criteria, what else is given, grade
LOW = [
    # neutrophils: the same count has one grade less in version 6
    ("ANC", 0.0, "10*9/L", "ctcae-5", {}, 4),
    ("ANC", 0.4, "10*9/L", "ctcae-5", {}, 4),
    ("ANC", 0.4, "10*9/L", "ctcae-6", {}, 3),
    ("ANC", 0.09, "10*9/L", "ctcae-6", {}, 4),
    ("ANC", 0.1, "10*9/L", "ctcae-6", {}, 3),
    ("ANC", 0.5, "10*9/L", "ctcae-5", {}, 3),
    ("ANC", 0.5, "10*9/L", "ctcae-6", {}, 2),
    ("ANC", 499, "/uL", "ctcae-5", {}, 4),
    ("ANC", 999, "cells/mm3", "ctcae-5", {}, 3),
    ("ANC", 0.9, "K/uL", "ctcae-6", {}, 2),
    ("ANC", 1.4, "10*9/L", "ctcae-4.03", {}, 2),
    ("ANC", 1.4, "10*9/L", "ctcae-6", {}, 1),
    ("ANC", 1.7, "10*9/L", "ctcae-5", {"lln": 2.0}, 1),
    ("ANC", 2.0, "10*9/L", "ctcae-5", {"lln": 2.0}, 0),
    ("ANC", 1.7, "10*9/L", "ctcae-6", {}, 0),
    ("ANC", 1.7, "10*9/L", "ctcae-5", {}, None),
    ("ANC", 1.7, "10*9/L", "ctcae-5", {"lln": float("nan")}, None),
    ("ANC", 1.4, "10*9/L", "ctcae-5", {"lln": 1.2}, 2),  # the fixed limit stands where the lower limit lies under it
    ("ANC", 1.5, "10*9/L", "ctcae-5", {"lln": 1.2}, 0),
    # white cells
    ("WBC", 3.0, "10*9/L", "ctcae-5", {"lln": 4.0}, 1),
    ("WBC", 2.9999, "10*9/L", "ctcae-5", {"lln": 4.0}, 2),
    ("WBC", 1.8, "10*9/L", "ctcae-5", {}, 3),
    ("WBC", 999, "/uL", "ctcae-6", {}, 4),
    ("WBC", 4.0, "10*9/L", "ctcae-6", {"lln": 4.0}, 0),
    ("leukocytes", 2.5, "G/L", "ctcae-4.03", {}, 2),
    # lymphocytes: version 6 knows only "present"
    ("ALC", 0.7, "10*9/L", "ctcae-5", {}, 2),
    ("ALC", 0.7, "10*9/L", "ctcae-6", {"lln": 1.0}, 1),
    ("ALC", 0.1, "10*9/L", "ctcae-6", {"lln": 1.0}, 1),
    ("ALC", 0.1, "10*9/L", "ctcae-6", {}, None),
    ("Lymphocyte count decreased", 0.1, "10*9/L", "ctcae-6", {"lln": 1.0}, None),
    ("ALC", 0.19, "10*9/L", "ctcae-4.03", {}, 4),
    ("CD4", 199, "/uL", "ctcae-5", {}, 3),
    ("CD4", 500, "/uL", "ctcae-5", {"lln": 600}, 1),
    # platelets: grade 4 moved from 25 to 10
    ("PLT", 24, "10*9/L", "ctcae-5", {}, 4),
    ("PLT", 24, "10*9/L", "ctcae-6", {}, 3),
    ("PLT", 9, "10*9/L", "ctcae-6", {}, 4),
    ("Platelet count decreased", 24, "10*9/L", "ctcae-6", {}, None),
    ("Thrombocytopenia", 60000, "/uL", "ctcae-6", {}, 2),
    # haemoglobin, in the unit it came in
    ("Hb", 9.9, "g/dL", "ctcae-5", {}, 2),
    ("Hb", 100, "g/L", "ctcae-5", {"lln": 120}, 1),
    ("Hb", 79, "G/L", "ctcae-5", {}, 3),
    ("haemoglobin", 6.2, "mmol/L", "ctcae-5", {"lln": 7.5}, 1),  # 9.99 g/dL if it were converted: grade 2
    ("Hb", 4.9, "mmol/L", "ctcae-5", {}, 2),
    ("Hb", 12, "g/dL", "ctcae-5", {}, None),
    # DAIDS: by age and sex
    ("ANC", 0.9, "10*9/L", "daids-2.1", {"age_years": 30}, 1),
    ("ANC", 1.0, "10*9/L", "daids-2.1", {"age_years": 30}, 1),
    ("ANC", 1.01, "10*9/L", "daids-2.1", {"age_years": 30}, 0),
    ("ANC", 1.4, "10*9/L", "daids-2.1", {"age_days": 1}, 4),
    ("ANC", 1.4, "10*9/L", "daids-2.1", {"age_days": 5}, 1),
    ("ANC", 1.4, "10*9/L", "daids-2.1", {"age_days": 8}, 0),
    ("ANC", 1.4, "10*9/L", "daids-2.1", {"age_years": 0}, None),
    ("ANC", 0.3, "10*9/L", "daids-2.1", {}, None),
    ("WBC", 3.9, "10*9/L", "daids-2.1", {"birth_date": "2024-02-01", "sample_date": "2024-02-08"}, 3),
    ("ALC", 0.34, "10*9/L", "daids-2.1", {"age_years": 5}, None),
    ("ALC", 0.34, "10*9/L", "daids-2.1", {"age_years": 6}, 4),
    ("Hb", 8.7, "g/dL", "daids-2.1", {"age_years": 40, "sex": "M"}, 3),
    ("Hb", 8.7, "g/dL", "daids-2.1", {"age_years": 40, "sex": "F"}, 2),
    ("Hb", 8.7, "g/dL", "daids-2.1", {"age_years": 40}, None),
    ("Hb", 8.7, "g/dL", "daids-2.1", {"age_years": 8}, 2),
    ("Hb", 5.6, "mmol/L", "daids-2.1", {"age_years": 40, "sex": "male"}, 2),
    ("Hb", 10.95, "g/dL", "daids-2.1", {"age_years": 40, "sex": "male"}, 0),
    ("PLT", 124, "10*9/L", "daids-2.1", {}, 1),
    ("PLT", 125, "10*9/L", "daids-2.1", {}, 0),
]  # fmt: skip

HIGH = [
    ("Leukocytosis", 100, "10*9/L", "ctcae-5", {}, 0),
    ("WBC", 100.1, "10*9/L", "ctcae-5", {}, 3),
    ("ALC", 4.1, "10*9/L", "ctcae-5", {}, 2),
    ("ALC", 20.1, "10*9/L", "ctcae-6", {}, 3),
    ("Hb", 17.5, "g/dL", "ctcae-5", {"uln": 16.0}, 1),
    ("Hb", 18.1, "g/dL", "ctcae-5", {"uln": 16.0}, 2),
    ("Hb", 17.5, "g/dL", "ctcae-4.03", {"uln": 16.0, "baseline": 17.5}, 0),
    ("Hb", 17.5, "g/dL", "ctcae-5", {}, None),
    ("MetHb", 16, "%", "daids-2.1", {}, 3),
    ("PLT", 500, "10*9/L", "ctcae-6", {"uln": 400}, 1),
    ("eosinophils", 0.7, "10*9/L", "ctcae-5", {"uln": 0.5, "baseline": 0.8}, 0),
]  # fmt: skip


@pytest.mark.parametrize(("name", "value", "unit", "criteria", "given", "expected"), LOW)
def test_low_counts_have_the_grade_of_the_published_criterion(name, value, unit, criteria, given, expected) -> None:
    grade = grade_value(name, value, unit, criteria=criteria, **given)
    assert grade.low == expected, grade.reason
    assert grade.reason


@pytest.mark.parametrize(("name", "value", "unit", "criteria", "given", "expected"), HIGH)
def test_high_counts_have_the_grade_of_the_published_criterion(name, value, unit, criteria, given, expected) -> None:
    grade = grade_value(name, value, unit, criteria=criteria, **given)
    assert grade.high == expected, grade.reason


def _number(text: str) -> float | None:
    return float(text) if text else None


@pytest.mark.parametrize("by", ["term", "analyte"])
def test_all_published_cases_are_graded_as_published(shared: Path, by: str) -> None:
    """814 cases of admiral's own tests; each has the same grade under its term and under its analyte."""
    with (shared / "grading" / "cases.csv").open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    assert len(rows) == 814
    wrong: list[str] = []
    for row in rows:
        name = row[by] if by == "term" or row["analyte"] else row["term"]
        grade = grade_value(
            name,
            _number(row["value"]),
            row["unit"],
            criteria=_ID[row["criteria_version"]],
            lln=_number(row["lln"]),
            uln=_number(row["uln"]),
            baseline=_number(row["baseline"]),
            sex=row["sex"] or None,
            birth_date=row["birth_date"] or None,
            sample_date=row["sample_date"] or None,
        )
        got = grade.low if row["direction"] == "low" else grade.high
        expected = row[f"expected_grade_{row['direction']}"]
        if ("NA" if got is None else str(got)) != expected:
            wrong.append(f"{row['case_id']}: {expected}, not {got} ({grade.reason})")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize(
    ("name", "value", "unit", "words"),
    [
        ("", 1.0, "10*9/L", "no term"),
        ("Platelet count decreased", 20, "10*9/L", "it stands in CTCAE 4.03, CTCAE 5.0"),
        ("monocytes", 0.1, "10*9/L", "has no term"),
        ("ANC", None, "10*9/L", "no value"),
        ("ANC", float("nan"), "10*9/L", "no value"),
        ("ANC", -1, "10*9/L", "below zero"),
        ("ANC", 1.0, "", "no unit"),
        ("ANC", 1.0, "furlong", "'furlong'"),
        ("ANC", 1200, "mm3", "'mm3'"),
        ("Hb", 10, "g/cL", "'g/cL'"),
        ("Febrile neutropenia", 0.4, "10*9/L", "the temperature"),
    ],
)
def test_what_cannot_be_graded_says_why(name, value, unit, words) -> None:
    grade = grade_value(name, value, unit, criteria="ctcae-6")
    assert grade.low is None and grade.high is None
    assert words in grade.reason


def test_unknown_criteria_are_refused_with_the_choice() -> None:
    with pytest.raises(ValueError, match=r"choose one of: ctcae-4\.03, ctcae-5, ctcae-6, daids-2\.1"):
        grade_value("ANC", 1.0, "10*9/L", criteria="ctcae-7")


def test_a_grade_says_its_version_and_the_published_words() -> None:
    assert grade_value("ANC", 0.4, "10*9/L", criteria="ctcae-6").reason.startswith(
        "CTCAE 6.0 Neutrophil count decreased, grade 3: <500 - 100/mm3"
    )


@pytest.mark.parametrize("limit", [0.5, 1.0, 1.5])
def test_a_value_at_a_limit_does_not_flip_with_its_unit(limit: float) -> None:
    """0.1 + 0.2 style noise must not make 1.4999999999999998 of 1.5."""
    noisy = limit * 3 * 0.1 / 0.3
    grades = {grade_value("ANC", limit * f, unit).low for f, unit in [(1, "10*9/L"), (1000, "/uL"), (1, "K/uL")]}
    assert grades == {grade_value("ANC", noisy, "10*9/L").low}


def test_ages_follow_the_calendar() -> None:
    assert find_age(birth_date="2023-07-01", sample_date="2028-07-01").years == 5
    assert find_age(birth_date="2023-07-02", sample_date="2028-07-01").years == 4
    assert find_age(age_days=4748).years == 13
    assert find_age(age_years=0.1).days == 36
    with pytest.raises(ValueError, match="older than the person"):
        find_age(birth_date="2024-01-01", sample_date="2023-01-01")


def test_every_band_carries_its_text_and_source() -> None:
    terms = read_terms()
    assert {t.criteria for t in terms} == set(CRITERIA)
    assert all(band.text and band.source and band.confirmed_by for t in terms for band in t.bands)


def test_grades_never_fall_as_a_count_falls() -> None:
    for criteria in CRITERIA:
        for analyte in ("wbc", "neutrophils", "lymphocytes", "platelets", "cd4"):
            if not find_terms(criteria, analyte):
                continue
            grades = [
                grade_value(analyte, x / 100, "10*9/L", criteria=criteria, lln=4.0, age_years=30).low
                for x in (*range(800), *range(800, 20000, 50))
            ]
            known = [g for g in grades if g is not None]
            assert known == sorted(known, reverse=True), (criteria, analyte)


class TestReport:
    """The grades beside a count in a report."""

    def test_three_versions_stand_side_by_side(self, someone) -> None:
        who = someone([{"wbc": 3.2, "neutrophils": "9 %"}])
        grades = {j.count.analyte: report_grades(j, who.patient) for j in who.judged}
        assert grades["neutrophils"] == {"ctcae-4.03": 4, "ctcae-5": 4, "ctcae-6": 3}

    def test_the_criterion_is_graded_as_written_for_a_duffy_null_person(self, someone) -> None:
        who = someone([{"neutrophils": 1.3}], duffy_null=True)
        assert who.judged[0].status == "normal"
        assert report_grades(who.judged[0], who.patient) == {"ctcae-4.03": 2, "ctcae-5": 2, "ctcae-6": 1}

    def test_a_count_without_a_term_has_no_grade(self, someone) -> None:
        who = someone([{"monocytes": 0.1, "mcv": 80}])
        for j in who.judged:
            assert set(report_grades(j, who.patient).values()) == {None}

    @pytest.mark.parametrize(("given", "expected"), [("<0.1", [4, 4, 4]), ("<0.5", [4, 4, None]), ("0", [4, 4, 4])])
    def test_a_count_under_the_detection_limit_has_the_grade_that_all_such_values_share(
        self, someone, given, expected
    ) -> None:
        who = someone([{"neutrophils": given}])
        assert list(report_grades(who.judged[0], who.patient).values()) == expected
