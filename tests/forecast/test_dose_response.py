"""A change of the 6-mercaptopurine dose shows in the neutrophils two to five weeks later."""

from __future__ import annotations

import numpy as np
import pytest

from leukon.forecast.dose_response import LAG_DAYS, dose_effect, dose_kernel, relative_doses
from leukon.forecast.weights import load_weights

W = load_weights().dose
KERNEL = dose_kernel(W)


def test_the_kernel_is_the_chain_solved_step_by_step() -> None:
    """An independent solution: fourth-order Runge–Kutta on the equations as the module writes them."""
    m, k, g, gamma = W.metabolite_rate, W.transit_rate, W.gain, W.feedback

    def slope(y: np.ndarray) -> np.ndarray:
        u, p, x1, x2, c = y
        return np.array([-m * u, -k * (g * u + gamma * c), k * (p - x1), k * (x1 - x2), k * (x2 - c)])

    y, h, found = np.array([m, 0.0, 0.0, 0.0, 0.0]), 0.05, []
    for step in range(LAG_DAYS * 20):
        if step % 20 == 10:
            found.append(y[4])
        a = slope(y)
        b = slope(y + h / 2 * a)
        c = slope(y + h / 2 * b)
        y = y + h / 6 * (a + 2 * b + 2 * c + slope(y + h * c))
    assert pytest.approx(found, abs=1e-7) == KERNEL


def test_the_effect_of_a_dose_is_deepest_after_two_to_five_weeks() -> None:
    assert 14 <= int(KERNEL.argmin()) <= 35
    assert abs(KERNEL[:3]).max() < 0.05 * abs(KERNEL.min())


def test_the_chain_is_stable_and_a_lasting_rise_lowers_the_count_by_gain_over_feedback() -> None:
    assert abs(KERNEL[-14:]).max() < 0.15 * abs(KERNEL.min())
    assert KERNEL.sum() == pytest.approx(-W.gain / W.feedback, rel=0.1)


def doses(days: range, value: float) -> tuple[np.ndarray, np.ndarray]:
    return np.array(days) + 0.79, np.full(len(days), value)


def test_the_unit_of_the_dose_does_not_matter() -> None:
    day, dose = doses(range(60), 50.0)
    dose[30:] = 25.0
    mg_m2 = relative_doses(day, dose, -10, 59, 70, W.highest)
    mg = relative_doses(day, 0.8 * dose, -10, 59, 70, W.highest)
    assert mg_m2 == pytest.approx(mg)


def test_an_unchanged_dose_has_no_effect_and_days_to_come_follow_the_plan() -> None:
    relative = relative_doses(*doses(range(50), 30.0), -112, 49, 80, W.highest)
    assert relative == pytest.approx(np.zeros(193))


def test_a_day_without_a_record_is_a_day_without_a_dose() -> None:
    day, dose = doses(range(50), 30.0)
    keep = (day < 20) | (day > 26)
    relative = relative_doses(day[keep], dose[keep], 0, 49, 49, W.highest)
    assert relative[20:26].tolist() == [-1.0] * 6
    assert relative[26] == pytest.approx(0.0)


def test_after_a_stop_the_plan_is_no_dose() -> None:
    relative = relative_doses(*doses(range(50), 30.0), 0, 70, 90, W.highest)
    assert relative[50:].tolist() == [-1.0] * 41


def test_doses_planned_after_the_last_count_are_used() -> None:
    day, dose = doses(range(70), 30.0)
    dose[50:] = 15.0
    relative = relative_doses(day, dose, 0, 49, 90, W.highest)
    assert relative[50:] == pytest.approx(np.full(41, -0.5))


def test_no_dose_or_only_doses_to_come_have_no_effect() -> None:
    assert not relative_doses(np.empty(0), np.empty(0), 0, 10, 20, W.highest).any()
    assert not relative_doses(np.array([15.0]), np.array([50.0]), 0, 10, 20, W.highest).any()


def test_a_misprinted_dose_counts_as_twice_the_usual_one_at_most() -> None:
    day, dose = doses(range(50), 30.0)
    dose[40] = 3000.0
    assert relative_doses(day, dose, 0, 49, 49, W.highest).max() <= W.highest - 1.0


def test_the_effect_sums_the_doses_of_the_days_before() -> None:
    relative = np.zeros(200)
    relative[120] = 1.0
    effect = dose_effect(relative, 0, np.array([120.9, 121.0, 141.5]), KERNEL)
    assert effect == pytest.approx([0.0, KERNEL[0], KERNEL[20]])
