"""A healthy person stays healthy, cells and drugs are conserved, and the chain oscillates where theory says."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("jax")

from leukon.marrow import Dose, Person, find_model, list_models, person_parameters, simulate
from leukon.marrow._jax import array, ones_like
from leukon.marrow.chain import critical_gamma
from leukon.marrow.systems import DELAYED, drug_modes, structure_of

_STARTS_ELSEWHERE = {"kawamura-2018-eribulin", "gebhard-2023-mercaptopurine", "mackey-2003-congenital",
                     "mackey-2003-myelokathexis"}  # fmt: skip


def _params(name: str) -> dict[str, object]:
    return {k: array(v) for k, v in person_parameters(find_model(name), Person()).items()}


@pytest.mark.parametrize("accurate", [False, True])
@pytest.mark.parametrize("name", [m.id for m in list_models() if m.id not in _STARTS_ELSEWHERE])
def test_without_drug_nothing_moves(name: str, accurate: bool) -> None:
    model = find_model(name)
    if model.system in DELAYED:
        counts = simulate(model, days=20).count
        assert np.ptp(counts) < 1e-9 * counts[0]
        return
    p = _params(name)
    structure = structure_of(model.system, accurate)
    modes, _ = drug_modes(model.parts, p)
    inputs = array([0.0] * (modes.weights.shape[0] + max(1, len(model.parts))) + [0.1])
    moved = structure.rates(structure.start(p), inputs, p)
    assert max(abs(float(x)) for x in moved) < 1e-11


@pytest.mark.parametrize("name", ["friberg-2002-docetaxel", "krzyzanski-2010-filgrastim"])
def test_four_months_without_drug_drift_by_less_than_a_billionth(name: str) -> None:
    counts = simulate(name, days=120, every_hours=24).count
    assert np.max(np.abs(counts / counts[0] - 1)) < 1e-9


def test_cells_that_leave_the_marrow_enter_the_blood() -> None:
    """Abbiati: what leaves the progenitors, less death, is what the pools gain, also at the limit of release."""
    p = _params("abbiati-2021-avadomide")
    structure = structure_of("abbiati")
    for blood in (1.0, 0.8, 0.3):
        state = (array(0.1), array(1.2), array(2.0), array(0.7), array(0.4), array(blood))
        rates = structure.rates(state, array([20.0, 0.0, 0.02]), p)
        pools = np.array([1.0, 1.0, 1.0, p["reserve"], 1.0], dtype=float)
        total = float(np.dot(pools, [float(x) for x in rates[1:]]))
        kelim = np.log(2) / float(p["thalf"])
        kout = kelim / 3
        inflow = (4 * float(p["kd"]) + 3 * kout + float(p["kd"]) * 2) * np.exp(0.1)  # k1 · P
        died = float(p["kd"]) * (1.2 + 2.0 + 0.7 + 3 * 0.4) + kelim * blood
        assert total == pytest.approx(inflow - died, rel=1e-9)


def test_transits_hand_on_every_cell() -> None:
    p = _params("friberg-2002-docetaxel")
    structure = structure_of("chain")
    state = (array(0.3), array(1.1), array(0.7), array(1.4), array(0.6))
    moved = structure.rates(state, array([0.2, 0.0, 0.1]), p)
    ktr = 4 / float(p["mtt"])
    assert float(sum(moved[1:])) == pytest.approx(ktr * (np.exp(0.3) - 0.6), rel=1e-12)


@pytest.mark.parametrize("x", [0.2, 0.5, 1.0, 3.0, 16.5])
def test_the_limit_of_stability_is_that_of_the_roots(x: float) -> None:
    """s (s + 1)³ (s + x) + γ x has a pair on the imaginary axis at γ*(x)."""
    gamma = critical_gamma(x)
    base = np.polymul(np.polymul([1, 0], np.poly([-1, -1, -1])), [1, x])

    def growth(g: float) -> float:
        roots = np.roots(np.polyadd(base, [g * x]))
        return float(max(r.real for r in roots))

    assert abs(growth(gamma)) < 1e-9
    assert growth(gamma * 1.001) > 0 > growth(gamma * 0.999)


def test_at_the_limit_the_chain_swings_with_the_period_of_theory() -> None:
    """x = 1: 3.792 mean transit times, 21.0 days at 133 h."""
    values = {"gamma": critical_gamma(1.0), "mtt": 133.0}
    course = simulate("friberg-2002-docetaxel", [Dose("docetaxel", 0.0, 2.0, hours=1.0)], days=420, every_hours=6,
                      values=values)  # fmt: skip
    away = course.count - 5.05
    late = course.days > 150
    up = np.flatnonzero((away[:-1] < 0) & (away[1:] >= 0) & late[1:])
    crossings = course.days[up] - away[up] * 0.25 / (away[up + 1] - away[up])
    roots = np.roots(np.polyadd(np.polymul(np.polymul([1, 0], np.poly([-1, -1, -1])), [1, 1]), [critical_gamma(1.0)]))
    omega = max(abs(r.imag) for r in roots if abs(r.real) < 1e-6)
    wanted = 2 * np.pi / omega / 4 * 133 / 24
    assert wanted == pytest.approx(21.0, abs=0.05)
    assert np.diff(crossings).mean() == pytest.approx(wanted, rel=1e-3)


def test_more_feedback_than_the_limit_grows_and_less_dies_out() -> None:
    dose = [Dose("docetaxel", 0.0, 2.0, hours=1.0)]
    swings = []
    for factor in (0.9, 1.1):
        counts = simulate("friberg-2002-docetaxel", dose, days=120, every_hours=12,
                          values={"gamma": factor * critical_gamma(1.0)}).count  # fmt: skip
        swings.append(np.ptp(counts[-60:]) / np.ptp(counts[60:120]))
    assert swings[0] < 0.8 and swings[1] > 1.2


def test_in_the_plain_chain_lasting_loss_in_the_blood_is_made_up_for() -> None:
    """The trap of the structure: the steady count depends on the drug effect only."""
    p = _params("friberg-2002-docetaxel") | {"kcirc": array(3 * 4 / (88.7 / 24)), "inflow": ones_like(array(1.0))}
    structure = structure_of("chain")
    state = (array(np.log(3.0)), array(3.0), array(3.0), array(3.0), array(1.0))
    moved = structure.rates(state, array([0.0, 0.0, 0.1]), p)
    assert max(abs(float(x)) for x in moved) < 1e-12
