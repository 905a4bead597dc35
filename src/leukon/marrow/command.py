"""The logic of `leukon simulate`: parsed options in, text out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from leukon.marrow.dose import Dose
from leukon.marrow.drugs import list_drugs
from leukon.marrow.library import MarrowError, Model, list_missing, list_models
from leukon.marrow.mechanisms import list_mechanisms
from leukon.marrow.person import Person, read_person
from leukon.marrow.regimen import choose_model, others_for, read_plan
from leukon.marrow.schedule import read_schedule

if TYPE_CHECKING:
    from leukon.marrow.simulation import Course

__all__ = ["Options", "Page", "list_all", "run_simulation"]

Page = Callable[..., str]
"""Writes a page: the course, what stands beside it, and the course without treatment where there is one."""


@dataclass(frozen=True, slots=True)
class Options:
    """What was typed."""

    model: str | None = None
    drugs: Sequence[str] = ()
    treatments: Sequence[str] = ()
    causes: Sequence[str] = ()
    days: float | None = None
    every_hours: float = 6.0
    format: str = "text"
    person: str | None = None
    patients: int | None = None
    seed: int = 1
    accurate: bool = False


def run_simulation(options: Options, page: Page | None = None) -> str:
    """Simulates and writes; `page` writes html. What cannot be done raises a `MarrowError` of one line."""
    _check(options, page)
    from leukon.marrow.leukon_command import needs_leukon, run_leukon  # JAX loads here

    if needs_leukon(options):
        return run_leukon(options, page)
    doses, days, beyond = read_plan([*options.drugs, *options.treatments], options.days)
    model = choose_model(options.model, doses)
    person = read_person(options.person) if options.person else Person()
    from leukon.marrow import simulate  # JAX loads here
    from leukon.marrow.write import write_csv, write_json, write_text

    def run(given: Sequence[Dose]) -> Course:
        return simulate(model, given, person=person, days=days, every_hours=options.every_hours,
                        patients=options.patients, seed=options.seed, accurate=options.accurate)  # fmt: skip

    course = run(doses)
    about = _describe(model, doses, person, options, beyond)
    if page is not None and options.format == "html":
        from leukon.marrow.disagree import simulate_others

        about["other_courses"], about["other_failed"] = simulate_others(
            about["others"], doses, person, days, options.every_hours
        )
        kept = [dose for line in options.drugs for dose in read_schedule(line, days)]
        return page(course, about, run(kept) if options.treatments else None)  # the same seed: the same people
    write = {"text": write_text, "csv": write_csv, "json": write_json}[options.format]
    return write(course, about)


def _check(options: Options, page: Page | None) -> None:
    if options.format not in {"text", "csv", "json"} and (options.format != "html" or page is None):
        raise MarrowError(f"{options.format} is no format here; use text, csv or json")
    if not 0.1 <= options.every_hours <= 24 * 28:
        raise MarrowError("--every is the hours between two rows, from 0.1 to 672")
    if options.days is not None and not 0 < options.days <= 3660:
        raise MarrowError("--days is how long to simulate, from 1 to 3660")
    if options.patients is not None and not 1 < options.patients <= 200_000:
        raise MarrowError("--patients is how many virtual people to draw, from 2 to 200,000")


def _describe(model: Model, doses: Sequence[Dose], person: Person, options: Options, beyond: int) -> dict[str, Any]:
    """All that stands beside the numbers."""
    asked = {effect.trait for effect in model.covariates} | {"bsa", "weight"}
    unused = [name for name in person.traits if name not in asked]
    return {
        "person": {"bsa_m2": round(person.bsa_m2, 3), "weight_kg": person.weight_kg, **person.traits},
        "doses": [
            {"drug": d.drug, "day": d.day, "amount": f"{_amount(d, person)}", "hours": d.hours, "route": d.route}
            for d in doses
        ],
        "patients": options.patients,
        "seed": options.seed if options.patients else None,
        "not_used": [{"item": name, "reason": f"{model.id} does not use it"} for name in unused],
        "beyond": beyond,
        "others": list(others_for(model, doses)),
        "needs": sorted(asked - {"bsa", "weight"} - set(person.traits)),
    }


def _amount(dose: Dose, person: Person) -> str:
    total = dose.total(person.bsa_m2, person.weight_kg)
    if dose.route == "radiation":
        return f"{total:g} Gy"
    return f"{total:.4g} mg" if total >= 1 else f"{total * 1000:.4g} ug"


def list_all() -> str:
    """The models, drugs and treatments, and what is missing with the reason."""
    lines = ["models"]
    wide = max(len(m.id) for m in list_models())
    for m in list_models():
        what = ", ".join(m.drugs) or "no drug"
        lines.append(f"  {m.id:<{wide}}  {m.title} ({what})")
    for kind in ("drug", "treatment"):
        lines.append(f"{kind}s")
        for drug in (d for d in list_drugs() if d.kind == kind):
            words = f", also {', '.join(drug.names)}" if drug.names else ""
            lines.append(f"  {drug.id}{words}: {drug.model}")
    lines.append("causes (--cause), in the leukon model of five lineages")
    for cause in list_mechanisms():
        how = f"no course: {cause.no_course}" if cause.no_course else f"{cause.action}, {cause.grade}"
        lines.append(f"  {cause.cause}: {how}")
    lines.append("not available")
    lines += [f"  {gap.id}: {gap.because}" for gap in list_missing()]
    return "\n".join(lines)
