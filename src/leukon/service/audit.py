"""The audit log: that something was asked and how it was answered, never by whom, of whom or what.

One JSON object a line: time, method, route, status, version of the knowledge, and `before`, the SHA-256 of the line
before. A line that is changed, left out or put in breaks the chain from there on; a log cut off at its end does not, so
the last hash that `python -m leukon.service.audit FILE` prints is worth keeping elsewhere.

A line is handed to the operating system before the answer goes out and outlives the end of the process; it is forced to
the disk (fsync) when the service stops, so a power cut may take the last seconds.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import msgspec

__all__ = ["AuditError", "AuditLog", "verify"]

_FIRST = "0" * 64


class AuditError(Exception):
    """The log cannot be used; one line for a person."""


class _Line(msgspec.Struct, forbid_unknown_fields=True):
    time: str
    method: str
    route: str
    status: int
    knowledge: str
    before: str


class AuditLog:
    """A log that one service appends to; raises AuditError where it cannot be opened."""

    def __init__(self, path: Path, knowledge: str, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._path, self._knowledge, self._clock = path, knowledge, clock
        try:
            self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        except OSError as error:
            raise AuditError(f"{path}: {(error.strerror or 'cannot be opened').lower()}") from None
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise AuditError(f"{path}: another service writes to it; give each its own") from None
        _, self._last = verify(path)
        self._size = os.fstat(self._file).st_size

    def write(self, method: str, route: str, status: int) -> None:
        """Appends a line; raises AuditError where it cannot be written."""
        moment = self._clock().isoformat(timespec="milliseconds")
        line = msgspec.json.encode(_Line(moment, method, route, status, self._knowledge, self._last)) + b"\n"
        try:
            written = os.write(self._file, line)
            if written < len(line):
                os.ftruncate(self._file, self._size)  # a piece of a line would break the chain
                raise AuditError(f"{self._path}: no space left")
        except OSError as error:
            raise AuditError(f"{self._path}: {(error.strerror or 'cannot be written').lower()}") from None
        self._size += written
        self._last = _hash(line)

    def close(self) -> None:
        """Forces the log to the disk."""
        os.fsync(self._file)
        os.close(self._file)


def verify(path: Path) -> tuple[int, str]:
    """How many lines hold, and the hash of the last; raises AuditError at the first that does not."""
    last, number = _FIRST, 0
    with path.open("rb") as lines:
        for number, line in enumerate(lines, 1):
            try:
                before = msgspec.json.decode(line, type=_Line).before
            except (msgspec.DecodeError, UnicodeDecodeError):
                before = None
            if before != last or not line.endswith(b"\n"):
                raise AuditError(f"{path}, line {number}: the chain is broken here; keep the file, start another")
            last = _hash(line)
    return number, last


def _hash(line: bytes) -> str:
    return hashlib.sha256(line).hexdigest()


def _main() -> None:
    if len(sys.argv) != 2:
        print("usage: python -m leukon.service.audit FILE", file=sys.stderr)
        sys.exit(2)
    path = Path(sys.argv[1])
    try:
        number, last = verify(path)
    except (AuditError, OSError) as error:
        print(f"leukon: {error}", file=sys.stderr)
        sys.exit(1)
    print(f"{path}: {number} lines, whole; the last has the hash {last}")


if __name__ == "__main__":
    _main()
