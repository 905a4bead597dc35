"""The desk: answers are worked out in processes of their own, each within its time."""

from __future__ import annotations

import asyncio
import multiprocessing
import pickle
import sys
import traceback
from collections.abc import Callable
from concurrent.futures.process import BrokenProcessPool
from typing import Any, ParamSpec, TypeVar

from pebble import ProcessExpired, ProcessFuture, ProcessPool

__all__ = ["BusyError", "Desk", "NotReadyError", "TooLongError"]

_Arguments = ParamSpec("_Arguments")
_Answer = TypeVar("_Answer")

_START_S = 60.0
_MOST_WAITING = 200  # questions at once, worked at or waiting: at 10 ms each this is a second of two processes


class NotReadyError(Exception):
    """A process cannot begin; it has said why on standard error."""


class TooLongError(Exception):
    """The answer was not ready in time; the process that worked at it has been ended."""


class BusyError(Exception):
    """Too many questions wait already: ask again in a moment."""


class Desk:
    """Processes that work out answers. A process that takes too long is ended and another takes its place."""

    def __init__(self, workers: int, time_limit_s: float, prepare: Callable[[], None] | None = None) -> None:
        """`prepare`, a function at the top of a module, is done once by each process before its first question."""
        self._workers, self._limit, self._prepare = workers, time_limit_s, prepare or _make_ready
        self._free = asyncio.Semaphore(workers)
        self._asked = 0
        self._pool: ProcessPool | None = None

    def open(self) -> None:
        """Starts the processes and waits for the first to be ready; raises NotReadyError where it cannot begin."""
        pool = self._start()
        try:
            pool.schedule(_work_out, args=(bool, (), {})).result(_START_S)
        except (NotReadyError, BrokenProcessPool, ProcessExpired, TimeoutError):
            pool.stop()
            raise NotReadyError("no process of the service could begin") from None

    def _start(self) -> ProcessPool:
        context: Any = multiprocessing.get_context("forkserver")
        # what is loaded before the fork is shared by all
        context.set_forkserver_preload(["leukon.service.work", self._prepare.__module__])
        self._pool = ProcessPool(
            max_workers=self._workers, context=context, initializer=_begin, initargs=[self._prepare]
        )
        return self._pool

    def close(self) -> None:
        """Lets what is being worked at end within its time, then ends the processes."""
        if self._pool is not None:
            self._pool.close()
            self._pool.join()

    async def ask(
        self, work: Callable[_Arguments, _Answer], *args: _Arguments.args, **kwargs: _Arguments.kwargs
    ) -> _Answer:
        """The answer of `work`, a function at the top of a module.

        Raises TooLongError where waiting and working took longer than the limit, BusyError where too many wait, or
        what the work raised.
        """
        if self._asked >= _MOST_WAITING:
            raise BusyError(f"{self._asked} questions wait already")
        self._asked += 1
        try:
            async with asyncio.timeout(self._limit) as time:
                # pebble ends the process of a question that is given up: those that only wait stay out of its hands
                async with self._free:
                    try:
                        return await asyncio.wrap_future(self._hand_over(work, args, kwargs))
                    except BrokenProcessPool:  # a process at rest was ended from outside just now
                        return await asyncio.wrap_future(self._hand_over(work, args, kwargs))
        except TimeoutError:
            if not time.expired():
                raise
            raise TooLongError(f"no answer within {self._limit:g} seconds") from None
        finally:
            self._asked -= 1

    def _hand_over(
        self, work: Callable[..., _Answer], args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> ProcessFuture[_Answer]:
        assert self._pool is not None, "the desk is not open"
        pool = self._pool
        if not pool.active:
            pool.stop()
            pool.join()
            pool = self._start()
        return pool.schedule(_work_out, args=(work, args, kwargs))


_ready = True
"""Of this process: has its beginning gone well?"""


def _begin(prepare: Callable[[], None]) -> None:
    """The beginning of a process; where it fails one line says so, and each question to it fails.

    The process stays: pebble starts another for one that ends here, may wait for its answer in vain, and would log what
    is raised with all its words.
    """
    global _ready
    try:
        prepare()
    except Exception as error:
        place = traceback.extract_tb(error.__traceback__)[-1]
        said = f"{type(error).__name__} at {place.filename}:{place.lineno}"
        print(f"leukon: a process could not begin, please report it: {said}", file=sys.stderr, flush=True)
        _ready = False


def _make_ready() -> None:
    from leukon.service.work import make_ready

    make_ready()


def _work_out(work: Callable[..., _Answer], args: tuple[Any, ...], kwargs: dict[str, Any]) -> _Answer:
    """Does the work. An error takes a note with it of where it was raised: its traceback stays in this process."""
    if not _ready:
        raise NotReadyError("a process of the service could not begin")
    try:
        return work(*args, **kwargs)
    except Exception as error:
        place = traceback.extract_tb(error.__traceback__)[-1]
        error.add_note(f"{place.filename}:{place.lineno}")
        try:
            pickle.loads(pickle.dumps(error))  # noqa: S301 - it was made here, just now
        except Exception:  # an error that cannot travel would end every process
            told = RuntimeError(type(error).__name__)
            told.add_note(error.__notes__[-1])
            raise told from None
        raise
