"""The desk: answers are worked out in processes of their own, each within its time."""

from __future__ import annotations

import asyncio
import multiprocessing
from collections.abc import Callable
from concurrent.futures import TimeoutError as PoolTimeoutError
from typing import Any, ParamSpec, TypeVar

from pebble import ProcessPool

__all__ = ["Desk", "TooLongError"]

_Arguments = ParamSpec("_Arguments")
_Answer = TypeVar("_Answer")


class TooLongError(Exception):
    """The answer was not ready in time; the process that worked at it has been ended."""


class Desk:
    """Processes that work out answers. A process that takes too long is ended and another takes its place."""

    def __init__(self, workers: int, time_limit_s: float) -> None:
        self._workers, self._limit = workers, time_limit_s
        self._pool: ProcessPool | None = None

    def open(self) -> None:
        """Starts the processes; each has the knowledge loaded when its first question comes."""
        context: Any = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload(["leukon.service.work"])
        self._pool = ProcessPool(max_workers=self._workers, context=context)

    def close(self) -> None:
        """Lets what is being worked at end within its time, then ends the processes."""
        if self._pool is not None:
            self._pool.close()
            self._pool.join()

    async def ask(
        self, work: Callable[_Arguments, _Answer], *args: _Arguments.args, **kwargs: _Arguments.kwargs
    ) -> _Answer:
        """The answer of `work`, a function at the top of a module; raises TooLongError, or what the work raised."""
        assert self._pool is not None, "the desk is not open"
        future = self._pool.schedule(work, args=args, kwargs=kwargs, timeout=self._limit)
        try:
            return await asyncio.wrap_future(future)
        except (PoolTimeoutError, TimeoutError):
            raise TooLongError(f"no answer within {self._limit:g} seconds") from None
