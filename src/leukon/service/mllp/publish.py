# pyright: strict
"""Where answers go: a file a message in a folder, or lines at the end of one file.

Publishing again what went out before a kill changes nothing: a file has the name of its message and appears whole; of
lines only those are added that are not there yet.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from leukon.service.mllp.spool import Answer, sync_folder

__all__ = ["Folder", "Lines", "Output", "choose_output"]


class Output(Protocol):
    """A place for answers. `write` returns when they are on disk."""

    @property
    def path(self) -> Path: ...

    def open(self) -> int:
        """Makes what has to be there and says how long it is; raises OSError where it cannot be."""
        ...

    def write(self, answers: Sequence[Answer], published: int) -> int:
        """Writes answers after the first `published` bytes of a file; how long it then is."""
        ...


def choose_output(path: Path) -> Output:
    """Lines of one file where its name ends with .ndjson or .jsonl, else a folder."""
    return Lines(path) if path.suffix in (".ndjson", ".jsonl") and not path.is_dir() else Folder(path)


class Folder:
    """One NDJSON file a message, named by its number in the spool and the beginning of its SHA-256."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def open(self) -> int:
        self.path.mkdir(parents=True, exist_ok=True)
        return 0

    def write(self, answers: Sequence[Answer], published: int) -> int:
        for answer in answers:
            part = self.path / f".{answer.name}.part"
            with part.open("wb") as file:
                file.write(answer.text)
                file.flush()
                os.fsync(file.fileno())
            part.replace(self.path / f"{answer.name}.ndjson")
        sync_folder(self.path)
        return 0


class Lines:
    """One NDJSON file that grows."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def open(self) -> int:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open("ab") as file:
            length = file.tell()
        sync_folder(self.path.parent)
        return length

    def write(self, answers: Sequence[Answer], published: int) -> int:
        text = b"".join(a.text for a in answers)
        with self.path.open("a+b") as file:
            size = file.seek(0, os.SEEK_END)
            begun = min(published, size)
            # a kill may have come between the writing of these very answers and the note that they are out
            file.seek(begun)
            there = file.read(len(text))
            if begun + len(there) == size and text.startswith(there):
                text = text[len(there) :]
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
            return file.seek(0, os.SEEK_END)
