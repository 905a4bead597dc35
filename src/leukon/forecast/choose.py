"""How one record is forecast: which drug or cause acts, which published models hold it, what stands in for none.

In this order: 6-mercaptopurine maintenance (learnt on children); the published models of a drug whose last dose is
recent; a cytotoxic drug without a model (the class profile); a low count whose leading cause passes (recovery); else
the person's own level. What stands in for what is said in the assumptions.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from leukon.answer import Source
from leukon.forecast.case import Case, Given
from leukon.forecast.tables import ClassProfile, DrugChoice, Recovery, load_choice, load_recovery
from leukon.knowledge import Knowledge
from leukon.marrow.dose import Dose
from leukon.marrow.schedule import read_schedule

__all__ = ["Acting", "Leading", "Passing", "find_acting", "find_maintenance", "find_passing", "needs_cause"]

_RECENT_DAYS = 60.0  # after the last dose of a cycle the marrow has come back
_WINDOW_DAYS = 150.0  # older doses no longer matter
_CHILD_DAYS = 21 * 365.25
_FEW = 3
_LOW = 1.5
_DAILY = frozenset({"mercaptopurine", "tioguanine", "hydroxycarbamide"})  # no cycles
_BLOCK_DAYS = 6.0  # doses nearer than this are one cycle


@dataclass(frozen=True, slots=True)
class Leading:
    """The leading cause of an assessment."""

    id: str
    family: str
    drug: str | None = None  # id of the drug where the cause is one


@dataclass(frozen=True, slots=True)
class Acting:
    """A drug with a model, or the profile that stands in for it."""

    given: Given
    models: tuple[str, ...]
    doses: tuple[Dose, ...]
    every: float | None
    effect_spread: float | None = None
    profile: bool = False
    notes: tuple[str, ...] = ()
    sources: tuple[Source, ...] = ()
    dropped_before: float | None = None  # counts before this day belong to doses that are no longer looked at


@dataclass(frozen=True, slots=True)
class Passing:
    """A cause that passes, and how long that takes."""

    recovery: Recovery
    since: float
    name: str
    notes: tuple[str, ...]
    sources: tuple[Source, ...]


def find_maintenance(case: Case) -> Given | None:
    """6-mercaptopurine on the record of a child, or of anyone followed by three counts under it."""
    drug = next((g for g in case.drugs if g.id == "mercaptopurine"), None)
    if drug is None or (drug.stop is not None and drug.stop < case.now - _RECENT_DAYS):
        return None
    age = case.patient.person.age_days
    child = age is not None and age < _CHILD_DAYS
    return drug if child or len(case.neutrophils) >= _FEW else None


def find_acting(case: Case, k: Knowledge) -> Acting | None:
    """The drug that moves the count now: one with published models first, then a cytotoxic one without."""
    table = load_choice()
    known = [
        (table.drugs[g.id], g) for g in case.drugs if g.id in table.drugs and _is_recent(g, case, table.drugs[g.id])
    ]
    others = [
        g for g in case.drugs
        if g.id not in table.drugs and g.id not in _DAILY and k.drugs[g.id].purpose == "cytotoxic" and g.days
        and _is_recent(g, case, None)
    ]  # fmt: skip
    notes = _say_unmodelled(case, k)
    if known:
        choice, given = max(known, key=lambda pair: pair[1].doses[-1].day)
        rest = [g.name for _, g in known if g is not given] + [g.name for g in others]
        if rest:
            notes.append(
                f"{', '.join(rest)}: no model holds it together with {given.name}; only the counts speak of it"
            )
        doses, dropped = _recent_doses(given.doses, case)
        source = (table.sources[choice.source],) if any(choice.source in n for n in case.notes) else ()
        return Acting(given, choice.models, doses, choice.every, notes=tuple(notes), sources=source,
                      dropped_before=dropped)  # fmt: skip
    if others:
        return _stand_in(others, table.class_profile, case, notes)
    return None


def _is_recent(g: Given, case: Case, choice: DrugChoice | None) -> bool:
    days = [d.day for d in g.doses] if choice is not None else list(g.days)
    begun = [d for d in days if d <= case.now + 1]
    if not begun:  # planned only: forecast if it begins within the days ahead
        return bool(days) and min(days) <= case.now + _RECENT_DAYS
    return max(begun) >= case.now - _RECENT_DAYS


def _recent_doses(doses: Sequence[Dose], case: Case) -> tuple[tuple[Dose, ...], float | None]:
    kept = tuple(d for d in doses if d.day >= case.now - _WINDOW_DAYS)
    return kept, (kept[0].day - 3.0 if kept and len(kept) < len(doses) else None)


def _say_unmodelled(case: Case, k: Knowledge) -> list[str]:
    """Drugs that raise or move the count and are part of no model used here."""
    notes: list[str] = []
    for g in case.drugs:
        taken = g.stop is None or g.stop >= case.now - 14
        if taken and k.drugs[g.id].class_.startswith("growth factor"):
            notes.append(
                f"{g.name} is not part of the model: under it counts are higher and the nadir is shorter than forecast"
            )
        elif taken and k.drugs[g.id].class_ == "glucocorticoid":
            notes.append(f"{g.name} is not part of the model: it raises neutrophils within hours")
    return notes


def _stand_in(others: Sequence[Given], profile: ClassProfile, case: Case, notes: list[str]) -> Acting:
    """One virtual dose a cycle, split over its days."""
    days = sorted({d for g in others for d in g.days})
    first = min(others, key=lambda g: max(g.days))
    if all(len(g.days) == 1 and g.stop is None for g in others):
        begin = days[-1]
        again = [begin + i * profile.every for i in range(1, 40) if begin + i * profile.every <= case.now - 0.5]
        if again:
            notes.append(f"Only the first cycle is dated: repeated every {profile.every:g} days, as in usual use")
        days += again
    days = [d for d in days if d >= case.now - _WINDOW_DAYS]
    blocks: list[list[float]] = []
    for day in days:
        if blocks and day - blocks[-1][0] <= _BLOCK_DAYS:
            blocks[-1].append(day)
        else:
            blocks.append([day])
    unit = read_schedule(f"{profile.drug} {profile.dose}", 0.5)[0]
    doses = tuple(
        Dose(unit.drug, day, unit.amount / len(block), unit.per, unit.route, unit.hours)
        for block in blocks
        for day in block
    )
    names = ", ".join(g.name for g in others)
    notes.append(
        f"{names}: no published model here; the class profile of cytotoxic drugs stands in: the marrow of "
        f"{profile.model} "
        f"with a dose like docetaxel {profile.dose} a cycle and an effect that differs widely (SD of ln "
        f"{profile.effect_spread:g}, an assumption). Nitrosoureas, busulfan and drugs taken daily for weeks fall later"
    )
    return Acting(first, (profile.model,), doses, profile.every, profile.effect_spread, True, tuple(notes))


def needs_cause(case: Case) -> bool:
    """Is the count low with no drug model to say why? Then the leading cause chooses the course."""
    return case.last is not None and case.last.value < _LOW


def find_passing(case: Case, leading: Leading | None, k: Knowledge) -> Passing | None:
    """The recovery of a low count whose cause passes: a drug stopped, an infection, a deficiency treated."""
    if leading is None or not needs_cause(case):
        return None
    table = load_recovery()
    notes: list[str] = []
    since = case.now
    if leading.drug is not None:
        drug = k.drugs.get(leading.drug)
        if drug is None or drug.purpose == "cytotoxic":
            return None
        profiles = {e.profile for e in drug.effects}
        found = next((r for r in table.drugs if r.class_ == drug.class_ or r.profile in profiles), None)
        name = drug.name
        given = next((g for g in case.drugs if g.id == leading.drug), None)
        if given is not None and given.stop is not None:
            since = given.stop
        else:
            notes.append(f"{name} is taken as stopped on day {case.now:g}")
    else:
        found = table.causes.get(leading.id) or table.families.get(leading.family)
        name = k.causes[leading.id].name if leading.id in k.causes else leading.id
        if found is not None:
            since = _since(found, case, name, notes, k)
    if found is None:
        return None
    times = f"median {found.days:g} days to 1.0, SD of ln {found.sd:g}"
    notes.insert(0, f"Leading cause {name}: {times}, from day {since:g}"
                    + (f" ({found.printed})" if found.printed else ""))  # fmt: skip
    notes += [text for text in (found.assumption, found.spread) if text]
    source = (table.sources[found.source],) if found.source else ()
    return Passing(found, since, name, tuple(notes), source)


def _since(found: Recovery, case: Case, name: str, notes: list[str], k: Knowledge) -> float:
    if found.since == "treatment":
        given = next((g for g in case.drugs if g.id == found.treated_by), None)
        if given is not None and given.start is not None:
            return given.start
        treat = k.drugs[found.treated_by].name if found.treated_by in k.drugs else found.treated_by
        notes.append(
            f"{name}: treatment ({treat}) is taken to begin on day {case.now:g}; untreated it does not recover"
        )
        return case.now
    low = [c.day for c in case.neutrophils if c.value < _LOW]
    normal = [c.day for c in case.neutrophils if c.value >= _LOW]
    after = [d for d in low if not normal or d > max(normal)]
    return min(after, default=case.now)
