"""One person's marrow from a few counts: the most likely person, then people around, weighted by what they explain.

Gauss–Newton finds the modes from several starts; draws from Student-t densities around them are weighted by posterior
over proposal (importance sampling). The effective sample size says how far the draws can be trusted: below a tenth a
wider proposal is tried, which also draws from the prior; where that does not help either, the weights are tempered.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from math import lgamma, log, pi

import numpy as np
from numpy.typing import NDArray

from leukon.forecast._jax import to_numpy
from leukon.forecast.evidence import Evidence, Observation, make_evidence
from leukon.forecast.modes import Mode, corners, distinct, find_modes
from leukon.forecast.prior import Prior
from leukon.forecast.program import courses_program, signature_of
from leukon.marrow.dose import Dose
from leukon.marrow.library import Model
from leukon.marrow.person import Person
from leukon.marrow.simulation import prepare

__all__ = ["DRAWS", "Fit", "fit_person", "has_tiny_steps", "simulate_draws"]

Floats = NDArray[np.float64]

DRAWS = 800
_FEW = 200  # where the steps of a model are tiny
_DF = 5.0
_PAD_STEPS = 128
_PAD_ASKED = 128
_POOR = 0.10  # share of the draws that count


@dataclass(frozen=True, slots=True)
class Fit:
    """Draws of the person's parameters given the counts, with equal weight after `resample`."""

    prior: Prior
    evidence: Evidence
    origin: float  # record day at which the simulation begins
    days: Floats  # record's axis, of the columns of `logs`
    etas: Floats  # draws × varied parameters
    weights: Floats  # sum 1
    logs: Floats  # ln of the course of each draw on `days`
    at_counts: Floats  # ln of the course of each draw at the counts
    ess: float
    log_evidence: float
    notes: tuple[str, ...] = ()

    @property
    def parameters(self) -> dict[str, Floats]:
        """The varied parameters of each draw, in days."""
        logs = self.etas @ self.prior.root.T
        return {n: self.prior.values[n] * np.exp(logs[:, i]) for i, n in enumerate(self.prior.names)}

    def resample(self, size: int, rng: np.random.Generator) -> Fit:
        """So many draws of equal weight (systematic resampling)."""
        marks = (rng.random() + np.arange(size)) / size
        kept = np.minimum(np.searchsorted(np.cumsum(self.weights), marks), len(self.weights) - 1)
        return replace(self, etas=self.etas[kept], weights=np.full(size, 1 / size), logs=self.logs[kept],
                       at_counts=self.at_counts[kept])  # fmt: skip


def fit_person(
    prior: Prior,
    doses: Sequence[Dose],
    counts: Sequence[Observation],
    days: Floats,
    *,
    person: Person | None = None,
    scale: float = 1.0,
    draws: int | None = None,
    seed: int = 1,
) -> Fit:
    """The person given the counts, and the course on `days` (record's axis; before the first dose all is at rest).

    `scale` turns the model's analyte into the one measured. Without counts the draws are those of the population.
    """
    size = draws or (_FEW if has_tiny_steps(prior.model) else DRAWS)
    rng = np.random.default_rng(seed)
    held = tuple(sorted(counts, key=lambda c: c.day))
    evidence = make_evidence(held, prior.residual)
    origin = min((d.day for d in doses), default=min([*days.tolist(), *(c.day for c in held)]))
    notes: list[str] = []
    etas = rng.standard_normal((size, len(prior.names)))
    if not held:
        logs, at_counts = simulate_draws(prior, doses, evidence, origin, days, etas, person, scale)
        weights = np.full(size, 1 / size)
        return Fit(prior, evidence, origin, days, etas, weights, logs, at_counts, float(size), 0.0)
    near = _make_solver(prior, doses, evidence, origin, np.zeros(0), person, scale)
    modes = find_modes(near, evidence, corners(len(prior.names)))
    if len(modes) > 1:
        notes.append(f"The counts allow {len(modes)} different people: all are in the forecast")
    etas, log_q = _propose(modes, size, rng, df=_DF, wide=1.0, from_prior=0.0)
    best: Fit | None = None
    solver = _make_solver(prior, doses, evidence, origin, days, person, scale)
    for attempt in range(2):
        both = solver(etas)
        logs, at_counts = both[:, : len(days)], both[:, len(days) :]
        log_w = evidence.log_likelihood(at_counts) + _log_prior(etas) - log_q
        weights, ess, log_evidence = _normalise(log_w)
        got = Fit(prior, evidence, origin, days, etas, weights, logs, at_counts, ess, log_evidence, tuple(notes))
        best = got if best is None or got.ess > best.ess else best
        if best.ess >= _POOR * size:
            break
        if attempt == 0:  # look again from the draws that explain the counts best, and farther around
            best_draws = etas[np.argsort(-log_w)[:4]]
            modes = distinct((*modes, *find_modes(near, evidence, best_draws)))
            etas, log_q = _propose(modes, 4 * size, rng, df=3.0, wide=1.6, from_prior=0.25)
    assert best is not None
    if best.ess < _POOR * size:
        notes.append(
            f"Few draws explain the counts (effective sample size {best.ess:.0f}): they disagree more than the error "
            "of the model allows, so their weight is lowered and the intervals are wide"
        )
        best = replace(best, weights=_temper(best.weights, _POOR * size), notes=tuple(notes))
    return best


def has_tiny_steps(model: Model) -> bool:
    """Is a course of this model so long in the making that fewer draws must do?"""
    return model.spacing.get("last", 1.0) < 0.05


Solver = Callable[[Floats], Floats]


def simulate_draws(
    prior: Prior, doses: Sequence[Dose], evidence: Evidence, origin: float, days: Floats, etas: Floats,
    person: Person | None, scale: float,
) -> tuple[Floats, Floats]:  # fmt: skip
    """ln of the course of each draw on `days` and at the counts."""
    both = _make_solver(prior, doses, evidence, origin, days, person, scale)(etas)
    return both[:, : len(days)], both[:, len(days) :]


def _make_solver(
    prior: Prior, doses: Sequence[Dose], evidence: Evidence, origin: float, days: Floats, person: Person | None,
    scale: float,
) -> Solver:  # fmt: skip
    """Courses on `days`, then at the counts (all of them, padding too), for any people under this schedule."""
    since = np.maximum(np.concatenate([days, evidence.days]) - origin, 0.0)
    since[len(days) :][(evidence.measured + evidence.censored) == 0] = 0.0
    times, place = np.unique(np.round(since, 6), return_inverse=True)
    shifted = [replace(d, day=d.day - origin) for d in doses]
    problem = prepare(prior.model, shifted, person=person or Person(), times=list(times))
    nodes = np.asarray(problem.asked)[: len(times)][place]
    asked = np.zeros(_round_up(len(nodes), _PAD_ASKED), dtype=np.int64)
    asked[: len(nodes)] = nodes
    held = (problem.steps.lengths, problem.steps.given, problem.steps.rates)
    count = _round_up(len(problem.steps.lengths), _PAD_STEPS)
    steps = tuple(_pad(np.asarray(a), count) for a in held)
    values = {name: np.float64(value) for name, value in prior.values.items()}
    fixed = (values, steps, asked, np.float64(scale), prior.root)  # NumPy: JAX arrays would each be staged first
    run = courses_program(signature_of(prior.model, prior.names))
    return lambda etas: to_numpy(run(*fixed, etas))[:, : len(nodes)]


def _round_up(length: int, to: int) -> int:
    return -(-length // to) * to


def _pad(values: Floats, length: int) -> Floats:
    out = np.zeros((length, *values.shape[1:]))
    out[: len(values)] = values
    return out


def _propose(
    modes: tuple[Mode, ...], size: int, rng: np.random.Generator, *, df: float, wide: float, from_prior: float
) -> tuple[Floats, Floats]:
    """Draws from Student-t densities around the modes (and from the prior), with ln of the density of each."""
    dim = len(modes[0].eta)
    volume = np.array([m.height + np.log(np.diag(m.root)).sum() for m in modes])
    share = np.maximum(np.exp(volume - volume.max()), 0.1)
    share = (1 - from_prior) * share / share.sum()
    which = rng.choice(len(modes) + 1, size=size, p=[*share, from_prior])
    normal = rng.standard_normal((size, dim))
    stretch = np.sqrt(df / rng.chisquare(df, size))[:, None] * wide
    etas = normal.copy()
    for k, mode in enumerate(modes):
        mine = which == k
        etas[mine] = mode.eta + (normal[mine] * stretch[mine]) @ mode.root.T
    parts = [np.log(max(s, 1e-300)) + _log_t(etas, m, df, wide) for s, m in zip(share, modes, strict=True)]
    if from_prior:
        parts.append(log(from_prior) + _log_prior(etas))
    return etas, np.logaddexp.reduce(parts, axis=0)


def _log_t(etas: Floats, mode: Mode, df: float, wide: float) -> Floats:
    dim = etas.shape[1]
    z = np.linalg.solve(mode.root * wide, (etas - mode.eta).T)
    constant = lgamma((df + dim) / 2) - lgamma(df / 2) - dim / 2 * log(df * pi)
    constant -= float(np.log(np.diag(mode.root * wide)).sum())
    return constant - (df + dim) / 2 * np.log1p((z**2).sum(axis=0) / df)


def _log_prior(etas: Floats) -> Floats:
    return -0.5 * (etas**2).sum(axis=1) - 0.5 * etas.shape[1] * log(2 * pi)


def _temper(weights: Floats, wanted: float) -> Floats:
    """The weights to the greatest power below 1 at which so many draws count."""
    logs = np.log(np.maximum(weights, 1e-300))
    low, high = 0.0, 1.0
    for _ in range(40):
        power = (low + high) / 2
        w = np.exp(power * (logs - logs.max()))
        if w.sum() ** 2 / (w**2).sum() >= wanted:
            low = power
        else:
            high = power
    w = np.exp(low * (logs - logs.max()))
    return w / w.sum()


def _normalise(log_w: Floats) -> tuple[Floats, float, float]:
    log_w = np.where(np.isfinite(log_w), log_w, -np.inf)
    top = float(log_w.max())
    if not np.isfinite(top):
        size = len(log_w)
        return np.full(size, 1 / size), 0.0, -1e9
    w = np.exp(log_w - top)
    total = float(w.sum())
    w = w / total
    return w, float(1.0 / (w**2).sum()), top + log(total / len(log_w))
