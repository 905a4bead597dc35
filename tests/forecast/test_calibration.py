"""Is the forecast calibrated? Virtual patients drawn from the prior, their own forecast asked (Talts 2018).

If the inference is right, the truth falls anywhere among the draws with equal chance.
"""

from __future__ import annotations

import os

import numpy as np
import pytest
from numpy.typing import NDArray

from leukon.forecast.evidence import Observation
from leukon.marrow import Dose, Person, find_model

pytest.importorskip("jax")

from leukon.forecast.evidence import make_evidence
from leukon.forecast.fit import fit_person, simulate_draws
from leukon.forecast.prior import make_prior
from leukon.marrow.simulation import person_parameters

PEOPLE = 500 if os.environ.get("LEUKON_CAMPAIGN") else 48
COUNTED = np.array([-1.0, 3.0, 6.0, 9.0, 12.0, 16.0])
NEXT = 21.0
LIMIT = 0.2  # of detection: lower counts are printed as "<0.2"
DOSE = Dose("docetaxel", 0.0, 100.0, "m2", "intravenous", 1.0)
QUANTITIES = ("circ0", "mtt", "slope", "next count")


@pytest.fixture(scope="module")
def ranks() -> NDArray[np.float64]:
    """For each virtual patient and quantity: the share of draws under the truth."""
    model = find_model("kloft-2006-docetaxel")
    prior = make_prior(model, person_parameters(model, Person()))
    rng = np.random.default_rng(2018)
    days = np.append(COUNTED, NEXT)
    etas = np.resize(rng.standard_normal((PEOPLE, 3)), (800 * -(-PEOPLE // 800), 3))
    nothing = make_evidence((), prior.residual)
    logs, _ = simulate_draws(prior, [DOSE], nothing, 0.0, days, etas, None, 1.0)
    joint = prior.residual.covariance(days, days) + prior.residual.noise_variance * np.eye(len(days))
    root = np.linalg.cholesky(joint)
    out = np.zeros((PEOPLE, 4))
    for i in range(PEOPLE):
        measured = logs[i] + root @ rng.standard_normal(len(days))
        counts = tuple(
            Observation(d, LIMIT, True) if y < np.log(LIMIT) else Observation(d, float(np.exp(y)))
            for d, y in zip(COUNTED.tolist(), measured[:-1].tolist(), strict=True)
        )
        got = fit_person(prior, [DOSE], counts, np.array([NEXT]), seed=i + 1)
        out[i, :3] = got.weights @ (got.etas < etas[i])
        mean, left = got.evidence.carry(got.at_counts, np.array([NEXT]), prior.residual)
        sd = np.sqrt(left + prior.residual.noise_variance)
        draws = got.logs + mean + sd * rng.standard_normal(got.logs.shape)
        out[i, 3] = got.weights @ (draws[:, 0] < measured[-1])
    return out


@pytest.mark.parametrize("quantity", range(4), ids=QUANTITIES)
def test_the_truth_falls_anywhere_among_the_draws(ranks: NDArray[np.float64], quantity: int) -> None:
    """Kolmogorov's distance from even ranks: more than 1.95/sqrt(n) happens by chance once in a thousand."""
    rank = np.sort(ranks[:, quantity])
    even = (np.arange(PEOPLE) + 0.5) / PEOPLE
    assert np.abs(rank - even).max() < 1.95 / np.sqrt(PEOPLE)


@pytest.mark.parametrize("quantity", range(4), ids=QUANTITIES)
def test_nine_in_ten_truths_lie_within_the_90_percent_interval(ranks: NDArray[np.float64], quantity: int) -> None:
    inside = ((ranks[:, quantity] > 0.05) & (ranks[:, quantity] < 0.95)).mean()
    assert abs(inside - 0.9) < 3.3 * np.sqrt(0.9 * 0.1 / PEOPLE)
