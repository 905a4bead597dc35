"""What a finding, not yet known, would tell: the information between it and the causes, in bits."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from leukon.causes import Ranking
from leukon.causes.table import ActorTable

__all__ = ["gain_of_findings", "settle_probability"]

Floats = NDArray[np.float64]
_WORTH = 1e-3  # sets of causes below this probability cannot change what is done


def _chances(ranking: Ranking, table: ActorTable, columns: list[int]) -> tuple[Floats, Floats]:
    """The weights of the likely sets, and the chance of each finding under each."""
    index, weight = ranking.posterior.index, ranking.posterior.weight
    likely = np.flatnonzero(weight[:-1] > _WORTH)
    actors = np.array([table.actors[r.actor] for r in ranking.rows], dtype=np.intp)
    miss = np.vstack([np.log1p(-table.power[actors[:, None], columns]), np.zeros(len(columns))])
    leak = table.leak[columns]
    chance = 1 - (1 - leak) * np.exp(miss[index.first[likely]] + miss[index.second[likely]])
    chance = np.vstack([chance, leak])  # none of these: the leak alone
    kept = np.append(weight[likely], weight[-1])
    return kept / kept.sum(), chance


def _entropy(p: Floats) -> Floats:
    p = np.clip(p, 1e-9, 1 - 1e-9)
    return -(p * np.log2(p) + (1 - p) * np.log2(1 - p))


def gain_of_findings(ranking: Ranking, table: ActorTable, findings: Iterable[str]) -> dict[str, float]:
    """Mutual information (bits) of each finding with the set of causes: 0 = it would teach nothing."""
    names = [f for f in findings if f in table.findings]
    if not names:
        return {}
    weight, chance = _chances(ranking, table, [table.findings[f] for f in names])
    gain = _entropy(weight @ chance) - weight @ _entropy(chance)
    return {name: max(0.0, float(g)) for name, g in zip(names, gain, strict=True)}


def settle_probability(ranking: Ranking, table: ActorTable, finding: str) -> float:
    """How likely the finding is to be present, given what is known."""
    weight, chance = _chances(ranking, table, [table.findings[finding]])
    return float(weight @ chance[:, 0])
