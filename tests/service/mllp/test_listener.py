"""The listener in one process: acknowledged means on disk, answered means once, and nobody can tie it up."""

from __future__ import annotations

import asyncio
import json
import sqlite3
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from leukon.service.desk import TooLongError
from leukon.service.mllp.frames import wrap
from leukon.service.mllp.spool import Spool
from tests.service.mllp.talk import Inline, frames, make_message, open_listener, read_acks, talk


def test_a_message_is_acknowledged_and_answered(tmp_path: Path) -> None:
    async def scene() -> None:
        async with open_listener(tmp_path) as here:
            assert read_acks(await talk(here.port, wrap(make_message("M1")))) == [("AA", "M1")]
            (line,) = await here.answers(1)
            report = json.loads(line)
            assert (report["id"], report["low"], report["urgency"]["level"]) == ("M1", "low", "urgent")

    asyncio.run(scene())


def test_packets_cut_anywhere_and_several_messages_in_one(tmp_path: Path) -> None:
    async def scene() -> None:
        async with open_listener(tmp_path) as here:
            stream = b"noise" + frames(make_message("M1"), make_message("M2"), make_message("M3"))
            got = await talk(here.port, stream[:9], stream[9:300], stream[300:-1], stream[-1:], acks=3)
            assert read_acks(got) == [("AA", "M1"), ("AA", "M2"), ("AA", "M3")]
            assert {json.loads(line)["id"] for line in await here.answers(3)} == {"M1", "M2", "M3"}
            assert [s for s in here.said if "outside a frame" in s]

    asyncio.run(scene())


def test_nothing_is_acknowledged_before_it_is_on_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    order: list[str] = []
    store = Spool.store

    def slow(self: Spool, body: bytes) -> tuple[int, bool]:
        time.sleep(0.2)
        done = store(self, body)
        order.append("on disk")
        return done

    monkeypatch.setattr(Spool, "store", slow)

    async def scene() -> None:
        async with open_listener(tmp_path) as here:
            assert read_acks(await talk(here.port, wrap(make_message("M1")))) == [("AA", "M1")]
            order.append("acknowledged")

    asyncio.run(scene())
    assert order == ["on disk", "acknowledged"]


def test_what_the_disk_refuses_is_rejected_and_taken_when_it_is_sent_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, full = Spool.store, [True]

    def refuse(self: Spool, body: bytes) -> tuple[int, bool]:
        if full:
            full.clear()
            raise sqlite3.OperationalError("database or disk is full")
        return store(self, body)

    monkeypatch.setattr(Spool, "store", refuse)

    async def scene() -> None:
        async with open_listener(tmp_path) as here:
            first = await talk(here.port, wrap(make_message("M1")))
            assert read_acks(first) == [("AR", "M1")]
            assert b"send it again" in first
            assert read_acks(await talk(here.port, wrap(make_message("M1")))) == [("AA", "M1")]
            assert len(await here.answers(1)) == 1

    asyncio.run(scene())


def test_a_message_sent_again_is_acknowledged_again_and_answered_once(tmp_path: Path) -> None:
    async def scene() -> None:
        desk = Inline()
        async with open_listener(tmp_path, desk) as here:
            for _ in range(3):
                assert read_acks(await talk(here.port, wrap(make_message("M1")))) == [("AA", "M1")]
            changed = make_message("M1", wbc="1.9")  # the same id, another result: another message
            assert read_acks(await talk(here.port, wrap(changed))) == [("AA", "M1")]
            lines = [json.loads(line) for line in await here.answers(2)]
            assert sorted(line["counts"][0]["value"] for line in lines) == [1.9, 2.1]
            assert (desk.asked, here.listener.taken, here.listener.again) == (2, 2, 2)

    asyncio.run(scene())


@pytest.mark.parametrize(
    ("body", "acks", "error"),
    [
        (make_message("M1", kind="ADT^A01").split(b"OBR")[0], [("AE", "M1")], "no result"),
        (make_message("M1").replace(b"|L|||F", b"|L|||X"), [("AA", "M1")], "could not be obtained"),
        (make_message("M1").replace(b"^~\\&", b"^^^^", 1), [("AE", "M1")], "damaged header"),
    ],
)
def test_what_cannot_be_read_is_answered_with_the_error(
    body: bytes, acks: list[tuple[str, str]], error: str, tmp_path: Path
) -> None:
    async def scene() -> None:
        async with open_listener(tmp_path) as here:
            assert read_acks(await talk(here.port, wrap(body))) == acks
            (line,) = await here.answers(1)
            assert error in json.loads(line)["error"]
            assert json.loads(line)["id"] == "M1"

    asyncio.run(scene())


def test_what_is_no_message_is_rejected_and_not_stored(tmp_path: Path) -> None:
    async def scene() -> None:
        async with open_listener(tmp_path) as here:
            got = await talk(here.port, frames(b"hello", make_message("M1") + b"\0", make_message("M2")), acks=3)
            assert read_acks(got) == [("AR", ""), ("AR", "M1"), ("AA", "M2")]
            assert len(await here.answers(1)) == 1

    asyncio.run(scene())


def test_a_message_whose_end_was_lost_is_rejected_and_the_next_one_taken(tmp_path: Path) -> None:
    async def scene() -> None:
        async with open_listener(tmp_path) as here:
            got = await talk(here.port, b"\x0b" + make_message("M1") + wrap(make_message("M2")), acks=2)
            assert read_acks(got) == [("AR", "M1"), ("AA", "M2")]

    asyncio.run(scene())


def test_an_acknowledgement_is_not_acknowledged(tmp_path: Path) -> None:
    """Two systems that acknowledge each other's acknowledgements would never stop."""

    async def scene() -> None:
        async with open_listener(tmp_path) as here:
            got = await talk(here.port, frames(make_message("M1", kind="ACK^R01"), make_message("M2")))
            assert read_acks(got) == [("AA", "M2")]

    asyncio.run(scene())


def test_the_enhanced_mode_gets_one_accept_acknowledgement_or_none(tmp_path: Path) -> None:
    async def scene() -> None:
        async with open_listener(tmp_path) as here:
            sent = frames(*(make_message(f"M{n}", wants=w) for n, w in enumerate(("AL|NE", "NE|NE", "AL|AL"))))
            assert read_acks(await talk(here.port, sent, acks=2)) == [("CA", "M0"), ("CA", "M2")]
            assert len(await here.answers(3)) == 3  # answered all the same

    asyncio.run(scene())


def test_several_people_in_one_message_have_a_line_each(tmp_path: Path) -> None:
    pid = make_message().split(b"\r", 1)[1]

    async def scene() -> None:
        async with open_listener(tmp_path) as here:
            await talk(here.port, wrap(make_message("M1") + pid.replace(b"|F\r", b"|M\r", 1)))
            assert [json.loads(line)["id"] for line in await here.answers(2)] == ["M1#1", "M1#2"]

    asyncio.run(scene())


@pytest.mark.parametrize(("sent", "says"), [(make_message("M1"), "not whole"), (b"MSH|" + b"x" * 9000, "larger than")])
def test_a_sender_that_does_not_end_its_message_is_told_and_hung_up_on(sent: bytes, says: str, tmp_path: Path) -> None:
    async def scene() -> None:
        async with open_listener(tmp_path, frame_s=0.2, most_bytes=5000) as here:
            got = await talk(here.port, b"\x0b" + sent, acks=99)
            assert says.encode() in got
            assert read_acks(got)[0][0] == "AR"
            assert read_acks(await talk(here.port, wrap(make_message("M2")))) == [("AA", "M2")]

    asyncio.run(scene())


def test_a_sender_that_drips_does_not_hold_a_connection(tmp_path: Path) -> None:
    async def scene() -> None:
        async with open_listener(tmp_path, frame_s=0.3) as here:
            reader, writer = await asyncio.open_connection("127.0.0.1", here.port)
            writer.write(b"\x0bMSH|")
            hung_up = asyncio.create_task(reader.read())
            for _ in range(400):
                if hung_up.done():
                    break
                writer.write(b"x")
                await asyncio.sleep(0.01)
            assert hung_up.done()
            # bytes that cross the hanging up reset the connection, and with it the reason
            reset = isinstance(hung_up.exception(), ConnectionResetError)
            assert reset or b"not whole after 0.3 seconds" in hung_up.result()
            writer.close()

    asyncio.run(scene())


def test_an_idle_sender_is_hung_up_on(tmp_path: Path) -> None:
    async def scene() -> None:
        async with open_listener(tmp_path, idle_s=0.1) as here:
            assert await talk(here.port, b"\r\n") == b""

    asyncio.run(scene())


def test_more_senders_than_allowed_are_turned_away_and_the_others_go_on(tmp_path: Path) -> None:
    async def scene() -> None:
        async with open_listener(tmp_path, most_connections=2) as here:
            held = [await asyncio.open_connection("127.0.0.1", here.port) for _ in range(2)]
            await asyncio.sleep(0.05)
            assert await talk(here.port) == b""
            held[0][1].write(wrap(make_message("M1")))
            assert read_acks(await held[0][0].readuntil(b"\x1c\r")) == [("AA", "M1")]
            for _, writer in held:
                writer.close()

    asyncio.run(scene())


class Fails:
    """A desk whose process dies at one message, takes too long at another, and is well otherwise."""

    async def ask(self, work: Any, body: bytes, **kwargs: Any) -> bytes:
        if b"|M1|" in body:
            raise RuntimeError("its process died")
        if b"|M2|" in body:
            raise TooLongError("no answer within 10 seconds")
        return work(body, **kwargs)


def test_a_message_that_cannot_be_assessed_is_answered_with_that(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("leukon.service.mllp.listener._PAUSE_S", 0.01)

    async def scene() -> None:
        async with open_listener(tmp_path, Fails()) as here:
            await talk(here.port, frames(*(make_message(f"M{n}") for n in (1, 2, 3))), acks=3)
            lines = {(j := json.loads(line))["id"]: j.get("error") for line in await here.answers(3)}
            assert lines == {
                "M1": "not assessed: its process died", "M2": "not assessed: no answer within 10 seconds", "M3": None,
            }  # fmt: skip

    asyncio.run(scene())


def test_a_disk_that_refuses_answers_for_a_while_costs_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("leukon.service.mllp.listener._AGAIN_S", 0.01)
    answer, refuse = Spool.answer, [True] * 3

    def answer_later(self: Spool, id: int, text: bytes) -> None:
        if refuse:
            refuse.pop()
            raise sqlite3.OperationalError("disk I/O error")
        answer(self, id, text)

    monkeypatch.setattr(Spool, "answer", answer_later)

    async def scene() -> None:
        async with open_listener(tmp_path) as here:
            await talk(here.port, wrap(make_message("M1")))
            assert len(await here.answers(1)) == 1
            assert sum("the disk refuses" in s for s in here.said) == 3

    asyncio.run(scene())


class Dies(Inline):
    """A desk whose processes are ended from outside, as when a machine goes down, so many times."""

    def __init__(self, times: int) -> None:
        super().__init__()
        self.times = times

    async def ask(self, work: Any, *args: Any, **kwargs: Any) -> bytes:
        if self.times:
            self.times -= 1
            raise RuntimeError("ended from outside")
        return await super().ask(work, *args, **kwargs)


def test_a_process_that_was_ended_costs_no_answer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("leukon.service.mllp.listener._PAUSE_S", 0.01)

    async def scene() -> None:
        async with open_listener(tmp_path, Dies(2)) as here:
            await talk(here.port, wrap(make_message("M1")))
            (line,) = await here.answers(1)
            assert json.loads(line)["low"] == "low"

    asyncio.run(scene())


def test_processes_that_end_with_the_listener_leave_the_message_to_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A service manager ends all processes at once: no message is answered with that."""
    monkeypatch.setattr("leukon.service.mllp.listener._PAUSE_S", 0.2)

    async def scene() -> None:
        async with open_listener(tmp_path, Dies(99)) as here:
            await talk(here.port, wrap(make_message("M1")))
            here.stop.set()
            await here.task
            assert here.output.read_bytes() == b""
        async with open_listener(tmp_path) as again:
            (line,) = await again.answers(1)
            assert json.loads(line)["low"] == "low"

    asyncio.run(scene())


class Stuck:
    """A desk that never answers before it is let go."""

    def __init__(self) -> None:
        self.let_go = asyncio.Event()

    async def ask(self, work: Any, *args: Any, **kwargs: Any) -> bytes:
        await self.let_go.wait()
        return work(*args, **kwargs)


def test_a_stop_finishes_what_was_begun_and_the_next_start_does_the_rest(tmp_path: Path) -> None:
    async def scene() -> None:
        desk = Stuck()
        async with open_listener(tmp_path, desk, workers=1) as here:
            await talk(here.port, frames(*(make_message(f"M{n}") for n in range(4))), acks=4)
            here.stop.set()
            await asyncio.sleep(0.05)
            assert not here.task.done()
            desk.let_go.set()
            await here.task
        assert len(here.output.read_bytes().splitlines()) == 1
        async with open_listener(tmp_path) as again:
            ids = [json.loads(line)["id"] for line in await again.answers(4)]
            assert sorted(ids) == ["M0", "M1", "M2", "M3"]
            assert again.said == ["3 messages of the last run are answered now"]

    asyncio.run(scene())


@pytest.mark.parametrize("slow", ["tidy", "forget"])
def test_a_stop_that_comes_while_the_disk_works_is_a_stop(
    slow: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("leukon.service.mllp.listener._QUIET_S", 0.01)
    work, begun = getattr(Spool, slow), threading.Event()

    def work_slowly(self: Spool, *args: Any) -> None:
        begun.set()
        time.sleep(0.1)
        work(self, *args)

    monkeypatch.setattr(Spool, slow, work_slowly)

    async def scene() -> None:
        async with open_listener(tmp_path) as here:
            await asyncio.to_thread(begun.wait)
            here.stop.set()
            async with asyncio.timeout(30):
                await asyncio.shield(here.task)

    asyncio.run(scene())


def test_answers_that_were_kept_but_not_out_go_out_at_the_next_start(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "spool")
    id, _ = spool.store(make_message("M1"))
    spool.answer(id, b'{"id":"M1"}\n')
    spool.close()

    async def scene() -> None:
        async with open_listener(tmp_path) as here:
            assert await here.answers(1) == [b'{"id":"M1"}']

    asyncio.run(scene())


def test_nothing_that_is_said_names_anyone(tmp_path: Path) -> None:
    async def scene() -> None:
        async with open_listener(tmp_path, Fails(), frame_s=0.2) as here:
            await talk(here.port, b"noise 4711" + wrap(make_message("M1")))
            await talk(here.port, b"\x0b" + make_message("M2"), acks=99)
            await here.answers(1)
            said = " ".join(here.said)
            assert said
            assert not [w for w in ("M1", "M2", "MOUSE", "4711", "19900301", "LAB") if w in said]

    asyncio.run(scene())
