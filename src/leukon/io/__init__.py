"""Reads a Patient from what people have, told apart by content.

The leukon record (YAML or JSON), FHIR R4, GA4GH phenopackets, NDJSON of these, HL7 v2 results, C-CDA, CSV of counts.
"""

from __future__ import annotations

from leukon.io.detect import Batch, ReadProblem, open_input, read_inputs
from leukon.io.record import read_record
from leukon.io.safe import RecordError

__all__ = ["Batch", "ReadProblem", "RecordError", "open_input", "read_inputs", "read_record"]
