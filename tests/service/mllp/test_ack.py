"""Acknowledgements: the code the standard asks for, in the sender's own separators."""

from __future__ import annotations

import pytest

from leukon.service.mllp.ack import choose_code, make_ack, read_header
from tests.service.mllp.talk import make_message, read_acks


def test_the_answer_goes_back_to_who_sent_it() -> None:
    header = read_header(make_message("M1"))
    msh, msa, _ = make_ack(header, "AA").decode().split("\r")
    fields = msh.split("|")
    assert fields[:6] == ["MSH", r"^~\&", "EHR", "H2", "LAB", "H"]
    assert (fields[8], fields[10], fields[11]) == ("ACK^R01^ACK", "P", "2.5.1")
    assert msa == "MSA|AA|M1"


def test_other_separators_are_kept() -> None:
    header = read_header(make_message("M1").replace(b"|", b"#").replace(b"^", b"@"))
    msh, msa, _ = make_ack(header, "AE", "no#good @ all").decode().split("\r")
    assert msh.startswith(r"MSH#@~\&#EHR#H2#")
    assert "#ACK@R01@ACK#" in msh
    assert msa == "MSA#AE#M1#no good   all"


@pytest.mark.parametrize("begin", [b"", b"\xef\xbb\xbf", b"\r\n", b"FHS|^~\\&|LAB\rBHS|^~\\&|LAB\r"])
def test_the_header_is_found_behind_a_mark_or_an_envelope(begin: bytes) -> None:
    assert read_acks(b"\x0b" + make_ack(read_header(begin + make_message("M9")), "AA")) == [("AA", "M9")]


def test_a_message_in_utf_16_is_acknowledged_by_its_id() -> None:
    header = read_header(make_message("M1").decode().encode("utf-16"))
    assert read_acks(b"\x0b" + make_ack(header, "AA")) == [("AA", "M1")]


@pytest.mark.parametrize("body", [b"", b"GET / HTTP/1.1", b"MSH", b"MSHX|", b"\x00\xff"])
def test_without_a_header_there_is_still_an_answer(body: bytes) -> None:
    assert read_header(body) is None
    assert b"\rMSA|AR||not a message\r" in make_ack(None, "AR", "not a message")


@pytest.mark.parametrize(
    ("wants", "outcome", "code"),
    [
        ("", "A", "AA"), ("", "E", "AE"), ("", "R", "AR"),  # the original mode
        ("AL|NE", "A", "CA"), ("AL|NE", "E", "CE"), ("AL|AL", "R", "CR"),
        ("NE|AL", "A", "AA"), ("NE|NE", "A", None), ("NE|NE", "R", None),
        ("ER|NE", "A", None), ("ER|NE", "E", "CE"), ("SU|NE", "A", "CA"), ("SU|NE", "R", None),
        ("|AL", "A", "AA"), ("|SU", "E", None),
        ("2.5.1|P", "A", "AA"),  # fields that were shifted ask for nothing
    ],
)  # fmt: skip
def test_the_sender_chooses_how_it_is_answered(wants: str, outcome: str, code: str | None) -> None:
    """MSH-15 and MSH-16 (HL7 table 0155); never two answers to one message."""
    assert choose_code(read_header(make_message(wants=wants)), outcome) == code  # type: ignore[arg-type]


def test_a_reason_cannot_break_the_message() -> None:
    said = make_ack(read_header(make_message()), "AE", "a\rMSA|AA|M1\x1c\r" + "x" * 999).decode()
    assert said.count("\r") == 2
    assert len(said.split("\r")[1]) < 300
