"""What is known of a person before any count: which parameters of a published model vary, how far, and the error.

The spread between people is the paper's. Where a paper prints none for the count at rest, the transit time or the
effect of the drug, the spread of another published set stands in and the forecast says so.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from leukon.marrow.library import Model, find_model

__all__ = ["Prior", "Residual", "make_prior", "residual_of"]

Floats = NDArray[np.float64]

# Where a paper prints no spread: (model, parameter) that lends it.
_LENDERS: Mapping[str, tuple[str, str]] = {
    "circ0": ("friberg-2002-docetaxel-emax", "circ0"),
    "nb0": ("krzyzanski-2010-filgrastim", "nb0"),
    "mtt": ("friberg-2002-docetaxel-emax", "mtt"),
    "slope": ("puisset-2007-docetaxel", "slope"),
}
_ERROR_LENDER = "kloft-2006-docetaxel"
# How errors hang together was learnt on 60 children counted weekly for years (data/maintenance.yaml: fast_sd,
# fast_days, noise_sd): no paper on docetaxel prints it.
_LASTING_SHARE = 0.63
_LASTING_DAYS = 9.9


@dataclass(frozen=True, slots=True)
class Residual:
    """How a measured count differs from the course, on the log scale: one part lasts, one is of the single count."""

    sd: float
    lasting_share: float  # of the variance
    days: float  # in which the lasting part fades to 1/e

    def covariance(self, a: Floats, b: Floats) -> Floats:
        """Of the lasting part between the days `a` and the days `b`."""
        return self.sd**2 * self.lasting_share * np.exp(-np.abs(a[:, None] - b[None, :]) / self.days)

    @property
    def noise_variance(self) -> float:
        return self.sd**2 * (1.0 - self.lasting_share)


@dataclass(frozen=True, slots=True)
class Prior:
    """Log-normal: parameter i of `names` is `median · exp((root @ eta)_i)` with eta standard normal.

    `values` holds all parameters of the model in days, those that vary at their medians.
    """

    model: Model
    values: Mapping[str, float]
    names: tuple[str, ...]
    root: Floats
    residual: Residual
    notes: tuple[str, ...] = field(default_factory=tuple)


def make_prior(model: Model, values: Mapping[str, float], *, effect_spread: float | None = None) -> Prior:
    """The prior of a person whose typical parameters are `values` (days).

    `effect_spread` replaces the spread (SD of the logarithm) of the drug's effect.
    """
    spread: dict[str, float] = {}
    notes: list[str] = []
    for name, figure in model.parameters.items():
        if effect_spread is not None and name == "slope":
            spread[name] = effect_spread
        elif figure.omega:
            spread[name] = figure.omega
        elif name in _LENDERS:
            lender, its = _LENDERS[name]
            omega = find_model(lender).parameters[its].omega
            assert omega is not None
            spread[name] = omega
            notes.append(
                f"{model.id} prints no spread of {name} between people: that of {lender} is used (SD of ln {omega:.2f})"
            )
    names = tuple(spread)
    together = np.eye(len(names))
    for a, b, r in model.correlations:
        if a in spread and b in spread:
            i, j = names.index(a), names.index(b)
            together[i, j] = together[j, i] = r
    root = np.asarray(np.diag([spread[n] for n in names]) @ np.linalg.cholesky(together), dtype=np.float64)
    residual, said = residual_of(model)
    return Prior(model, values, names, root, residual, (*notes, *said))


def residual_of(model: Model) -> tuple[Residual, tuple[str, ...]]:
    """The error of the paper, as SD of the logarithm, split as in children whose counts were followed for years."""
    held, notes = model.residual, list[str]()
    if "log" in held:
        sd = held["log"]
    elif "proportional" in held:
        sd = math.sqrt(math.log1p(held["proportional"] ** 2))
    elif "additive" in held:
        level = model.parameters["circ0"].value if "circ0" in model.parameters else 4.0
        sd = math.sqrt(math.log1p((held["additive"] / level) ** 2))
        notes.append(f"{model.id} prints an additive error: taken as a share of the count at rest (SD of ln {sd:.2f})")
    else:
        sd = find_model(_ERROR_LENDER).residual["log"]
        notes.append(f"{model.id} prints no error of a count: that of {_ERROR_LENDER} is used (SD of ln {sd:.2f})")
    return Residual(sd, _LASTING_SHARE, _LASTING_DAYS), tuple(notes)
