"""Many records: each assessed in turn, long batches on every core, answers in the order of the input."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from typing import BinaryIO

import msgspec

from leukon.answer import Report
from leukon.assess import assess
from leukon.batches import Answer, AnswerOne, answer_inputs, tell_defect, tell_problem, warm_up
from leukon.io import ReadProblem
from leukon.knowledge.check import KnowledgeError
from leukon.patient import Patient
from leukon.policy import Policy

__all__ = ["Job", "OnePageError", "add_course", "run"]

_CHUNK = 50
_ALONE = 100  # batches up to this size are done by this process: starting others costs more


@dataclass(frozen=True, slots=True)
class Job:
    """How to assess and how to write."""

    setting: str = "any"
    add: tuple[str, ...] = ()
    policy: Policy | None = None
    course: bool = False
    format: str | None = None  # text for one report, JSON for several


class OnePageError(ValueError):
    """Several reports were asked for in a form that holds one."""


def run(job: Job, names: list[str], open_: Callable[[str], BinaryIO], out: Iterator[BinaryIO]) -> tuple[int, int]:
    """Assesses every record of the named inputs and writes the answers; how many were answered, how many not."""
    return answer_inputs(names, open_, out, partial(_choose, job), chunk=_CHUNK, alone=_ALONE, warm=warm_up)


def _choose(job: Job, several: bool) -> AnswerOne:
    if job.format == "html" and several:
        raise OnePageError("HTML holds one report: give one record, or --format json")
    written = job if job.format else replace(job, format="json" if several else "text")
    return partial(_answer, written, lines=written.format in ("json", "fhir") and several)


def add_course(report: Report, record: Patient, policy: Policy | None) -> Report:
    """The report with the course of its leading cause: the forecast, as `leukon forecast` writes it.

    Where there is none, a note says why.
    """
    from leukon.marrow.library import MarrowError

    try:
        from leukon.forecast.course import course_of

        return replace(report, course=course_of(record, report, policy=policy))
    except MarrowError as error:
        return replace(report, notes=(*report.notes, f"no course: {error}"))


def _answer(job: Job, record: Patient | ReadProblem, *, lines: bool) -> Answer:
    if isinstance(record, ReadProblem):
        return tell_problem(record)
    try:
        report = assess(record, setting=job.setting, add=job.add, policy=job.policy)
        if job.course:
            report = add_course(report, record, job.policy)
    except KnowledgeError:
        raise
    except Exception as error:
        if not lines:
            raise
        return False, msgspec.json.encode({"id": record.id, "error": tell_defect(error)}) + b"\n"
    match job.format:
        case "json":
            from leukon.report.json import write_json

            return True, write_json(report, indent=0 if lines else 2) + b"\n"
        case "fhir":
            from leukon.report.fhir import write_fhir

            return True, write_fhir(report, indent=0 if lines else 2, recorded=datetime.now(UTC)) + b"\n"
        case "html":
            from leukon.report.html import write_html

            return True, write_html(report).encode()
        case _:
            from leukon.report.text import write_text

            colour = sys.stdout.isatty()
            return True, (write_text(report, colour=colour) + "\n").encode()
