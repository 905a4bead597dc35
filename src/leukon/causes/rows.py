"""Who may be acting in this person: causes and their drugs, each with its prior odds and why.

Priors are per 1,000 people tested in the setting. Age, sex, exposures multiply odds; a known disease sets the prior
of its cause; a cause bound to an exposure needs it; a drug's prior is incidence × P(onset now | start).
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import ItemsView
from dataclasses import dataclass, replace

from leukon.causes.challenge import Course, read_challenge
from leukon.causes.constants import INFECTION_DISCOUNT, INTERACTION, TESTED_IF_ACTING, TESTED_IF_ACTING_SLOWLY
from leukon.causes.onset import onset_share
from leukon.facts import DrugUse, Facts
from leukon.knowledge import Knowledge
from leukon.knowledge.once import once_per_version
from leukon.knowledge.schema import CauseFact, ConditionFact, DrugEffect, DrugFact, Figure, Frequency, Profile, Ratio
from leukon.patient import Person

__all__ = ["Reason", "Row", "list_rows"]

_FAMILY = {"cytotoxic": "cytotoxic_chemotherapy", "other": "drug_induced_nonchemo"}
_MOST_HELD = 500  # lists of rows kept for batches
_HIGHEST = 0.95  # no prior is surer than this before the counts are seen


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a prior differs from the setting's average: in natural-log odds."""

    item: str
    weight: float
    source: str
    sure: str


@dataclass(frozen=True, slots=True)
class Row:
    """One actor: a cause, or one way in which one drug of this person acts."""

    id: str  # "hairy_cell_leukemia" or "drug:methimazole"
    actor: str  # its row in the table
    name: str
    family: str
    odds: float
    must_not_miss: bool
    drug: str | None = None
    confirm: tuple[str, ...] = ()
    travels_with: tuple[str, ...] = ()
    reasons: tuple[Reason, ...] = ()
    deaf_to: frozenset[str] = frozenset()  # findings that the known disease implies: not evidence for its own cause


def _reason(item: str, weight: float, figure: Figure | None = None) -> Reason:
    return Reason(item, weight, (figure and figure.source) or "estimate", figure.sure if figure else "estimate")


def list_rows(
    person: Person,
    age_years: float | None,
    facts: Facts,
    k: Knowledge,
    setting: str,
    at: float,
    course: Course | None = None,
) -> list[Row]:
    """All actors with odds above zero on day `at`; `course` is what the series says after drugs were stopped."""
    course = course or Course()
    drugs = [row for use in _distinct(facts.drugs, at) for row in _drug_rows(use, facts, k, at, course)]
    context = _read_context(person, age_years, facts, k, setting)
    touched = _find_touched(context, k)
    rows = [_cause_row(k.causes[name], context, k) if name in touched else row for name, row in _plain_rows(context, k)]
    if any(r.family == "cytotoxic_chemotherapy" for r in drugs):
        rows = [r for r in rows if r.family != "cytotoxic_chemotherapy"]
    return [r for r in (*rows, *drugs) if r.odds > 0]


def _distinct(uses: tuple[DrugUse, ...], at: float) -> list[DrugUse]:
    """One use per drug: the last begun by the day of the count; else one of unknown start; else the next to begin."""
    held: dict[str, DrugUse] = {}
    for use in uses:
        if use.drug and (use.drug not in held or _time_of(use, at) > _time_of(held[use.drug], at)):
            held[use.drug] = use
    return list(held.values())


def _time_of(use: DrugUse, at: float) -> tuple[int, float]:
    if use.start is None:
        return 1, 0.0
    return (2, use.start) if use.start <= at else (0, -use.start)


@dataclass(frozen=True, slots=True)
class _Context:
    """What bears on the priors of causes, read once for all of them."""

    setting: str
    sex: str | None
    age_years: float | None
    present: frozenset[str]
    known: frozenset[str]  # findings and conditions
    absent: frozenset[str]
    raised: dict[str, list[tuple[str, Ratio]]]  # cause -> the drugs that raise it
    acts: dict[str, list[tuple[ConditionFact, Frequency]]]  # cause -> the known diseases that set its prior


def _read_context(person: Person, age_years: float | None, facts: Facts, k: Knowledge, setting: str) -> _Context:
    raised: dict[str, list[tuple[str, Ratio]]] = {}
    for use in facts.drugs:
        if use.drug and not use.said_past:
            for cause, ratio in k.drugs[use.drug].raises.items():
                raised.setdefault(cause, []).append((use.name, ratio))
    ids = facts.condition_ids
    acts: dict[str, list[tuple[ConditionFact, Frequency]]] = {}
    for name in sorted(ids):
        for cause, frequency in k.conditions[name].acts.items():
            acts.setdefault(cause, []).append((k.conditions[name], frequency))
    return _Context(setting, person.sex, age_years, facts.present, facts.present | ids, facts.absent, raised, acts)


def _find_touched(c: _Context, k: Knowledge) -> set[str]:
    """The causes whose prior something on the record may move."""
    bearing = _list_bearing(k)
    return {*c.raised, *c.acts, *(cause for name in c.known | c.absent for cause in bearing.get(name, ()))}


@once_per_version
def _list_bearing(k: Knowledge) -> dict[str, list[str]]:
    """Finding or condition -> the causes that need it or are raised by it."""
    found: dict[str, list[str]] = {}
    for cause in k.causes.values():
        for name in (*cause.needs, *cause.raised_by):
            found.setdefault(name, []).append(cause.id)
    return found


def _plain_rows(c: _Context, k: Knowledge) -> ItemsView[str, Row]:
    """The rows of all causes while nothing on the record touches them: the same for all people of one age and sex."""
    held = _keep_plain_rows(k)
    if len(held) > _MOST_HELD:
        held.clear()
    key = c.setting, c.sex, _class_age(c.age_years, k)
    if key not in held:
        bare = replace(c, present=frozenset(), known=frozenset(), absent=frozenset(), raised={}, acts={})
        held[key] = {name: _cause_row(cause, bare, k) for name, cause in k.causes.items()}
    return held[key].items()


@once_per_version
def _keep_plain_rows(k: Knowledge) -> dict[tuple[str, str | None, tuple[int, str] | None], dict[str, Row]]:
    return {}


def _class_age(age_years: float | None, k: Knowledge) -> tuple[int, str] | None:
    """What priors and their reasons see of an age: the bands that hold it, and the age in whole years."""
    return None if age_years is None else (bisect_right(_list_edges(k), age_years), f"{age_years:.0f}")


@once_per_version
def _list_edges(k: Knowledge) -> list[float]:
    """All ages at which the odds of some cause change."""
    bands = [band for cause in k.causes.values() for band in cause.ages]
    return sorted({edge for band in bands for edge in (band.from_years, band.to_years)})


def _cause_row(cause: CauseFact, c: _Context, k: Knowledge) -> Row:
    prior = cause.prior.get(c.setting) or cause.prior["any"]
    odds = prior.per_1000 / (1000 - prior.per_1000)
    reasons: list[Reason] = []
    if c.age_years is not None:
        for band in cause.ages:
            if band.from_years <= c.age_years < band.to_years:
                odds *= band.times
                reasons.append(_reason(f"age {c.age_years:.0f} years", _log(band.times), band))
    if c.sex in cause.sex:
        ratio = cause.sex[c.sex]  # type: ignore[index]
        odds *= ratio.times
        reasons.append(_reason(c.sex or "", _log(ratio.times), ratio))
    if not c.known.isdisjoint(cause.raised_by):
        for name, ratio in cause.raised_by.items():
            if name in c.known:
                odds *= ratio.times
                label = k.findings[name].name if name in k.findings else k.conditions[name].name
                reasons.append(_reason(label, _log(ratio.times), ratio))
    for drug, ratio in c.raised.get(cause.id, ()):
        odds *= ratio.times
        reasons.append(_reason(drug, _log(ratio.times), ratio))
    for condition, acts in c.acts.get(cause.id, ()):
        p = min(_HIGHEST, acts.p)
        if p / (1 - p) > odds:
            reasons.append(_reason(f"known {condition.name}", math.log(p / (1 - p)) - _log(odds), acts))
            odds = p / (1 - p)
    if cause.needs and c.present.isdisjoint(cause.needs):
        odds *= 0.0 if c.absent.issuperset(cause.needs) else cause.untold
    return Row(
        id=cause.id,
        actor=cause.id,
        name=cause.name,
        family=cause.family,
        odds=min(odds, _HIGHEST / (1 - _HIGHEST)),
        must_not_miss=cause.must_not_miss,
        confirm=cause.confirm,
        travels_with=cause.travels_with,
        reasons=tuple(r for r in reasons if abs(r.weight) > 0.01),
        deaf_to=frozenset(f for condition, _ in c.acts.get(cause.id, ()) for f in condition.findings),
    )


def _log(x: float) -> float:
    return math.log(x) if x > 0 else -20.0


def _drug_rows(use: DrugUse, facts: Facts, k: Knowledge, at: float, course: Course) -> list[Row]:
    assert use.drug is not None
    drug = k.drugs[use.drug]
    rows: list[Row] = []
    for effect in drug.effects:
        profile = k.profiles[effect.profile]
        share = onset_share(use, effect, profile, at)
        odds = _odds(min(_HIGHEST, effect.incidence.p * share * _tested(drug, profile)))
        if odds <= 0:
            continue
        untimed = onset_share(DrugUse(use.drug, use.name, use.path), effect, profile, at)
        reasons = [_timing_reason(use, effect, share / max(untimed, 1e-6), at)]
        if _begun_for_infection(use, drug, facts, at):
            odds *= INFECTION_DISCOUNT
            reasons.append(_reason("begun for the infection itself", math.log(INFECTION_DISCOUNT)))
        same = [use, *(u for u in facts.drugs if u.drug == use.drug and u is not use)]
        for text, times in read_challenge(same, course, acute=profile.acute):
            odds *= times
            reasons.append(_reason(f"{use.name}: {text}", math.log(times)))
        for other in facts.drugs:
            if other.drug in drug.interacts and other.is_taken(at, 14):
                odds *= INTERACTION
                text = f"with {other.name}: {drug.interacts[other.drug]}"
                reasons.append(_reason(text, math.log(INTERACTION)))
        for name, ratio in drug.raised_by.items():
            if name in facts.present:
                odds *= ratio.times
                reasons.append(_reason(k.findings[name].name, _log(ratio.times), ratio))
        rows.append(
            Row(
                id=f"drug:{drug.id}",
                actor=f"profile:{profile.id}",
                name=f"{drug.name}: {profile.name}",
                family=drug.family or _FAMILY[drug.purpose],
                odds=odds,
                must_not_miss=profile.must_not_miss,
                drug=drug.name,
                reasons=tuple(reasons),
            )
        )
    return rows


def _tested(drug: DrugFact, profile: Profile) -> float:
    """Counts under chemotherapy are taken whether it acts or not; other drugs are tested for when they act."""
    if drug.purpose == "cytotoxic":
        return 1.0
    return TESTED_IF_ACTING if profile.acute else TESTED_IF_ACTING_SLOWLY


def _odds(p: float) -> float:
    return p / (1 - p)


def _timing_reason(use: DrugUse, effect: DrugEffect, ratio: float, at: float) -> Reason:
    """How much better, or worse, the time fits than if nothing were known of it."""
    if use.start is not None:
        when = f"begun {at - use.start:.0f} days before"
    elif use.recent:
        when = "recently begun"
    elif use.stop is not None and use.stop < at:
        when = f"last taken {at - use.stop:.0f} days before"
    else:
        when = "start not known"
    return _reason(f"{use.name}, {when}", _log(max(ratio, 1e-6)), effect.window)


def _begun_for_infection(use: DrugUse, drug: DrugFact, facts: Facts, at: float) -> bool:
    """Was it begun for the very illness? Only where fever or an infection is there, and it is not taken for long."""
    if not drug.given_for_infection or use.long:
        return False
    if use.start is not None:
        return at - use.start < 5
    return "fever" in facts.present
