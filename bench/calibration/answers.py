"""Runs leukon on virtual patients, and keeps what it said beside what was so."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from bench.calibration.acting import NONE, find_prior
from bench.calibration.patients import Virtual
from leukon.causes import NORMAL, Ranking, rank_causes
from leukon.counts import read_counts
from leukon.facts import read_facts
from leukon.knowledge import Knowledge
from leukon.limits import judge_counts, low_of

__all__ = ["HELD", "Answer", "answer_all"]

HELD = 0.9  # the smallest group of explanations that together hold so much


@dataclass(frozen=True, slots=True)
class Answer:
    """What was said of one virtual patient, and the truth. Ids are those of causes, families those of `causes`."""

    truth: frozenset[str]  # the causes that act; empty where none does or none that leukon knows
    families: frozenset[str]  # theirs; NORMAL where nothing acts; empty where leukon knows no cause
    known: bool  # leukon knows the causes (or nothing acts)
    said: dict[str, float]  # cause -> probability
    prior: dict[str, float]  # the same before counts and findings
    said_families: dict[str, float]  # NORMAL among them
    dangerous: frozenset[str]  # causes that must not be missed
    normal: float
    none_of_these: float
    total: float  # of all sets and "none of these": 1
    several: float  # the probability that two causes act
    surprise: tuple[float, float, float] | None  # -ln probability of the whole truth; its mean and variance as expected
    within: bool | None  # the true set is in the smallest group that holds 90 %; None where it has no place
    named: bool | None  # a true cause is named in that group
    size: int  # explanations in that group


def answer_all(patients: Iterable[Virtual], k: Knowledge) -> Iterator[Answer]:
    """leukon's answer for each patient, through its own reading, judging and ranking."""
    for virtual in patients:
        patient = virtual.patient
        judged = judge_counts(read_counts(patient), patient)
        low = low_of(judged)
        assert low == "low", f"drawn as low, judged {low}"
        facts = read_facts(patient, k)
        ranking = rank_causes(judged, facts, patient.person, k, now=patient.now, low=low, setting=virtual.setting)
        yield _compare(virtual, ranking)


def _compare(virtual: Virtual, ranking: Ranking) -> Answer:
    believed = virtual.someone.rows
    rows = ranking.rows
    assert [(r.id, r.actor) for r in rows] == [(r.id, r.actor) for r in believed], "what was told changed the causes"
    acting = virtual.acting
    true = [believed[n] for n in acting.rows]
    by_row, normal = find_prior(believed)
    prior: dict[str, float] = {}
    for row, p in zip(believed, by_row.tolist(), strict=True):
        prior[row.id] = prior.get(row.id, 0.0) + p
    families = frozenset(r.family for r in true) if true else frozenset([] if acting.other else [NORMAL])
    within, named, size = _find_held(virtual, ranking)
    index, weight = ranking.posterior.index, ranking.posterior.weight
    return Answer(
        truth=frozenset(r.id for r in true),
        families=families,
        known=acting.other is None,
        said=dict(ranking.probabilities) | {NORMAL: ranking.normal},
        prior=prior | {NORMAL: normal},
        said_families=ranking.families | {NORMAL: ranking.normal},
        dangerous=frozenset(r.id for r in rows if r.must_not_miss),
        normal=ranking.normal,
        none_of_these=ranking.none_of_these,
        total=float(ranking.posterior.weight.sum()),
        several=float(weight[:-1][index.second != index.rows].sum()),
        surprise=_find_surprise(virtual, ranking),
        within=within,
        named=named,
        size=size,
    )


def _find_held(virtual: Virtual, ranking: Ranking) -> tuple[bool | None, bool | None, int]:
    """Is the truth in the smallest group of explanations that holds 90 %, and how many are in that group?"""
    weight, index = ranking.posterior.weight, ranking.posterior.index
    order = np.argsort(-weight, kind="stable")
    size = int(np.searchsorted(np.cumsum(weight[order]), HELD)) + 1
    held = order[:size]
    last = len(weight) - 1
    pairs = {
        (-1, -1) if n == last else tuple(sorted((int(index.first[n]), int(index.second[n]))))
        for n in held.tolist()
    }  # fmt: skip
    silent = index.rows
    acting = virtual.acting
    if acting.other is not None:
        return (-1, -1) in pairs, None, size
    named = {row for pair in pairs for row in pair}
    true = set(acting.rows)
    if len(true) > 2:
        return None, bool(true & named), size
    place = tuple(sorted([*true, silent, silent][:2]))
    return place in pairs, bool(true & named) if true else (silent, silent) in pairs, size


def _find_surprise(virtual: Virtual, ranking: Ranking) -> tuple[float, float, float] | None:
    """How surprising the whole truth is, and how surprising leukon's own probabilities expect the truth to be."""
    weight, index = ranking.posterior.weight, ranking.posterior.index
    acting = virtual.acting
    if acting.other == NONE:
        place = len(weight) - 1
    elif acting.other or len(acting.rows) > 2:
        return None
    else:
        one, two = sorted([*acting.rows, index.rows, index.rows][:2])
        place = int(np.flatnonzero((index.first == one) & (index.second == two))[0])
    logs = -np.log(np.maximum(weight, 1e-300))
    mean = float((weight * logs).sum())
    return float(logs[place]), mean, float((weight * logs**2).sum()) - mean**2
