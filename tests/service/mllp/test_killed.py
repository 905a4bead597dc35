"""Nothing is lost: the real listener is killed under load, and each acknowledged message is answered exactly once."""

from __future__ import annotations

import json
import os
import random
import re
import socket
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from leukon.service.mllp.frames import wrap
from tests.service.mllp.talk import Process, make_message, read_acks, start_process

_ID = re.compile(rb'"id":"(K[0-9-]+)"')


@dataclass
class Laboratory:
    """Senders that send each message until it is acknowledged, whatever happens to the listener."""

    senders: int
    pause_s: float
    port: int = 0  # 0: the listener is down
    acknowledged: set[str] = field(default_factory=set[str])
    sent_again: int = 0
    over: threading.Event = field(default_factory=threading.Event)
    threads: list[threading.Thread] = field(default_factory=list[threading.Thread])

    def start(self) -> None:
        self.threads = [threading.Thread(target=self._send_on, args=(n,)) for n in range(self.senders)]
        for thread in self.threads:
            thread.start()

    def end(self) -> None:
        self.over.set()
        for thread in self.threads:
            thread.join()

    def _send_on(self, sender: int) -> None:
        number, tries, line = 0, 0, None
        while not self.over.is_set():
            control = f"K{sender}-{number}"
            try:
                if line is None:
                    line = socket.create_connection(("127.0.0.1", self.port), timeout=5)
                tries += 1
                line.sendall(wrap(make_message(control)))
                got = b""
                while not got.endswith(b"\x1c\r"):
                    if not (data := line.recv(4096)):
                        raise ConnectionError
                    got += data
                if read_acks(got) != [("AA", control)]:
                    raise ConnectionError
            except (OSError, ConnectionError):
                if line is not None:
                    line.close()
                line = None
                time.sleep(0.02)
                continue
            self.acknowledged.add(control)
            self.sent_again += tries - 1
            number, tries = number + 1, 0
            time.sleep(self.pause_s)
        if line is not None:
            line.close()


def read_answers(output: Path) -> Counter[str]:
    """How often each message is answered in all that was published; every line is whole."""
    files = sorted(output.glob("*.ndjson")) if output.is_dir() else [output]
    found: Counter[str] = Counter()
    for file in files:
        for line in file.read_bytes().split(b"\n")[:-1]:
            match = _ID.search(line[:400])
            assert match and line.endswith(b"}"), line[:100]
            found[match[1].decode()] += 1
    return found


def wait_for_answers(output: Path, count: int, within_s: float) -> None:
    until = time.monotonic() + within_s
    while time.monotonic() < until:
        done = len(list(output.glob("*.ndjson"))) if output.is_dir() else output.read_bytes().count(b"\n")
        if done >= count:
            return
        time.sleep(0.2)


def kill_again_and_again(
    folder: Path, output: Path, kills: int, laboratory: Laboratory, seed: int, within_s: float = 1.5
) -> dict[str, float]:
    """The campaign; what it measured."""
    rng, spool = random.Random(seed), folder / "spool"
    waited: list[float] = []
    listener: Process = start_process(spool, output)
    laboratory.port = listener.port
    laboratory.start()
    replayed = 0
    try:
        for _ in range(kills):
            time.sleep(rng.uniform(0.1, within_s))
            laboratory.port = 0
            listener.kill()
            replayed += sum(int(s.split()[1]) for s in listener.said if "of the last run" in s)
            began = time.monotonic()
            listener = start_process(spool, output)
            waited.append(time.monotonic() - began)
            laboratory.port = listener.port
        time.sleep(0.5)
    finally:
        laboratory.end()
        if listener.process.poll() is None and laboratory.acknowledged:
            wait_for_answers(output, len(laboratory.acknowledged), 300.0)
        listener.stop()
    return {"sent again": laboratory.sent_again, "replayed": replayed, "slowest start, s": round(max(waited), 2)}


def check(output: Path, laboratory: Laboratory) -> Counter[str]:
    answers = read_answers(output)
    lost = laboratory.acknowledged - set(answers)
    assert not lost
    assert set(answers.values()) == {1}
    return answers


def test_a_listener_that_is_killed_loses_nothing_and_repeats_nothing(tmp_path: Path) -> None:
    laboratory = Laboratory(senders=2, pause_s=0.005)
    output = tmp_path / "answers.ndjson"
    kill_again_and_again(tmp_path, output, 1, laboratory, seed=1)
    assert len(laboratory.acknowledged) > 10
    check(output, laboratory)
    assert json.loads(output.read_bytes().split(b"\n")[0])["low"] == "low"


@pytest.mark.skipif(not os.environ.get("LEUKON_CAMPAIGN"), reason="a campaign: minutes")
def test_kills_in_the_first_moments_of_a_spool(tmp_path: Path) -> None:
    """When nothing is noted yet: each time a new spool and a new file."""
    for seed in range(15):
        laboratory = Laboratory(senders=2, pause_s=0.005)
        output = tmp_path / str(seed) / "answers.ndjson"
        kill_again_and_again(tmp_path / str(seed), output, 2, laboratory, seed, within_s=0.3)
        check(output, laboratory)


@pytest.mark.skipif(not os.environ.get("LEUKON_CAMPAIGN"), reason="a campaign: minutes")
@pytest.mark.parametrize("name", ["answers", "answers.ndjson"])
def test_fifty_random_kills_under_load(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    laboratory = Laboratory(senders=4, pause_s=0.015)
    output = tmp_path / name
    measured = kill_again_and_again(tmp_path, output, 50, laboratory, seed=int(time.time()))
    answers = check(output, laboratory)
    with capsys.disabled():
        print(f"\n50 kills, {name}: {len(laboratory.acknowledged)} acknowledged, {len(answers)} answered, {measured}")
