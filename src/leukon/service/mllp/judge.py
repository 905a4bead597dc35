# pyright: strict
"""What a message is owed before it is read in full: is it a message, is it one of results, is it whole?"""

from __future__ import annotations

import re

from leukon.io.hl7_charset import decode_messages
from leukon.io.hl7_fields import parse_message
from leukon.io.safe import RecordError
from leukon.service.mllp.ack import Header, Outcome, read_header
from leukon.service.mllp.frames import Frame

__all__ = ["judge"]

_MOST_PARTS = 200
_PART = re.compile(r"(?:^|[\r\n])[ \t]*(?:MSH|PID)")
_RESULT = re.compile(r"(?:^|[\r\n])[ \t]*OBX")


def judge(frame: Frame) -> tuple[Header | None, Outcome | None, str]:
    """Its header, the outcome and the reason. R is no message: it is not stored. E is stored and answered with its
    error, A is stored and answered. An acknowledgement has no outcome: to answer it would never end.
    """
    header = read_header(frame.body)
    if frame.fault:
        return header, "R", frame.fault
    if header is None:
        return None, "R", "not an HL7 v2 message: there is no MSH segment in it"
    try:
        text = decode_messages(frame.body, "message")
    except RecordError as error:
        return header, "R", str(error).removeprefix("message: ")
    if header.kind[0] == "ACK":
        return header, None, ""
    try:
        parse_message(header.mark.join(header.fields) + "\r", "message")
    except RecordError as error:
        return header, "E", str(error).removeprefix("message: ")
    if len(_PART.findall(text)) > _MOST_PARTS:  # more than one assessment's time would answer
        return header, "R", f"more than {_MOST_PARTS} messages and people in one frame: send them one by one"
    if not _RESULT.search(text):
        kind = " ".join(header.kind)[:40] or "no type in MSH-9"
        return header, "E", f"no result (OBX) in this message ({kind}); ORU^R01 is read"
    return header, "A", ""
