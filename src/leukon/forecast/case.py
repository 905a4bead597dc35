"""What a record holds for a forecast: the counts with their days, the drugs with their doses, and what falls out."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from functools import cache
from typing import cast

from leukon.answer import NotUsed
from leukon.counts import CountValue, read_counts
from leukon.facts import read_facts
from leukon.facts.model import DrugUse, Facts
from leukon.forecast.evidence import Observation
from leukon.forecast.tables import DrugChoice, load_choice
from leukon.knowledge import Knowledge
from leukon.marrow.dose import Dose
from leukon.marrow.library import MarrowError
from leukon.marrow.person import Person, read_person
from leukon.marrow.schedule import read_schedule
from leukon.patient import Drug, Patient

__all__ = ["Case", "Given", "read_case"]

_ZERO_IS_BELOW = 0.05  # 10⁹/L: a count printed as 0
_LEAST = 1e-3
_NUMBER = re.compile(r"^\s*(\d+(?:[.,]\d+)?)\s*(.*)$")
_MOST_DAYS = 3650.0
_WEEK = 6.0  # days between the first and the last dose of a course within one cycle
_PLAN_DAYS = 90.0  # a drug still taken is planned so far ahead
_SIZES = {"bsa": "bsa", "body surface": "bsa", "body surface area": "bsa", "weight": "weight", "height": "height",
          "aag": "aag", "alpha-1-acid glycoprotein": "aag"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Given:
    """One drug of the record. `doses` in mg for the marrow's models; `days` and `amounts` as written."""

    id: str
    name: str
    days: tuple[float, ...]
    amounts: tuple[float, ...] = ()
    doses: tuple[Dose, ...] = ()
    start: float | None = None
    stop: float | None = None  # None = still taken
    long: bool = False


@dataclass(slots=True)
class Case:
    """A record made ready. `now` is the day of the last count, else the record's own."""

    patient: Patient
    facts: Facts
    now: float
    neutrophils: tuple[Observation, ...] = ()
    wbc: tuple[Observation, ...] = ()
    drugs: tuple[Given, ...] = ()
    person: Person = field(default_factory=Person)
    sized: bool = False
    notes: list[str] = field(default_factory=list[str])
    not_used: list[NotUsed] = field(default_factory=list[NotUsed])

    @property
    def last(self) -> Observation | None:
        return self.neutrophils[-1] if self.neutrophils else None


def read_case(patient: Patient, k: Knowledge) -> Case:
    """The counts and doses of a record on its axis; what cannot be used stands in `not_used` with the reason."""
    counts = read_counts(patient)
    facts = read_facts(patient, k)
    case = Case(patient, facts, patient.now)
    case.not_used += list(counts.not_used)
    case.not_used += [NotUsed(i.text, reason, i.path) for i, reason in patient.not_used]
    case.not_used += [n for n in facts.not_used if n.path.startswith("drugs") and n not in case.not_used]
    case.notes += [n for n in counts.notes if "at one time" not in n]
    case.neutrophils = _observe(counts.of("neutrophils"), case)
    case.wbc = _observe(counts.of("wbc"), case)
    seen = [c.day for c in (*case.neutrophils, *case.wbc)]
    case.now = max(seen) if seen else patient.now
    if not seen and counts.values:
        case.notes.append("Only neutrophils and white counts are forecast; the record has neither")
    # neutrophils are part of the white cells: a white count alone bounds them
    known = {c.day for c in case.neutrophils}
    bounds = tuple(Observation(c.day, c.value, True) for c in case.wbc if c.day not in known)
    if bounds and case.neutrophils:
        case.neutrophils = tuple(sorted((*case.neutrophils, *bounds), key=lambda c: c.day))
        case.notes.append("White counts without a differential are used as upper bounds of the neutrophils")
    _read_person(case)
    by_path = {d.name.path: d for d in patient.drugs}
    uses = _end_where_the_next_begins([use for use in facts.drugs if use.drug])
    case.drugs = _merge([g for use in uses if (g := _read_use(use, by_path.get(use.path), case, k))])
    return case


def _end_where_the_next_begins(uses: list[DrugUse]) -> list[DrugUse]:
    """Several lines of one drug: an open one ends the day before the next begins."""
    starts: dict[str | None, list[float]] = {}
    for use in uses:
        if use.start is not None:
            starts.setdefault(use.drug, []).append(use.start)
    out: list[DrugUse] = []
    for use in uses:
        later = [s for s in starts.get(use.drug, ()) if use.start is not None and s > use.start]
        if use.stop is None and use.start is not None and later:
            use = replace(use, stop=max(min(later) - 1, use.start))
        out.append(use)
    return out


def _merge(given: list[Given]) -> tuple[Given, ...]:
    """One entry a drug: all its doses, by day."""
    by_id: dict[str, list[Given]] = {}
    for g in given:
        by_id.setdefault(g.id, []).append(g)
    out: list[Given] = []
    for parts in by_id.values():
        if len(parts) == 1:
            out.append(parts[0])
            continue
        rows = sorted((d, a) for p in parts for d, a in zip(p.days, p.amounts or (1.0,) * len(p.days), strict=True))
        starts = [p.start for p in parts if p.start is not None]
        stops = [p.stop for p in parts]
        last = None if None in stops else max(s for s in stops if s is not None)
        out.append(Given(parts[0].id, parts[0].name, tuple(d for d, _ in rows), tuple(a for _, a in rows),
                         tuple(sorted((d for p in parts for d in p.doses), key=lambda d: d.day)),
                         min(starts, default=None), last, any(p.long for p in parts)))  # fmt: skip
    return tuple(out)


def _observe(values: tuple[CountValue, ...], case: Case) -> tuple[Observation, ...]:
    out: list[Observation] = []
    for v in values:
        if v.day is None:
            case.not_used.append(NotUsed(v.as_given, "a count without a day cannot be placed in the course", v.path))
        elif v.over:
            case.not_used.append(NotUsed(v.as_given, "only a lower bound", v.path))
        elif v.value <= _LEAST:
            case.notes.append(f"A count of 0 is read as below {_ZERO_IS_BELOW:g}, the smallest that is printed")
            out.append(Observation(v.day, _ZERO_IS_BELOW, True))
        else:
            out.append(Observation(v.day, v.value, v.censored == "<"))
    return tuple(out)


def _read_person(case: Case) -> None:
    """Body size and traits from the record's tests; age and sex from the person."""
    pieces: list[str] = []
    for test in case.patient.tests:
        name = _SIZES.get(test.name.text.strip().lower())
        if name and test.result:
            piece = f"{name} {test.result.text.strip().lower()}"
            try:
                read_person(piece)
            except MarrowError:
                case.not_used.append(NotUsed(test.result.text, f"not understood as {name}", test.result.path))
            else:
                pieces.append(piece)
    if case.patient.person.sex:
        pieces.append(case.patient.person.sex)
    age = case.patient.person.age_days
    if age is not None:
        pieces.append(f"age {age / 365.25:.2f} years")
    try:
        case.person = read_person(", ".join(pieces)) if pieces else Person()
        case.sized = any(p.startswith(("bsa", "height")) for p in pieces)
    except MarrowError as error:
        case.notes.append(str(error))


def _read_use(use: DrugUse, line: Drug | None, case: Case, k: Knowledge) -> Given | None:
    """The doses of one drug; what is missing is taken from usual use and said."""
    drug_id = cast("str", use.drug)
    start, stop = use.start, use.stop
    choice = load_choice().drugs.get(drug_id)
    name = k.drugs[drug_id].name
    if line is not None and line.doses:
        return _read_rows(drug_id, name, line, choice, case)
    text = line.dose.text if line is not None and line.dose else None
    if start is None and stop is None:
        return Given(drug_id, name, (), start=start, stop=stop, long=use.long)
    begin = start if start is not None else cast("float", stop)
    if use.said_past and stop is None:
        stop = begin
    doses = _read_schedule(name, begin, stop, text, choice, case, line)
    amount = _NUMBER.match(text) if text else None
    end = stop if stop is not None else case.now
    days, amounts = (tuple(d.day for d in doses), ()) if doses else ((begin,), ())
    if drug_id == "mercaptopurine":  # taken every day, whatever the words of the dose
        count = int(min(max(end - begin, 0), _MOST_DAYS))
        days = tuple(end - i for i in range(count, -1, -1))
        amounts = (float(amount[1].replace(",", ".")) if amount else 1.0,) * len(days)
        doses = ()
    return Given(drug_id, name, days, amounts, doses, start, stop, use.long)


def _read_rows(drug_id: str, name: str, line: Drug, choice: DrugChoice | None, case: Case) -> Given:
    """Doses given day by day: numbers in one unit, and doses in mg where a model needs them."""
    read: list[tuple[float, float, str]] = []
    for dose in line.doses:
        match = _NUMBER.match(dose.text)
        if match is None:
            case.not_used.append(NotUsed(dose.text, f"{name} on day {dose.day:g}: not an amount", line.name.path))
            continue
        read.append((dose.day, float(match[1].replace(",", ".")), match[2].strip()))
    units = [u for _, _, u in read]
    usual = max(set(units), key=units.count) if units else ""
    others = [r for r in read if r[2] != usual]
    if others:
        day, amount, unit = others[0]
        reason = f"{name}: {len(others)} of {len(read)} doses are not in {usual or 'the unit of the others'}"
        case.not_used.append(NotUsed(f"{amount:g} {unit}".strip(), f"{reason}, first on day {day:g}", line.name.path))
    kept = sorted(r for r in read if r[2] == usual)
    doses: list[Dose] = []
    if choice is not None:
        if usual or not kept:
            try:
                doses = [
                    d for day, amount, unit in kept if amount > 0 for d in _one_dose(choice.drug, amount, unit, day)
                ]
            except MarrowError as error:
                case.not_used.append(NotUsed(f"{kept[0][1]:g} {usual}", str(error), line.name.path))
        else:
            reason = f"a dose without a unit: write for example {kept[0][1]:g} mg/m2"
            case.not_used.append(NotUsed(f"{kept[0][1]:g}", reason, line.name.path))
        if not doses and kept:
            case.notes.append(f"{name}: the usual {choice.usual} is taken on each day of a dose ({choice.source})")
            doses = [d for day, _, _ in kept for d in _usual_dose(choice, day)]
    days = tuple(d for d, _, _ in kept)
    return Given(drug_id, name, days, tuple(a for _, a, _ in kept), tuple(doses), min(days, default=None),
                 max(days, default=None))  # fmt: skip


@cache
def _schedule(line: str, until: float) -> tuple[Dose, ...]:
    return read_schedule(line, until)


def _one_dose(drug: str, amount: float, unit: str, day: float) -> tuple[Dose, ...]:
    return _shift(_schedule(f"{drug} {amount:g} {unit}", 0.5), day)


def _usual_dose(choice: DrugChoice, day: float) -> tuple[Dose, ...]:
    text = choice.usual.replace(" daily 21 of 28 days", "")
    return _shift(_schedule(f"{choice.drug} {text}", 0.5), day)


def _shift(doses: tuple[Dose, ...], day: float) -> tuple[Dose, ...]:
    return tuple(replace(d, day=d.day + day) for d in doses)


def _read_schedule(
    name: str, begin: float, stop: float | None, text: str | None, choice: DrugChoice | None, case: Case,
    line: Drug | None,
) -> tuple[Dose, ...]:  # fmt: skip
    """The doses of "start, stop, dose" as the words of the dose say; else as in usual use."""
    if choice is None:
        return ()
    until = (stop if stop is not None else max(case.now, begin) + _PLAN_DAYS) - begin + 0.5
    doses: tuple[Dose, ...] = ()
    if text is not None:
        try:
            doses = _schedule(f"{choice.drug} {text}", until)
        except MarrowError as error:
            path = line.dose.path if line is not None and line.dose else ""
            match = _NUMBER.match(text)
            bare = match is not None and not match[2]
            reason = f"a dose without a unit: write for example {text} mg/m2" if bare else str(error)
            case.not_used.append(NotUsed(text, reason, path))
    if not doses:
        case.notes.append(f"{name}: the dose is not known; the usual {choice.usual} is taken ({choice.source})")
        doses = _schedule(f"{choice.drug} {choice.usual}", until)
    if choice.daily and len(doses) == 1 and until > 1:
        doses = _schedule(f"{choice.drug} {text or choice.usual} daily", until)
    elif stop is not None and len(doses) == 1 and 0 < stop - begin <= _WEEK:
        case.notes.append(f"{name}: from day {begin:g} to {stop:g} is read as that dose on each of these days")
        return tuple(d for i in range(int(stop - begin) + 1) for d in _shift(doses, begin + i))
    elif choice.every and len(doses) == 1 and (stop is None or stop - begin >= choice.every):
        end = stop if stop is not None else case.now - 0.5
        again = [begin + i * choice.every for i in range(1, 40) if begin + i * choice.every <= end]
        if again:
            case.notes.append(
                f"{name}: only its first dose is dated; repeated every {choice.every:g} days to day {end:.0f}, as in "
                f"usual use ({choice.source})"
            )
        return (*_shift(doses, begin), *(d for day in again for d in _shift(doses, day)))
    return _shift(doses, begin)
