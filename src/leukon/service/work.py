"""What the processes of the desk do: from the bytes of a request to the bytes of an answer.

Importing this module loads the knowledge, so that every process has it before its first question.
"""

from __future__ import annotations

import gc

from leukon.answer import Report
from leukon.assess import assess
from leukon.io import RecordError, open_input
from leukon.io.safe import ReadProblem
from leukon.knowledge import load_knowledge
from leukon.patient import Patient
from leukon.policy import Policy

__all__ = ["assess_bytes", "read_one"]

load_knowledge()
gc.freeze()


def read_one(data: bytes, name: str = "input") -> Patient:
    """The one person that the bytes tell of, in any form leukon reads; raises RecordError, in one line."""
    people = list(open_input(data, name).records)
    if len(people) != 1:
        raise RecordError(f"{name}: it holds {len(people)} records; give one")
    if isinstance(people[0], ReadProblem):
        raise RecordError(f"{name}, line {people[0].line}: {people[0].error}")
    return people[0]


def assess_bytes(
    data: bytes, *, setting: str = "any", add: tuple[str, ...] = (), policy: Policy | None = None
) -> tuple[Patient, Report]:
    """The assessment of one person from the bytes of a record, FHIR, phenopacket, HL7 v2 or CSV."""
    patient = read_one(data)
    return patient, assess(patient, setting=setting, add=add, policy=policy)
