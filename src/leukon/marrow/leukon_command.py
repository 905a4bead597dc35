"""`leukon simulate --cause …` and what acts within hours or changes a plan: parsed options in, text out."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any, Protocol

from leukon.marrow.courses import compare_treatments, simulate_cause
from leukon.marrow.disagree import simulate_others
from leukon.marrow.drugs import find_drug
from leukon.marrow.library import MarrowError
from leukon.marrow.mechanisms import find_mechanism
from leukon.marrow.person import Person, read_person
from leukon.marrow.regimen import choose_model, others_for
from leukon.marrow.treatments import STIMULI, read_treatments
from leukon.marrow.write_lineages import write_lineages_csv, write_lineages_json, write_lineages_text

__all__ = ["needs_leukon", "run_leukon"]

_PUBLISHED = ("filgrastim", "pegfilgrastim")
_PLAN = re.compile(r"^\s*(stop|end|withdraw|without|reduce|delay|splenectomy|treat)", re.IGNORECASE)
_LAST_DAY = re.compile(r"(\d+(?:\.\d+)?)\s*$")


class _Options(Protocol):
    @property
    def model(self) -> str | None: ...
    @property
    def drugs(self) -> Sequence[str]: ...
    @property
    def treatments(self) -> Sequence[str]: ...
    @property
    def causes(self) -> Sequence[str]: ...
    @property
    def days(self) -> float | None: ...
    @property
    def every_hours(self) -> float: ...
    @property
    def format(self) -> str: ...
    @property
    def person(self) -> str | None: ...
    @property
    def patients(self) -> int | None: ...
    @property
    def seed(self) -> int: ...


def needs_leukon(options: _Options) -> bool:
    """Whether what was asked needs the leukon model: a cause, a change of plan, or what no published model holds."""
    if options.causes or options.model == "leukon":
        return True
    if any(_PLAN.match(line) for line in options.treatments):
        return True
    names = [_drug(line) for line in (*options.drugs, *options.treatments)]
    stimuli = {name for name in names if name in STIMULI}
    return bool(stimuli - set(_PUBLISHED)) or bool(stimuli and options.model is None and set(names) - stimuli - {None})


def _drug(line: str) -> str | None:
    try:
        return find_drug(re.split(r"\s+\d", line.strip(), maxsplit=1)[0]).id
    except MarrowError:
        return None


def run_leukon(options: _Options, page: Callable[..., str] | None = None) -> str:
    """Simulates with the leukon model and writes; `page` writes html. What cannot be done raises a `MarrowError`."""
    person = read_person(options.person) if options.person else Person()
    days = options.days if options.days is not None else _days(options)
    how: dict[str, Any] = {
        "person": person, "drugs": options.drugs, "days": days, "every_hours": options.every_hours,
        "patients": options.patients, "seed": options.seed,
        "model": None if options.model == "leukon" else options.model,
    }  # fmt: skip
    without = None
    if options.treatments and options.format != "csv":
        without, course = compare_treatments(options.causes, options.treatments, **how)
    else:
        course = simulate_cause(options.causes, treatments=options.treatments, **how)
    if options.format == "csv":
        return write_lineages_csv(course)
    about = _describe(options, person, days)
    about["not_used"] += [{"item": note.removeprefix("not used: "), "reason": "has no effect here"}
                          for note in course.model.notes if note.startswith("not used: ")]  # fmt: skip
    if page is not None and options.format == "html":
        return page(course, about | _for_page(options, person, days), without)
    write = {"text": write_lineages_text, "json": write_lineages_json}[options.format]
    return write(course, about, without)


def _days(options: _Options) -> float:
    """Six weeks, or four weeks after the last day that a line names."""
    ends = [float(found[1]) for line in (*options.drugs, *options.treatments) if (found := _LAST_DAY.search(line))]
    return max([42.0, *(end + 28.0 for end in ends if end < 1000.0)])


def _for_page(options: _Options, person: Person, days: float) -> dict[str, Any]:
    """What only the page shows: treatments that are no dose, and the drug alone in every published model of it."""
    plan = read_treatments(options.drugs, options.treatments, [find_mechanism(c) for c in options.causes], days)
    events = [(day, f"{cause} ends".replace("_", " ")) for cause, day in plan.ended.items() if day < days]
    events += [(plan.splenectomy, "splenectomy")] if plan.splenectomy is not None else []
    if not plan.drugs:
        return {"events": events}
    chosen = choose_model(None if options.model == "leukon" else options.model, plan.drugs)
    names = (chosen.id, *others_for(chosen, plan.drugs))
    courses, failed = simulate_others(names, plan.drugs, person, days, options.every_hours)
    return {"events": events, "other_courses": courses, "other_failed": failed}


def _describe(options: _Options, person: Person, days: float) -> dict[str, Any]:
    causes = [find_mechanism(c) for c in options.causes]
    plan = read_treatments(options.drugs, options.treatments, causes, days)
    model = None if options.model == "leukon" else options.model
    asked = {e.trait for e in choose_model(model, plan.drugs).covariates} if plan.drugs else set[str]()
    return {
        "person": {"bsa_m2": round(person.bsa_m2, 3), "weight_kg": person.weight_kg, **person.traits},
        "doses": [
            {"drug": d.drug, "day": d.day, "amount": f"{d.total(person.bsa_m2, person.weight_kg):.4g} mg",
             "hours": d.hours, "route": d.route}
            for d in sorted((*plan.drugs, *plan.given), key=lambda d: d.day)
        ],
        "written": [*options.drugs, *options.treatments],
        "causes": [
            {"id": c.cause, "name": c.name, "mechanism": c.action, "how": c.because, "grade": c.grade}
            for c in causes
            if c.no_course is None
        ],
        "patients": options.patients,
        "seed": options.seed if options.patients else None,
        "not_used": [{"item": name, "reason": "the leukon model does not use it"} for name in person.traits
                     if name not in asked],
        "others": [],
    }  # fmt: skip
