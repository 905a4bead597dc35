"""What a finding, not yet known, would tell: the information between it and the causes, in bits."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from leukon.causes import Ranking
from leukon.causes.table import ActorTable

__all__ = ["gain_of_findings", "rise_of_certainty", "settle_probability"]

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


def rise_of_certainty(ranking: Ranking, table: ActorTable, findings: Iterable[str]) -> dict[str, float]:
    """How much likelier the leading family of causes would be the right one, once each finding is known (0 to 1).

    Nothing where no result could put another family first: what is done next would not change.
    """
    names = [f for f in findings if f in table.findings]
    if not names:
        return {}
    weight, chance = _chances(ranking, table, [table.findings[f] for f in names])
    index = ranking.posterior.index
    likely = np.flatnonzero(ranking.posterior.weight[:-1] > _WORTH)
    families = list(dict.fromkeys(r.family for r in ranking.rows))
    place = np.array([families.index(r.family) for r in ranking.rows] + [len(families)])
    acts = np.zeros((len(weight), len(families) + 1))
    sets = np.arange(len(likely))
    acts[sets, place[index.first[likely]]] = acts[sets, place[index.second[likely]]] = 1.0
    weighed = acts[:, :-1] * weight[:, None]
    before = weighed.sum(axis=0)
    present = weighed.T @ chance  # families × findings: the family acts and the finding is there
    rise = present.max(axis=0) + (before[:, None] - present).max(axis=0) - before.max()
    return {name: max(0.0, float(r)) for name, r in zip(names, rise, strict=True)}


def settle_probability(ranking: Ranking, table: ActorTable, finding: str) -> float:
    """How likely the finding is to be present, given what is known."""
    weight, chance = _chances(ranking, table, [table.findings[finding]])
    return float(weight @ chance[:, 0])
