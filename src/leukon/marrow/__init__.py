"""How white cells are made and lost: published models of the marrow, schedules as people write them, simulation.

>>> from leukon.marrow import find_model, read_schedule
>>> find_model("friberg-2002-docetaxel").parameters["mtt"].value
88.7
>>> len(read_schedule("docetaxel 75 mg/m2 day 0, 21, 42", 60))
3

JAX loads with `simulate` and the modules it needs, never before.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from leukon.marrow.dose import Dose
from leukon.marrow.drugs import Drug, find_drug, list_drugs
from leukon.marrow.library import Figure, MarrowError, Missing, Model, find_model, list_missing, list_models
from leukon.marrow.person import Person, body_surface, read_person
from leukon.marrow.schedule import read_schedule

if TYPE_CHECKING:
    from leukon.marrow.cause_course import course_of, why_no_course
    from leukon.marrow.courses import compare_treatments, simulate_cause
    from leukon.marrow.simulation import Course, Problem, counts, person_parameters, prepare, simulate

__all__ = [
    "Course", "Dose", "Drug", "Figure", "MarrowError", "Missing", "Model", "Person", "Problem", "body_surface",
    "compare_treatments", "counts", "course_of", "find_drug", "find_model", "list_drugs", "list_missing", "list_models",
    "person_parameters", "prepare", "read_person", "read_schedule", "simulate", "simulate_cause", "why_no_course",
]  # fmt: skip

_NEED_JAX = dict.fromkeys(("Course", "Problem", "counts", "person_parameters", "prepare", "simulate"), "simulation") | {
    "compare_treatments": "courses", "simulate_cause": "courses", "course_of": "cause_course",
    "why_no_course": "cause_course",
}  # fmt: skip


def __getattr__(name: str) -> Any:
    """Loads the numeric part on first use."""
    if name in _NEED_JAX:
        try:
            numeric = import_module(f"leukon.marrow.{_NEED_JAX[name]}")
        except ModuleNotFoundError as error:
            if (error.name or "").split(".")[0] != "jax":
                raise
            raise MarrowError("simulation needs JAX: pip install 'leukon[marrow]'") from None
        return getattr(numeric, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
