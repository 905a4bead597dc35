"""The child's own level: exact against a Kalman filter, and not led astray by one odd count."""

from __future__ import annotations

import msgspec
import numpy as np
import pytest
from numpy.typing import NDArray

from leukon.forecast.residual import condition, covary
from leukon.forecast.weights import load_weights

W = load_weights()
GAUSSIAN = msgspec.structs.replace(W, outlier_df=1e9, scale_df=1e9, noise_inflation=1.0)
DAYS = np.array([0.0, 7.0, 14.0, 14.0, 28.0, 41.5, 49.0])
DEVIATIONS = np.array([0.2, -0.1, 0.3, 0.1, -0.5, -0.4, 0.05])


def kalman(days: NDArray[np.float64], y: NDArray[np.float64], at: float) -> tuple[float, float]:
    """The same level, filtered count by count: mean and variance of slow + fast on the day `at`."""
    stationary = np.diag([W.slow_sd**2, W.fast_sd**2])
    mean, cov, now, seen = np.zeros(2), stationary.copy(), days[0], np.ones(2)
    for day, value in [*zip(days, y, strict=True), (at, None)]:
        keep = np.diag(np.exp(-(day - now) / np.array([W.slow_days, W.fast_days])))
        mean, cov, now = keep @ mean, keep @ cov @ keep + stationary - keep @ stationary @ keep, day
        if value is not None:
            gain = cov @ seen / (seen @ cov @ seen + W.noise_sd**2)
            mean, cov = mean + gain * (value - seen @ mean), cov - np.outer(gain, seen @ cov)
    return float(seen @ mean), float(seen @ cov @ seen)


@pytest.mark.parametrize("at", [49.0, 56.0, 79.0, 1000.0])
def test_without_outliers_the_level_is_that_of_a_kalman_filter(at: float) -> None:
    level = condition(DAYS, DEVIATIONS, np.array([at]), GAUSSIAN)
    mean, variance = kalman(DAYS, DEVIATIONS, at)
    assert level.mean[0] == pytest.approx(mean, abs=1e-7)
    assert level.covariance[0, 0] == pytest.approx(variance, rel=1e-6)


def test_no_counts_give_the_population() -> None:
    at = np.array([0.0, 30.0])
    level = condition(np.empty(0), np.empty(0), at, W)
    assert level.mean.tolist() == [0.0, 0.0]
    assert level.covariance == pytest.approx(covary(at, at, W))


def test_years_after_the_last_count_the_level_is_the_populations_again() -> None:
    level = condition(DAYS, DEVIATIONS - 1.0, np.array([20_000.0]), GAUSSIAN)
    assert level.mean[0] == pytest.approx(0.0, abs=1e-9)
    assert level.covariance[0, 0] == pytest.approx(W.slow_sd**2 + W.fast_sd**2)


def test_one_count_far_from_the_others_moves_the_level_less_than_its_share() -> None:
    days = np.arange(12) * 7.0
    at = np.array([84.0])
    odd = np.zeros(12)
    odd[-1] = -2.5
    robust, plain = condition(days, odd, at, W).mean[0], condition(days, odd, at, GAUSSIAN).mean[0]
    assert plain < 1.5 * robust < 0.0


def test_a_restless_child_has_wider_intervals_than_a_steady_one() -> None:
    days, sign = np.arange(40) * 7.0, np.array([1.0, -1.0] * 20)
    steady, restless = (condition(days, sign * size, np.array([280.0]), W) for size in (0.05, 0.6))
    assert steady.scale < 1.0 < restless.scale
    assert steady.noise_variance < restless.noise_variance


def test_the_covariance_of_the_course_is_a_covariance() -> None:
    level = condition(DAYS, DEVIATIONS, np.linspace(49, 80, 32), W)
    assert level.covariance == pytest.approx(level.covariance.T)
    assert np.linalg.eigvalsh(level.covariance).min() > 0
