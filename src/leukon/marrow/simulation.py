"""Simulates a published model: doses in, counts out; one person, or many who differ as the paper says they do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import cast

import numpy as np
from numpy.typing import NDArray

from leukon.marrow._jax import Array, array, compiled, mapped, to_numpy
from leukon.marrow.delays import solve_delayed
from leukon.marrow.dose import Dose
from leukon.marrow.grid import build_grid
from leukon.marrow.library import MarrowError, Model, Part, find_model
from leukon.marrow.person import Person
from leukon.marrow.population import draw_people
from leukon.marrow.solve import Params, Steps, solve
from leukon.marrow.systems import DELAYED, drug_modes, spacing_of, structure_of

__all__ = ["Course", "Problem", "counts", "person_parameters", "prepare", "simulate"]

Floats = NDArray[np.float64]
_PAD = 32  # times asked for are padded to a multiple
_BATCH = 2000  # people at a time: memory stays small, cost per person flat
_FINE = 8  # cuts of each step in the accurate mode
_PUSH = 2 / 60 / 24  # days: a bolus into a system whose levels are part of the equations


@dataclass(frozen=True, slots=True)
class Problem:
    """All that does not depend on the person's parameters: the model and what happens when."""

    model: Model
    times: Floats
    steps: Steps
    asked: Array
    accurate: bool = False


@dataclass(frozen=True, slots=True)
class Course:
    """What a simulation gave: days, and for each output one row, or one row a person."""

    model: Model
    days: Floats
    series: Mapping[str, Floats]  # "count" is the model's analyte in 10^9/L

    @property
    def count(self) -> Floats:
        return self.series["count"]

    def band(self, low: float = 5.0, high: float = 95.0) -> tuple[Floats, Floats, Floats]:
        """Median and percentiles of the count over the people."""
        people = np.atleast_2d(self.count)
        return tuple(np.percentile(people, q, axis=0) for q in (50.0, low, high))  # type: ignore[return-value]


def simulate(
    model: Model | str,
    doses: Sequence[Dose] = (),
    *,
    person: Person | None = None,
    days: float = 42.0,
    every_hours: float = 6.0,
    times: Sequence[float] | None = None,
    patients: int | None = None,
    seed: int = 1,
    accurate: bool = False,
    values: Mapping[str, float] | None = None,
) -> Course:
    """The course of a model under doses.

    `values` replaces parameters, in the paper's units. `patients` draws that many people from the paper's variability
    (log-normal, correlations where published). The default grid is right to 1e-3, `accurate` to 1e-6.
    """
    chosen = find_model(model) if isinstance(model, str) else model
    if chosen.system == "leukon":
        raise MarrowError("the leukon model takes causes and treatments: use simulate_cause")
    who = person or Person()
    if times is None:
        times = cast("Sequence[float]", np.append(np.arange(0.0, days - 1e-9, every_hours / 24.0), days))
    origin = min([0.0, *(dose.day for dose in doses)])  # a simulation begins with the first dose, or on day 0
    shown = np.asarray(times, float)
    times = cast("Sequence[float]", shown - origin)
    doses = [replace(dose, day=dose.day - origin) for dose in doses]
    typical = person_parameters(chosen, who, values)
    outputs = structure_outputs(chosen, accurate)
    if chosen.system in DELAYED:
        if patients is not None:
            raise MarrowError(f"{chosen.id} has no published variability: virtual patients are not available")
        rows = solve_delayed(chosen.system, typical, place_doses(chosen, doses, who, typical),
                             np.asarray(times, float), accurate)  # fmt: skip
        return Course(chosen, shown, dict(zip(outputs, rows, strict=True)))
    problem = prepare(chosen, doses, person=who, times=times, accurate=accurate, values=values)
    params = {name: array(value) for name, value in typical.items()}
    if patients is None:
        rows = to_numpy(_one(chosen.system, chosen.parts, accurate)(params, problem.steps, problem.asked))
        rows = rows[:, : len(problem.times)]
        return Course(chosen, shown, dict(zip(outputs, rows, strict=True)))
    drawn = draw_people(chosen, patients, seed)
    if not drawn:
        raise MarrowError(f"{chosen.id} has no published variability: virtual patients are not available")
    people = _many_in_batches(problem, params, {k: v * typical[k] for k, v in drawn.items()}, patients)
    return Course(chosen, shown, {name: people[:, i] for i, name in enumerate(outputs)})


def structure_outputs(model: Model, accurate: bool = False) -> tuple[str, ...]:
    """The names of what a model gives; the first is the count."""
    if model.system in DELAYED:
        return {"craig": ("count", "marrow reserve", "stem cells", "G-CSF"),
                "colijn-mackey": ("count", "stem cells", "red cells", "platelets")}[model.system]  # fmt: skip
    return structure_of(model.system, accurate).outputs


def person_parameters(model: Model, person: Person, values: Mapping[str, float] | None = None) -> dict[str, float]:
    """The typical parameters of a person like this, in days: published values times what their traits change."""
    held = {name: figure.in_days for name, figure in model.parameters.items()}
    for name, value in (values or {}).items():
        if name not in model.parameters:
            raise MarrowError(f"{model.id} has no parameter {name}; it has {', '.join(model.parameters)}")
        figure = model.parameters[name]
        held[name] = value * figure.in_days / figure.value if figure.value else value
    for effect in model.covariates:
        given = person.trait(effect.trait)
        if given is not None and effect.parameter not in (values or {}):
            held[effect.parameter] *= effect.factor(given)
    return held


def prepare(
    model: Model,
    doses: Sequence[Dose],
    *,
    person: Person,
    times: Sequence[float],
    accurate: bool = False,
    values: Mapping[str, float] | None = None,
) -> Problem:
    """Puts doses and times on a grid, once for all people with the same schedule."""
    asked = np.asarray(times, float)
    if len(asked) == 0 or asked[0] < 0 or np.any(np.diff(asked) <= 0):
        raise MarrowError("the times asked for must rise from day 0 on")
    placed = place_doses(model, doses, person, person_parameters(model, person, values))
    ends = [t for column in placed for start, _, length in column for t in (start, start + length)]
    refine = _FINE if accurate and "accurate_last" not in model.spacing else 1
    # one node at least beyond day 0, so that a single time asked for is a grid too
    until = asked if asked[-1] > 0 else np.append(asked, 1e-6)
    grid = build_grid(until, ends, spacing_of(model, accurate, frozenset(d.drug for d in doses)), refine)
    count = len(grid.nodes) - 1
    padded = _bucket(count)
    given, rates = np.zeros((padded, len(placed))), np.zeros((padded, len(placed)))
    for j, column in enumerate(placed):
        for start, amount, length in column:
            if start >= grid.nodes[-1]:
                continue
            first = int(np.searchsorted(grid.nodes, start - 1e-9))
            if length == 0:
                given[first, j] += amount
            else:
                last = int(np.searchsorted(grid.nodes, min(start + length, grid.nodes[-1]) - 1e-9))
                rates[first:last, j] += amount / length
    lengths = np.zeros(padded)
    lengths[:count] = grid.steps
    place = np.full(-(-len(asked) // _PAD) * _PAD, 0, dtype=np.int64)
    place[: len(asked)] = grid.asked[: len(asked)]
    return Problem(model, asked, Steps(array(lengths), array(given), array(rates)),
                   array(place), accurate)  # fmt: skip


def _bucket(count: int) -> int:
    """The number of steps padded up to one of few sizes (four between a number and its double): few programs."""
    size = 64
    while size < count:
        size = -(-round(size * 2**0.25) // 16) * 16
    return size


Placed = list[tuple[float, float, float]]  # day, amount in the part's unit, length in days


def place_doses(model: Model, doses: Sequence[Dose], person: Person, params: Mapping[str, float]) -> tuple[Placed, ...]:
    """The doses of each input of a model, in its own amounts, after its lag."""
    for dose in doses:
        if dose.drug not in model.drugs:
            known = ", ".join(model.drugs) or "no drug"
            raise MarrowError(f"{model.id} does not know {dose.drug}; it knows {known}")
    columns: list[Placed] = []
    for part in model.parts:
        lag = params.get(part.prefix + "lag", params.get(f"{part.drug}.lag", 0.0))
        column: Placed = []
        for dose in doses:
            if dose.drug == part.drug and dose.day + lag >= 0:
                length = dose.hours / 24.0
                if part.kinetics == "direct":
                    length = max(length, _PUSH)
                amount = _amount(part, dose.total(person.bsa_m2, person.weight_kg), person)
                column.append((dose.day + lag, amount, 0.0 if part.amount == "dose" else length))
        columns.append(column)
    return tuple(columns) or ([],)


def _amount(part: Part, milligrams: float, person: Person) -> float:
    unit, _, per = part.amount.partition(" ")
    scale = {"mg": 1.0, "ug": 1000.0, "Gy": 1.0, "dose": 1.0 / milligrams}.get(unit)
    if scale is None:
        scale = {"umol": 1e3, "nmol": 1e6}[unit] / cast("float", part.molar_mass)
    return milligrams * scale * part.factor / (person.bsa_m2 if per else 1.0)


def counts(problem: Problem, params: Params) -> Array:
    """The outputs at the times asked for, of one person; pure, so it may be mapped, compiled and differentiated.

    `params` are those of `person_parameters`, in days.
    """
    modes, feeds = drug_modes(problem.model.parts, params)
    structure = structure_of(problem.model.system, problem.accurate)
    return solve(structure, modes, feeds, params, problem.steps)[:, problem.asked][:, : len(problem.times)]


@cache
def _one(system: str, parts: tuple[Part, ...], accurate: bool):
    structure = structure_of(system, accurate)

    @compiled
    def run(params: dict[str, Array], steps: Steps, asked: Array) -> Array:
        modes, feeds = drug_modes(parts, params)
        return solve(structure, modes, feeds, params, steps)[:, asked]

    return run


@cache
def _many(system: str, parts: tuple[Part, ...], accurate: bool):
    structure = structure_of(system, accurate)

    @compiled
    def run(shared: dict[str, Array], varied: dict[str, Array], steps: Steps, asked: Array) -> Array:
        def one(own: dict[str, Array]) -> Array:
            params = shared | own
            modes, feeds = drug_modes(parts, params)
            return solve(structure, modes, feeds, params, steps)[:, asked]

        return mapped(one)(varied)

    return run


def _many_in_batches(problem: Problem, shared: dict[str, Array], varied: dict[str, Floats], patients: int) -> Floats:
    run = _many(problem.model.system, problem.model.parts, problem.accurate)
    size = min(_BATCH, patients)
    rows: list[Floats] = []
    for first in range(0, patients, size):
        take = np.minimum(np.arange(first, first + size), patients - 1)  # the last batch repeats its last person
        own = {name: array(values[take]) for name, values in varied.items()}
        got = to_numpy(run(shared, own, problem.steps, problem.asked))
        rows.append(got[: min(size, patients - first), :, : len(problem.times)])
    return np.concatenate(rows)
