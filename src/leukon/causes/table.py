"""What the knowledge says of causes and drug profiles, as arrays: one row per actor, one column per finding.

An actor is a cause, or a profile (a way in which drugs act). A figure that is missing for a finding is looked up at
its wider and narrower terms, so that "massive splenomegaly" speaks for every cause of splenomegaly.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from leukon.knowledge import Knowledge
from leukon.knowledge.once import once_per_version
from leukon.knowledge.schema import LINEAGES, FindingFact, Profile, TestFact

__all__ = ["TEMPI", "ActorTable", "build_table"]

TEMPI = ("hours", "weeks", "months", "years")

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class ActorTable:
    """Arrays over actors (rows), findings, lineages and tempi."""

    actors: dict[str, int]
    findings: dict[str, int]
    names: tuple[str, ...]  # of the findings, by column
    power: Floats  # actors × findings: p of the noisy-OR, beyond the leak
    against: Floats  # actors × findings: log odds ratio when present
    leak: Floats  # findings
    shift: Floats  # actors × lineages
    spread: Floats  # actors × lineages
    tempo: Floats  # actors × tempi
    parents: tuple[tuple[int, ...], ...]  # of each finding, all wider terms
    clusters: tuple[str, ...]  # of each finding
    tests: dict[str, tuple[str, ...]]  # test -> findings that its results can be
    restated: frozenset[int]  # findings that only restate counts: they yield to the counts


def _all_parents(findings: dict[str, FindingFact]) -> dict[str, tuple[str, ...]]:
    reached: dict[str, tuple[str, ...]] = {}
    for name in findings:
        seen: list[str] = []
        todo = list(findings[name].parents)
        while todo:
            parent = todo.pop(0)
            if parent not in seen:
                seen.append(parent)
                todo += findings[parent].parents
        reached[name] = tuple(seen)
    return reached


def _findings_of(test: TestFact) -> tuple[str, ...]:
    named = (test.positive, test.high, test.low, *test.above, *test.below)
    return tuple(dict.fromkeys(f for f in named if f))


def _power(p: float, leak: float) -> float:
    """The noisy-OR power of a cause in whom the finding is seen with frequency p."""
    return max(0.0, (p - leak) / (1 - leak))


def _fill_row(
    actor: Profile, findings: dict[str, FindingFact], parents: dict[str, tuple[str, ...]]
) -> dict[str, float]:
    row = {f: _power(q.p, findings[f].leak.p) for f, q in actor.findings.items()}
    given = dict(row)
    for name, wider in parents.items():
        # Nearest wider term with a figure: the same odds ratio, read at this term's own leak.
        nearest = next((w for w in wider if w in given), None)
        if name not in given and nearest:
            leak, leak_wide = findings[name].leak.p, findings[nearest].leak.p
            ratio = (1 - (1 - leak_wide) * (1 - given[nearest])) / leak_wide
            row[name] = min(0.95, max(0.0, leak * (ratio - 1) / (1 - leak)))
    for name, p in given.items():
        for wider in parents[name]:
            if wider not in given:
                seen = 1 - (1 - findings[name].leak.p) * (1 - p)
                row[wider] = max(row.get(wider, 0.0), _power(seen, findings[wider].leak.p))
    return row


@once_per_version
def build_table(k: Knowledge) -> ActorTable:
    """The arrays of a knowledge version; built once."""
    actors: dict[str, Profile] = {**k.causes, **{f"profile:{n}": p for n, p in k.profiles.items()}}
    names = {f: i for i, f in enumerate(k.findings)}
    parents = _all_parents(k.findings)
    shape = (len(actors), len(names))
    power, against = np.zeros(shape), np.zeros(shape)
    shift, spread = np.zeros((len(actors), len(LINEAGES))), np.zeros((len(actors), len(LINEAGES)))
    tempo = np.full((len(actors), len(TEMPI)), 0.25)
    for row, actor in enumerate(actors.values()):
        for finding, p in _fill_row(actor, k.findings, parents).items():
            power[row, names[finding]] = p
        for finding, ratio in actor.against.items():
            against[row, names[finding]] = np.log(ratio.times)
        for lineage, s in actor.shifts.items():
            shift[row, LINEAGES.index(lineage)], spread[row, LINEAGES.index(lineage)] = s.mean, s.sd
        if actor.tempo:
            share = np.array([actor.tempo.get(t, 0.0) for t in TEMPI]) + 0.01
            tempo[row] = share / share.sum()
    return ActorTable(
        actors={a: i for i, a in enumerate(actors)},
        findings=names,
        names=tuple(names),
        power=np.minimum(power, 0.98),
        against=against,
        leak=np.array([f.leak.p for f in k.findings.values()]),
        shift=shift,
        spread=spread,
        tempo=tempo,
        parents=tuple(tuple(names[p] for p in parents[f]) for f in names),
        clusters=tuple(f.cluster for f in k.findings.values()),
        tests={t.id: _findings_of(t) for t in k.tests.values()},
        restated=frozenset(names[f.id] for f in k.findings.values() if f.kind == "restates count"),
    )
