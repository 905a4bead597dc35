"""Long batches on every core: chunks in the order of the input, a few ahead of what is written: memory stays flat."""

from __future__ import annotations

import multiprocessing
import os
import sys
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from itertools import islice
from typing import TypeVar

__all__ = ["spread"]

_Record = TypeVar("_Record")
_Answer = TypeVar("_Answer")


def spread(
    work: Callable[[list[_Record]], list[_Answer]],
    records: Iterator[_Record],
    *,
    chunk: int,
    warm: Callable[[], None] | None = None,
) -> Iterator[_Answer]:
    """The answers of `work` to chunks of records, in order; `warm` is done once in each process."""
    # a process that runs JAX already must not be forked
    ways = multiprocessing.get_all_start_methods()
    way = "fork" if "jax" not in sys.modules and "fork" in ways else "spawn"
    workers = os.cpu_count() or 1
    with ProcessPoolExecutor(workers, multiprocessing.get_context(way), initializer=warm) as pool:
        waiting: deque[Future[list[_Answer]]] = deque()
        while True:
            taken = list(islice(records, chunk))
            if taken:
                waiting.append(pool.submit(work, taken))
            if not waiting:
                return
            if not taken or len(waiting) > 2 * workers:
                yield from waiting.popleft().result()
