"""The one verb of the package: `forecast(patient) -> Forecast`."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from leukon.answer import Source
from leukon.forecast.answer import FitSummary, Forecast, ModelShare, NextCycle, Option
from leukon.forecast.case import Case, read_case
from leukon.forecast.choose import (
    Acting,
    Leading,
    Passing,
    find_acting,
    find_maintenance,
    find_passing,
    needs_cause,
)
from leukon.forecast.curves import (
    Curves,
    find_nadir,
    find_recoveries,
    measure_below,
    meet_limit,
    show_series,
    weigh_febrile_range,
)
from leukon.forecast.evidence import Observation
from leukon.forecast.tables import load_choice
from leukon.knowledge import Knowledge, load_knowledge
from leukon.limits.expected import Expected, expected_count
from leukon.patient import Patient
from leukon.policy import Policy

if TYPE_CHECKING:
    from leukon.forecast.mechanistic import Averaged, Question

__all__ = ["DAYS", "forecast"]

DAYS = 28
_MOST_DAYS = 400
_CYCLE_LIMIT = 1.5  # docetaxel and paclitaxel product information; a site's policy says otherwise
_MOST_COUNTS = 120

FindCause = Callable[[], Leading | None]


def forecast(
    patient: Patient,
    *,
    days: int = DAYS,
    policy: Policy | None = None,
    find_cause: FindCause | None = None,
    knowledge: Knowledge | None = None,
    options: bool = True,
) -> Forecast:
    """What the count of this person will do in the next `days` after the last count.

    `find_cause` names the leading cause of an assessment; it is asked only where a low count has no drug model.
    `options` compares ways to give the next cycle. What cannot be used stands in `not_used`, what was taken for granted
    in `assumptions`.
    """
    if not 1 <= days <= _MOST_DAYS:
        raise ValueError(f"--days is how far to look, from 1 to {_MOST_DAYS}")
    k = knowledge or load_knowledge()
    case = read_case(patient, k)
    if (drug := find_maintenance(case)) is not None:
        return _of_maintenance(case, drug, days)
    if (acting := find_acting(case, k)) is not None:
        return _of_drug(case, acting, days, policy, options)
    leading = find_cause() if find_cause is not None and needs_cause(case) else None
    if (passing := find_passing(case, leading, k)) is not None:
        return _of_recovery(case, passing, days)
    return _of_level(case, days, leading)


def _of_maintenance(case: Case, drug: object, days: int) -> Forecast:
    from leukon.forecast.case import Given
    from leukon.forecast.maintenance import forecast_child, maintenance_notes

    assert isinstance(drug, Given)
    curves, got = forecast_child(case, drug, days)
    learnt = got.weights.learnt
    notes = [
        f"Child's own level and the doses before, weighted as learnt on {learnt.children} children ({learnt.date})",
        *maintenance_notes(),
    ]
    if not case.neutrophils:
        notes.append("No count: the forecast is that of children like this one")
    source = Source("jost-2020", learnt.source, learnt.doi)
    fit = FitSummary(got.counts_used, None, round(math.sqrt(got.noise_variance), 3))
    return _close(case, curves, "maintenance-6mp", "maintenance", (), fit, notes, [source])


def _of_drug(case: Case, acting: Acting, days: int, policy: Policy | None, options: bool) -> Forecast:
    from leukon.forecast.mechanistic import forecast_models

    question, notes = _ask(case, acting, days)
    got = forecast_models(question)
    notes += [*acting.notes, *got.notes]
    if len(got.shares) > 1:
        by = "weighted by how well each foresaw the counts" if question.counts else "all alike, as there is no count"
        notes.append(f"{len(got.shares)} published sets disagree and are averaged, {by}")
    if not question.counts:
        notes.append("No count that can be used: the course is that of the population of the papers")
    if not any(d.day > case.now for d in question.doses):
        notes.append("No further dose is forecast: none is planned on the record")
    notes += [f"{m.id}: {text}" for m in got.models for text in m.assumptions]
    sources = [*acting.sources, *_model_sources(got)]
    fit = FitSummary(got.n, round(got.ess, 1), round(got.residual_sd, 3))
    method = "class profile" if acting.profile else "published model"
    name = got.shares[0].id if len(got.shares) == 1 else "average of " + ", ".join(s.id for s in got.shares)
    made = _close(case, got.curves, name, method, got.shares, fit, notes, sources)
    if acting.every is None or got.curves.analyte != "neutrophils":  # limits for the next cycle are of neutrophils
        return made
    next_cycle, ways = _plan(got, question, acting, policy, options)
    if any(o.note and o.nadir is not None for o in ways):
        table = load_choice()
        made = replace(made, sources=(*made.sources, table.sources[table.growth_factor.source]))
    return replace(made, next_cycle=next_cycle, options=ways)


def _plan(
    got: Averaged, q: Question, acting: Acting, policy: Policy | None, options: bool
) -> tuple[NextCycle | None, tuple[Option, ...]]:
    from leukon.forecast.options import compare_options, plan_next

    if not any(d.day <= q.last for d in q.doses):
        return None, ()
    own = policy.thresholds.next_cycle_anc if policy else None
    limit = own if own is not None else _CYCLE_LIMIT
    by = policy.name if policy and own is not None else "as in the product information of docetaxel"
    planned = plan_next(q.doses, q.last, acting.every or 21.0)
    dated = min((d.day for d in q.doses if d.day > q.last), default=None)
    meets = meet_limit(got.curves, limit, by, dated)
    return meets, compare_options(got, q, planned, limit) if options and planned else ()


def _ask(case: Case, acting: Acting, days: int) -> tuple[Question, list[str]]:
    """The question to the models, in the analyte that was measured."""
    from leukon.forecast.mechanistic import Question
    from leukon.marrow.library import find_model

    notes: list[str] = []
    analyte = find_model(acting.models[0]).analyte
    counts, scale, wanted = case.neutrophils, 1.0, "neutrophils"
    if analyte == "wbc" and not any(not c.below for c in counts) and (case.wbc or not counts):
        counts, wanted = case.wbc, "wbc"
    elif analyte == "wbc":
        parts = _expect(case, "neutrophils").median / _expect(case, "wbc").median
        scale = parts
        notes.append(f"The model is of leukocytes: neutrophils are taken as {parts:.0%} of them all along (assumption)")
    elif not counts and case.wbc:
        counts = tuple(Observation(c.day, c.value, True) for c in case.wbc)
        notes.append("White counts without a differential are used as upper bounds of the neutrophils")
    if acting.dropped_before is not None:
        counts = tuple(c for c in counts if c.day >= acting.dropped_before)
        notes.append("Doses more than 150 days before the last count, and the counts under them, are left out")
    if len(counts) > _MOST_COUNTS:
        notes.append(f"The newest {_MOST_COUNTS} of {len(counts)} counts are used")
        counts = counts[-_MOST_COUNTS:]
    needs_size = any(d.per == "m2" for d in acting.doses)
    if needs_size and not case.sized:
        notes.append("Body surface is not on the record: 1.8 m2 is taken")
    factor = 1.0
    if case.patient.person.duffy_null:
        from leukon.patient import Person

        factor = _expect(case, "neutrophils").median / _or_adult(expected_count("neutrophils", Person(), None)).median
        notes.append(f"Duffy-null: the count at rest of the papers is multiplied by {factor:.2f}")
    question = Question(acting.models, acting.doses, counts, case.now, days, case.person, wanted, scale, factor,
                        acting.effect_spread)  # fmt: skip
    return question, notes


def _of_recovery(case: Case, passing: Passing, days: int) -> Forecast:
    from leukon.forecast.recovering import RISE_NOTE, Waiting, forecast_recovery

    last = case.last
    assert last is not None
    usual, notes = _usual(case)
    r = passing.recovery
    now = last.value * (2 / 3 if last.below else 1.0)
    waiting = Waiting(r.days, r.sd, passing.since)
    curves = forecast_recovery(last.day, now, waiting, days, usual=usual.median, usual_spread=usual.sd_log)
    notes = [*passing.notes, RISE_NOTE, *notes]
    fit = FitSummary(len(case.neutrophils), None, 0.19)
    return _close(case, curves, "recovery-times", "recovery", (), fit, notes, list(passing.sources))


def _of_level(case: Case, days: int, leading: Leading | None) -> Forecast:
    from leukon.forecast.level import LEVEL_NOTE, LEVEL_SOURCE, NOISE_SD, forecast_level

    analyte = "neutrophils" if case.neutrophils or not case.wbc else "wbc"
    counts = case.neutrophils if analyte == "neutrophils" else case.wbc
    expected = _expect(case, analyte)
    curves = forecast_level(counts, case.now, days, expected=expected.median, spread=expected.sd_log, analyte=analyte)
    notes = [LEVEL_NOTE]
    if leading is not None:
        notes.append(f"Leading cause {leading.id}: no sourced time of recovery, so none is forecast")
    drugs = [g.name for g in case.drugs]
    if drugs:
        notes.append(f"Drugs on the record without a model that acts now: {', '.join(drugs)}")
    if not counts:
        notes.append(f"No count: the level is that of people like this one (median {expected.median:g})")
    fit = FitSummary(len(counts), None, NOISE_SD)
    made = _close(case, curves, "own-level", "own level", (), fit, notes, [LEVEL_SOURCE])
    return replace(made, nadir=None, recovery=None, recoveries=())  # ups and downs of a level are neither


def _usual(case: Case) -> tuple[Expected, list[str]]:
    """The level a person returns to: the own earlier counts that were not low, else that of people like them."""
    expected = _expect(case, "neutrophils")
    own = [math.log(c.value) for c in case.neutrophils if not c.below and c.value >= expected.median / 2.2]
    if not own:
        return expected, [f"The usual level is that of people like this one (median {expected.median:g})"]
    mean = sum(own) / len(own)
    return replace(expected, median=math.exp(mean), sd_log=0.25), [
        f"The usual level is that of the person's {len(own)} earlier counts that were not low ({math.exp(mean):.2g})"
    ]


def _expect(case: Case, analyte: str) -> Expected:
    return _or_adult(expected_count(analyte, case.patient.person, case.patient.person.age_days), analyte)


def _or_adult(found: Expected | None, analyte: str = "neutrophils") -> Expected:
    return found or Expected({"neutrophils": 3.9, "wbc": 6.6}.get(analyte, 3.9), 0.35, "adult", "estimate")


def _model_sources(got: Averaged) -> Iterable[Source]:
    for model in got.models:
        for s in model.sources.values():
            yield Source(s.id, s.citation, s.doi, None, s.url)


def _close(
    case: Case, curves: Curves, model: str, method: str, shares: tuple[ModelShare, ...], fit: FitSummary,
    notes: Iterable[str], sources: Iterable[Source],
) -> Forecast:  # fmt: skip
    recoveries = find_recoveries(curves)
    return Forecast(
        id=case.patient.id,
        model=model,
        method=method,
        models=shares,
        series=show_series(curves),
        nadir=find_nadir(curves),
        recovery=recoveries[-1] if recoveries else None,
        recoveries=recoveries,
        below=measure_below(curves) if curves.analyte == "neutrophils" else (),
        febrile_neutropenia_range=weigh_febrile_range(curves),
        next_cycle=None,
        options=(),
        fit=fit,
        assumptions=tuple(dict.fromkeys((*case.notes, *notes))),
        sources=tuple({s.id: s for s in sources}.values()),
        not_used=tuple(case.not_used),
    )
