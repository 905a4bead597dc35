"""The text is for a tired doctor: danger first, nothing wider than the terminal, what was cut is said."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from leukon.answer import CountRow, LimitUsed, NotUsed, RangeStatus, Report
from leukon.assess import assess
from leukon.io import read_record
from leukon.report.text import write_text

METHIMAZOLE = """
person: {age: 34 years, sex: female}
counts: [{wbc: 3200 /uL, neutrophils: 9 %, lymphocytes: 79 %}]
drugs: [{name: methimazole, note: recently started}]
findings: {present: [fever]}
"""


@pytest.fixture(scope="module")
def methimazole() -> Report:
    return assess(read_record(METHIMAZOLE))


def test_the_emergency_banner_stands_before_everything_else(methimazole: Report) -> None:
    lines = write_text(methimazole).splitlines()
    assert "EMERGENCY: act within the hour" in lines[0]
    order = [
        "IS IT LOW?",
        "COUNTS",
        "IS IT REAL?",
        "WHY?",
        "NEXT TESTS",
        "OPTIONS TO CONSIDER",
        "NOT USED",
        "leukon informs",
    ]
    text = "\n".join(lines)
    places = [text.index(word) for word in order]
    assert places == sorted(places)


@pytest.mark.parametrize("width", [80, 100])
def test_every_line_fits_the_terminal(methimazole: Report, width: int) -> None:
    assert max(map(len, write_text(methimazole, width=width).splitlines())) <= width


def test_a_file_gets_no_colour_and_a_terminal_does(methimazole: Report) -> None:
    assert "\x1b" not in write_text(methimazole)
    coloured = write_text(methimazole, colour=True)
    assert "\x1b[" in coloured
    assert [c.rstrip() for c in re.sub(r"\x1b\[[0-9;]*m", "", coloured).splitlines()] == write_text(
        methimazole
    ).splitlines()


def test_a_terminal_escape_in_the_record_does_not_reach_the_terminal(methimazole: Report) -> None:
    report = replace(methimazole, not_used=(NotUsed("\x1b[2Jrash\u202e", "not understood", "findings[0]"),))
    text = write_text(report)
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert "[2Jrash (findings[0]): not understood" in text


def test_a_simple_case_fits_about_two_screens(methimazole: Report) -> None:
    assert len(write_text(methimazole).splitlines()) <= 140


def test_what_is_cut_from_a_long_list_is_counted(methimazole: Report) -> None:
    lost = tuple(NotUsed(f"word {i}", "not understood", f"findings[{i}]") for i in range(13))
    text = write_text(replace(methimazole, not_used=lost))
    assert "word 7 " in text and "word 8 " not in text
    assert "… and 5 more (JSON has all)" in text


def test_every_number_in_brackets_is_a_source_in_the_list(methimazole: Report) -> None:
    body, sources = write_text(methimazole).split("\nSOURCES")
    cited = {int(n) for group in re.findall(r"\[(\d+(?:, \d+)*)\]", body) for n in group.split(", ")}
    listed = {int(n) for n in re.findall(r"^\[(\d+)\]", sources, re.MULTILINE)}
    assert cited
    assert cited == listed


def test_the_laboratory_verdict_is_said_where_it_differs(methimazole: Report) -> None:
    row = CountRow(
        "neutrophils", 1.3, "10*9/L", 0.0, None, "1.3", "normal", LimitUsed(1.0, 7.0, "duffy-null", "x"),
        RangeStatus(1.8, 7.7, "low"), None, {"ctcae-5": 2, "ctcae-6": 1},
    )  # fmt: skip
    text = write_text(replace(methimazole, counts=(row,), low="not low"))
    assert "laboratory says low" in text
    assert re.search(r"1–7, Duffy-null +normal +2 / 1", text)
    assert "Not low for this person: neutrophils, by the limits of Duffy-null people." in text


def test_a_count_under_the_detection_limit_and_a_zero_are_counts_not_gaps() -> None:
    text = write_text(assess(read_record("counts: [{day: -3, neutrophils: <0.1}, {day: 0, neutrophils: 0}]")))
    assert re.search(r"day −3 +neutrophils +<0\.1 ", text)
    assert re.search(r"day 0 +neutrophils +0 ", text)


def test_the_lowest_count_stays_in_a_long_series() -> None:
    days = [
        f"{{day: {d}, wbc: {0.4 if d == -50 else 3.0 + d / 100}, platelets: 100, hemoglobin: 11}}"
        for d in range(-60, 1, 2)
    ]
    text = write_text(assess(read_record(f"counts: [{', '.join(days)}]")))
    assert re.search(r"day −50 +WBC +0\.4 ", text)
    assert re.search(r"… and \d+ more \(JSON has all\)", text)


def test_the_28_published_records_fit_eighty_columns_and_twice_give_the_same_text(shared: Path) -> None:
    for path in sorted((shared / "cases").glob("*.yaml")):
        report = assess(read_record(path.read_text(), path.name))
        text = write_text(report, width=80)
        assert max(map(len, text.splitlines())) <= 80, path.name
        assert text == write_text(report, width=80), path.name


def test_the_course_is_told_in_a_few_lines_when_it_was_asked_for(methimazole: Report) -> None:
    course = {
        "model": "friberg-2002-docetaxel", "method": "published model", "assumptions": ["1.8 m2 is taken"],
        "nadir": {
            "analyte": "neutrophils", "value": 0.4, "p05": 0.1, "p95": 0.9, "day": 8, "day_p05": 6, "day_p95": 10,
        },
        "recovery": {"to": 1.5, "day": 14, "p05": 11, "p95": None},
        "below": [{"limit": 0.5, "days": 3.0, "p05": 0.0, "p95": 6.0}],
    }  # fmt: skip
    text = " ".join(write_text(replace(methimazole, course=course)).split())
    assert "lowest neutrophils 0.4 (0.1 to 0.9) on day 8 (6 to 10)" in text
    assert "below 0.5: 3.0 days (0.0 to 6.0)" in text
    assert "back at 1.5: day 14 (11 to later than looked at)" in text
    assert "WHAT THE COUNT WILL DO" not in write_text(methimazole)


def test_where_no_count_can_be_judged_nobody_is_told_that_there_is_no_hurry() -> None:
    unread = assess(read_record("counts: [{wbc: 5 bananas}]\nfindings: {present: [fatigue]}"))
    assert unread.low == "cannot say"
    assert unread.urgency.level == "routine"
    text = write_text(unread)
    assert "hurry" not in text
    assert "the counts cannot be judged" in text.splitlines()[0]
