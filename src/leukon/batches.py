"""What every command does with many records: inputs opened in turn, answers in the order of the input, failures told.

A long batch is answered on every core. One record that cannot be answered is one line; the rest go on.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable, Iterator
from typing import BinaryIO

import msgspec

from leukon.cores import spread
from leukon.io import ReadProblem, RecordError, open_input
from leukon.knowledge import load_knowledge
from leukon.patient import Patient

__all__ = ["Answer", "AnswerOne", "answer_inputs", "tell_defect", "tell_problem", "warm_up"]

Answer = tuple[bool, bytes]
"""Was it answered, and what to write."""

AnswerOne = Callable[[Patient | ReadProblem], Answer]


def answer_inputs(
    names: list[str],
    open_: Callable[[str], BinaryIO],
    out: Iterator[BinaryIO],
    choose: Callable[[bool], AnswerOne],
    *,
    chunk: int,
    alone: int,
    warm: Callable[[], None] | None = None,
) -> tuple[int, int]:
    """Answers every record of the named inputs; how many were answered, how many not.

    `choose` gives the work on one record, told whether there are several. What is written goes to the first of `out`,
    which is taken when there is something to write. `chunk`, `alone` and `warm` are those of `spread`.
    """
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
        for done, text in spread(choose(several), batch.records, chunk=chunk, alone=alone, warm=warm):
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


def tell_problem(problem: ReadProblem) -> Answer:
    """A line of a batch that could not be read."""
    return False, msgspec.json.encode({"line": problem.line, "error": problem.error}) + b"\n"


def tell_defect(error: Exception) -> str:
    """What people are told of an error that nobody expected."""
    return f"a defect of leukon, please report it: {type(error).__name__}: {error}"


def warm_up() -> None:
    """What each process needs is loaded once and never looked through again for garbage."""
    load_knowledge()
    gc.freeze()
