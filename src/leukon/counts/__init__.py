"""What was measured: every value in one unit, the differential made absolute, the series in time."""

from __future__ import annotations

from leukon.counts.analytes import ANALYTES, Analyte, find_analyte
from leukon.counts.series import Counts, CountValue, read_counts
from leukon.counts.units import find_factor
from leukon.counts.values import Reading, Refusal, read_value

__all__ = [
    "ANALYTES", "Analyte", "CountValue", "Counts", "Reading", "Refusal", "find_analyte", "find_factor", "read_counts",
    "read_value",
]  # fmt: skip
