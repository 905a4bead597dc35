"""The listener: takes messages in, puts them on disk, acknowledges them, and has them answered in the background."""

from __future__ import annotations

import asyncio
import socket
import sqlite3
from collections.abc import Awaitable, Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from leukon.io.safe import MOST_BYTES
from leukon.policy import Policy
from leukon.service.desk import TooLongError
from leukon.service.mllp.ack import choose_code, make_ack
from leukon.service.mllp.answers import answer_message, say_error
from leukon.service.mllp.frames import Frame, Frames, wrap
from leukon.service.mllp.judge import judge
from leukon.service.mllp.publish import Output
from leukon.service.mllp.spool import Spool

__all__ = ["Listener", "Setup"]

_Done = TypeVar("_Done")
_AGAIN_S = 2.0  # a disk that is full or gone is tried again after so long
_TRIES, _PAUSE_S = 3, 0.5  # of a message whose process dies
_SWEEP_S = 3600.0
_QUIET_S = 1.0  # the spool is tidied when nothing came for so long


@dataclass(frozen=True, slots=True)
class Setup:
    """How a listener is set up. The limits bound what a sender that misbehaves can cost."""

    setting: str = "any"
    policy: Policy | None = None
    keep_s: float = 0.0  # how long body and answer of a message stay in the spool after its answer is out
    workers: int = 1
    most_bytes: int = MOST_BYTES  # of one message
    most_connections: int = 100
    idle_s: float = 3600.0  # without a message
    frame_s: float = 60.0  # from the first byte of a message to the last


class Asked(Protocol):
    """The desk: it works out answers elsewhere, each within its time."""

    async def ask(self, work: Callable[..., bytes], *args: Any, **kwargs: Any) -> bytes: ...


class Listener:
    """Senders, spool, workers and output of one `leukon listen`."""

    def __init__(self, setup: Setup, spool: Spool, desk: Asked, output: Output, say: Callable[[str], None]) -> None:
        self._setup, self._spool, self._desk, self._output, self._say = setup, spool, desk, output, say
        self._disk = ThreadPoolExecutor(1, "spool")  # SQLite and every wait for the disk
        self._queue: asyncio.Queue[int] = asyncio.Queue()
        self._answered = asyncio.Event()
        self._idle: set[asyncio.Task[Any]] = set()
        self._senders: set[asyncio.Task[Any]] = set()
        self._stopping = False
        self.taken = self.again = self.refused = self.answers = 0

    async def run(self, door: socket.socket, stop: asyncio.Event) -> None:
        """Takes what comes in at `door` until `stop` is set; what was begun is then acknowledged and answered."""
        waiting = await self._on_disk(self._spool.waiting)
        if waiting:
            self._say(f"{len(waiting)} messages of the last run are answered now")
        for id in waiting:
            self._queue.put_nowait(id)
        work = [self._publish(), self._sweep(), *(self._answer() for _ in range(self._setup.workers))]
        background = [asyncio.create_task(w) for w in work]
        server = await asyncio.start_server(self._serve, sock=door)
        async with server:
            await _wait_for_first(stop.wait(), *background)
            server.close()
            self._stopping = True
            for task in tuple(self._idle):
                task.cancel()
            await asyncio.gather(*background, *self._senders, return_exceptions=True)
        try:
            await self._publish_all()
            await self._on_disk(self._spool.close)
        except (OSError, sqlite3.Error) as error:
            self._say(f"the disk refuses ({error}): answers wait in the spool for the next start")
        self._disk.shutdown()

    # senders

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        if len(self._senders) >= self._setup.most_connections:
            self._say(f"a connection was refused: {self._setup.most_connections} are open")
            writer.close()
            return
        self._senders.add(task)
        try:
            await self._converse(reader, writer)
        except (ConnectionError, TimeoutError):
            pass  # the sender is gone, or does not read its acknowledgements; it will send again
        except asyncio.CancelledError:
            if not self._stopping:
                raise
        finally:
            self._senders.discard(task)
            writer.close()

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        setup, clock = self._setup, asyncio.get_running_loop().time
        frames = Frames(setup.most_bytes)
        begun: float | None = None
        while not self._stopping:
            until = clock() + setup.idle_s if begun is None else begun + setup.frame_s
            try:
                async with asyncio.timeout_at(until):
                    data = await self._while_idle(reader.read(1 << 16))
                late = clock() > until  # bytes that are always there already never time out by themselves
            except TimeoutError:
                data, late = b"", True
            if late:
                if frames.open:
                    await self._take(frames.give_up(f"not whole after {setup.frame_s:g} seconds"), writer)
                return
            if not data:
                if frames.open:
                    self._say("a sender hung up in the middle of a message, which is not acknowledged")
                return
            noisy = frames.noise
            for frame in frames.feed(data):
                begun = None
                await self._take(frame, writer)
            if frames.broken:
                return
            begun = None if not frames.open else begun or clock()
            if frames.noise and not noisy:
                self._say("a sender sent bytes outside a frame (VT message FS CR), which are left out")

    async def _take(self, frame: Frame, writer: asyncio.StreamWriter) -> None:
        """Stores and acknowledges one message."""
        header, outcome, reason = judge(frame)
        if outcome is None:
            return
        if outcome != "R":
            try:
                id, new = await self._on_disk(self._spool.store, frame.body)
            except sqlite3.Error as error:
                self._say(f"a message could not be put on disk ({error}) and was rejected")
                outcome, reason = "R", "it could not be put on disk: send it again"
            else:
                self.taken += new
                self.again += not new
                if new:
                    self._queue.put_nowait(id)
        self.refused += outcome == "R"
        if code := choose_code(header, outcome):
            writer.write(wrap(make_ack(header, code, reason)))
            async with asyncio.timeout(self._setup.frame_s):
                await writer.drain()

    # answers

    async def _answer(self) -> None:
        while not self._stopping:
            id = await self._while_idle(self._queue.get())
            body = await self._insist(self._on_disk, self._spool.read, id)
            if text := await self._assess(id, body):
                await self._insist(self._on_disk, self._spool.answer, id, text)
                self._answered.set()

    async def _assess(self, id: int, body: bytes) -> bytes | None:
        """The answer to a message; None where the listener ends first, and the next one answers."""
        setup, fault = self._setup, "not assessed"
        for _ in range(_TRIES):
            try:
                return await self._desk.ask(answer_message, body, setting=setup.setting, policy=setup.policy)
            except TooLongError as error:
                fault = str(error)
                break
            except Exception as error:  # its process died: by the message, or with the machine that goes down
                fault = str(error) or type(error).__name__
                await asyncio.sleep(_PAUSE_S)
                if self._stopping:
                    return None
        self._say(f"message {id} could not be assessed")
        return say_error(body, f"not assessed: {fault}")

    async def _publish(self) -> None:
        while not self._stopping:
            self._answered.clear()
            await self._publish_all()
            try:
                async with asyncio.timeout(_QUIET_S):
                    await self._while_idle(self._answered.wait())
            except TimeoutError:
                await self._insist(self._on_disk, self._spool.tidy)
                await self._while_idle(self._answered.wait())

    async def _publish_all(self) -> None:
        path = str(self._output.path.resolve())
        while answers := await self._insist(self._on_disk, self._spool.pending):
            held = await self._insist(asyncio.to_thread, self._output.open)
            published = await self._insist(self._on_disk, self._spool.published_length, path, held)
            length = await self._insist(asyncio.to_thread, self._output.write, answers, published)
            await self._insist(self._on_disk, self._spool.mark_published, answers, path, length, self._setup.keep_s)
            self.answers += len(answers)

    async def _sweep(self) -> None:
        while not self._stopping:
            await self._insist(self._on_disk, self._spool.forget, self._setup.keep_s)
            await self._while_idle(asyncio.sleep(_SWEEP_S))

    # both

    async def _on_disk(self, work: Callable[..., _Done], *args: Any) -> _Done:
        return await asyncio.get_running_loop().run_in_executor(self._disk, work, *args)

    async def _insist(self, how: Callable[..., Awaitable[_Done]], work: Callable[..., _Done], *args: Any) -> _Done:
        """Tries until the disk takes it; what is not done when the listener ends is done by the next one."""
        while True:
            try:
                return await how(work, *args)
            except (OSError, sqlite3.Error) as error:
                if self._stopping:
                    raise
                self._say(f"the disk refuses ({error}); trying again")
                await asyncio.sleep(_AGAIN_S)

    async def _while_idle(self, awaited: Coroutine[Any, Any, _Done]) -> _Done:
        """Waits in a way that the end of the listener breaks off, whether it comes before or meanwhile."""
        if self._stopping:
            awaited.close()
            raise asyncio.CancelledError
        task = asyncio.current_task()
        assert task is not None
        self._idle.add(task)
        try:
            return await awaited
        finally:
            self._idle.discard(task)


async def _wait_for_first(*awaited: Awaitable[Any]) -> None:
    """Waits for the first to end; one that failed is an error."""
    tasks = [asyncio.ensure_future(a) for a in awaited]
    done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for task in done:
        task.result()
