# pyright: strict
"""The spool: messages on disk from before their acknowledgement until their answer is out.

One SQLite file (WAL, synchronous=FULL: a committed message outlives a kill and a power cut on a disk that keeps its
word). It holds the body of each message and its answer only as long as they are needed; what stays is a SHA-256 of the
whole message, by which one that is sent again is known.
"""

from __future__ import annotations

import hashlib
import os
import sqlite3
import time
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Answer", "Spool", "SpoolError", "sync_folder"]

_FILE = "spool.sqlite3"
_VERSION = 1
_TABLES = """
create table messages (
  id integer primary key autoincrement, digest blob not null unique, received real not null, body blob, answered real
);
create index waiting on messages (id) where answered is null;
create index held on messages (answered) where body is not null;
create table answers (
  turn integer primary key autoincrement, message integer not null unique references messages (id),
  text blob not null, published real
);
create index pending on answers (turn) where published is null;
create index out on answers (published) where published is not null;
create table outputs (path text primary key, length integer not null);
"""


class SpoolError(Exception):
    """The spool cannot be used; one line for a person."""


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer to be published, in the order of answering. `name` is always the same for the same message."""

    turn: int
    name: str
    text: bytes


def sync_folder(folder: Path) -> None:
    """Puts the names in a folder on disk."""
    held = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(held)
    finally:
        os.close(held)


class Spool:
    """The spool of one listener, used from one thread."""

    def __init__(self, folder: Path) -> None:
        """Opens or makes it; raises SpoolError where it cannot be used or another listener has it."""
        try:
            if not folder.is_dir():
                folder.mkdir(mode=0o700, parents=True)
                sync_folder(folder.parent)
            (folder / _FILE).touch(mode=0o600)  # its log gets the same mode
            self._db = sqlite3.connect(folder / _FILE, timeout=1.0, isolation_level=None, check_same_thread=False)
            try:
                self._prepare()
            except sqlite3.Error:
                self._db.close()
                raise
        except OSError as error:
            raise SpoolError(f"{folder}: {(error.strerror or 'cannot be used').lower()}") from None
        except sqlite3.OperationalError as error:
            busy = "locked" in str(error)
            reason = "another listener uses this spool" if busy else f"the spool cannot be used ({error})"
            raise SpoolError(f"{folder}: {reason}") from None
        except sqlite3.DatabaseError as error:
            raise SpoolError(f"{folder / _FILE}: not a spool of leukon ({error})") from None

    def _prepare(self) -> None:
        for pragma in ("locking_mode=exclusive", "journal_mode=wal", "synchronous=full", "secure_delete=on"):
            self._db.execute(f"pragma {pragma}").fetchall()
        with self._transaction():  # takes the lock
            (version,) = self._db.execute("pragma user_version").fetchone()
            if version not in (0, _VERSION):
                raise sqlite3.DatabaseError(f"its version is {version}, not {_VERSION}")
            if version == 0:
                for statement in _TABLES.split(";"):
                    self._db.execute(statement)
                self._db.execute(f"pragma user_version={_VERSION}")

    @contextmanager
    def _transaction(self) -> Generator[None]:
        self._db.execute("begin immediate")
        try:
            yield
            self._db.execute("commit")
        except BaseException:
            if self._db.in_transaction:  # a commit that failed leaves it open too
                self._db.execute("rollback")
            raise

    def store(self, body: bytes) -> tuple[int, bool]:
        """Puts a message on disk; its number, and whether it is new (not one that was sent again)."""
        digest = hashlib.sha256(body).digest()
        with self._transaction():
            made = self._db.execute(
                "insert into messages (digest, received, body) values (?, ?, ?) on conflict do nothing returning id",
                (digest, time.time(), body),
            ).fetchone()
            if made:
                return made[0], True
            return self._db.execute("select id from messages where digest = ?", (digest,)).fetchone()[0], False

    def waiting(self) -> list[int]:
        """The messages without an answer, oldest first."""
        return [n for (n,) in self._db.execute("select id from messages where answered is null order by id")]

    def read(self, id: int) -> bytes:
        return self._db.execute("select body from messages where id = ?", (id,)).fetchone()[0]

    def answer(self, id: int, text: bytes) -> None:
        """Keeps the answer and marks the message answered, both or neither; a second answer changes nothing."""
        with self._transaction():
            marked = self._db.execute(
                "update messages set answered = ? where id = ? and answered is null", (time.time(), id)
            )
            if marked.rowcount:
                self._db.execute("insert into answers (message, text) values (?, ?)", (id, text))

    def pending(self, most: int = 100) -> list[Answer]:
        """Answers that are not published, in the order of answering."""
        rows = self._db.execute(
            "select turn, message, digest, text from answers join messages on message = id "
            "where published is null order by turn limit ?",
            (most,),
        )
        return [Answer(turn, f"{id:010d}-{digest.hex()[:16]}", text) for turn, id, digest, text in rows]

    def published_length(self, output: str, length: int) -> int:
        """Up to where a file holds what was published: `length` where nothing was, which is then noted for good."""
        with self._transaction():
            self._db.execute("insert or ignore into outputs (path, length) values (?, ?)", (output, length))
            return self._db.execute("select length from outputs where path = ?", (output,)).fetchone()[0]

    def mark_published(self, answers: Sequence[Answer], output: str, length: int, keep_s: float) -> None:
        """Marks answers as published, and forgets what need not be kept any longer."""
        with self._transaction():
            now = time.time()
            self._db.executemany("update answers set published = ? where turn = ?", [(now, a.turn) for a in answers])
            self._db.execute("insert or replace into outputs (path, length) values (?, ?)", (output, length))
            self._forget(now - keep_s)

    def forget(self, keep_s: float) -> None:
        """Deletes bodies and answers of messages whose answer went out longer ago."""
        with self._transaction():
            self._forget(time.time() - keep_s)

    def _forget(self, before: float) -> None:
        self._db.execute(
            "update messages set body = null where body is not null and answered <= ? and "
            "not exists (select 1 from answers where message = id and (published is null or published > ?))",
            (before, before),
        )
        self._db.execute("delete from answers where published <= ?", (before,))

    def tidy(self) -> None:
        """Moves the log into the file and empties it: what was deleted is then nowhere on disk."""
        self._db.execute("pragma wal_checkpoint(truncate)").fetchall()

    def close(self) -> None:
        self.tidy()
        self._db.close()
