"""What is no message is rejected; what is a message without results is in error; results are accepted."""

from __future__ import annotations

import pytest

from leukon.service.mllp.frames import Frame
from leukon.service.mllp.judge import judge
from tests.service.mllp.talk import make_message


@pytest.mark.parametrize(
    ("body", "outcome", "says"),
    [
        (make_message(), "A", ""),
        (b"\xef\xbb\xbf" + make_message(), "A", ""),
        (make_message(more="NTE|1||\xb5").decode().encode("cp1252"), "A", ""),
        (make_message().replace(b"\r", b"\n"), "A", ""),
        (
            b"\r".join(s for s in make_message(kind="ADT^A01").split(b"\r") if not s.startswith(b"OBX")),
            "E",
            "no result",
        ),
        (make_message().replace(b"^~\\&", b"^^^^", 1), "E", "damaged header"),
        (b"GET / HTTP/1.1", "R", "no MSH segment"),
        (b"", "R", "no MSH segment"),
        (make_message() + b"\0", "R", "binary"),
        (make_message() * 100, "A", ""),
        (make_message() * 101, "R", "send them one by one"),
        (make_message(kind="ACK"), None, ""),
        (make_message(kind="ACK^R01^ACK"), None, ""),
    ],
)
def test_each_message_gets_what_it_is_owed(body: bytes, outcome: str | None, says: str) -> None:
    header, found, reason = judge(Frame(body))
    assert (found, says in reason) == (outcome, True)
    assert header is None or header.field(10) == "M1"


def test_half_a_message_is_rejected_by_its_own_id() -> None:
    header, outcome, reason = judge(Frame(make_message("M7")[:120], "its end (FS CR) was lost"))
    assert (outcome, reason) == ("R", "its end (FS CR) was lost")
    assert header is not None and header.field(10) == "M7"
