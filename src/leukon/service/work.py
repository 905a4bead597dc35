"""What the processes of the desk do: from the bytes of a request to the bytes of an answer.

Importing this module loads the knowledge, so that every process has it before its first question.
"""

from __future__ import annotations

import gc
from collections.abc import Sequence
from datetime import datetime

from leukon.answer import Report
from leukon.assess import assess
from leukon.batch import add_course
from leukon.io import RecordError, open_input
from leukon.io.safe import ReadProblem
from leukon.knowledge import load_knowledge
from leukon.patient import Patient
from leukon.policy import Policy
from leukon.report.fhir import write_fhir
from leukon.service.parameters import Asked, unfold

__all__ = ["assess_bytes", "assess_fhir", "make_ready", "read_one", "say_ready"]

load_knowledge()
gc.freeze()


def make_ready() -> None:
    """Does once what the first question would wait for; what then stands is never looked through for garbage again."""
    assess_fhir(b"counts: [{wbc: 3, neutrophils: 1}]", Asked(), None, None)
    gc.collect()
    gc.freeze()


def say_ready() -> bool:
    """Shows that a process of the desk answers."""
    return True


def read_one(data: bytes, name: str = "input") -> Patient:
    """The one person that the bytes tell of, in any form leukon reads; raises RecordError, in one line."""
    people = list(open_input(data, name).records)
    if len(people) != 1:
        raise RecordError(f"{name}: it holds {len(people)} records; give one")
    if isinstance(people[0], ReadProblem):
        raise RecordError(f"{name}, line {people[0].line}: {people[0].error}")
    return people[0]


def assess_bytes(
    data: bytes, *, setting: str = "any", add: Sequence[str] = (), policy: Policy | None = None
) -> tuple[Patient, Report]:
    """The assessment of one person from the bytes of a record, FHIR, phenopacket, HL7 v2 or CSV."""
    patient = read_one(data)
    return patient, assess(patient, setting=setting, add=add, policy=policy)


def assess_fhir(data: bytes, asked: Asked, policy: Policy | None, recorded: datetime | None) -> bytes:
    """The answer of `$assess` as a FHIR Bundle; raises UnreadableError or RecordError, in one line."""
    data, asked = unfold(data, asked)
    patient, report = assess_bytes(data, setting=asked.setting, add=asked.add, policy=policy)
    if asked.course:
        report = add_course(report, patient, policy)
    return write_fhir(report, recorded=recorded)
