"""People and oracles: traits, virtual people, other solvers, children whose predictions were published."""

from __future__ import annotations

import csv
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("jax")

from leukon.marrow import (
    Dose,
    MarrowError,
    Person,
    counts,
    find_model,
    person_parameters,
    prepare,
    read_schedule,
    simulate,
)  # fmt: skip
from leukon.marrow._jax import array, compiled
from leukon.marrow.population import draw_people

from .reference import worst

DOCETAXEL = read_schedule("docetaxel 75 mg/m2 day 0", 42)


def test_a_woman_with_high_aag_and_poor_performance_has_the_baseline_of_the_control_stream(shared: Path) -> None:
    """DDMODEL00000224, person 1: AAG 2.54 g/L, female, performance 2, earlier chemotherapy: 7.0475."""
    reference = np.loadtxt(shared / "marrow" / "reference" / "DDMODEL224_id1_typical.csv", delimiter=",")
    person = Person(traits={"aag": 2.54, "female": 1, "performance": 2, "prior_chemotherapy": 1})
    p = person_parameters(find_model("kloft-2006-docetaxel"), person)
    assert p["circ0"] == pytest.approx(reference[0, 1], rel=1e-12)


def test_higher_aag_protects_from_docetaxel() -> None:
    lowest = [simulate("kloft-2006-docetaxel", DOCETAXEL, person=Person(traits={"aag": a})).count.min() for a in (1, 2)]
    assert lowest[1] > 2 * lowest[0]


def test_a_bigger_person_gets_more_of_a_dose_per_square_metre() -> None:
    small, big = (simulate("friberg-2002-docetaxel", DOCETAXEL, person=Person(b)).count.min() for b in (1.5, 2.1))
    assert big < small


def test_a_dose_before_day_0_counts() -> None:
    """Given a week ago: today is the eighth day of its course."""
    later = simulate("friberg-2002-docetaxel", read_schedule("docetaxel 75 mg/m2 day -7", 42), days=14)
    whole = simulate("friberg-2002-docetaxel", DOCETAXEL, days=21)
    assert later.days[0] == 0
    assert worst(later.count, whole.count[28:]) < 1e-4


def test_the_same_seed_draws_the_same_people_and_another_others() -> None:
    model = find_model("kloft-2006-docetaxel")
    one, again, other = (draw_people(model, 50, seed)["slope"] for seed in (1, 1, 2))
    assert np.array_equal(one, again)
    assert not np.array_equal(one, other)


def test_virtual_people_vary_as_the_paper_says() -> None:
    drawn = draw_people(find_model("kloft-2006-docetaxel"), 20000, 3)
    assert np.log(drawn["slope"]).var() == pytest.approx(0.128412, rel=0.03)
    assert np.median(drawn["circ0"]) == pytest.approx(1.0, abs=0.01)
    both = draw_people(find_model("harrold-2020-radiation"), 20000, 3)
    assert np.corrcoef(np.log(both["kde"]), np.log(both["kkill"]))[0, 1] == pytest.approx(0.91, abs=0.01)


def test_people_simulated_together_are_people_simulated_alone() -> None:
    model = find_model("kloft-2006-docetaxel")
    people = simulate(model, DOCETAXEL, patients=5, seed=4)
    drawn = draw_people(model, 5, 4)
    for i in (0, 4):
        own = {name: values[i] * model.parameters[name].value for name, values in drawn.items()}
        alone = simulate(model, DOCETAXEL, values=own)
        assert worst(people.count[i], alone.count) < 1e-10
    low, middle, high = (people.band()[k] for k in (1, 0, 2))
    assert np.all(low <= middle) and np.all(middle <= high)


@pytest.mark.parametrize(
    ("model", "line"),
    [
        ("chen-2014-nab-paclitaxel", "nab-paclitaxel 260 mg/m2 day 0"),
        ("le-marouille-2021-palbociclib", "palbociclib 125 mg daily for 21 days"),
        ("gebhard-2023-mercaptopurine", "6-MP 50 mg/m2 daily"),
    ],
)
def test_another_solver_gives_the_same_course(model: str, line: str) -> None:
    """LSODA on the equations written out with all drug states, no closed form."""
    integrate = pytest.importorskip("scipy.integrate")
    p = person_parameters(find_model(model), Person())
    doses = read_schedule(line, 28)
    rates, first, give = {"chen": _nab, "le-m": _palbociclib, "gebh": _gebhard}[model[:4]](p)
    stops = sorted({0.0, *(d.day + p.get("lag", 0.0) for d in doses), *(d.day + d.hours / 24 for d in doses), 28.0})
    days = np.arange(0.0, 28.01, 0.25)
    found, y = [], np.array(first)
    for left, right in pairwise(stops):
        due = [d for d in doses if abs(d.day + p.get("lag", 0.0) - left) < 1e-9]
        y, flow = give(y, due, left, doses)
        wanted = days[(days >= left - 1e-9) & (days < right - 1e-9)]
        run = integrate.solve_ivp(lambda t, s, f=flow: rates(s, f), (left, right), y, "LSODA", [*wanted, right],
                                  rtol=1e-10, atol=1e-12)  # fmt: skip
        found += list(run.y[-1][:-1])
        y = run.y[:, -1]
    course = simulate(model, doses, times=days[:-1], accurate=True)
    assert worst(course.count, np.array(found)) < 1e-6


def _chain(y: np.ndarray, effect: float, p: dict[str, float]) -> list[float]:
    k = p["ktr"] if "ktr" in p else 4 / p["mtt"]
    out = p.get("kcirc", k)
    prol, *transit, circ = y
    flow = [prol, *transit]
    return [
        k * prol * (1 - effect) * (p["circ0"] / circ) ** p["gamma"] - k * prol,
        *(k * (a - b) for a, b in pairwise(flow)),
        k * flow[-1] - out * circ,
    ]


def _nab(p: dict[str, float]):
    def rates(y: np.ndarray, flow: float) -> list[float]:
        c1, c2, c3 = y[:3]
        over = p["vmtr"] * (c1 / (p["kmtr"] + c1) - c2 / (p["kmtr"] + c2))
        aside, gone = p["q3"] * (c1 - c3), p["vmel"] * c1 / (p["kmel"] + c1)
        levels = [(flow - gone - over - aside) / p["v1"], over / p["v2"], aside / p["v3"]]
        return [*levels, *_chain(y[3:], p["slope"] * c1, p)]

    def give(y: np.ndarray, due: list[Dose], now: float, doses: list[Dose]) -> tuple[np.ndarray, float]:
        running = [d for d in doses if d.day <= now + 1e-9 < d.day + d.hours / 24]
        return y, sum(d.total(1.8, 70) * 1000 / (d.hours / 24) for d in running)

    return rates, [0, 0, 0] + [p["circ0"]] * 5, give


def _palbociclib(p: dict[str, float]):
    def rates(y: np.ndarray, flow: float) -> list[float]:
        gut, plasma = y[:2]
        return [-p["ka"] * gut, p["ka"] * gut - p["cl"] / p["v1"] * plasma,
                *_chain(y[2:], p["slope"] * plasma / p["v1"], p)]  # fmt: skip

    def give(y: np.ndarray, due: list[Dose], now: float, doses: list[Dose]) -> tuple[np.ndarray, float]:
        return y + np.array([sum(d.amount * 1000 for d in due), 0, 0, 0, 0, 0, 0]), 0.0

    return rates, [0, 0] + [p["circ0"]] * 5, give


def _gebhard(p: dict[str, float]):
    def rates(y: np.ndarray, flow: float) -> list[float]:
        gut, plasma, pool = y[:3]
        level = plasma / p["v1"]
        fill = p["vmax"] * level / (p["km"] + level) - p["keff"] * pool
        return [-p["ka"] * gut, p["ka"] * gut - p["k10"] * plasma, fill, *_chain(y[3:], p["slope"] * pool, p)]

    def give(y: np.ndarray, due: list[Dose], now: float, doses: list[Dose]) -> tuple[np.ndarray, float]:
        return y + np.array([sum(d.amount * 1000 / 152.18 * p["f"] for d in due)] + [0.0] * 7), 0.0

    marrow = p["start"] * p["circ0"] * p["kcirc"] / p["ktr"]
    return rates, [0, 0, p["pool0"], marrow, marrow, marrow, marrow, p["start"] * p["circ0"]], give


def test_the_published_predictions_of_children_are_met_with_their_own_parameters(shared: Path) -> None:
    """Jost 2020: doses are in mg. Body surface is not in the data, so the best of a few is taken for each child."""
    parquet = pytest.importorskip("pyarrow.parquet")
    folder = shared / "data" / "all_maintenance_jost2020"
    doses = parquet.read_table(folder / "dose_6mp.parquet").to_pydict()
    with (folder / "anc.csv").open() as file:
        measured = list(csv.DictReader(file))
    with (folder / "patient_params_friberg.csv").open() as file:
        children = list(csv.DictReader(file))[:3]
    for child in children:
        own = {"circ0": float(child["Base"]), "ktr": float(child["ktr"]), "slope": float(child["slope"]),
               "gamma": float(child["gamma"])}  # fmt: skip
        wanted = {float(r["day"]): float(r["ipred_jost2020_1e9_L"]) for r in measured if r["patient_id"] == child["ID"]}
        days = np.array(sorted(wanted))
        given = [
            Dose("mercaptopurine", day, mg, "m2", "oral")
            for who, day, mg in zip(doses["patient_id"], doses["day"], doses["mp6_mg_per_m2"], strict=True)
            if str(who) == child["ID"]
        ]
        best = min(
            float(np.sqrt(np.mean(np.log(simulate("jost-2020-mercaptopurine", given, person=Person(b, 20), times=days,
                                                  values=own).count / [wanted[d] for d in days]) ** 2)))
            for b in (0.6, 0.8, 1.0)
        )  # fmt: skip
        assert best < 0.03


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"values": {"speed": 1.0}}, "has no parameter speed"),
        ({"times": [3.0, 1.0]}, "must rise"),
        ({"doses": [Dose("mercaptopurine", 0.0, 50.0)]}, "does not know mercaptopurine"),
    ],
)
def test_what_cannot_be_simulated_is_said_in_one_line(change: dict[str, object], says: str) -> None:
    asked: dict[str, object] = {"doses": DOCETAXEL, "times": [0.0, 1.0], **change}
    with pytest.raises(MarrowError, match=says):
        simulate("friberg-2002-docetaxel", **asked)  # type: ignore[arg-type]


def test_a_model_without_published_variability_draws_nobody() -> None:
    with pytest.raises(MarrowError, match="no published variability"):
        simulate("quartino-2014", DOCETAXEL, patients=10)


def test_the_grid_of_a_schedule_is_made_once_and_may_be_used_by_anyone() -> None:
    model = find_model("kloft-2006-docetaxel")
    problem = prepare(model, DOCETAXEL, person=Person(), times=[0.0, 7.0, 14.0])
    params = {k: array(v) for k, v in person_parameters(model, Person()).items()}
    found = compiled(lambda p: counts(problem, p))(params)
    assert np.asarray(found)[0] == pytest.approx(simulate(model, DOCETAXEL, times=[0, 7, 14]).count)


def test_the_slope_of_a_count_with_a_parameter_can_be_had() -> None:
    """The derivative for fitting agrees with a difference."""
    import jax

    model = find_model("kloft-2006-docetaxel")
    problem = prepare(model, DOCETAXEL, person=Person(), times=[7.0])
    params = {k: array(v) for k, v in person_parameters(model, Person()).items()}

    @compiled
    def at_nadir(slope: object) -> object:
        return counts(problem, params | {"slope": slope})[0, 0]  # type: ignore[dict-item]

    s = float(params["slope"])
    difference = (float(at_nadir(array(s * 1.0001))) - float(at_nadir(array(s * 0.9999)))) / (0.0002 * s)
    assert float(jax.grad(at_nadir)(array(s))) == pytest.approx(difference, rel=1e-5)
