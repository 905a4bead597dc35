"""A published Bayesian analysis: Torsten's example of Friberg and Karlsson (8 people, 40 counts).

Torsten fitted drug levels and counts together with Stan; here the levels are not at hand, so each person's kinetics are
drawn from the population that Torsten found, which adds 22 % of unknown exposure a person. The equations are those of
this package. Torsten's priors are not at hand either: log-normal ones around 125 h, 5, 2e-4 and 0.17 with 20 % are
taken, half-Cauchy(1) for spreads and error. Five counts in four days say little of mtt, alpha and gamma, so priors
matter and the two posteriors can only be asked to agree within their spreads; the error of a count is the data's own.
"""

from __future__ import annotations

import csv
import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from leukon.marrow import Dose, Figure, Model, find_model
from leukon.marrow.library import Part

pytest.importorskip("jax")

from leukon.forecast.evidence import Observation, make_evidence
from leukon.forecast.fit import simulate_draws
from leukon.forecast.prior import Prior, Residual

Floats = NDArray[np.float64]
NAMES = ("circ0", "mtt", "slope", "gamma", "cl", "q2", "v1", "v2")
MIDDLE = np.log([4.8, 115.0, 2.2e-4])  # of the draws of a person: circ0, mtt (h), alpha (mL/ng)
SPREAD = np.array([0.30, 0.35, 0.60])
KINETIC_SPREAD = np.array([0.223, 0.339, 0.264, 0.257])  # CL, Q, V1, V2
GAMMAS = np.array([0.10, 0.17, 0.27])
DRAWS = 3000
DOSES = [Dose("tested drug", 0.5 * i, 80.0, "", "oral") for i in range(15)]
PRIOR_MEDIAN = np.log([125.0, 5.0, 2e-4, 0.17])


def example_drug(weight: float) -> tuple[Model, dict[str, float]]:
    def figure(value: float, unit: str) -> Figure:
        return Figure(value, unit, "confirmed", "torsten", "summary_pars.csv")

    size = weight / 70.0
    parameters = {
        "circ0": figure(4.8, "10^9/L"), "mtt": figure(115.0, "h"), "gamma": figure(0.17, ""),
        "slope": figure(2.2e-4, "mL/ng"), "ka": figure(1.9965, "1/h"), "cl": figure(9.5388 * size**0.75, "L/h"),
        "q2": figure(15.401 * size**0.75, "L/h"), "v1": figure(37.396 * size, "L"), "v2": figure(101.70 * size, "L"),
    }  # fmt: skip
    model = replace(find_model("friberg-2002-docetaxel"), id="torsten", parameters=parameters, residual={"log": 0.1},
                    parts=(Part("tested drug", "oral clearance", "ug"),), covariates=(), spacing={})  # fmt: skip
    return model, {name: f.in_days for name, f in parameters.items()}


def read(shared: Path) -> dict[str, tuple[float, list[Observation]]]:
    people: dict[str, tuple[float, list[Observation]]] = {}
    with (shared / "marrow" / "data" / "Torsten_FribergKarlsson_neut.csv").open() as file:
        for row in csv.DictReader(file):
            person = people.setdefault(row["id"], (float(row["weight_kg"]), []))
            person[1].append(Observation(float(row["time_h"]) / 24.0, float(row["neut"])))
    return people


def person_draws(weight: float, counts: list[Observation], seed: int) -> tuple[Floats, Floats]:
    """ln of (circ0, mtt, alpha) of each draw, and ln of its counts at three values of gamma."""
    model, values = example_drug(weight)
    rng = np.random.default_rng(seed)
    logs = MIDDLE + SPREAD * rng.standard_normal((DRAWS, 3))
    kinetics = KINETIC_SPREAD * rng.standard_normal((DRAWS, 4))
    residual = Residual(0.1, 0.0, 10.0)
    evidence = make_evidence(tuple(counts), residual)
    courses: list[Floats] = []
    for gamma in GAMMAS:
        shift = np.full((DRAWS, 1), np.log(gamma / 0.17))
        etas = np.concatenate([logs - MIDDLE, shift, kinetics], axis=1)
        etas[:, 0] += MIDDLE[0] - np.log(4.8)
        prior = Prior(model, values, NAMES, np.eye(8), residual)
        _, at = simulate_draws(prior, DOSES, evidence, 0.0, np.array([4.0]), etas, None, 1.0)
        courses.append(at[:, : len(counts)])
    return logs, np.stack(courses)


def bend(courses: Floats, log_gamma: float) -> Floats:
    """The course between the three values of gamma: a parabola in ln gamma."""
    x = np.log(GAMMAS)
    weights = [np.prod([(log_gamma - x[j]) / (x[i] - x[j]) for j in range(3) if j != i]) for i in range(3)]
    return sum(w * c for w, c in zip(weights, courses, strict=True))  # type: ignore[return-value]


def log_posterior(phi: Floats, people: list[tuple[Floats, Floats, Floats]]) -> float:
    """phi: ln of mtt, circ0, alpha, gamma, then of the spreads of circ0, mtt, alpha, and of the error."""
    middle, log_gamma = np.array([phi[1], phi[0], phi[2]]), float(phi[3])
    spread, sigma = np.exp(phi[4:7]), float(np.exp(phi[7]))
    total = -0.5 * float((((phi[:4] - PRIOR_MEDIAN) / np.sqrt(np.log(1.04))) ** 2).sum())
    total += float((phi[4:] - np.log1p(np.exp(2 * phi[4:]))).sum())  # half-Cauchy, on the log scale
    for logs, courses, y in people:
        r = (y - bend(courses, log_gamma)) / sigma
        weight = -0.5 * (r**2).sum(axis=1) - len(y) * np.log(sigma)
        weight += (-0.5 * ((logs - middle) / spread) ** 2 - np.log(spread)).sum(axis=1)
        weight += (0.5 * ((logs - MIDDLE) / SPREAD) ** 2).sum(axis=1)
        total += float(np.logaddexp.reduce(weight))
    return total


@pytest.mark.skipif(not os.environ.get("LEUKON_CAMPAIGN"), reason="a campaign: half a minute")
def test_the_posterior_of_mtt_circ0_alpha_and_gamma_agrees_with_torsten_within_both_spreads(shared: Path) -> None:
    with (shared / "marrow" / "data" / "Torsten_FribergKarlsson_summary_pars.csv").open() as file:
        stored = {row["variable"]: row for row in csv.DictReader(file)}
    people = [
        (*person_draws(weight, counts, i), np.log([c.value for c in counts]))
        for i, (weight, counts) in enumerate(read(shared).values())
    ]
    at = np.append(PRIOR_MEDIAN, np.log([0.2, 0.2, 0.4, 0.1]))
    root = np.diag([0.2, 0.08, 0.22, 0.24, 0.3, 1.0, 0.8, 0.15])
    rng = np.random.default_rng(1)
    w = phi = np.zeros(0)
    for size in (1000, 1500, 2000, 3000):  # where draws are made changes how many of them count, not what they say
        z = rng.standard_normal((size, 8)) * np.sqrt(5 / rng.chisquare(5, size))[:, None]
        phi = at + z @ root.T
        log_w = np.array([log_posterior(p, people) for p in phi]) + (5 + 8) / 2 * np.log1p((z**2).sum(axis=1) / 5)
        w = np.exp(log_w - log_w.max())
        w /= w.sum()
        flat = np.sqrt(w) / np.sqrt(w).sum()  # tempered, so that the next round is not too narrow
        at = flat @ phi
        root = np.linalg.cholesky((phi - at).T @ ((phi - at) * flat[:, None]) / 1.3)
    assert 1 / (w**2).sum() > 200
    for i, name in enumerate(("mttHat", "circ0Hat", "alphaHat", "gamma")):
        value = np.exp(phi[:, i])
        mean = float(w @ value)
        sd = float(np.sqrt(w @ (value - mean) ** 2))
        theirs, spread = float(stored[name]["mean"]), float(stored[name]["sd"])
        assert abs(mean - theirs) < np.hypot(sd, spread), name
    sigma = float(w @ np.exp(phi[:, 7]))
    assert sigma == pytest.approx(float(stored["sigmaNeut"]["mean"]), rel=0.1)
