# pyright: strict
"""Acknowledgements (HL7 v2 chapter 2.9): which code a message is owed, and the message that carries it.

Fields of the sender are given back as they were sent, in the sender's own separators.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

__all__ = ["Header", "Outcome", "choose_code", "make_ack", "read_header"]

Outcome = Literal["A", "E", "R"]
"""Accepted, in error (the message itself), rejected (not taken: it may be sent again)."""

_CONDITIONS = ("AL", "NE", "ER", "SU")  # HL7 table 0155; anything else says nothing
_MOST = 250  # letters of a field that are given back


@dataclass(frozen=True, slots=True)
class Header:
    """The MSH segment: its fields as sent, MSH-1 being the separator itself."""

    mark: str
    fields: tuple[str, ...]

    def field(self, n: int) -> str:
        return self.mark if n == 1 else self.fields[n - 1].strip() if n <= len(self.fields) else ""

    @property
    def between(self) -> str:
        """The separator of components."""
        return self.field(2)[:1] or "^"

    @property
    def kind(self) -> list[str]:
        """MSH-9 by its components: ["ORU", "R01", "ORU_R01"]."""
        return self.field(9).split(self.between)


def read_header(body: bytes) -> Header | None:
    """The first MSH segment of a message in whatever encoding; None where there is none."""
    wide = body[:2] in (b"\xff\xfe", b"\xfe\xff")
    text = body.decode("utf-16", "replace") if wide else body.decode("latin-1")
    for line in text.replace("\n", "\r").split("\r"):
        line = line.lstrip("\ufeff\xef\xbb\xbf \t\x0b")
        if line.startswith("MSH") and len(line) > 3 and not line[3].isalnum():
            return Header(line[3], tuple(line.split(line[3])))
    return None


def choose_code(header: Header | None, outcome: Outcome) -> str | None:
    """The acknowledgement that the sender asked for in MSH-15 and MSH-16; None where it wants none.

    Without both, the original mode: AA, AE or AR. A sender that asks for an accept acknowledgement gets CA, CE or CR
    and no second one: one answer a message, so that none is taken for the answer to the next.

    >>> choose_code(Header("|", ("MSH", "^~")), "A")
    'AA'
    """
    accept, application = (header.field(n) if header and header.field(n) in _CONDITIONS else "" for n in (15, 16))
    if not accept and not application:
        return f"A{outcome}"
    if _is_wanted(accept, outcome):
        return f"C{outcome}"
    return f"A{outcome}" if _is_wanted(application, outcome) else None


def _is_wanted(condition: str, outcome: Outcome) -> bool:
    return condition == "AL" or condition == ("SU" if outcome == "A" else "ER")


def make_ack(header: Header | None, code: str, reason: str = "") -> bytes:
    """The message that acknowledges: MSH and MSA with the control id of the message and, if need be, the reason."""
    header = header or Header("|", ("MSH", r"^~\&"))
    mark, between = header.mark, header.between
    trigger = header.kind[1] if len(header.kind) > 1 else ""
    kind = between.join(("ACK", trigger, "ACK")) if trigger else "ACK"
    now = datetime.now(UTC).strftime("%Y%m%d%H%M%S+0000")
    echoed = {n: header.field(n)[:_MOST] for n in (2, 3, 4, 5, 6, 10, 11, 12)}
    msh = [
        "MSH", echoed[2], echoed[5], echoed[6], echoed[3], echoed[4], now, "", kind, secrets.token_hex(10),
        echoed[11] or "P", echoed[12] or "2.5.1",
    ]  # fmt: skip
    said = "".join(" " if c in (mark, *echoed[2]) or ord(c) < 32 else c for c in reason)
    msa = ["MSA", code, echoed[10], *([said[:_MOST]] if said else [])]
    return f"{mark.join(msh)}\r{mark.join(msa)}\r".encode("latin-1", "replace")
