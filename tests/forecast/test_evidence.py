"""The counts as evidence: errors that hang together, counts that are only known to be low."""

from __future__ import annotations

import math

import numpy as np
import pytest

from leukon.forecast.evidence import Observation, log_normal_cdf, make_evidence
from leukon.forecast.prior import Residual

ERROR = Residual(sd=0.4, lasting_share=0.6, days=10.0)


def likelihood(counts: tuple[Observation, ...], course: list[float]) -> float:
    evidence = make_evidence(counts, ERROR)
    rows = np.zeros((1, len(evidence.logs)))
    rows[0, : len(course)] = np.log(course)
    return float(evidence.log_likelihood(rows)[0])


def test_one_count_is_a_log_normal_with_the_error_of_the_paper() -> None:
    z = (math.log(2.0) - math.log(1.0)) / 0.4
    exact = -0.5 * z**2 - math.log(0.4) - 0.5 * math.log(2 * math.pi)
    assert likelihood((Observation(3.0, 2.0),), [1.0]) == pytest.approx(exact)


def test_several_counts_are_a_joint_normal() -> None:
    """Against the density written out with the covariance of the errors."""
    days, values, course = np.array([0.0, 2.0, 30.0]), np.array([2.0, 3.0, 1.0]), [2.5, 2.5, 2.5]
    cov = 0.16 * 0.6 * np.exp(-np.abs(days[:, None] - days) / 10.0) + 0.16 * 0.4 * np.eye(3)
    r = np.log(values) - np.log(course)
    exact = -0.5 * r @ np.linalg.inv(cov) @ r - 0.5 * np.linalg.slogdet(cov)[1] - 1.5 * math.log(2 * math.pi)
    counts = tuple(Observation(d, v) for d, v in zip(days.tolist(), values.tolist(), strict=True))
    assert likelihood(counts, course) == pytest.approx(float(exact))


def test_two_counts_at_one_time_count_as_two_and_may_differ() -> None:
    apart = likelihood((Observation(3.0, 1.0), Observation(3.0, 1.4)), [1.2, 1.2])
    assert math.isfinite(apart)
    assert apart > likelihood((Observation(3.0, 1.0), Observation(3.0, 6.0)), [1.2, 1.2])


def test_a_count_below_the_detection_limit_favours_low_courses_and_all_of_them_alike() -> None:
    low = (Observation(8.0, 0.1, below=True),)
    assert likelihood(low, [0.05]) > likelihood(low, [0.1]) > likelihood(low, [0.5])
    assert likelihood(low, [0.1]) == pytest.approx(math.log(0.5))
    assert likelihood(low, [1e-4]) == pytest.approx(0.0, abs=1e-6)


def test_a_high_count_an_hour_earlier_makes_a_count_below_the_limit_less_likely() -> None:
    low = Observation(8.0, 1.0, below=True)
    alone = likelihood((low,), [1.0])
    before = Observation(7.95, 2.0)
    both = likelihood((before, low), [1.0, 1.0]) - likelihood((before,), [1.0])
    assert both < alone


def test_what_the_last_error_says_fades() -> None:
    evidence = make_evidence((Observation(0.0, 2.0),), ERROR)
    course = np.zeros((1, len(evidence.logs)))
    mean, left = evidence.carry(course, np.array([0.0, 10.0, 100.0]), ERROR)
    assert mean[0, 0] == pytest.approx(0.6 * math.log(2.0))
    assert mean[0, 1] == pytest.approx(0.6 * math.exp(-1) * math.log(2.0))
    assert abs(mean[0, 2]) < 1e-4
    assert left[0] < left[1] < left[2] <= 0.16 * 0.6 + 1e-12


def test_the_logarithm_of_the_normal_distribution_is_right_far_out() -> None:
    z = np.array([[-30.0, -8.0, -1.0, 0.0, 5.0]])
    got = log_normal_cdf(z)[0]
    assert got[3] == pytest.approx(math.log(0.5))
    assert got[0] == pytest.approx(-454.3212439955, rel=1e-5)
    assert got[1] == pytest.approx(math.log(0.5 * math.erfc(8 / math.sqrt(2))), rel=1e-5)
