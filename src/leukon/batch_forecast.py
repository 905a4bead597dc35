"""The logic of `leukon forecast`: one record or many, answers in the order of the input, long batches on every core."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import chain, islice
from typing import BinaryIO

import msgspec

from leukon.cores import spread
from leukon.forecast.answer import Forecast
from leukon.forecast.choose import Leading
from leukon.forecast.course import leading_cause
from leukon.forecast.outlook import DAYS, forecast
from leukon.forecast.write import write_json, write_text
from leukon.io import Batch, ReadProblem, RecordError, open_input
from leukon.marrow.library import MarrowError
from leukon.patient import Patient
from leukon.policy import Policy

__all__ = ["Job", "run"]

_CHUNK = 20
_ALONE = 40  # batches up to this size are done by this process: starting others costs more

Answer = tuple[bool, bytes]


@dataclass(frozen=True, slots=True)
class Job:
    """How far to look and how to write."""

    days: int = DAYS
    format: str | None = None  # text for one record, JSON for several
    policy: Policy | None = None


def run(job: Job, names: list[str], open_: Callable[[str], BinaryIO], out: Iterator[BinaryIO]) -> tuple[int, int]:
    """Forecasts every record of the named inputs and writes the answers; how many were answered, how many not."""
    answered = failed = 0
    target: BinaryIO | None = None
    for name in names:
        try:
            batch = open_input(open_(name), name)
        except RecordError as error:
            failed += 1
            print(f"leukon: {error}", file=sys.stderr)
            continue
        several = len(names) > 1 or batch.many
        for done, text in _answer(job, batch, several):
            if done or several:
                target = target or next(out)
                target.write(text)
            else:
                print(f"leukon: {text.decode().strip()}", file=sys.stderr)
            answered += done
            failed += not done
    for _ in out:
        pass
    return answered, failed


def _answer(job: Job, batch: Batch, several: bool) -> Iterator[Answer]:
    first = list(islice(batch.records, _ALONE + 1))
    if len(first) <= _ALONE or (os.cpu_count() or 1) < 2:
        yield from (_one(job, record, several) for record in chain(first, batch.records))
        return
    yield from spread(partial(_many, job, several=several), chain(first, batch.records), chunk=_CHUNK)


def _many(job: Job, records: list[Patient | ReadProblem], *, several: bool) -> list[Answer]:
    return [_one(job, record, several) for record in records]


def _one(job: Job, record: Patient | ReadProblem, several: bool) -> Answer:
    if isinstance(record, ReadProblem):
        return False, msgspec.json.encode({"line": record.line, "error": record.error}) + b"\n"
    try:
        made = forecast(record, days=job.days, policy=job.policy, find_cause=lambda: _ask_cause(record, job))
    except (MarrowError, ValueError) as error:
        return _refuse(record, str(error), several)
    except Exception as error:
        if not several:
            raise
        return _refuse(record, f"a defect of leukon, please report it: {type(error).__name__}: {error}", several)
    return True, _write(made, job, several)


def _refuse(record: Patient, text: str, several: bool) -> Answer:
    text = " ".join(text.split())
    return False, (msgspec.json.encode({"id": record.id, "error": text}) if several else text.encode()) + b"\n"


def _write(made: Forecast, job: Job, several: bool) -> bytes:
    if (job.format or ("json" if several else "text")) == "json":
        return write_json(made, indent=0 if several else 2) + b"\n"
    return write_text(made).encode()


def _ask_cause(patient: Patient, job: Job) -> Leading | None:
    from leukon.assess import assess

    return leading_cause(assess(patient, policy=job.policy))
