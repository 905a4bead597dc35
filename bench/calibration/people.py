"""Who the virtual patient is before anything acts: age, sex, setting, exposures, known diseases and drugs on record.

These stand first because leukon's priors depend on them; the set of causes is then drawn given them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bench.calibration.world import SETTINGS, Nature
from leukon.causes.rows import Row, list_rows
from leukon.facts import Facts, read_facts
from leukon.knowledge import Knowledge
from leukon.knowledge.once import once_per_version
from leukon.patient import Drug, Item, Patient, Person

__all__ = ["Someone", "draw_someone", "list_context", "list_related"]

_SETTING_SHARES = (0.35, 0.2, 0.25, 0.05, 0.15)
_CONDITIONS = (0.6, 0.3, 0.1)  # shares of people with 0, 1, 2 known diseases
_DRUGS = (0.45, 0.3, 0.15, 0.1)  # with 0, 1, 2, 3 drugs
_DENIED = 0.05  # share of exposures that are asked for and denied
_YEAR = 365.25


@dataclass(frozen=True, slots=True)
class Someone:
    """A person with what bears on the priors, as leukon reads it; `rows` are the causes that could act."""

    patient: Patient
    setting: str
    facts: Facts
    rows: list[Row]


@once_per_version
def list_context(k: Knowledge) -> frozenset[str]:
    """Findings that change a prior (exposures, traits), with those that imply one."""
    bound = {f for c in k.causes.values() for f in (*c.raised_by, *c.needs) if f in k.findings}
    related = list_related(k)
    return frozenset(f for f in k.findings if f in bound or related[f][0] & bound)


@once_per_version
def list_related(k: Knowledge) -> dict[str, tuple[frozenset[str], frozenset[str]]]:
    """For each finding its wider terms, and all terms of its line (wider and narrower)."""
    wider: dict[str, set[str]] = {}
    for name in k.findings:
        seen: set[str] = set()
        todo = list(k.findings[name].parents)
        while todo:
            parent = todo.pop()
            if parent not in seen:
                seen.add(parent)
                todo += k.findings[parent].parents
        wider[name] = seen
    narrower: dict[str, set[str]] = {name: set() for name in k.findings}
    for name, parents in wider.items():
        for parent in parents:
            narrower[parent].add(name)
    return {n: (frozenset(wider[n]), frozenset(wider[n] | narrower[n])) for n in k.findings}


def draw_someone(rng: np.random.Generator, k: Knowledge, nature: Nature) -> Someone:
    """Someone at random, who has not been examined yet."""
    setting = str(rng.choice(SETTINGS, p=_SETTING_SHARES))
    child = setting == "paediatric" or (setting == "any" and rng.random() < 0.2)
    years = rng.uniform(0.1, 17.9) if child else rng.uniform(18, 90)
    person = Person(age_days=round(years * _YEAR), sex="female" if rng.random() < 0.5 else "male")
    told, denied = _draw_exposures(rng, k, nature)
    patient = Patient(
        person=person,
        drugs=_draw_drugs(rng, k, person),
        conditions=_draw_conditions(rng, k),
        present=tuple(Item(f"findings.present[{n}]", k.findings[f].name) for n, f in enumerate(told)),
        absent=tuple(Item(f"findings.absent[{n}]", k.findings[f].name) for n, f in enumerate(denied)),
    )
    facts = read_facts(patient, k)
    rows = list_rows(person, round(years * _YEAR) / _YEAR, facts, k, setting, patient.now)
    return Someone(patient, setting, facts, rows)


def _draw_exposures(rng: np.random.Generator, k: Knowledge, nature: Nature) -> tuple[list[str], list[str]]:
    table, related = nature.table, list_related(k)
    told: list[str] = []
    denied: list[str] = []
    taken: set[str] = set()
    names = sorted(list_context(k))
    for place in rng.permutation(len(names)):
        name = names[place]
        if name in taken:
            continue
        if rng.random() < table.leak[table.findings[name]]:
            told.append(name)
        elif rng.random() < _DENIED:
            denied.append(name)
        else:
            continue
        taken |= {name, *related[name][1]}
    return told, denied


def _draw_conditions(rng: np.random.Generator, k: Knowledge) -> tuple[Item, ...]:
    names = sorted(k.conditions)
    some = rng.choice(len(names), size=rng.choice(3, p=_CONDITIONS), replace=False)
    return tuple(Item(f"conditions[{n}]", k.conditions[names[c]].name) for n, c in enumerate(some))


def _draw_drugs(rng: np.random.Generator, k: Knowledge, person: Person) -> tuple[Drug, ...]:
    acting = sorted(d.id for d in k.drugs.values() if d.effects and not d.members)
    others = sorted(d.id for d in k.drugs.values() if not d.effects and not d.members)
    drugs: dict[str, Drug] = {}
    for n in range(int(rng.choice(4, p=_DRUGS))):
        pool = acting if rng.random() < 0.7 else others
        fact = k.drugs[pool[rng.integers(len(pool))]]
        name = Item(f"drugs[{n}].name", fact.name)
        # A drug begun for the infection itself is discounted where fever is there: its start is told and not so new.
        if not fact.given_for_infection and rng.random() < 0.4:
            drugs[fact.id] = Drug(name)
            continue
        days = min(float(np.round(np.exp(rng.uniform(np.log(6), np.log(1500))))), person.age_days or 0.0)
        stop = -float(rng.integers(0, max(1, int(days)))) if rng.random() < 0.15 else None
        drugs[fact.id] = Drug(name, start=-days, stop=stop)
    return tuple(drugs.values())
