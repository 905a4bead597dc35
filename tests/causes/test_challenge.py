"""Dechallenge and rechallenge, read from the series."""

from __future__ import annotations

import pytest

from leukon.answer import Cause
from leukon.assess import assess
from leukon.io import read_record

SERIES = """
person: {{age: 40 years, sex: female}}
counts:
- {{day: -60, wbc: 6.5, neutrophils: 3.8}}
- {{day: 0, wbc: 2.1, neutrophils: 0.3}}
- {{day: {last}, wbc: {wbc}, neutrophils: {anc}}}
drugs: [{drugs}]
"""


def culprit(last: int, anc: float, drugs: str) -> Cause:
    text = SERIES.format(last=last, wbc=anc + 2, anc=anc, drugs=drugs)
    return next(c for c in assess(read_record(text)).causes if c.id == "drug:sulfasalazine")


def items(cause: Cause) -> str:
    return "; ".join(e.item for e in (*cause.for_, *cause.against))


def test_a_count_that_comes_back_after_the_last_dose_speaks_for_the_drug() -> None:
    back = culprit(14, 3.0, "{name: sulfasalazine, start: -40, stop: 0}")
    kept = culprit(14, 3.0, "{name: sulfasalazine, start: -40}")
    assert "came back 14 days after the last dose" in items(back)
    assert "came back while it was still taken" in items(kept)
    assert back.probability > kept.probability


def test_a_count_that_stays_low_long_after_an_acute_culprit_speaks_against_it() -> None:
    stays = culprit(50, 0.5, "{name: sulfasalazine, start: -40, stop: 0}")
    assert "still low 50 days after the last dose" in items(stays)


def test_a_fall_at_the_second_course_is_a_rechallenge() -> None:
    text = """
person: {age: 40 years}
counts:
- {day: 0, neutrophils: 0.4}
- {day: 20, neutrophils: 3.0}
- {day: 50, neutrophils: 0.3}
drugs: [{name: sulfasalazine, start: -30, stop: 1}, {name: sulfasalazine, start: 30}]
"""
    again = next(c for c in assess(read_record(text)).causes if c.id == "drug:sulfasalazine")
    assert "low again when it was given again" in items(again)
    assert next(e.weight for e in again.for_ if "given again" in e.item) == pytest.approx(2.303, abs=0.01)


def test_one_count_draws_no_conclusion() -> None:
    text = "counts: [{day: 0, neutrophils: 0.3}]\ndrugs: [{name: sulfasalazine, start: -40, stop: -1}]"
    cause = next(c for c in assess(read_record(text)).causes if c.id == "drug:sulfasalazine")
    assert "last dose" not in items(cause)
