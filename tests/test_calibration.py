"""Calibration: virtual patients are those of leukon's model, come back by seed, and the page says what was found."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from bench.calibration import scores
from bench.calibration.acting import find_prior
from bench.calibration.answers import Answer, answer_all
from bench.calibration.chart import draw_reliability
from bench.calibration.page import write_page
from bench.calibration.patients import draw_patients
from bench.calibration.records import judge_folder, rank_record
from bench.calibration.run import Results, run_all, run_world
from bench.calibration.world import EXACT, OTHER, OWN, make_nature, without_safeguards
from leukon.assess import assess
from leukon.causes import likelihood, posterior
from leukon.causes.table import build_table
from leukon.io import read_record
from leukon.knowledge import load_knowledge

N, SEED = 60, 5
SECTIONS = (
    "# How far leukon's probabilities can be trusted",
    "## In short",
    "## What is tested",
    "## 1. Is the arithmetic right?",
    "## 2. How wrong is leukon when its model is wrong?",
    "## 3. Published records",
    "## Causes that must not be missed",
    "## By family of causes",
    "## What this page does not say",
    "## How to read the numbers",
)


@pytest.fixture(scope="module")
def exact() -> list[Answer]:
    """Patients of leukon's own model, its safeguards off: enough for groups of tens."""
    with without_safeguards():
        return run_world(load_knowledge(), EXACT, 4 * N, SEED)


@pytest.fixture(scope="module")
def results() -> Results:
    return run_all(load_knowledge(), 24, SEED, [])


def test_all_explanations_of_a_virtual_patient_sum_to_one(exact: list[Answer]) -> None:
    assert all(abs(a.total - 1) < 1e-9 for a in exact)
    assert all(0 <= p <= 1 + 1e-9 for a in exact for p in a.said.values())


def test_what_was_said_is_what_was_so_when_the_model_is_true(exact: list[Answer]) -> None:
    """In groups of 30 statements and more; intervals so wide (z = 4) that chance does not fail them."""
    for family in (False, True):
        groups = scores.group(*scores.list_pairs(exact, family=family), z=4.0)
        large = [g for g in groups if g.n >= 30]
        assert len(large) >= 4
        assert all(g.fits for g in large), [(g.low, g.n, g.said, g.seen) for g in large if not g.fits]


def test_as_much_acts_at_once_as_was_said_when_the_model_is_true(exact: list[Answer]) -> None:
    """Nothing, one cause, two, none of these; and the whole truth surprises as much as the model expects."""
    totals = scores.list_totals(exact)
    assert sum(t.said for t in totals) == pytest.approx(1)
    assert sum(t.seen for t in totals) == pytest.approx(1)
    for t in totals:
        low, high = scores.wilson(round(t.seen * len(exact)), len(exact), z=4.0)
        assert low <= t.said <= high, t
    assert abs(scores.find_surprise(exact).z) < 4


def test_a_model_sure_of_the_wrong_thing_would_be_found_out(exact: list[Answer]) -> None:
    """The same groups reject probabilities that are all made surer."""
    said, so = scores.list_pairs(exact)
    surer = said**0.3 / (said**0.3 + (1 - said) ** 0.3)
    assert not all(g.fits for g in scores.group(surer, so, z=4.0) if g.n >= 30)


def test_the_counts_and_findings_teach_more_than_the_priors(exact: list[Answer]) -> None:
    found = scores.score(exact)
    assert found.log < found.log_prior and found.log < found.log_usual
    assert found.brier < found.brier_prior and found.brier < found.brier_usual
    assert found.first <= found.three <= found.known <= found.n


def test_the_same_seed_gives_the_same_patients_and_another_gives_others() -> None:
    k = load_knowledge()
    for world in (OWN, OTHER):
        one, again = (list(draw_patients(k, world, 8, SEED)) for _ in range(2))
        assert [(v.patient, v.acting) for v in one] == [(v.patient, v.acting) for v in again]
        assert [v.patient for v in one] != [v.patient for v in draw_patients(k, world, 8, SEED + 1)]


def test_virtual_patients_are_records_that_are_read_whole_and_found_low() -> None:
    """Through the whole assessment: low, every word understood, and the causes that the ranking gave."""
    k = load_knowledge()
    drawn = list(draw_patients(k, OTHER, 6, SEED))
    for virtual, answer in zip(drawn, answer_all(drawn, k), strict=True):
        report = assess(virtual.patient, setting=virtual.setting, knowledge=k)
        assert report.low == "low"
        assert not report.not_used
        assert report.this_persons_normal == pytest.approx(answer.normal)
        for cause in report.causes:
            assert cause.probability == pytest.approx(answer.said[cause.id])


def test_a_world_that_differs_has_causes_unknown_to_leukon_and_three_at_once() -> None:
    drawn = list(draw_patients(load_knowledge(), OTHER, N, SEED))
    assert any(v.acting.other for v in drawn)
    assert any(len(v.acting.rows) == 3 for v in drawn)
    for virtual in drawn:
        names = [virtual.someone.rows[n].id for n in virtual.acting.rows]
        assert len(set(names)) == len(names)


def test_leukons_own_world_turns_nothing() -> None:
    k = load_knowledge()
    table = build_table(k)
    nature = make_nature(k, OWN, np.random.default_rng(SEED))
    assert np.array_equal(nature.table.leak, table.leak)
    assert np.array_equal(nature.table.shift, table.shift)
    assert set(nature.odds.values()) == {1.0}
    turned = make_nature(k, OTHER, np.random.default_rng(SEED))
    assert set(turned.odds.values()) == {3.0, 1 / 3}


def test_the_safeguards_come_back() -> None:
    held = posterior.TEMPER, posterior.CLUSTER_REST, likelihood.COUNT_CAP
    with without_safeguards():
        assert (posterior.TEMPER, posterior.CLUSTER_REST) == (1.0, 1.0)
    assert held == (posterior.TEMPER, posterior.CLUSTER_REST, likelihood.COUNT_CAP)


def test_the_priors_leave_none_of_these_its_share() -> None:
    virtual = next(draw_patients(load_knowledge(), OWN, 1, SEED))
    by_row, normal = find_prior(virtual.someone.rows)
    assert (by_row > 0).all() and 0 < normal < 0.96


@pytest.mark.parametrize(
    ("right", "n", "low", "high"), [(20, 28, 0.529, 0.847), (0, 10, 0.0, 0.278), (10, 10, 0.722, 1.0)]
)
def test_wilsons_interval_is_the_published_one(right: int, n: int, low: float, high: float) -> None:
    assert scores.wilson(right, n) == pytest.approx((low, high), abs=5e-4)


def test_groups_hold_every_statement_once() -> None:
    said = np.array([0.0, 0.005, 0.01, 0.1, 0.55, 0.9, 1.0])
    so = np.array([0, 0, 0, 0, 1, 1, 1.0])
    groups = scores.group(said, so)
    assert sum(g.n for g in groups) == len(said)
    assert [g.n for g in groups] == [2, 1, 1, 1, 2]
    assert scores.measure_distance(np.array([0.5, 0.5]), np.array([0.0, 1.0])) == 0
    assert scores.measure_distance(np.array([0.9, 0.9]), np.array([0.0, 1.0])) == pytest.approx(0.4)


def test_the_page_has_each_section_and_says_what_it_was_made_from(results: Results) -> None:
    page = write_page(results, "2026-11-25")
    for section in SECTIONS:
        assert f"{section}\n" in page
    assert results.knowledge in page and "2026-11-25" in page and f"seed {SEED}" in page
    assert "not calibrated on patients" in page and "selection" in page
    assert "No set of published records was at hand" in page
    assert "nan" not in page.replace("nance", "")


def test_the_chart_is_a_drawing_with_a_point_for_each_group(results: Results) -> None:
    bins = scores.group(*scores.list_pairs(results.own))
    drawn = draw_reliability([("one", bins), ("two", bins)])
    assert drawn.startswith("<svg") and drawn.endswith("</svg>\n")
    assert drawn.count("<circle") == 2 * len(bins)


RECORD = (
    "person: {age: 30 years, sex: female}\ncounts: [{wbc: 1.1, neutrophils: 0.1, hemoglobin: 13.2, platelets: 250}]\n"
)


def test_a_folder_of_records_is_judged_by_its_answers(results: Results, tmp_path: Path) -> None:
    (tmp_path / "one.yaml").write_text(RECORD + "drugs: [{name: methimazole, note: started 5 weeks ago}]\n")
    (tmp_path / "answers.csv").write_text(
        "record,acceptable_families\none,drug_induced_nonchemo other\nabsent,hiv\n", encoding="utf-8"
    )
    published = judge_folder(tmp_path, load_knowledge())
    assert [j.first for j in published.judged] == [True]
    assert len(published.unread) == 1 and published.unread[0].startswith("absent")
    page = write_page(replace(results, published=[published]), "2026-11-25")
    assert "an acceptable family leads: 1 of 1" in page and "Not read: absent" in page


def test_a_folder_without_answers_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match=r"no answers\.csv"):
        judge_folder(tmp_path, load_knowledge())


def test_a_published_record_is_ranked_as_the_whole_assessment_ranks_it() -> None:
    patient = read_record(RECORD + "tests: [{name: reticulocytes, result: 1 %}]\n")
    ranked = rank_record(patient, load_knowledge())
    assert [(c.id, c.probability) for c in ranked.causes] == [(c.id, c.probability) for c in assess(patient).causes]


def test_the_28_published_records_are_all_read(shared: Path) -> None:
    published = judge_folder(shared / "cases", load_knowledge())
    assert len(published.judged) == 28 and not published.unread
