"""MASCC and CISNE side by side, and what low cells lead to."""

from __future__ import annotations

from leukon.answer import Report, ScoreShown
from leukon.assess import assess
from leukon.io import read_record
from leukon.severity.scores import compare_scores

FEBRILE = """
person: {age: 55 years, sex: female}
counts: [{day: 0, wbc: 0.8, neutrophils: 0.05, monocytes: 0.1, hemoglobin: 10, platelets: 80}]
drugs: [{name: docetaxel, start: -9, stop: -9}]
conditions: [breast cancer]
findings: {present: [fever%s], absent: [%s]}
"""


def report(present: str = "", absent: str = "") -> Report:
    return assess(read_record(FEBRILE % (present, absent)))


def score(r: Report, name: str) -> ScoreShown:
    return next(s for s in r.scores if s.id == name)


def test_what_is_not_known_stays_open_and_is_named() -> None:
    mascc = score(report(), "mascc")
    assert (mascc.least, mascc.most) == (6, 26)  # a solid tumour and under 60 are known
    assert mascc.low_risk is None
    assert any("hypotension" in m for m in mascc.missing)


def test_hypotension_decides_mascc_and_takes_cisne_away() -> None:
    r = report(present=", hypotension")
    assert score(r, "mascc").verdict == "high risk"
    assert [s.id for s in r.scores] == ["mascc"]  # CISNE is for those who seem stable


def test_monocytes_count_in_cisne() -> None:
    assert score(report(), "cisne").least == 1


def test_the_scores_are_for_fever_after_chemotherapy_only() -> None:
    assert assess(read_record("counts: [{neutrophils: 0.1}]\nfindings: [fever]")).scores == ()


def test_two_scores_that_disagree_say_so() -> None:
    low = ScoreShown("mascc", "MASCC", 22, 24, "low risk", True, (), "", ())
    high = ScoreShown("cisne", "CISNE", 4, 4, "high risk", False, (), "", ())
    assert "go by the higher risk" in (compare_scores([low, high]) or "")
    assert compare_scores([low]) is None
    assert compare_scores([low, low]) == "MASCC and MASCC agree"


def test_no_neutrophils_lead_to_infections_and_a_normal_count_to_nothing() -> None:
    severe = report().leads_to
    assert any(c.lineage == "neutrophils" and c.infections for c in severe)
    assert assess(read_record("counts: [{wbc: 6, neutrophils: 3.5, lymphocytes: 2}]")).leads_to == ()


def test_a_duffy_null_count_leads_to_nothing() -> None:
    r = assess(read_record("person: {age: 30 years, duffy_null: true}\ncounts: [{neutrophils: 1.3}]"))
    assert r.leads_to == ()


def test_mascc_can_come_out_low_and_disagree_with_cisne() -> None:
    text = (FEBRILE % (", well, hyperglycemia", "hypotension, dehydration, lung disease")).replace(
        "lung disease]", "chronic lung disease]"
    )
    r = assess(read_record(text), setting="primary-care")
    assert score(r, "mascc").verdict == "low risk"
    assert score(r, "cisne").least >= 3
    assert r.scores_compared
    assert "go by the higher risk" in r.scores_compared
