"""The desk: answers within their time, and processes that are replaced when they are lost."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from typing import Any

import pytest

from leukon.service.desk import BusyError, Desk, TooLongError


class TwoWordsError(Exception):
    """An error that pickle cannot bring back."""

    def __init__(self, one: str, two: str) -> None:
        super().__init__(one)


def fail_with(error: type[Exception], *words: str) -> None:
    raise error(*words)


async def come_back(desk: Desk) -> int:
    """The process that answers after one was lost: it takes a moment to start."""
    for _ in range(20):
        with suppress(TooLongError):
            return await desk.ask(os.getpid)
    raise AssertionError("no process came back")


@pytest.fixture(scope="module")
def ask() -> Iterator[Callable[[Callable[[Desk], Awaitable[Any]]], Any]]:
    """Runs what is asked of a desk of one process and half a second."""
    desk = Desk(1, 0.5)
    desk.open()

    async def run(question: Callable[[Desk], Awaitable[Any]]) -> Any:
        await come_back(desk)
        return await question(desk)

    with asyncio.Runner() as runner:
        yield lambda question: runner.run(run(question))
    desk.close()


def test_an_answer_comes_from_another_process(ask: Any) -> None:
    async def question(desk: Desk) -> int:
        return await desk.ask(os.getpid)

    assert ask(question) != os.getpid()


def test_work_without_end_is_ended_and_the_next_question_answered(ask: Any) -> None:
    async def question(desk: Desk) -> tuple[int, int]:
        before = await desk.ask(os.getpid)
        with pytest.raises(TooLongError, match=r"0\.5 seconds"):
            await desk.ask(time.sleep, 60)
        return before, await come_back(desk)

    before, after = ask(question)
    assert before != after
    with pytest.raises(ProcessLookupError):
        os.kill(before, 0)


def test_questions_given_up_while_they_wait_end_no_process(ask: Any) -> None:
    async def question(desk: Desk) -> tuple[int, int, list[Any]]:
        before = await desk.ask(os.getpid)
        busy = asyncio.create_task(desk.ask(time.sleep, 0.3))
        await asyncio.sleep(0.05)
        waiting = [asyncio.create_task(desk.ask(time.sleep, 60)) for _ in range(5)]
        await asyncio.sleep(0.05)
        for task in waiting:
            task.cancel()
        await busy
        return before, await desk.ask(os.getpid), [task.cancelled() for task in waiting]

    before, after, cancelled = ask(question)
    assert all(cancelled)
    assert before == after


def test_waiting_counts_into_the_time(ask: Any) -> None:
    async def question(desk: Desk) -> list[Any]:
        return await asyncio.gather(*(desk.ask(time.sleep, 0.3) for _ in range(3)), return_exceptions=True)

    assert [type(found) for found in ask(question)] == [type(None), TooLongError, TooLongError]


def test_too_many_questions_at_once_are_turned_away_at_once(ask: Any) -> None:
    async def question(desk: Desk) -> tuple[list[Any], float]:
        began = time.perf_counter()
        tasks = [asyncio.create_task(desk.ask(time.sleep, 0.2)) for _ in range(205)]
        await asyncio.sleep(0.01)
        turned = [t for t in tasks if t.done() and isinstance(t.exception(), BusyError)]
        took = time.perf_counter() - began
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        return turned, took

    turned, took = ask(question)
    assert len(turned) == 5
    assert took < 0.2


@pytest.mark.parametrize("pause", [0.0, 0.3], ids=["at once", "noticed"])
def test_a_process_that_is_killed_at_rest_is_replaced(ask: Any, pause: float) -> None:
    async def question(desk: Desk) -> tuple[int, int]:
        before = await desk.ask(os.getpid)
        os.kill(before, signal.SIGKILL)
        await asyncio.sleep(pause)
        return before, await come_back(desk)

    before, after = ask(question)
    assert before != after


def test_a_process_that_dies_at_work_is_an_error_and_the_next_question_answered(ask: Any) -> None:
    async def question(desk: Desk) -> int:
        with pytest.raises(Exception, match="Abnormal termination"):
            await desk.ask(os._exit, 3)
        return await come_back(desk)

    assert ask(question)


def test_an_error_keeps_its_kind_and_tells_where_it_was_raised(ask: Any) -> None:
    async def question(desk: Desk) -> None:
        await desk.ask(fail_with, KeyError, "x")

    with pytest.raises(KeyError) as caught:
        ask(question)
    assert "test_desk.py:" in caught.value.__notes__[-1]


def test_an_error_that_cannot_travel_ends_nothing(ask: Any) -> None:
    async def question(desk: Desk) -> tuple[int, int]:
        before = await desk.ask(os.getpid)
        with pytest.raises(RuntimeError, match="TwoWordsError"):
            await desk.ask(fail_with, TwoWordsError, "one", "two")
        return before, await desk.ask(os.getpid)

    before, after = ask(question)
    assert before == after
