"""Draws which causes act: the prior over sets of one or two causes, "nothing acts" and "none of these".

Written apart from `leukon.causes.posterior`, so that the two check each other.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bench.calibration.people import Someone
from bench.calibration.world import Nature
from leukon.causes.constants import NONE_SHARE, SECOND_CAUSE_COST
from leukon.causes.rows import Row
from leukon.facts import Facts

__all__ = ["NONE", "UNKNOWN", "Acting", "draw_acting", "find_prior"]

NONE, UNKNOWN = "none of these", "unknown to leukon"
Floats = NDArray[np.float64]
Places = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Acting:
    """The truth of one virtual patient: the causes that act, by place in the rows; or why it is none of them."""

    rows: tuple[int, ...]
    other: str | None = None  # NONE, UNKNOWN


@dataclass(frozen=True, slots=True)
class Sets:
    """Every set of at most two causes that can act together: its causes (`silent` where there is none), its cost."""

    first: Places
    second: Places
    cost: Floats  # ln of what the second cause costs
    silent: int

    def acting(self, place: int) -> tuple[int, ...]:
        """The causes of one set; none for the place after the last, "none of these"."""
        if place == len(self.first):
            return ()
        return tuple(int(row) for row in (self.first[place], self.second[place]) if row != self.silent)


def list_sets(rows: list[Row]) -> Sets:
    """Nothing; each cause alone; each pair but two ways of one drug."""
    n = len(rows)
    ids = np.array([r.id for r in rows])
    friends = np.zeros((n, n), dtype=bool)
    for row, friend in enumerate(rows):
        for name in friend.travels_with:
            friends[row, ids == name] = True
    i, j = np.triu_indices(n, 1)
    kept = ids[i] != ids[j]
    i, j = i[kept], j[kept]
    alone, silent = np.arange(n), np.full(n, n)
    cost = np.where(friends[i, j] | friends[j, i], 0.0, -SECOND_CAUSE_COST)
    return Sets(np.concatenate([[n], alone, i]), np.concatenate([[n], silent, j]), np.append(np.zeros(n + 1), cost), n)


def weigh_sets(sets: Sets, log_odds: Floats) -> Floats:
    """ln prior weight of each set."""
    padded = np.append(log_odds, 0.0)
    return sets.cost + padded[sets.first] + padded[sets.second]


def find_prior(rows: list[Row]) -> tuple[Floats, float]:
    """By leukon's priors alone: the probability of each row, and that nothing acts."""
    sets = list_sets(rows)
    weight = np.exp(weigh_sets(sets, np.log([r.odds for r in rows])))
    weight *= (1 - NONE_SHARE) / weight.sum()
    by_row = np.zeros(len(rows) + 1)
    np.add.at(by_row, sets.first, weight)
    np.add.at(by_row, sets.second, weight)
    return by_row[:-1], float(weight[0])


def draw_acting(rng: np.random.Generator, someone: Someone, nature: Nature, size: int) -> list[Acting]:
    """Draws of what acts in someone, given what stands on the record before the count is looked at.

    In a world with unknown causes, or three at once, someone has them in all draws or in none.
    """
    world, rows = nature.world, someone.rows
    sets = list_sets(rows)
    log_odds = np.log([r.odds * nature.odds[someone.setting, r.actor] for r in rows])
    log_prior = weigh_sets(sets, log_odds)
    told = _explain_told(rows, sets, someone.facts, nature)
    prior = np.exp(log_prior)
    weight = np.append(np.exp(log_prior + told), prior.sum() * NONE_SHARE / (1 - NONE_SHARE))
    weight /= weight.sum()
    drawn = rng.choice(len(weight), size=size, p=weight)
    chance = rng.random()
    if chance < world.unknown:
        return [Acting((), UNKNOWN)] * size
    if chance < world.unknown + world.three:
        return [Acting(_add_causes(rng, sets.acting(place), rows, log_odds)) for place in drawn]
    none = len(sets.first)
    return [Acting(sets.acting(place), NONE if place == none else None) for place in drawn]


def _add_causes(
    rng: np.random.Generator, acting: tuple[int, ...], rows: list[Row], log_odds: Floats
) -> tuple[int, ...]:
    """Further causes by their odds until three act."""
    found = list(acting)
    odds = np.exp(log_odds)
    while len(found) < 3:
        free = odds * [rows[n].id not in {rows[f].id for f in found} for n in range(len(rows))]
        found.append(int(rng.choice(len(rows), p=free / free.sum())))
    return tuple(found)


def _explain_told(rows: list[Row], sets: Sets, facts: Facts, nature: Nature) -> Floats:
    """ln of how much likelier each set makes what is already told (exposures) than "nothing acts" does."""
    table = nature.table
    actors = [table.actors[r.actor] for r in rows]
    stated = {table.findings[f.id] for f in facts.facts if f.present and f.id in table.findings}
    stated -= {parent for f in stated for parent in table.parents[f]} | table.restated
    denied = {table.findings[f] for f in facts.absent if f in table.findings} - table.restated
    total = np.zeros(len(sets.first))
    for finding in sorted(stated | denied):
        missed = 1 - table.power[actors, finding]
        speaks = np.append(table.against[actors, finding], 0.0)
        if finding in stated:
            missed = np.where([table.names[finding] in r.deaf_to for r in rows], 1.0, missed)
        missed = np.append(missed, 1.0)
        missed_by_set = missed[sets.first] * missed[sets.second]
        leak = table.leak[finding]
        if finding in stated:
            total += np.log((1 - (1 - leak) * missed_by_set) / leak) + speaks[sets.first] + speaks[sets.second]
        else:
            total += np.log(missed_by_set)
    return total
