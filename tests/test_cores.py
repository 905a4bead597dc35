"""Long batches on every core: nothing is lost, nothing changes places, and little is read ahead of what is written."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from leukon import cores
from leukon.cores import spread

READ: list[int] = []


def square(number: int) -> int:
    return number * number


def where(_: int) -> int:
    return os.getpid()


def refuse(number: int) -> int:
    if number == 17:
        raise ValueError("seventeen")
    return number


def count_to(most: int) -> Iterator[int]:
    READ.clear()
    for number in range(most):
        READ.append(number)
        yield number


@pytest.mark.parametrize("size", [0, 1, 10, 11, 12, 57])
def test_every_answer_comes_in_the_order_of_the_records(size: int) -> None:
    assert list(spread(square, count_to(size), chunk=4, alone=10)) == [n * n for n in range(size)]


def test_a_short_batch_stays_in_this_process_and_a_long_one_does_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cores.os, "cpu_count", lambda: 2)
    assert set(spread(where, count_to(10), chunk=4, alone=10)) == {os.getpid()}
    assert os.getpid() not in set(spread(where, count_to(11), chunk=4, alone=10))


def test_one_core_starts_no_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cores.os, "cpu_count", lambda: 1)
    assert set(spread(where, count_to(50), chunk=4, alone=10)) == {os.getpid()}


def test_little_is_read_ahead_of_what_is_written(monkeypatch: pytest.MonkeyPatch) -> None:
    """A table larger than memory passes: of 1,000 records at most those of six chunks are held."""
    monkeypatch.setattr(cores.os, "cpu_count", lambda: 2)
    answers = spread(square, count_to(1000), chunk=10, alone=5)
    for n in range(100):
        assert next(answers) == n * n
        assert len(READ) <= n + 10 + 6 * 10
    answers.close()


def test_an_error_of_the_work_is_told_and_not_swallowed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cores.os, "cpu_count", lambda: 2)
    with pytest.raises(ValueError, match="seventeen"):
        list(spread(refuse, count_to(100), chunk=5, alone=5))


def test_a_process_with_threads_of_a_library_is_not_forked(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    real = cores.multiprocessing.get_context
    monkeypatch.setattr(cores.os, "cpu_count", lambda: 2)
    monkeypatch.setattr(cores.multiprocessing, "get_context", lambda way: (asked.append(way), real("spawn"))[1])
    monkeypatch.setattr(cores, "_THREADED", ("os",))  # a module that is loaded
    assert list(spread(square, count_to(30), chunk=10, alone=10)) == [n * n for n in range(30)]
    assert asked == ["spawn"]
