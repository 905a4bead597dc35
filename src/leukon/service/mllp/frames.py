# pyright: strict
"""MLLP frames: VT, the message, FS, CR. What arrives in pieces is put together, what is no frame is left out.

HL7 MLLP release 1, section 2.2: <SB>dddd<EB><CR>, SB = 0x0B, EB = 0x1C, CR = 0x0D.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

__all__ = ["Frame", "Frames", "wrap"]

_START, _END = b"\x0b", b"\x1c\r"
_RESTART = re.compile(rb"\x0b(?=MSH)")
_SHOWN = 2000  # bytes of a broken message that are kept: its header is looked for in them


@dataclass(frozen=True, slots=True)
class Frame:
    """A message as it was sent. With a `fault` it is not whole, and only its beginning is kept."""

    body: bytes
    fault: str | None = None


def wrap(body: bytes) -> bytes:
    """
    >>> wrap(b"MSH|")
    b'\\x0bMSH|\\x1c\\r'
    """
    return _START + body + _END


class Frames:
    """The frames of one connection."""

    def __init__(self, most_bytes: int) -> None:
        self._most = most_bytes
        self._held = bytearray()
        self._searched = 0
        self.open = False  # has a frame begun that has not ended?
        self.noise = False  # did anything but line ends stand outside a frame?
        self.broken = False  # can no frame be told from another any more?

    def feed(self, data: bytes) -> list[Frame]:
        """The frames that `data` completes, in order."""
        self._held += data
        found: list[Frame] = []
        while not self.broken and (self.open or self._find_start()):
            end = self._held.find(_END, max(self._searched - 1, 0))
            if end < 0:
                self._searched = len(self._held)
                if self._searched > self._most:
                    found.append(self.give_up(f"larger than {self._most / 1e6:g} MB"))
                break
            found += _split(bytes(self._held[:end]))
            del self._held[: end + len(_END)]
            self.open = False
        return found

    def give_up(self, fault: str) -> Frame:
        """The frame that has begun and will not end."""
        broken = Frame(bytes(self._held[:_SHOWN]), fault)
        self._held.clear()
        self.open = False
        self.broken = True
        return broken

    def _find_start(self) -> bool:
        start = self._held.find(_START)
        outside = self._held if start < 0 else self._held[:start]
        self.noise = self.noise or bool(outside.strip(b"\r\n\x1c"))
        del self._held[: len(self._held) if start < 0 else start + 1]
        self._searched = 0
        self.open = start >= 0
        return self.open


def _split(body: bytes) -> list[Frame]:
    """One message; where another begins inside it, the end of the first was lost."""
    *broken, whole = _RESTART.split(body)
    return [Frame(part[:_SHOWN], "its end (FS CR) was lost") for part in broken if part.strip()] + [Frame(whole)]
