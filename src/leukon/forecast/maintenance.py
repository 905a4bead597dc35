"""Children on 6-mercaptopurine maintenance: the record's counts and doses handed to the weights learnt on children."""

from __future__ import annotations

import numpy as np

from leukon.forecast.case import Case, Given
from leukon.forecast.children import ASSUMPTIONS, MaintenanceForecast, forecast_maintenance
from leukon.forecast.curves import LIMITS, Curves, Measured

__all__ = ["forecast_child", "maintenance_notes"]

_DRAWS = 1000


def forecast_child(case: Case, drug: Given, days: int) -> tuple[Curves, MaintenanceForecast]:
    """The course by day from the last count on; a count known only to be low is taken at two thirds of its limit."""
    counts = [c for c in case.neutrophils if c.day <= case.now]
    values = [c.value * 2 / 3 if c.below else c.value for c in counts]
    series = case.now + np.arange(days + 1.0)
    amounts = drug.amounts or (1.0,) * len(drug.days)
    got = forecast_maintenance([c.day for c in counts], values, drug.days, amounts, series)
    deep, low = (got.probability_below(limit) for limit in LIMITS)
    measured = Measured(got.median(), got.quantile(0.05), got.quantile(0.95), deep, low)
    course = got.draw_courses(_DRAWS, 1)
    return Curves("neutrophils", case.now, case.now, case.now + days, series, course, series, measured), got


def maintenance_notes() -> tuple[str, ...]:
    return ASSUMPTIONS
