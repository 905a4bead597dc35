"""Ways to give the next cycle: as planned, less, later (compared on the same draws), with a growth factor."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from leukon.forecast.answer import Option
from leukon.forecast.curves import quantiles
from leukon.forecast.fit import Fit, has_tiny_steps, simulate_draws
from leukon.forecast.mechanistic import Averaged, Question
from leukon.forecast.tables import load_choice
from leukon.marrow.dose import Dose
from leukon.marrow.measures import days_below, lowest

__all__ = ["compare_options", "plan_next"]

Floats = NDArray[np.float64]
_LATER = 7.0
_LESS = 0.8
_LOOK_DAYS = 35.0
_DRAWS = 240  # of all models together
_NO_GROWTH_FACTOR = "no published model here holds this drug with G-CSF"


def plan_next(doses: Sequence[Dose], last: float, every: float) -> tuple[Dose, ...]:
    """The next cycle: the one on the record, else the doses of the last one at the interval so far, or as usual."""
    dated = sorted((d for d in doses if d.day > last), key=lambda d: d.day)
    if dated:
        return tuple(d for d in dated if d.day < dated[0].day + every / 2)
    begun = sorted({d.day for d in doses if d.day <= last})
    if not begun:
        return ()
    starts = [begun[0]]
    for day in begun:
        if day - starts[-1] >= every / 2:
            starts.append(day)
    if len(starts) > 1 and 7 <= (gap := starts[-1] - starts[-2]) <= 42:
        every = gap
    return tuple(replace(d, day=d.day + every) for d in doses if starts[-1] <= d.day <= last)


def compare_options(a: Averaged, q: Question, next_cycle: Sequence[Dose], limit: float) -> tuple[Option, ...]:
    """Nadir, days below 0.5 and the day the limit is met again, for each way to give the next cycle."""
    if not next_cycle:
        return ()
    later = max(0.0, q.last - next_cycle[0].day + 0.0)  # a cycle that is due already is given after the last count
    due = [replace(d, day=d.day + later) for d in next_cycle]
    ways: tuple[tuple[str, list[Dose]], ...] = (
        ("as planned", due),
        ("20 % less", [replace(d, amount=d.amount * _LESS) for d in due]),
        ("7 days later", [replace(d, day=d.day + _LATER) for d in due]),
    )
    total = sum(len(f.etas) for f in a.fits)
    few = [
        _thin(f, 24 if has_tiny_steps(f.prior.model) else max(8, round(_DRAWS * len(f.etas) / total))) for f in a.fits
    ]

    def measure(way: tuple[str, list[Dose]]) -> Option:
        return _measure(way[0], way[1], few, q, limit)

    with ThreadPoolExecutor(len(ways)) as pool:
        shown = list(pool.map(measure, ways))
    return (*shown, _with_growth_factor(due[0]))


def _with_growth_factor(dose: Dose) -> Option:
    """What a growth factor does to people of the one published model that holds both; not fitted to this person."""
    held = load_choice().growth_factor
    if dose.drug not in held.drugs:
        return Option("add G-CSF", dose.day, *([None] * 6), note=_NO_GROWTH_FACTOR)
    w, o = held.with_, held.without
    return Option(
        held.option, round(dose.day, 2), *w.nadir, w.days_below_0_5, w.share_below_0_5,
        round(dose.day + w.back_at_1_5_day, 1),
        f"people of {held.model}, not fitted to this person: without it there nadir {o.nadir[0]:g} on day "
        f"{o.nadir_day:g} after the dose, {o.days_below_0_5:g} days below 0.5, back at 1.5 on day "
        f"{o.back_at_1_5_day:g}; "
        f"with it the nadir (day {w.nadir_day:g}) is earlier and deeper but shorter",
    )  # fmt: skip


def _thin(fit: Fit, size: int) -> Fit:
    kept = np.linspace(0, len(fit.etas) - 1, size).round().astype(int)
    return replace(fit, etas=fit.etas[kept], logs=fit.logs[kept], at_counts=fit.at_counts[kept])


def _measure(name: str, cycle: Sequence[Dose], fits: Sequence[Fit], q: Question, limit: float) -> Option:
    start = cycle[0].day
    days = start + np.arange(int(2 * _LOOK_DAYS) + 1) / 2
    courses: list[Floats] = []
    for fit in fits:
        block = 24 if has_tiny_steps(fit.prior.model) else 80
        size = -(-len(fit.etas) // block) * block  # few shapes, few programs
        etas = np.resize(fit.etas, (size, fit.etas.shape[1]))
        doses = [d for d in q.doses if d.day <= q.last]
        logs, _ = simulate_draws(fit.prior, [*doses, *cycle], fit.evidence, fit.origin, days, etas, q.person, q.scale)
        courses.append(np.exp(logs[: len(fit.etas)]))
    course = np.concatenate(courses)
    at, value = lowest(days, course)
    v = quantiles(value)
    met = np.where(days[None, :] >= at[:, None], course, 0.0) >= limit
    back = np.where(met.any(axis=1), days[met.argmax(axis=1)], np.inf)
    day = quantiles(back)[0]
    return Option(
        name, round(start, 2), *(float(f"{x:.3g}") for x in v),
        days_below_0_5=round(quantiles(days_below(days, course, 0.5))[0], 1),
        probability_below_0_5=round(float((value < 0.5).mean()), 2),
        met_on_day=round(day, 1) if np.isfinite(day) else None,
    )  # fmt: skip
