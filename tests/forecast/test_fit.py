"""One person fitted: the posterior is right, the population stands where there is no count."""

from __future__ import annotations

import numpy as np
import pytest

from leukon.forecast.evidence import Observation
from leukon.marrow import Dose, Person, find_model

pytest.importorskip("jax")

from leukon.forecast.fit import DRAWS, Fit, fit_person, simulate_draws
from leukon.forecast.prior import Prior, make_prior
from leukon.marrow.simulation import person_parameters, simulate

DOSE = Dose("docetaxel", 0.0, 100.0, "m2", "intravenous", 1.0)
SIX = tuple(Observation(d, v) for d, v in ((-1, 5.2), (3, 5.0), (5, 2.1), (8, 0.6), (11, 1.1), (14, 2.6)))
DAYS = np.arange(0.0, 42.5, 0.5)


def kloft() -> Prior:
    model = find_model("kloft-2006-docetaxel")
    return make_prior(model, person_parameters(model, Person()))


def fit(counts: tuple[Observation, ...], **options: object) -> Fit:
    return fit_person(kloft(), [DOSE], counts, DAYS, **options)  # type: ignore[arg-type]


def averages(got: Fit) -> dict[str, float]:
    return {n: float(np.exp(np.average(np.log(v), weights=got.weights))) for n, v in got.parameters.items()}


def test_without_a_count_the_forecast_is_the_papers_population() -> None:
    got = fit(())
    typical = simulate("kloft-2006-docetaxel", [DOSE], times=list(DAYS)).count
    middle, _ = simulate_draws(got.prior, [DOSE], got.evidence, 0.0, DAYS, np.zeros((DRAWS, 3)), None, 1.0)
    assert np.exp(middle[0]) == pytest.approx(typical, rel=2e-3)
    assert np.exp(np.median(got.logs, axis=0)) == pytest.approx(typical, rel=0.4)
    spread = np.log(got.parameters["slope"]).std()
    assert spread == pytest.approx(0.358, rel=0.08)
    assert got.ess == DRAWS


def test_the_posterior_is_that_of_brute_force() -> None:
    """Against 40,000 people drawn from the prior and weighted by how well they explain the counts."""
    got = fit(SIX)
    etas = np.random.default_rng(5).standard_normal((40_000, 3))
    chunks = [
        simulate_draws(got.prior, [DOSE], got.evidence, 0.0, DAYS, part, None, 1.0) for part in np.split(etas, 50)
    ]
    log_w = got.evidence.log_likelihood(np.concatenate([c[1] for c in chunks]))
    weights = np.exp(log_w - log_w.max())
    weights /= weights.sum()
    many = 1 / (weights**2).sum()
    assert many > 100
    for i in range(3):
        mean = weights @ etas[:, i]
        sd = np.sqrt(weights @ (etas[:, i] - mean) ** 2)
        own = got.weights @ got.etas[:, i]
        error = sd * np.sqrt(1 / many + 1 / got.ess)
        assert abs(own - mean) < 4 * error
    assert got.log_evidence == pytest.approx(log_w.max() + np.log(np.exp(log_w - log_w.max()).mean()), abs=0.3)


def test_the_draws_can_be_trusted_and_the_course_passes_the_counts() -> None:
    got = fit(SIX)
    assert got.ess > 0.5 * DRAWS
    course = np.exp(got.weights @ got.at_counts[:, :6])
    assert course == pytest.approx([c.value for c in SIX], rel=0.5)


def test_a_count_below_the_limit_deepens_the_nadir_and_0_is_no_trouble() -> None:
    lowest = [np.exp(np.average(fit(counts).logs.min(axis=1), weights=fit(counts).weights)) for counts in (
        (Observation(0, 5.0), Observation(8, 0.8)),
        (Observation(0, 5.0), Observation(8, 0.1, below=True)),
        (Observation(0, 5.0), Observation(8, 0.05, below=True)),
    )]  # fmt: skip
    assert lowest[0] > lowest[1] > lowest[2]
    assert lowest[1] < 0.12


def test_counts_that_stop_before_the_nadir_leave_it_wide() -> None:
    early, late = fit(SIX[:3]), fit(SIX)
    spread = [np.std(f.resample(400, np.random.default_rng(1)).logs.min(axis=1)) for f in (early, late)]
    assert spread[0] > 1.5 * spread[1]


def test_earlier_counts_of_the_person_set_the_level_at_rest() -> None:
    low = tuple(Observation(d, 2.4) for d in (-300.0, -200.0, -100.0, -1.0))
    assert averages(fit(low))["circ0"] < 0.75 * averages(fit(()))["circ0"]


def test_a_count_far_from_all_others_is_survived() -> None:
    got = fit((*SIX, Observation(12.0, 90.0)))
    assert np.isfinite(got.logs).all()
    assert got.ess > 20


def test_counts_that_no_course_explains_are_said_and_leave_it_wide() -> None:
    """High while every course is at its nadir, near 0 before and after: the draws must not collapse onto few."""
    wild = tuple(Observation(d, 50.0 if 6 < d < 10 else 0.01) for d in np.arange(0.0, 30.0, 0.5).tolist())
    got = fit(wild)
    assert got.ess < 0.1 * DRAWS
    assert any("disagree more than the error" in note for note in got.notes)
    assert 1 / (got.weights**2).sum() > 0.09 * DRAWS
    assert got.weights.sum() == pytest.approx(1.0)


def test_the_same_record_gives_the_same_forecast() -> None:
    a, b = fit(SIX), fit(SIX)
    assert (a.logs == b.logs).all()
    assert (a.weights == b.weights).all()


def test_draws_of_equal_weight_keep_the_mean() -> None:
    got = fit(SIX)
    even = got.resample(2000, np.random.default_rng(3))
    assert even.etas.mean(axis=0) == pytest.approx(got.weights @ got.etas, abs=0.05)


def test_a_spread_that_no_paper_prints_is_lent_and_said() -> None:
    model = find_model("quartino-2014")
    prior = make_prior(model, person_parameters(model, Person()))
    assert {"circ0", "mtt", "slope"} == set(prior.names)
    assert any("prints no spread of slope" in note for note in prior.notes)
    assert any("prints no error" in note for note in prior.notes)
