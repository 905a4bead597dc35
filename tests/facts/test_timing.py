"""Times in notes: when a drug was begun, when it was stopped, or only that it is recent or long taken."""

from __future__ import annotations

import pytest

from leukon.facts.timing import Timing, read_days, read_timing


@pytest.mark.parametrize(
    ("note", "expected"),
    [
        ("last cycle ended 10 days ago", Timing(stopped=10.0)),
        ("started 3 weeks ago", Timing(started=21.0)),
        ("for 6 weeks", Timing(started=42.0)),
        ("since renal transplantation 3 months ago", Timing(started=pytest.approx(91.3, abs=0.1))),
        ("more than 2 years", Timing(started=pytest.approx(730.5))),
        ("recently started", Timing(recent=True)),
        ("recent", Timing(recent=True)),
        ("long-term", Timing(long=True)),
        ("stopped 2 days ago", Timing(stopped=2.0)),
        ("7 years; dose reduced to 10 mg one month ago", Timing(started=pytest.approx(2556.75))),
        ("oral", Timing()),
    ],
)
def test_notes_on_drugs_are_read_in_days_before_now(note: str, expected: Timing) -> None:
    assert read_timing(note) == expected


def test_a_started_and_a_stopped_time_are_kept_apart() -> None:
    assert read_timing("started 3 weeks ago, stopped 2 days ago") == Timing(started=21.0, stopped=2.0)


def test_spans_are_read_in_days() -> None:
    assert [d for d, _, _ in read_days("2-4 weeks, then two days and 6 hours")] == [21.0, 2.0, 0.25]


def test_a_dose_is_no_time() -> None:
    assert read_timing("10 mg/day, 500 mg twice") == Timing()
