"""The densities of counts: exact where a closed form exists, thin-tailed where nothing acts."""

from __future__ import annotations

import numpy as np
import pytest

from leukon.causes.likelihood import absent_factor, count_density, present_factor, t_log_cdf, t_log_pdf


def test_student_t_density_integrates_to_its_distribution_function() -> None:
    z = np.linspace(-400, 3, 4_000_001)
    area = np.trapezoid(np.exp(t_log_pdf(z)), z)
    assert area == pytest.approx(np.exp(t_log_cdf(np.array(3.0))), abs=1e-7)
    assert np.exp(t_log_cdf(np.array(0.0))) == pytest.approx(0.5)


def test_a_finding_with_no_cause_has_a_factor_of_one() -> None:
    assert present_factor(np.zeros(3), np.zeros(3), np.array(0.2)) == pytest.approx(np.zeros(3))
    assert absent_factor(np.zeros(3)) == pytest.approx(np.zeros(3))


def test_a_finding_always_present_in_a_cause_counts_one_over_its_leak() -> None:
    always = np.log1p(-np.array([0.999999999]))
    assert present_factor(always, np.zeros(1), np.array(0.01)) == pytest.approx([np.log(100)], abs=1e-6)


def test_white_cells_of_0_6_are_nobodys_normal() -> None:
    """Where nothing acts the tails are thin: neutrophils a tenth of the usual cost far more than the cap of a cause."""
    shift, variance = np.zeros((3, 2)), np.array([[0.0, 0.5]] * 3)
    idle, acting = count_density(np.log(0.6 / 6.6), 0.23, shift, variance, False)[1]
    assert acting - idle > 20


def test_fewer_cells_than_can_be_counted_still_have_a_likelihood() -> None:
    density = count_density(-6.0, 0.3, np.full((3, 2), -3.0), np.ones(2), True)
    assert np.isfinite(density).all()
