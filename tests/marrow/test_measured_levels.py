"""Levels that were measured may drive the chain instead of kinetics: person 1 of DDMODEL00000224."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("jax")

import itertools

from leukon.marrow import Person, find_model, person_parameters
from leukon.marrow._jax import array, to_numpy
from leukon.marrow.kinetics import Modes
from leukon.marrow.solve import Steps, solve
from leukon.marrow.systems import structure_of


def test_the_course_of_the_first_person_follows_from_the_levels_of_the_bundle(shared: Path) -> None:
    """Docetaxel in mg/L, each value held since the record before, as NONMEM does; traits as in the bundle."""
    wanted = np.loadtxt(shared / "marrow" / "reference" / "DDMODEL224_id1_typical.csv", delimiter=",")
    with (shared / "marrow" / "data" / "DDMODEL_224_Simulated_myelosuppression_dailyANC.csv").open() as file:
        level = {float(r["TIME"]): float(r["CP"]) for r in csv.DictReader(file) if r["ID"] == "1"}
    hours = np.array(sorted(level))
    nodes = np.unique(np.concatenate([np.linspace(a, b, 60 + int(20 * (b - a))) for a, b in itertools.pairwise(hours)]))
    held = np.array([level[h] for h in hours])[np.searchsorted(hours, (nodes[1:] + nodes[:-1]) / 2)]

    traits = {"aag": 2.54, "female": 1.0, "performance": 2.0, "prior_chemotherapy": 1.0}
    p = person_parameters(find_model("kloft-2006-docetaxel"), Person(traits=traits))
    params = {k: array(v) for k, v in p.items()} | {"slope": array(p["slope"] * 1000 / 808)}
    chain = structure_of("chain")
    driven = replace(chain, rates=lambda y, u, q: chain.rates(y, u[1:], q))  # the level stands where a rate would
    steps = Steps(array(np.diff(nodes) / 24), array(np.zeros((len(held), 1))), array(held[:, None]))
    found = to_numpy(solve(driven, Modes(array([1.0]), array([[0.0]])), (0,), params, steps))[0]
    assert np.interp(wanted[:, 0], nodes, found) == pytest.approx(wanted[:, 1], rel=1e-6)
