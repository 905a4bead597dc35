"""The same doses in every other published model that holds the drugs: how far they disagree."""

from __future__ import annotations

from collections.abc import Sequence

from leukon.marrow.dose import Dose
from leukon.marrow.library import MarrowError, find_model
from leukon.marrow.person import Person
from leukon.marrow.simulation import Course, simulate

__all__ = ["simulate_others"]


def simulate_others(
    names: Sequence[str], doses: Sequence[Dose], person: Person, days: float, every_hours: float
) -> tuple[list[Course], list[tuple[str, str]]]:
    """The course of a typical person in each model, and the models that cannot run this plan with the reason."""
    found: list[Course] = []
    failed: list[tuple[str, str]] = []
    for name in names:
        try:
            found.append(simulate(find_model(name), doses, person=person, days=days, every_hours=every_hours))
        except MarrowError as error:
            failed.append((name, str(error)))
    return found, failed
