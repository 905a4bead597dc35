"""What commands share: inputs in turn, answers in their order, one line for what cannot be answered."""

from __future__ import annotations

import io
from functools import partial
from typing import BinaryIO

import pytest

from leukon.batches import Answer, AnswerOne, answer_inputs, tell_problem
from leukon.io import ReadProblem, RecordError
from leukon.patient import Patient

INPUTS = {
    "one.yaml": b"id: a\nfindings: [fever]\n",
    "many.ndjson": b'{"id": "b", "findings": ["fever"]}\nnot json\n{"id": "c", "findings": ["fever"]}\n',
    "empty.yaml": b"",
    "well.yaml": b"id: well\nfindings: [fever]\n",
}


def answer(record: Patient | ReadProblem, *, several: bool) -> Answer:
    if isinstance(record, ReadProblem):
        return tell_problem(record)
    if record.id == "well":
        return False, b"nothing to say of well\n"
    return True, f"{record.id} {several}\n".encode()


def choose(several: bool) -> AnswerOne:
    return partial(answer, several=several)


def run(*names: str) -> tuple[tuple[int, int], str]:
    """How many were answered and how many not; what is written."""
    written = io.BytesIO()

    def open_(name: str) -> BinaryIO:
        if name not in INPUTS:
            raise RecordError(f"{name}: no such file")
        return io.BytesIO(INPUTS[name])

    counted = answer_inputs(list(names), open_, iter([written]), choose, chunk=5, alone=10)
    return counted, written.getvalue().decode()


def test_one_record_is_answered_alone() -> None:
    assert run("one.yaml") == ((1, 0), "a False\n")


def test_several_inputs_are_answered_in_their_order(capsys: pytest.CaptureFixture[str]) -> None:
    counted, written = run("one.yaml", "gone.yaml", "many.ndjson")
    assert counted == (3, 2)
    lines = written.splitlines()
    assert [lines[0], lines[1], lines[3]] == ["a True", "b True", "c True"]
    assert '"line":2' in lines[2]
    assert capsys.readouterr().err == "leukon: gone.yaml: no such file\n"


def test_a_lone_record_that_cannot_be_answered_is_said_and_not_written(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("well.yaml") == ((0, 1), "")
    assert capsys.readouterr().err == "leukon: nothing to say of well\n"


def test_an_input_with_nothing_in_it_fails_in_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("empty.yaml") == ((0, 1), "")
    said = capsys.readouterr().err
    assert said.startswith("leukon: empty.yaml")
    assert said.count("\n") == 1
