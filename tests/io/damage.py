"""Inputs broken at random, and what must hold of every input whatever stands in it."""

from __future__ import annotations

import random
from collections import Counter

from leukon.assess import assess
from leukon.io import ReadProblem, RecordError, read_inputs
from leukon.patient import Patient

__all__ = ["account", "damage", "give_report_or_one_line", "read_one"]

_ODD = (
    b"NaN",
    b"-5",
    b"[]",
    b"{}",
    b"null",
    b'"',
    b"1e999",
    b"||||",
    b"^^&~",
    b",,,",
    b";",
    b"\r",
    b"\n",
    b"\\",
    b"\xff",
)


def read_one(data: bytes | str, name: str = "input") -> Patient:
    (patient,) = read_inputs(data.encode() if isinstance(data, str) else data, name)
    assert isinstance(patient, Patient)
    return patient


def account(patient: Patient) -> list[str]:
    """The path of every leaf of the report that was understood or is listed as not used."""
    report = assess(patient)
    return [x.path for x in (*report.understood, *report.not_used)]


def damage(whole: bytes, seed: int) -> bytes:
    """A text broken in one of six ways: cut, bytes changed, lines mixed, odd words put in, a piece doubled or lost."""
    rng = random.Random(seed)
    data = bytearray(whole)
    match seed % 6:
        case 0:
            del data[rng.randrange(len(data)) :]
        case 1:
            for _ in range(rng.randrange(1, 12)):
                data[rng.randrange(len(data))] = rng.randrange(256)
        case 2:
            lines = whole.splitlines(keepends=True)
            rng.shuffle(lines)
            data = bytearray(b"".join(lines))
        case 3:
            for _ in range(rng.randrange(1, 6)):
                place = rng.randrange(len(data))
                data[place : place + rng.randrange(4)] = rng.choice(_ODD)
        case 4:
            start = rng.randrange(len(data))
            data[start:start] = data[: rng.randrange(len(data))]
        case _:
            start = rng.randrange(len(data))
            del data[start : start + rng.randrange(1, 60)]
    return bytes(data)


def give_report_or_one_line(data: bytes) -> str:
    """Reads and assesses an input; says which of the two it gave. No leaf is ever listed twice."""
    try:
        found = list(read_inputs(data, "input"))
    except RecordError as error:
        assert str(error).strip() and "\n" not in str(error) and len(str(error)) < 400
        return "line"
    for one in found:
        if isinstance(one, ReadProblem):
            assert one.line > 0 and one.error and "\n" not in one.error
        else:
            twice = [path for path, times in Counter(account(one)).items() if times > 1]
            assert not twice
    return "report"
