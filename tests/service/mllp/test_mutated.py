"""Damaged messages: each gets an acknowledgement within two seconds, and what was stored gets an answer."""

from __future__ import annotations

import asyncio
import json
import os
import time
from pathlib import Path

import pytest

from leukon.service.desk import Desk
from leukon.service.mllp.answers import answer_message
from leukon.service.mllp.frames import wrap
from tests.io.damage import damage
from tests.service.mllp.talk import Inline, make_message, open_listener

_CAMPAIGN = bool(os.environ.get("LEUKON_CAMPAIGN"))
_COUNT = 10_000 if _CAMPAIGN else 100
_LONGEST_S = 2.0 if _CAMPAIGN else 20.0  # a machine that runs other tests too is slow at times

WHOLE = make_message(
    "M1",
    more="OBX|3|SN|777-3^PLT^LN||<^20|10*3/uL|150-400|LL|||C\r"
    r"OBX|4|CWE|8061-4^ANA^LN||POS^Positive \T\ strong^L||||||F" + "\r"
    "NTE|1||specimen clotted\rSPM|1|||BLD^Blood|||||||||||||20250301",
)


def test_each_gets_an_acknowledgement_and_an_answer_in_time(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    slowest, codes = 0.0, {"A": 0, "E": 0, "R": 0}

    async def send(number: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        # a message of another id each time: the same bytes would only be a message sent again
        writer.write(wrap(damage(WHOLE.replace(b"|M1|", b"|M%d|" % number), number)))
        async with asyncio.timeout(_LONGEST_S):
            while True:
                got = await reader.readuntil(b"\x1c\r")
                codes[chr(got.rpartition(b"\rMSA")[2][2])] += 1
                if reader._buffer == b"":  # type: ignore[attr-defined]  # a frame broken in two gives two
                    return

    async def send_all(port: int) -> None:
        nonlocal slowest
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        try:
            for number in range(_COUNT):
                began = time.perf_counter()
                await send(number, reader, writer)
                slowest = max(slowest, time.perf_counter() - began)
        finally:
            writer.close()
            await writer.wait_closed()

    async def scene(desk: Desk | Inline) -> None:
        async with open_listener(tmp_path, desk, workers=2) as here:
            await send_all(here.port)
            stored = here.listener.taken
            assert stored > _COUNT / 2
            async with asyncio.timeout(600):
                while here.listener.answers < stored:
                    await asyncio.sleep(0.1)
            assert not here.listener.refused > _COUNT / 2
            lines = here.output.read_bytes().splitlines()
            assert len(lines) >= stored
            assert not [x for x in map(json.loads, lines) if "a defect of leukon" in x.get("error", "")]

    if _CAMPAIGN:
        desk = Desk(2, 10.0)
        desk.open()
        try:
            asyncio.run(scene(desk))
        finally:
            desk.close()
    else:
        asyncio.run(scene(Inline()))
    with capsys.disabled():
        if _CAMPAIGN:
            print(f"\n{_COUNT} damaged messages: {codes}, slowest acknowledgement {slowest:.3f} s")


def test_none_takes_long_to_be_answered(capsys: pytest.CaptureFixture[str]) -> None:
    slowest = 0.0
    for seed in range(_COUNT):
        began = time.perf_counter()
        lines = answer_message(damage(WHOLE, seed + 1_000_000)).splitlines()
        slowest = max(slowest, time.perf_counter() - began)
        assert lines
        assert not [x for x in map(json.loads, lines) if "a defect of leukon" in x.get("error", "")]
    assert slowest < _LONGEST_S
    with capsys.disabled():
        if _CAMPAIGN:
            print(f"\n{_COUNT} damaged messages: slowest answer {slowest:.3f} s")
