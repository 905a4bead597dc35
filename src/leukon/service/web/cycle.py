"""The next cycle of chemotherapy tried on: the forecast of this person with it and without it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from leukon.knowledge import load_knowledge
from leukon.patient import Dose, Drug, Item, Patient
from leukon.policy import Policy
from leukon.service.web.charts import chart_forecast
from leukon.service.web.course import DAYS, draw_days

if TYPE_CHECKING:
    from leukon.marrow.dose import Dose as Given

__all__ = ["Cycle", "try_cycle"]

_WAYS = {"as planned": (1.0, 0.0), "20 % less": (0.8, 0.0), "7 days later": (1.0, 7.0)}  # amount, delay in days


@dataclass(frozen=True, slots=True)
class Cycle:
    """The ways in which the next cycle can be tried on, and the course with the one that is chosen."""

    ways: tuple[tuple[str, str], ...]  # value and label; the first is "not given"
    way: str
    drawn: Markup | None = None
    spec: dict[str, Any] | None = None


def try_cycle(patient: Patient, way: str, policy: Policy | None) -> Cycle | None:
    """The course with the next cycle beside the one without; None where no published model holds a cycle to plan.

    The doses are those of the last cycle, at its interval; a cycle that is due already is given at the newest count.
    """
    from leukon.forecast.case import read_case
    from leukon.forecast.choose import find_acting
    from leukon.forecast.options import plan_next
    from leukon.forecast.outlook import forecast

    k = load_knowledge()
    case = read_case(patient, k)
    acting = find_acting(case, k)
    if acting is None or acting.profile or acting.every is None or any(d.day > case.now for d in acting.doses):
        return None
    cycle = plan_next(acting.doses, case.now, acting.every)
    if not cycle:
        return None
    due = max(0.0, case.now - cycle[0].day)
    day = cycle[0].day + due - case.now
    ways = (("", "not given"), *((w, f"{w}, day {day + later:g}") for w, (_, later) in _WAYS.items()))
    if way not in _WAYS:
        return Cycle(ways, "")
    share, later = _WAYS[way]
    doses = tuple(Dose(d.day + due + later, _write(d, share)) for d in cycle)
    planned = replace(patient, drugs=(*patient.drugs, Drug(Item("the next cycle", acting.given.name), doses=doses)))
    days = int(DAYS + max(0.0, day + later))
    without = [_row(p) for p in forecast(patient, days=days, policy=policy, options=False).to_dict()["series"]]
    with_ = [_row(p) for p in forecast(planned, days=days, policy=policy, options=False).to_dict()["series"]]
    title = f"Next cycle {way}; dashed: not given"
    return Cycle(ways, way, draw_days("cycle", title, with_, without), chart_forecast(with_, without=without))


def _write(dose: Given, share: float) -> str:
    return f"{dose.amount * share:.6g} mg{f'/{dose.per}' if dose.per else ''}"


def _row(point: Mapping[str, Any]) -> dict[str, Any]:
    return {key: point[key] for key in ("day", "median", "p05", "p95")}
