"""Long batches on every core: chunks in the order of the input, a few ahead of what is written: memory stays flat."""

from __future__ import annotations

import multiprocessing
import os
import sys
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from functools import partial
from itertools import chain, islice
from typing import TypeVar

__all__ = ["spread"]

_Record = TypeVar("_Record")
_Answer = TypeVar("_Answer")
_THREADED = ("jax", "duckdb", "pyarrow")  # a process that runs their threads must not be forked


def spread(
    work: Callable[[_Record], _Answer],
    records: Iterator[_Record],
    *,
    chunk: int,
    alone: int,
    warm: Callable[[], None] | None = None,
) -> Iterator[_Answer]:
    """The answers of `work` to the records, in order: chunks of records go to processes, one for each core.

    Up to `alone` records are answered by this process: starting others costs more. `warm` is done once in each
    other process.
    """
    first = list(islice(records, alone + 1))
    rest = chain(first, records)
    workers = os.cpu_count() or 1
    if len(first) <= alone or workers < 2:
        yield from map(work, rest)
        return
    way = "fork" if "fork" in multiprocessing.get_all_start_methods() and not _is_threaded() else "spawn"
    waiting: deque[Future[list[_Answer]]] = deque()
    with ProcessPoolExecutor(workers, multiprocessing.get_context(way), initializer=warm) as pool:
        try:
            while True:
                taken = list(islice(rest, chunk))
                if taken:
                    waiting.append(pool.submit(partial(_answer_each, work), taken))
                if not waiting:
                    return
                if not taken or len(waiting) > 2 * workers:
                    yield from waiting.popleft().result()
        finally:  # whoever stops asking waits for no more than what is being done
            for one in waiting:
                one.cancel()


def _answer_each(work: Callable[[_Record], _Answer], records: list[_Record]) -> list[_Answer]:
    return [work(record) for record in records]


def _is_threaded() -> bool:
    return any(name in sys.modules for name in _THREADED)
