"""Fits the published models of a drug to one person's counts and averages over those that disagree.

Each model gets a weight: how well it foresaw the counts (its evidence), all models alike before any count.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from leukon.forecast.answer import ModelShare
from leukon.forecast.curves import Curves, measure, normal_draws
from leukon.forecast.evidence import Observation
from leukon.forecast.fit import Fit, fit_person
from leukon.forecast.prior import make_prior
from leukon.marrow.dose import Dose
from leukon.marrow.library import Model, find_model
from leukon.marrow.person import Person
from leukon.marrow.simulation import person_parameters

__all__ = ["Averaged", "Question", "forecast_models"]

Floats = NDArray[np.float64]
_DRAWS = 1000
_LEAST_WEIGHT = 0.01
_FAR_DAYS = 42.0
_AT_ONCE = 2


@dataclass(frozen=True, slots=True)
class Question:
    """What to fit: models, doses, counts (10⁹/L), on one axis, and how far to look."""

    models: tuple[str, ...]
    doses: tuple[Dose, ...]
    counts: tuple[Observation, ...]
    last: float
    days: int
    person: Person = field(default_factory=Person)
    analyte: str = "neutrophils"
    scale: float = 1.0  # of the model's analyte to the one forecast
    rest_factor: float = 1.0  # of the count at rest, for people whose healthy count differs
    effect_spread: float | None = None
    seed: int = 1


@dataclass(frozen=True, slots=True)
class Averaged:
    curves: Curves
    fits: tuple[Fit, ...]  # resampled: equal weights, sizes by the weights of the models
    shares: tuple[ModelShare, ...]
    n: int
    ess: float
    residual_sd: float
    notes: tuple[str, ...]
    models: tuple[Model, ...]


def forecast_models(q: Question) -> Averaged:
    """The course from the last dose to six weeks after the last count, or to the end of the forecast if later."""
    begun = [d.day for d in q.doses if d.day <= q.last]
    cycle = max(begun, default=q.last)
    back = np.floor((q.last - cycle) * 2 + 1e-9) / 2 if q.last - cycle <= 60 else 0.0
    end = q.last + q.days
    fine = q.last - back + np.arange(round((back + max(q.days, _FAR_DAYS)) * 2) + 1) / 2

    def fit(name: str) -> Fit:
        return _fit(name, q, fine)

    with ThreadPoolExecutor(_AT_ONCE) as pool:  # most of the first call is machine code being loaded
        fits = list(pool.map(fit, q.models))
    log_w = np.array([f.log_evidence for f in fits])
    weights = np.exp(log_w - log_w.max())
    weights = weights / weights.sum()
    shares = tuple(ModelShare(f.prior.model.id, round(float(w), 3)) for f, w in zip(fits, weights, strict=True))
    kept = weights >= _LEAST_WEIGHT
    weights = np.where(kept, weights, 0.0) / weights[kept].sum()
    rng = np.random.default_rng(q.seed)
    sizes = _split(_DRAWS, weights)
    drawn = tuple(f.resample(int(s), rng) for f, s in zip(fits, sizes, strict=True) if s)
    ess = float(1.0 / sum(w**2 / max(f.ess, 1.0) for f, w in zip(fits, weights, strict=True)))
    sd = float(np.sqrt(sum(w * f.prior.residual.sd**2 for f, w in zip(fits, weights, strict=True))))
    notes = tuple(dict.fromkeys(n for f in fits for n in (*f.prior.notes, *f.notes)))
    curves = _join(drawn, q, fine, end, rng)
    return Averaged(curves, drawn, shares, len(q.counts), ess, sd, notes, tuple(f.prior.model for f in fits))


def _fit(name: str, q: Question, fine: Floats) -> Fit:
    model = find_model(name)
    values = person_parameters(model, q.person)
    for rest in ("circ0", "nb0"):
        if rest in values:
            values[rest] *= q.rest_factor
    prior = make_prior(model, values, effect_spread=q.effect_spread)
    return fit_person(prior, q.doses, q.counts, fine, person=q.person, scale=q.scale, seed=q.seed)


def _split(total: int, weights: Floats) -> NDArray[np.int64]:
    sizes = np.floor(weights * total).astype(np.int64)
    sizes[np.argsort(sizes - weights * total)[: total - int(sizes.sum())]] += 1
    return sizes


def _join(fits: Sequence[Fit], q: Question, fine: Floats, end: float, rng: np.random.Generator) -> Curves:
    """Draws of all models together, with what the errors of the last counts say of the next ones."""
    series = q.last + np.arange(q.days + 1.0)
    at = np.searchsorted(fine, series - 1e-6)
    rows: list[Floats] = []
    spreads: list[Floats] = []
    for fit in fits:
        residual = fit.prior.residual
        mean, left = fit.evidence.carry(fit.at_counts, fine, residual)
        rows.append(fit.logs + mean)
        spreads.append(np.broadcast_to(np.sqrt(left + residual.noise_variance)[at], (len(fit.logs), len(at))))
    logs, spread = np.concatenate(rows), np.concatenate(spreads)
    measured = np.exp(logs[:, at] + spread * normal_draws(len(logs), len(at), rng))
    return Curves(q.analyte, q.last, float(fine[0]), end, fine, np.exp(logs), series, measure(measured))
