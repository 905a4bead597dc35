"""Drug levels: known peaks, exact superposition, every molecule accounted for."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("jax")

from leukon.marrow import Dose, Person, find_model, person_parameters
from leukon.marrow._jax import array, to_numpy
from leukon.marrow.kinetics import absorb, advance, central_modes, one_mode, pass_through
from leukon.marrow.simulation import place_doses
from leukon.marrow.systems import drug_modes


def _levels(model: str, doses: list[Dose], times: np.ndarray) -> np.ndarray:
    """The first level of a model by direct sums of its exponentials, apart from the solver."""
    found = find_model(model)
    p = person_parameters(found, Person())
    modes, _ = drug_modes(found.parts[:1], {k: array(v) for k, v in p.items()})
    rates, weights = to_numpy(modes.rates), to_numpy(modes.weights)[0]
    total = np.zeros_like(times)
    for day, amount, length in place_doses(found, doses, Person(), p)[0]:
        since = np.maximum(times - day, 0)[:, None]
        if length == 0:
            total += (weights * amount * np.exp(-rates * since)).sum(axis=1) * (times >= day)
        else:
            during, after = np.minimum(since, length), np.maximum(since - length, 0)
            total += (weights * amount / length * -np.expm1(-rates * during) / rates * np.exp(-rates * after)).sum(1)
    return total


@pytest.mark.parametrize(("mg", "peak"), [(60, 2.660585644808598), (75, 3.325732056010746), (100, 4.434309408014331)])
def test_docetaxel_peaks_where_the_matrix_exponential_says(mg: int, peak: float) -> None:
    """µmol/L at the end of the hour, 1.8 m²."""
    dose = Dose("docetaxel", 0.0, mg, "m2", hours=1.0)
    assert _levels("friberg-2002-docetaxel", [dose], np.array([1 / 24]))[0] == pytest.approx(peak, rel=1e-12)


def test_levels_of_several_doses_are_the_sum_of_each() -> None:
    times = np.linspace(0, 30, 400)
    doses = [Dose("docetaxel", day, 75, "m2", hours=h) for day, h in ((0, 1), (0.02, 3), (21, 1))]
    whole = _levels("friberg-2002-docetaxel", doses, times)
    parts = sum(_levels("friberg-2002-docetaxel", [d], times) for d in doses)
    assert np.max(np.abs(whole - parts)) < 1e-12


@pytest.mark.parametrize("model", ["friberg-2002-docetaxel", "ozawa-2007-docetaxel", "van-hasselt-2013-eribulin",
                                   "arshad-2020-fluorouracil-leukocytes", "le-marouille-2021-palbociclib",
                                   "valenzuela-2011-oxaliplatin"])  # fmt: skip
def test_all_of_a_dose_leaves_through_the_clearance(model: str) -> None:
    """Area under the curve times clearance is the dose."""
    found = find_model(model)
    p = person_parameters(found, Person())
    modes, _ = drug_modes(found.parts[:1], {k: array(v) for k, v in p.items()})
    area = float((to_numpy(modes.weights)[0] / to_numpy(modes.rates)).sum())
    clearance = p["cl"] if "cl" in p else p["k10"] * p["v1"]
    assert area * clearance == pytest.approx(1.0, rel=1e-9)


def test_a_chain_of_pools_agrees_with_the_equations_step_by_step() -> None:
    """6-mercaptopurine to thioguanine nucleotides: gut, plasma, red cells."""
    integrate = pytest.importorskip("scipy.integrate")
    modes = pass_through(absorb(one_mode(array(12.72)), array(31.2), 0.22), array(0.219), array(0.1885))
    times = np.linspace(0, 20, 41)

    def rates(t: float, y: np.ndarray) -> list[float]:
        return [-31.2 * y[0], 31.2 * y[0] - 12.72 * y[1], 0.1885 * y[1] - 0.219 * y[2]]

    wanted = integrate.solve_ivp(rates, (0, 20), [0.22 * 50, 0, 0], "LSODA", times, rtol=1e-11, atol=1e-14).y[2]
    found = (to_numpy(modes.weights)[0] * 50 * np.exp(-to_numpy(modes.rates) * times[:, None])).sum(axis=1)
    assert np.max(np.abs(found - wanted)) < 1e-8


def test_an_infusion_in_pieces_is_the_infusion_whole() -> None:
    modes = central_modes(array(124.8), ((array(25.44), array(36.24)), (array(30.24), array(2.016))), array(7.4))
    whole = advance(modes, array(np.zeros(3)), array(np.full(3, 100.0)), array(0.3))
    pieces = array(np.zeros(3))
    for _ in range(3):
        pieces = advance(modes, pieces, array(np.full(3, 100.0)), array(0.1))
    assert np.max(np.abs(to_numpy(whole - pieces))) < 1e-12


def test_equal_rates_of_absorption_and_loss_do_not_divide_by_zero() -> None:
    modes = absorb(one_mode(array(2.0)), array(2.0))
    level = float((modes.weights[0] * np.exp(-to_numpy(modes.rates) * 0.5)).sum())
    assert level == pytest.approx(2.0 * 0.5 * np.exp(-1.0), rel=1e-5)
