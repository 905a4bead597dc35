"""The spool: what is stored stays until it is answered, and goes when nothing needs it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from leukon.service.mllp.spool import Spool, SpoolError


def everything_on_disk(folder: Path) -> bytes:
    return b"".join(p.read_bytes() for p in folder.iterdir() if p.is_file())


@pytest.fixture
def spool(tmp_path: Path) -> Iterator[Spool]:
    spool = Spool(tmp_path / "spool")
    yield spool
    with suppress(sqlite3.ProgrammingError):  # a test has closed it
        spool.close()


def test_a_message_waits_until_it_is_answered(spool: Spool) -> None:
    first, new = spool.store(b"one")
    second, _ = spool.store(b"two")
    assert (new, spool.waiting(), spool.read(first)) == (True, [first, second], b"one")
    spool.answer(first, b"answer\n")
    assert spool.waiting() == [second]
    assert [a.text for a in spool.pending()] == [b"answer\n"]


def test_a_message_sent_again_is_the_same_message_for_ever(spool: Spool) -> None:
    id, _ = spool.store(b"one")
    assert spool.store(b"one") == (id, False)
    spool.answer(id, b"answer\n")
    spool.mark_published(spool.pending(), "out", 0, 0.0)
    assert spool.store(b"one") == (id, False)
    assert spool.waiting() == spool.pending() == []
    assert spool.store(b"one.") != (id, False)


def test_a_second_answer_changes_nothing(spool: Spool) -> None:
    id, _ = spool.store(b"one")
    spool.answer(id, b"first\n")
    spool.answer(id, b"second\n")
    assert [a.text for a in spool.pending()] == [b"first\n"]


def test_nothing_of_a_message_is_left_on_disk_when_its_answer_is_out(spool: Spool, tmp_path: Path) -> None:
    id, _ = spool.store(b"PID|1||4711||MOUSE^MINNIE" * 500)
    spool.answer(id, b"REPORT of M1" * 500)
    assert b"MOUSE" in everything_on_disk(tmp_path / "spool")
    spool.mark_published(spool.pending(), "out", 0, 0.0)
    spool.tidy()
    left = everything_on_disk(tmp_path / "spool")
    assert b"MOUSE" not in left and b"REPORT" not in left


def test_what_is_to_be_kept_is_kept_so_long(spool: Spool) -> None:
    id, _ = spool.store(b"one")
    spool.answer(id, b"answer\n")
    spool.mark_published(spool.pending(), "out", 0, 3600.0)
    spool.forget(3600.0)
    assert spool.read(id) == b"one"
    spool.forget(-1.0)  # an hour later
    assert spool.read(id) is None


def test_what_is_not_out_is_never_forgotten(spool: Spool) -> None:
    waiting, _ = spool.store(b"waiting")
    answered, _ = spool.store(b"answered")
    spool.answer(answered, b"answer\n")
    spool.forget(-1.0)
    assert (spool.read(waiting), spool.read(answered)) == (b"waiting", b"answered")
    assert [a.text for a in spool.pending()] == [b"answer\n"]


def test_it_outlives_its_listener(spool: Spool, tmp_path: Path) -> None:
    id, _ = spool.store(b"one")
    spool.close()
    again = Spool(tmp_path / "spool")
    assert again.waiting() == [id]
    again.close()


def test_the_number_of_a_message_is_never_given_again(spool: Spool) -> None:
    """The name of an answer's file is made of it."""
    ids = {spool.store(bytes([n]))[0] for n in range(5)}
    assert len(ids) == 5
    id, _ = spool.store(b"one")
    spool.answer(id, b"a\n")
    names = {a.name for a in spool.pending()}
    spool.mark_published(spool.pending(), "out", 0, 0.0)
    other, _ = spool.store(b"two")
    spool.answer(other, b"b\n")
    assert not names & {a.name for a in spool.pending()}


def test_every_commit_waits_for_the_disk(spool: Spool) -> None:
    """synchronous=FULL (2) syncs the log at each commit; NORMAL would lose the last messages in a power cut."""
    (level,) = spool._db.execute("pragma synchronous").fetchone()  # pyright: ignore[reportPrivateUsage]
    (journal,) = spool._db.execute("pragma journal_mode").fetchone()  # pyright: ignore[reportPrivateUsage]
    assert (level, journal) == (2, "wal")


def test_a_spool_has_one_listener(spool: Spool, tmp_path: Path) -> None:
    with pytest.raises(SpoolError, match="another listener uses this spool"):
        Spool(tmp_path / "spool")


def test_a_full_disk_costs_only_the_message_that_did_not_fit(spool: Spool) -> None:
    first, _ = spool.store(b"one")
    (pages,) = spool._db.execute("pragma page_count").fetchone()  # pyright: ignore[reportPrivateUsage]
    spool._db.execute(f"pragma max_page_count={pages + 2}").fetchall()  # pyright: ignore[reportPrivateUsage]
    with pytest.raises(sqlite3.OperationalError, match="full"):
        spool.store(b"x" * 1_000_000)
    spool._db.execute("pragma max_page_count=1000000").fetchall()  # pyright: ignore[reportPrivateUsage]
    second, new = spool.store(b"x" * 1_000_000)
    assert (new, spool.waiting()) == (True, [first, second])


def test_only_its_owner_reads_it(spool: Spool, tmp_path: Path) -> None:
    spool.store(b"one")
    assert (tmp_path / "spool").stat().st_mode & 0o777 == 0o700
    files = [p for p in (tmp_path / "spool").iterdir() if p.is_file()]
    assert len(files) == 2
    assert all(p.stat().st_mode & 0o777 == 0o600 for p in files)


def test_what_is_no_spool_is_refused_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "spool.sqlite3").write_bytes(b"something else" * 100)
    with pytest.raises(SpoolError, match="not a spool of leukon"):
        Spool(tmp_path)
    other = tmp_path / "other"
    other.mkdir()
    with sqlite3.connect(other / "spool.sqlite3") as db:
        db.execute("pragma user_version=99")
    db.close()
    with pytest.raises(SpoolError, match="its version is 99"):
        Spool(other)
    with pytest.raises(SpoolError, match="file exists"):
        Spool(tmp_path / "spool.sqlite3")
