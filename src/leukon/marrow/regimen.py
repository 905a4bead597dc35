"""From what a person types to a model and its doses: which model holds these drugs, how far the plan runs."""

from __future__ import annotations

from collections.abc import Sequence

from leukon.marrow.dose import Dose
from leukon.marrow.drugs import find_drug, list_drugs
from leukon.marrow.library import MarrowError, Model, find_model, list_models
from leukon.marrow.schedule import read_schedule

__all__ = ["choose_model", "drug_names", "others_for", "read_plan"]

_FAR = 730.0  # days: a plan that still runs then has no end
_ALONE = 42.0
_AFTER = 28.0  # days shown after the last dose


def read_plan(lines: Sequence[str], days: float | None) -> tuple[tuple[Dose, ...], float, int]:
    """The doses, how many days to show, and how many planned doses lie beyond them.

    Without `days` a plan with an end is shown to four weeks after its last dose, one without an end for six weeks.
    """
    whole = [(line, read_schedule(line, _FAR)) for line in lines]
    endless = [line for line, doses in whole if len(read_schedule(line, 2 * _FAR)) > len(doses)]
    if days is None:
        ends = [doses[-1].day + _AFTER for line, doses in whole if line not in endless]
        days = max([_ALONE, *ends])
    shown = tuple(dose for _, doses in whole for dose in doses if dose.day < days)
    if whole and not shown:
        raise MarrowError(f"no dose falls before day {days:g}: show more days")
    beyond = sum(dose.day >= days for line, doses in whole if line not in endless for dose in doses)
    return tuple(sorted(shown, key=lambda d: (d.day, d.drug))), days, beyond


def choose_model(name: str | None, doses: Sequence[Dose]) -> Model:
    """The model named, or the one that stands for these drugs."""
    drugs = tuple(dict.fromkeys(dose.drug for dose in doses))
    if name is not None:
        model = find_model(name)
        for drug in drugs:
            if drug not in model.drugs:
                holders = ", ".join(m.id for m in list_models() if drug in m.drugs)
                raise MarrowError(f"{model.id} does not know {drug}; {drug} is in {holders}")
        return model
    if not drugs:
        raise MarrowError("name a model, a drug or a treatment; --list names them")
    fitting = [m for m in list_models() if set(drugs) <= set(m.drugs)]
    if not fitting:
        raise MarrowError(f"no published model holds {' and '.join(drugs)} together; choose one of them, or --list")
    usual = [find_drug(drug).model for drug in drugs]
    return next((m for m in fitting if m.id in usual), fitting[0])


def others_for(model: Model, doses: Sequence[Dose]) -> tuple[str, ...]:
    """Other published models that hold the same drugs: they may disagree."""
    drugs = {dose.drug for dose in doses}
    return tuple(m.id for m in list_models() if drugs and drugs <= set(m.drugs) and m.id != model.id)


def drug_names() -> tuple[tuple[str, str], ...]:
    """Every drug and treatment with its other words."""
    return tuple((drug.id, ", ".join(drug.names)) for drug in list_drugs())
