"""The posterior is exact: it agrees with an independent Bayesian-network library on small networks."""

from __future__ import annotations

import itertools
import random

import numpy as np
import pytest

from leukon.causes import posterior as module
from leukon.causes.observe import Observation, Observed
from leukon.causes.posterior import build_index, sum_by_row, weigh_evidence
from leukon.causes.rows import Row
from leukon.causes.table import ActorTable
from leukon.facts import Fact, Facts
from leukon.knowledge.schema import LINEAGES

CAUSES, FINDINGS = 5, 7


def make_table(rng: random.Random) -> ActorTable:
    power = np.array([[rng.choice([0.0, rng.uniform(0.05, 0.9)]) for _ in range(FINDINGS)] for _ in range(CAUSES)])
    return ActorTable(
        actors={f"c{i}": i for i in range(CAUSES)},
        findings={f"f{i}": i for i in range(FINDINGS)},
        names=tuple(f"f{i}" for i in range(FINDINGS)),
        power=power,
        against=np.zeros((CAUSES, FINDINGS)),
        leak=np.array([rng.uniform(0.01, 0.4) for _ in range(FINDINGS)]),
        shift=np.array([[rng.uniform(-2, 0.5) for _ in LINEAGES] for _ in range(CAUSES)]),
        spread=np.array([[rng.uniform(0.2, 1.0) for _ in LINEAGES] for _ in range(CAUSES)]),
        tempo=np.full((CAUSES, 4), 0.25),
        parents=tuple(() for _ in range(FINDINGS)),
        clusters=tuple(f"cluster{i}" for i in range(FINDINGS)),
        tests={},
        restated=frozenset(),
    )


def make_rows(rng: random.Random) -> list[Row]:
    return [Row(f"c{i}", f"c{i}", f"c{i}", "other", rng.uniform(0.01, 0.8), False) for i in range(CAUSES)]


def make_facts(rng: random.Random) -> Facts:
    states = [rng.choice(["present", "absent", "unknown"]) for _ in range(FINDINGS)]
    facts = tuple(
        Fact(f"f{i}", state == "present", f"f{i}", f"findings[{i}]", "exact")
        for i, state in enumerate(states)
        if state != "unknown"
    )
    present = frozenset(f.id for f in facts if f.present)
    absent = frozenset(f.id for f in facts if not f.present)
    return Facts(facts, (), (), present, absent, present, (), ())


def posterior_by_network(rows: list[Row], facts: Facts, table: ActorTable) -> list[float]:
    """P(cause) in a network of independent causes, noisy-OR findings, and a node that prices the second cause."""
    gum = pytest.importorskip("pyagrum")
    net = gum.BayesNet()
    for row in rows:
        net.add(gum.LabelizedVariable(row.id, "", 2))
        net.cpt(row.id).fillWith([1 / (1 + row.odds), row.odds / (1 + row.odds)])
    net.add(gum.LabelizedVariable("allowed", "", 2))
    for row in rows:
        net.addArc(row.id, "allowed")
    for state in itertools.product([0, 1], repeat=len(rows)):
        ok = {0: 1.0, 1: 1.0, 2: float(np.exp(-module.SECOND_CAUSE_COST))}.get(sum(state), 0.0)
        net.cpt("allowed")[dict(zip((r.id for r in rows), state, strict=True))] = [1 - ok, ok]
    for name, column in table.findings.items():
        net.add(gum.LabelizedVariable(name, "", 2))
        for row in rows:
            net.addArc(row.id, name)
        for state in itertools.product([0, 1], repeat=len(rows)):
            miss = 1 - table.leak[column]
            for row, acting in zip(rows, state, strict=True):
                miss *= 1 - table.power[table.actors[row.actor], column] * acting
            net.cpt(name)[dict(zip((r.id for r in rows), state, strict=True))] = [miss, 1 - miss]
    inference = gum.LazyPropagation(net)
    inference.setEvidence({"allowed": 1} | dict.fromkeys(facts.present, 1) | dict.fromkeys(facts.absent, 0))
    inference.makeInference()
    return [float(inference.posterior(row.id)[1]) for row in rows]


@pytest.mark.parametrize("seed", range(25))
def test_findings_give_the_same_posterior_as_a_network_library(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """With findings untempered and without "none of these", leukon and full enumeration agree to 1e-9."""
    monkeypatch.setattr(module, "TEMPER", 1.0)
    monkeypatch.setattr(module, "NONE_SHARE", 1e-300)
    rng = random.Random(seed)
    table, rows, facts = make_table(rng), make_rows(rng), make_facts(rng)
    ours = weigh_evidence(rows, facts, Observed((), None), table).by_row
    assert ours == pytest.approx(posterior_by_network(rows, facts, table), abs=1e-9)


@pytest.mark.parametrize("seed", range(5))
def test_sets_and_none_of_these_sum_to_one(seed: int) -> None:
    rng = random.Random(seed)
    counts = tuple(
        Observation(x, (x,), rng.uniform(-3, 0.5), (1.0,), 0.3, at_most=rng.random() < 0.2) for x in LINEAGES[:5]
    )
    found = weigh_evidence(make_rows(rng), make_facts(rng), Observed(counts, 0.0), make_table(rng))
    assert found.weight.sum() == pytest.approx(1.0, abs=1e-12)
    assert (found.weight >= 0).all()


def test_a_finding_that_no_cause_explains_leaves_the_odds_as_they_are() -> None:
    rng = random.Random(3)
    table, rows = make_table(rng), make_rows(rng)
    table.power[:, 2] = 0.0
    nothing = Facts((), (), (), frozenset(), frozenset(), frozenset(), (), ())
    fact = Fact("f2", True, "fractured finger", "findings.present[0]", "exact")
    unrelated = Facts((fact,), (), (), frozenset({"f2"}), frozenset(), frozenset({"f2"}), (), ())
    before = weigh_evidence(rows, nothing, Observed((), None), table).by_row
    after = weigh_evidence(rows, unrelated, Observed((), None), table).by_row
    assert (before == after).all()


def test_every_set_of_one_or_two_is_weighed_once() -> None:
    index = build_index(4)
    sets = [frozenset({int(i), int(j)} - {4}) for i, j in zip(index.first, index.second, strict=True)]
    assert len(sets) == len(set(sets)) == 1 + 4 + 6
    assert sum_by_row(np.ones(12) / 12, index) == pytest.approx([4 / 12] * 4)
