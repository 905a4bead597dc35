# pyright: basic
# (ibis builds its schemas at run time: they have no static types)
"""The tables that every source becomes, whatever it was: people, counts, exposures, conditions, and what was left out.

No table has a row number: a source may come in any order. What orders rows of one draw is what they hold, so that rows
that are alike may change places without changing an answer.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import ibis

__all__ = ["CONDITIONS", "COUNTS", "EXPOSURES", "NOT_UNDERSTOOD", "PEOPLE", "Tables"]

PEOPLE = ibis.schema(
    {
        "person": "string",  # unique
        "sex": "string",  # female, male or null
        "birth_date": "date",
        "age_years": "float64",  # at the first count, where there is no birth date
        "ancestry": "string",
        "duffy_null": "boolean",
        "weight": "float64",  # of a survey
        "stratum": "string",
        "unit": "string",
    }
)
COUNTS = ibis.schema(
    {
        "person": "string",
        "day": "float64",  # days since 1970-01-01, with their fraction; null where no time is given
        "analyte": "string",  # the record's word: wbc, neutrophils, segs, lymphocytes, …
        "percent": "boolean",  # a percentage of the white cells, else an absolute count
        "value": "float64",  # 10*9/L, g/dL, fL or %
        "bound": "string",  # "<" or ">" before the value, else null
        "lower": "float64",  # the laboratory's limits, in the unit of the value
        "upper": "float64",
    }
)
EXPOSURES = ibis.schema({"person": "string", "name": "string", "code": "string", "start": "float64", "stop": "float64"})
CONDITIONS = ibis.schema({"person": "string", "name": "string", "code": "string", "day": "float64"})
NOT_UNDERSTOOD = ibis.schema(
    {"table": "string", "column": "string", "text": "string", "reason": "string", "rows": "int64"}
)


@dataclass(frozen=True, slots=True)
class Tables:
    """Ibis tables of the schemas above, known to one engine."""

    people: Any
    counts: Any
    exposures: Any
    conditions: Any
    not_understood: Any
