# pyright: basic
# (ibis builds the methods of its columns at run time: they have no static types)
"""Three neutropenia cohorts of OHDSI's PhenotypeLibrary 3.37.0 as Ibis expressions: what their laboratory part says.

Written from the Circe JSON (`inst/cohorts/213.json`, `214.json`, `693.json`; Apache licence). Diagnoses, which enter
and exclude people too, are left out, and everybody is taken to be observed at all times.
"""

from __future__ import annotations

from typing import Any

import ibis

__all__ = ["PLATELETS_AUTOMATED", "find_events", "find_isolated", "make_eras"]

ANC = (3013650, 3017732, 3017501, 4148615, 37393856)  # LOINC 751-8, 26499-4, 753-4; SNOMED 30630007, 1022551000000104
BILLION_PER_L = (9444, 8848, 8816, 8961, 44777588)  # 10*9/L, 10*3/uL, 10*6/mL, 10*3/mm3, 10*9.{cellls}/L
PER_UL = (8784, 8647)
HEMOGLOBIN = (3000963, 3027484)
G_PER_DL = (8713, 8950, 4121395)
PLATELETS = (4267147, 37393863, 3007461, 3031586, 3050583)
PLATELETS_AUTOMATED = 3024929  # LOINC 777-3, the usual platelet count: the set does not list it
PLATELET_UNITS = (8848, 8961, 9444, 8816)


def find_events(measurement: Any) -> Any:
    """213 and 693: measurements that enter somebody, without a "normal" count of theirs on the same day."""
    low = _select(measurement, ANC, BILLION_PER_L, 0.01, 1.499).union(_select(measurement, ANC, PER_UL, 10, 1499))
    return low.anti_join(_find_normal(measurement), ["person_id", "measurement_date"])


def find_isolated(measurement: Any, *, more_platelets: tuple[int, ...] = ()) -> Any:
    """214: those of 693 without anaemia or few platelets from 7 days before to 7 days after.

    Of haematocrit, which it asks about as well, no table here holds any.
    """
    events = find_events(measurement)
    others = _select(measurement, HEMOGLOBIN, G_PER_DL, 4, 11).union(
        _select(measurement, (*PLATELETS, *more_platelets), PLATELET_UNITS, 10, 149)
    )
    others = others.select("person_id", other_date=others.measurement_date)
    near = events.join(others, "person_id")
    apart = near.other_date.delta(near.measurement_date, unit="day")
    return events.anti_join(near.filter(apart.between(-7, 7)), "measurement_id")


def make_eras(measurement: Any, events: Any, *, after_days: int, gap_days: int) -> Any:
    """Cohort eras: an event lasts a day and `after_days`, or to the first normal count; those that touch are one.

    213 has 21 days after the event and joins what lies up to 365 days apart; 693 has 0 and 0.
    """
    one = ibis.interval(days=1)
    normal = _find_normal(measurement).select("person_id", normal_date=ibis._.measurement_date)
    pairs = events.left_join(normal, ["person_id", events.measurement_date <= normal.normal_date])
    ends = pairs.group_by("person_id", "measurement_id", "measurement_date").aggregate(normal=pairs.normal_date.min())
    planned = (ends.measurement_date + one * (1 + after_days)).cast("date")
    rows = ends.select("person_id", "measurement_id", start=ends.measurement_date, end=ibis.least(planned, ends.normal))
    in_order = {"group_by": "person_id", "order_by": ["start", "measurement_id"]}
    before = rows.end.max().over(ibis.window(**in_order, rows=(None, -1)))
    begins = before.isnull() | (rows.start > (before + one * gap_days).cast("date"))
    return rows.mutate(begins=begins).filter(ibis._.begins).select("person_id", "start")


def _find_normal(measurement: Any) -> Any:
    return _select(measurement, ANC, BILLION_PER_L, 4, 8.25).union(_select(measurement, ANC, PER_UL, 4000, 8250))


def _select(measurement: Any, concepts: tuple[int, ...], units: tuple[int, ...], low: float, high: float) -> Any:
    """Circe's "between" holds both ends; a row without a unit is in none."""
    rows = measurement.filter(
        measurement.measurement_concept_id.isin(concepts),
        measurement.unit_concept_id.isin(units),
        measurement.value_as_number.between(low, high),
    )
    return rows.select("person_id", "measurement_id", "measurement_date")
