# pyright: strict
"""What a process of the desk makes of one message: a report a person in it, one JSON object a line."""

from __future__ import annotations

import msgspec

from leukon.assess import assess
from leukon.io.hl7 import read_messages
from leukon.io.hl7_charset import decode_messages
from leukon.io.safe import ReadProblem, RecordError
from leukon.patient import Patient
from leukon.policy import Policy
from leukon.report.json import write_json
from leukon.service.mllp.ack import read_header

__all__ = ["answer_message", "say_error"]


def answer_message(body: bytes, *, setting: str = "any", policy: Policy | None = None) -> bytes:
    """A line for each person: the report, or why there is none. Never empty."""
    try:
        _, people = read_messages(decode_messages(body, "message"), "message")
        lines = [_answer_one(one, body, setting, policy) for one in people]
    except RecordError as error:
        return say_error(body, str(error).removeprefix("message: "))
    return b"".join(lines)


def _answer_one(one: Patient | ReadProblem, body: bytes, setting: str, policy: Policy | None) -> bytes:
    if isinstance(one, ReadProblem):
        return say_error(body, one.error, line=one.line)
    try:
        return write_json(assess(one, setting=setting, policy=policy), indent=0) + b"\n"
    except Exception as error:  # a defect must cost neither the message nor the others in it
        return say_error(body, f"a defect of leukon, please report it: {type(error).__name__}: {error}", id=one.id)


def say_error(body: bytes, error: str, *, id: str | None = None, line: int | None = None) -> bytes:
    """The line of what could not be answered: the control id (MSH-10) and why."""
    header = read_header(body)
    said: dict[str, object] = {"id": id or (header.field(10) or None if header else None)}
    if line is not None:
        said["line"] = line
    return msgspec.json.encode({**said, "error": " ".join(error.split())}) + b"\n"
