"""Many records: each assessed in turn, long batches on every core, answers in the order of the input."""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain, islice
from typing import BinaryIO

import msgspec

from leukon.answer import Report
from leukon.assess import assess
from leukon.cores import spread
from leukon.io import Batch, ReadProblem, RecordError, open_input
from leukon.knowledge import load_knowledge
from leukon.knowledge.check import KnowledgeError
from leukon.patient import Patient
from leukon.policy import Policy

__all__ = ["Job", "OnePageError", "run"]

_CHUNK = 50
_ALONE = 100  # batches up to this size are done by this process: starting others costs more

Answer = tuple[bool, bytes]
"""Was it answered, and what to write."""


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
    answered = failed = 0
    target: BinaryIO | None = None
    many = len(names) > 1
    for name in names:
        try:
            batch = open_input(open_(name), name)
        except RecordError as error:
            failed += 1
            print(f"leukon: {error}", file=sys.stderr)
            continue
        several = many or batch.many
        if job.format == "html" and several:
            raise OnePageError("HTML holds one report: give one record, or --format json")
        written = job if job.format else replace(job, format="json" if several else "text")
        lines = written.format in ("json", "fhir") and several
        for done, text in _answer(written, batch, lines):
            target = target or next(out)
            target.write(text)
            answered += done
            failed += not done
    for _ in out:
        pass
    return answered, failed


def _answer(job: Job, batch: Batch, lines: bool) -> Iterator[Answer]:
    if not batch.many:
        for patient in batch.records:
            assert isinstance(patient, Patient)
            yield _one(job, patient, lines)
        return
    first = list(islice(batch.records, _ALONE + 1))
    if len(first) <= _ALONE:
        yield from (_one(job, record, lines) for record in first)
        return
    records = chain(first, batch.records)
    yield from spread(partial(_many, job, lines=lines), records, chunk=_CHUNK, warm=_warm)


def _with_course(report: Report, record: Patient, job: Job) -> Report:
    """The report with the course of its leading cause: the forecast, as `leukon forecast` writes it."""
    from leukon.forecast.course import course_of
    from leukon.marrow.library import MarrowError

    try:
        return replace(report, course=course_of(record, report, policy=job.policy))
    except MarrowError as error:
        return replace(report, notes=(*report.notes, f"no course: {error}"))


def _warm() -> None:
    """What each process needs is loaded once and never looked through again for garbage."""
    load_knowledge()
    gc.freeze()


def _many(job: Job, records: list[Patient | ReadProblem], *, lines: bool) -> list[Answer]:
    return [_one(job, record, lines) for record in records]


def _one(job: Job, record: Patient | ReadProblem, lines: bool) -> Answer:
    if isinstance(record, ReadProblem):
        problem = {"line": record.line, "error": record.error}
        return False, msgspec.json.encode(problem) + b"\n"
    try:
        report = assess(record, setting=job.setting, add=job.add, policy=job.policy)
        if job.course:
            report = _with_course(report, record, job)
    except KnowledgeError:
        raise
    except Exception as error:
        if not lines:
            raise
        text = f"a defect of leukon, please report it: {type(error).__name__}: {error}"
        return False, msgspec.json.encode({"id": record.id, "error": text}) + b"\n"
    match job.format:
        case "json":
            from leukon.report.json import write_json

            return True, write_json(report, indent=0 if lines else 2) + b"\n"
        case "fhir":
            from leukon.report.fhir import write_fhir

            return True, write_fhir(report, indent=0 if lines else 2) + b"\n"
        case "html":
            from leukon.report.html import write_html

            return True, write_html(report).encode()
        case _:
            from leukon.report.text import write_text

            colour = sys.stdout.isatty()
            return True, (write_text(report, colour=colour) + "\n").encode()
