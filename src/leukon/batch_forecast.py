"""The logic of `leukon forecast`: one record or many, answers in the order of the input, long batches on every core."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import BinaryIO

import msgspec

from leukon.batches import Answer, AnswerOne, answer_inputs, tell_defect, tell_problem
from leukon.forecast.answer import Forecast
from leukon.forecast.choose import Leading
from leukon.forecast.course import leading_cause
from leukon.forecast.outlook import DAYS, forecast
from leukon.forecast.write import write_json, write_text
from leukon.io import ReadProblem
from leukon.marrow.library import MarrowError
from leukon.patient import Patient
from leukon.policy import Policy

__all__ = ["Job", "run"]

_CHUNK = 20
_ALONE = 40  # batches up to this size are done by this process: starting others costs more


@dataclass(frozen=True, slots=True)
class Job:
    """How far to look and how to write."""

    days: int = DAYS
    format: str | None = None  # text for one record, JSON for several
    policy: Policy | None = None


def run(job: Job, names: list[str], open_: Callable[[str], BinaryIO], out: Iterator[BinaryIO]) -> tuple[int, int]:
    """Forecasts every record of the named inputs and writes the answers; how many were answered, how many not."""
    return answer_inputs(names, open_, out, partial(_choose, job), chunk=_CHUNK, alone=_ALONE)


def _choose(job: Job, several: bool) -> AnswerOne:
    return partial(_answer, job, several=several)


def _answer(job: Job, record: Patient | ReadProblem, *, several: bool) -> Answer:
    if isinstance(record, ReadProblem):
        return tell_problem(record)
    try:
        made = forecast(record, days=job.days, policy=job.policy, find_cause=lambda: _ask_cause(record, job))
    except (MarrowError, ValueError) as error:
        return _refuse(record, str(error), several)
    except Exception as error:
        if not several:
            raise
        return _refuse(record, tell_defect(error), several)
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
