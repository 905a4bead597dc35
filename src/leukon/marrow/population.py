"""Virtual people: parameters drawn from the published between-person variability."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from leukon.marrow.library import Model

__all__ = ["draw_people"]


def draw_people(model: Model, patients: int, seed: int) -> dict[str, NDArray[np.float64]]:
    """Factors on the typical parameters, log-normal, one per person; same seed, same people."""
    names = [name for name, figure in model.parameters.items() if figure.omega]
    if not names:
        return {}
    spread = np.array([model.parameters[name].omega for name in names], dtype=float)
    together = np.eye(len(names))
    for a, b, r in model.correlations:
        i, j = names.index(a), names.index(b)
        together[i, j] = together[j, i] = r
    normal = np.random.default_rng(seed).standard_normal((patients, len(names)))
    logs = normal @ np.linalg.cholesky(together).T * spread
    return {name: np.exp(logs[:, i]) for i, name in enumerate(names)}
