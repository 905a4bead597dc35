"""The leukon model at rest, beside the published chain, and under losses that a plain chain would make up for."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

pytest.importorskip("jax")

from leukon.marrow import courses, find_model, read_schedule, simulate
from leukon.marrow._jax import array
from leukon.marrow.courses import simulate_cause
from leukon.marrow.grid import Spacing
from leukon.marrow.leukon_model import assemble, draw_values, leukon_model, typical_values
from leukon.marrow.lineages import LINEAGES, resting


def _rest(factor: str, times: float, *, whole: bool = False) -> float:
    """Neutrophils at rest, as a share of health, where one factor is changed."""
    p: dict[str, object] = {k: array(v) for k, v in assemble(typical_values(), whole=whole).items()}
    for name in ("capacity", "survival", "loss", "share", "setpoint"):
        row = np.zeros((1, 5))
        if name == factor:
            row[0, 0] = np.log(times)
        p[name] = array(row)
    p |= {name: array([0.0]) for name in ("release", "reserve_loss", "swap")}
    _, blood, _ = resting(array([1.0]), p, whole)  # type: ignore[arg-type]
    return float(blood[0])


@pytest.mark.parametrize("whole", [False, True])
def test_a_healthy_marrow_stays_as_it_is(whole: bool) -> None:
    course = simulate_cause([], days=42, every_hours=24, whole=whole)
    for name, values in course.series.items():
        assert np.abs(values / values[0] - 1).max() < 1e-9, name


@pytest.mark.parametrize("cause", [
    "autoimmune_neutropenia_of_infancy", "aplastic_anemia", "hypersplenism", "b12_deficiency", "whim_syndrome",
    "severe_congenital_neutropenia", "duffy_null", "cmml",
])  # fmt: skip
def test_a_lasting_cause_without_treatment_holds_its_count(cause: str) -> None:
    course = simulate_cause(cause, days=42, every_hours=24)
    for name, values in course.series.items():
        assert np.abs(values / values[0] - 1).max() < 1e-9, name


def test_people_differ_yet_each_stays_at_rest() -> None:
    course = simulate_cause("felty_syndrome", days=42, every_hours=24, patients=200)
    assert np.abs(course.count / course.count[:, :1] - 1).max() < 1e-9
    assert np.ptp(np.log(course.count[:, 0])) > 1


def test_with_no_cause_docetaxel_follows_the_published_chain_to_the_last_digit() -> None:
    line = "docetaxel 100 mg/m2 day 0, 21"
    published = simulate("friberg-2002-docetaxel", read_schedule(line, 42), days=42).count
    assert np.abs(simulate_cause([], drugs=[line], days=42).count / published - 1).max() < 1e-12


def test_virtual_people_under_docetaxel_get_the_papers_variability() -> None:
    line = "docetaxel 75 mg/m2 day 0"
    published = simulate("kloft-2006-docetaxel", read_schedule(line, 21), days=21, every_hours=24, patients=40, seed=3)
    mine = simulate_cause([], drugs=[line], model="kloft-2006-docetaxel", days=21, every_hours=24, patients=40, seed=3)
    # the room of the marrow is drawn too, and it can be small: most people are the same, none rebounds higher
    assert np.median(np.abs(mine.count / published.count - 1)) < 1e-12
    assert np.all(mine.count.min(axis=1) < published.count.min(axis=1) * 1.0001)


@pytest.mark.parametrize(("factor", "times", "count"), [
    ("loss", 2, 0.78), ("loss", 3, 0.55), ("loss", 5, 0.35), ("loss", 10, 0.19),
    ("survival", 0.45, 0.71), ("survival", 0.13, 0.24), ("survival", 0.10, 0.19),
])  # fmt: skip
def test_a_loss_lowers_the_count_at_rest(factor: str, times: float, count: float) -> None:
    """Destruction ×3 and ×10, congenital neutropenia (13 % survive), myelokathexis (10 %): computed beforehand."""
    assert _rest(factor, times) == pytest.approx(count, abs=0.0052)


def test_what_is_lost_in_blood_or_in_the_marrow_is_the_same_at_rest() -> None:
    assert _rest("loss", 8.0) == pytest.approx(_rest("survival", 1 / 8.0), rel=1e-9)


def test_losses_lower_the_count_in_the_whole_marrow_too() -> None:
    counts = [_rest("loss", k, whole=True) for k in (1, 3, 10, 30)]
    assert counts[0] == 1.0
    assert 1 > counts[1] > counts[2] > counts[3] > 0.05


def test_a_third_of_the_marrow_can_be_lost_before_the_count_falls() -> None:
    assert _rest("capacity", 0.7) == 1.0
    assert _rest("capacity", 0.5) < 0.9
    assert _rest("capacity", 0.05) < 0.1


def test_white_cells_are_the_sum_of_the_differential() -> None:
    course = simulate_cause("hiv_acute", days=42, every_hours=24)
    assert np.allclose(course.series["wbc"], sum(course.series[name] for name in LINEAGES), rtol=1e-12)


def test_monocytes_fall_and_recover_before_neutrophils() -> None:
    course = simulate_cause([], drugs=["docetaxel 75 mg/m2 day 0, 21"], days=42)
    first = course.days < 21
    lowest = {name: course.days[course.series[name][first].argmin()] for name in ("monocytes", "neutrophils")}
    assert lowest["monocytes"] < lowest["neutrophils"]


def test_cyclic_neutropenia_swings_as_recorded() -> None:
    """Period 19-21 days, nadir 0-0.2 for some days, peak about 2, monocytes two- to threefold in antiphase."""
    course = simulate_cause("cyclic_neutropenia", days=120)
    count, mono = course.count, course.series["monocytes"]
    low = [i for i in range(1, len(count) - 1) if count[i] < count[i - 1] and count[i] <= count[i + 1]]
    period = np.diff(course.days[low])
    assert np.all((period >= 19) & (period <= 21))
    assert 0.0 < count.min() <= 0.2
    assert 1.6 <= count.max() <= 2.4
    assert 2 <= (count < 0.2).sum() * 0.25 / len(low) <= 4
    assert 2 <= mono.max() / mono.min() <= 3
    assert np.corrcoef(count, mono)[0, 1] < -0.9


@pytest.mark.parametrize(("cause", "hours", "back"), [
    ("early_infection_margination", 9, 30), ("hemodialysis_margination", 1, 4),
])  # fmt: skip
def test_in_pseudoleukopenia_cells_move_and_none_is_lost(cause: str, hours: float, back: float) -> None:
    course = simulate_cause(cause, days=2, every_hours=0.5)
    at = course.days * 24
    assert course.count.min() < 0.6 * course.count[0]
    assert at[course.count.argmin()] <= hours
    assert course.count[at >= back].min() > 0.97 * course.count[0]
    for body in ("body neutrophils", "body lymphocytes"):
        assert np.abs(course.series[body] / course.series[body][0] - 1).max() < 1e-9


@pytest.mark.parametrize(("cause", "treatments", "days"), [
    ("autoimmune_neutropenia_of_infancy", ["filgrastim 1 ug/kg day 0, 1"], 4), ("bacterial_sepsis", [], 14),
])  # fmt: skip
def test_finer_steps_change_nothing(
    monkeypatch: pytest.MonkeyPatch, cause: str, treatments: list[str], days: float
) -> None:
    usual = simulate_cause(cause, treatments=treatments, days=days)
    steps = courses._spacing  # pyright: ignore[reportPrivateUsage]

    def finer(*given: Any) -> Spacing:
        s = steps(*given)
        return Spacing(s.first / 4, s.growth / 4, s.last / 4)

    monkeypatch.setattr(courses, "_spacing", finer)
    fine = simulate_cause(cause, treatments=treatments, days=days)
    for name, values in usual.series.items():
        assert np.abs(values / fine.series[name] - 1).max() < 2e-3, name


def test_every_parameter_has_a_source_and_an_assumption_is_wide() -> None:
    model = leukon_model()
    for name, figure in model.parameters.items():
        assert figure.source in model.sources, name
        if figure.grade == "assumption":
            assert figure.note, name
            assert figure.omega is not None and figure.omega >= 0.15, name


def test_shares_drawn_for_people_stay_shares() -> None:
    drawn = draw_values(2000, np.random.default_rng(1))
    for name in ("steroid.stays", "endotoxin.share", "plerixafor.frees"):
        assert np.all((drawn[name] > 0) & (drawn[name] < 1))
    assert np.all(drawn["pmax"] > drawn["pon"])
    assert find_model("leukon") is leukon_model()
