"""What a laboratory does: makes messages, sends them, reads the acknowledgements."""

from __future__ import annotations

import asyncio
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from leukon.service.mllp.frames import wrap
from leukon.service.mllp.listener import Listener, Setup
from leukon.service.mllp.publish import choose_output
from leukon.service.mllp.spool import Spool

__all__ = ["Inline", "Open", "make_message", "open_listener", "read_acks", "start_process", "talk"]


def make_message(
    control: str = "M1", wbc: str = "2.1", *, kind: str = "ORU^R01", wants: str = "", more: str = ""
) -> bytes:
    """A blood count; `wants` holds MSH-15 and MSH-16 ("AL|NE")."""
    msh = rf"MSH|^~\&|LAB|H|EHR|H2|20250302080000||{kind}|{control}|P|2.5.1" + (f"|||{wants}" if wants else "")
    return "\r".join((
        msh,
        "PID|1||4711^^^H^MR||MOUSE^MINNIE||19900301|F",
        "OBR|1|O1|F1|57021-8^CBC^LN|||202503010700+0100",
        f"OBX|1|NM|6690-2^WBC^LN||{wbc}|10*3/uL|4.0-11.0|L|||F",
        "OBX|2|NM|751-8^Neutrophils^LN||0.4|10*3/uL|1.5-7.0|L|||F",
        *([more] if more else []), "",
    )).encode()  # fmt: skip


def read_acks(data: bytes) -> list[tuple[str, str]]:
    """Code and control id of each acknowledgement, in order."""
    segments = [s for frame in data.split(b"\x0b")[1:] for s in frame.rstrip(b"\x1c\r").split(b"\r")]
    parts = [s.decode("latin-1").split(chr(s[3])) for s in segments if s.startswith(b"MSA")]
    return [(p[1], p[2]) for p in parts]


class Inline:
    """A desk that works in this very process."""

    def __init__(self) -> None:
        self.asked = 0

    async def ask(self, work: Callable[..., bytes], *args: Any, **kwargs: Any) -> bytes:
        self.asked += 1
        return work(*args, **kwargs)


@dataclass
class Open:
    """A listener that listens."""

    listener: Listener
    port: int
    output: Path
    said: list[str]
    stop: asyncio.Event
    task: asyncio.Task[None]

    async def answers(self, count: int, within_s: float = 60.0) -> list[bytes]:
        """Waits for so many lines of answers; more would be found too."""
        async with asyncio.timeout(within_s):
            while len(lines := self.output.read_bytes().splitlines()) < count:
                await asyncio.sleep(0.01)
        await asyncio.sleep(0.05)
        return lines


@asynccontextmanager
async def open_listener(folder: Path, desk: Any = None, **setup: Any) -> AsyncIterator[Open]:
    said: list[str] = []
    output = choose_output(folder / "answers.ndjson")
    output.open()
    listener = Listener(Setup(**setup), Spool(folder / "spool"), desk or Inline(), output, said.append)
    stop, door = asyncio.Event(), socket.create_server(("127.0.0.1", 0))
    task = asyncio.create_task(listener.run(door, stop))
    try:
        yield Open(listener, door.getsockname()[1], output.path, said, stop, task)
    finally:
        stop.set()
        async with asyncio.timeout(60):
            await task


async def talk(port: int, *chunks: bytes, acks: int = 1, within_s: float = 60.0) -> bytes:
    """Sends chunks one after another and reads until so many acknowledgements came or the listener hung up."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    got = b""
    try:
        for chunk in chunks:
            writer.write(chunk)
            await writer.drain()
            await asyncio.sleep(0.005)
        async with asyncio.timeout(within_s):
            while got.count(b"\x1c\r") < acks and (data := await reader.read(4096)):
                got += data
    finally:
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()
    return got


@dataclass
class Process:
    """The real `leukon listen`."""

    process: subprocess.Popen[str]
    port: int
    said: list[str] = field(default_factory=list[str])

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()
        assert self.process.stderr is not None
        self.said += self.process.stderr.readlines()
        self.process.stderr.close()

    def stop(self) -> list[str]:
        """Ends it as an operator does; what it said."""
        self.process.terminate()
        _, said = self.process.communicate(timeout=60)
        assert self.process.returncode == 0, said
        return said.splitlines()


def start_process(spool: Path, output: Path) -> Process:
    words = [sys.executable, "-m", "leukon", "listen", "--spool", spool, "--port", "0", "-o", output]
    process = subprocess.Popen([str(w) for w in words], stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    said: list[str] = []
    for line in process.stderr:
        said.append(line)
        if "listening on" in line:
            return Process(process, int(line.split(" port ")[1].split(";")[0]), said)
    raise AssertionError(f"it did not start: {said}")


def frames(*messages: bytes) -> bytes:
    return b"".join(map(wrap, messages))
