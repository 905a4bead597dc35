"""The exact posterior over every set of one or two causes, "this person's normal" and "none of these"."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from leukon.causes.constants import BROAD_SD, CLUSTER_REST, NONE_SHARE, SECOND_CAUSE_COST, SEVERITY, TEMPER
from leukon.causes.likelihood import count_density, present_factor, severity_nodes, t_log_cdf, t_log_pdf
from leukon.causes.observe import Observation, Observed
from leukon.causes.rows import Row
from leukon.causes.sets import SetIndex, Sets, build_index, make_sets, sum_by_row
from leukon.causes.table import ActorTable
from leukon.facts import Facts

__all__ = [
    "Evidence", "Posterior", "SetIndex", "build_index", "normalise", "over_severity", "sum_by_row", "weigh_evidence",
]  # fmt: skip

Floats = NDArray[np.float64]
_EDGES = (0.1, 14.0, 90.0, 365.0, 30000.0)  # days: the tempi


@dataclass(frozen=True, slots=True)
class Evidence:
    """One item of evidence: its name, its finding where it is one, its ln factor for each set (none last)."""

    item: str
    finding: int | None
    factor: Floats


@dataclass(frozen=True, slots=True)
class Posterior:
    """Probabilities of the sets; `by_row` of each actor; the evidence, to be taken out one by one."""

    index: SetIndex
    words: Floats  # ln prior and all findings of each set
    numbers: Floats  # ln density of all counts under each set
    evidence: tuple[Evidence, ...]
    counts: Floats | None  # severities × observations × sets, where the counts are to be taken out one by one
    weight: Floats  # probabilities of the sets, none last
    by_row: Floats


def weigh_evidence(
    rows: list[Row],
    facts: Facts,
    observed: Observed,
    table: ActorTable,
    leak: Floats | None = None,
    *,
    sets: Sets | None = None,
    itemised: bool = True,
) -> Posterior:
    """The posterior for one person; `leak` is the background of findings in this person, the table's when not given.

    `sets` are those over `rows`, where they are at hand. Without `itemised` no count can be taken out afterwards.
    """
    leak = table.leak if leak is None else leak
    sets = sets or make_sets(rows, table)
    index = sets.index
    log_prior = _log_prior(rows, sets)
    evidence = (
        *_finding_evidence(rows, sets, facts, table, leak),
        *_tempo_evidence(sets, observed, table),
    )
    counts, joint = _count_evidence(sets, observed, itemised=itemised)
    words = log_prior + sum((e.factor for e in evidence), np.zeros_like(log_prior))
    numbers = over_severity(joint) if joint is not None else np.zeros_like(words)
    weight = normalise(words + numbers)
    return Posterior(index, words, numbers, evidence, counts, weight, sum_by_row(weight, index))


def normalise(log_weight: Floats) -> Floats:
    weight = np.exp(log_weight - log_weight.max())
    return weight / weight.sum()


def over_severity(counts: Floats) -> Floats:
    """ln of the mean over severities (first axis) of the counts' joint density."""
    _, log_weight = severity_nodes()
    each = counts + log_weight[:, None]
    top = each.max(axis=0)
    return top + np.log(np.exp(each - top).sum(axis=0))


def _log_prior(rows: list[Row], sets: Sets) -> Floats:
    log_odds = np.append(np.log([r.odds for r in rows]), 0.0)
    prior = log_odds[sets.index.first] + log_odds[sets.index.second] - SECOND_CAUSE_COST * sets.seconds
    top = prior.max()
    none = np.log(NONE_SHARE / (1 - NONE_SHARE)) + top + np.log(np.exp(prior - top).sum())
    return np.append(prior, none)


def _finding_evidence(rows: list[Row], sets: Sets, facts: Facts, table: ActorTable, leak: Floats) -> list[Evidence]:
    """One item per cluster of findings present, and one per finding absent that some cause expects."""
    present, absent = _observed_findings(facts, table)
    index, actors = sets.index, sets.actors
    deaf = [(n, {table.findings[f] for f in r.deaf_to if f in table.findings}) for n, r in enumerate(rows) if r.deaf_to]
    made: list[Evidence] = []
    for members in _group(present, table).values():
        factors: list[Floats] = []
        for finding in members:
            power = table.power[actors, finding].copy()
            for n, ignored in deaf:
                if finding in ignored:
                    power[n] = 0.0
            against = table.against[actors, finding]
            if not power.any() and not against.any():
                continue
            miss, speaks = np.append(np.log1p(-power), 0.0), np.append(against, 0.0)
            factors.append(
                present_factor(
                    miss[index.first] + miss[index.second],
                    speaks[index.first] + speaks[index.second],
                    leak[finding],
                )
            )
        if factors:
            label = "|".join(table.names[m] for m in members)
            made.append(Evidence(label, members[0], np.append(TEMPER * _cluster(factors), 0.0)))
    for members in _group(absent, table).values():
        miss = np.log1p(-table.power[actors[:, None], members])
        strongest = miss.min(axis=1)
        row = np.append(strongest + CLUSTER_REST * (miss.sum(axis=1) - strongest), 0.0)
        if row.any():
            factor = TEMPER * (row[index.first] + row[index.second])
            shown = members[int(np.argmin(miss.sum(axis=0)))]
            made.append(Evidence(f"no {table.names[shown]}", shown, np.append(factor, 0.0)))
    return made


def _observed_findings(facts: Facts, table: ActorTable) -> tuple[list[int], list[int]]:
    """Findings present (the narrowest of a line of terms only) and absent, as columns."""
    stated = {table.findings[f.id] for f in facts.facts if f.present and f.id in table.findings}
    wider = {parent for f in stated for parent in table.parents[f]}
    present = sorted(stated - wider - table.restated)
    absent = sorted({table.findings[f] for f in facts.absent if f in table.findings} - table.restated)
    return present, absent


def _group(findings: list[int], table: ActorTable) -> dict[str, list[int]]:
    groups: dict[str, list[int]] = {}
    for finding in findings:
        groups.setdefault(table.clusters[finding], []).append(finding)
    return groups


def _cluster(factors: list[Floats]) -> Floats:
    """Findings that say the same thing: the strongest counts fully, the others at a share."""
    if len(factors) == 1:
        return factors[0]
    stack = np.stack(factors)
    strongest = np.take_along_axis(stack, np.abs(stack).argmax(axis=0)[None], axis=0)[0]
    return strongest + CLUSTER_REST * (stack.sum(axis=0) - strongest)


def _tempo_evidence(sets: Sets, observed: Observed, table: ActorTable) -> list[Evidence]:
    """How long the count has been low, where the series says so: P(a duration within the bounds | cause)."""
    if observed.lasted is None:
        return []
    low, high = observed.lasted
    shares: list[float] = []
    for begin, end in pairwise(_EDGES):
        overlap = np.log(min(end, max(high, begin * 1.001))) - np.log(max(begin, min(max(low, 0.1), end)))
        shares.append(max(0.0, float(overlap)) / float(np.log(end / begin)))
    row = np.log(np.maximum(table.tempo[sets.actors] @ np.array(shares), 0.02))
    silent, none = float(np.log(max(shares[-1], 0.02))), float(np.log(max(np.mean(shares), 0.02)))
    padded = np.append(row, -np.inf)
    factor = np.maximum(padded[sets.index.first], padded[sets.index.second])
    factor[0] = silent
    return [Evidence("duration", None, np.append(factor, none))]


def _count_evidence(sets: Sets, observed: Observed, *, itemised: bool) -> tuple[Floats | None, Floats | None]:
    """ln density of each count (severities × observations × sets), where `itemised`, and of all (severities × sets)."""
    if not observed.counts:
        return None, None
    shape = len(SEVERITY), len(sets.index.first) + 1
    each = np.empty((shape[0], len(observed.counts), shape[1])) if itemised else None
    joint = np.zeros(shape)
    for n, observation in enumerate(observed.counts):
        shift, variance = sets.move(observation.parts, observation.expected)
        density = count_density(observation.log_ratio, observation.sd, shift, variance, observation.at_most)
        broad = _broad(observation)
        joint[:, :-1] += density
        joint[:, -1] += broad
        if each is not None:
            each[:, n, :-1], each[:, n, -1] = density, broad
    return each, joint


def _broad(observation: Observation) -> float:
    """ln density under "none of these": centred on the expectation, as wide as all causes together."""
    widths = [BROAD_SD[p] for p in observation.parts]
    shares = np.array(observation.expected) / sum(observation.expected)
    scale = float(np.sqrt(observation.sd**2 + (shares**2 * np.array(widths) ** 2).sum()))
    z = np.array(observation.log_ratio / scale)
    return float(t_log_cdf(z)) if observation.at_most else float(t_log_pdf(z)) - float(np.log(scale))
