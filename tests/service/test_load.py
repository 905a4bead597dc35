"""Under load: what `python -m bench.load` measures, here with a few requests; in a campaign the whole of it."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys

import msgspec
import pytest

from bench.bundles import make_bundles
from bench.load import drive, write_request
from tests.service.running import ROOT, Running


def test_every_request_of_a_short_load_is_answered(running: Running) -> None:
    requests = [write_request(msgspec.json.encode(bundle)) for bundle in make_bundles(every=30).values()]
    found, failed = asyncio.run(drive(running.port, requests, 20.0, 1.0))
    assert (len(found), failed) == (20, 0)


def test_what_is_no_answer_counts_as_failed(running: Running) -> None:
    found, failed = asyncio.run(drive(running.port, [write_request(b"{}")], 20.0, 0.25))
    assert (len(found), failed) == (5, 5)


@pytest.mark.skipif(not os.environ.get("LEUKON_CAMPAIGN"), reason="a campaign: two minutes")
def test_a_hundred_requests_a_second_for_two_minutes_with_p99_under_150_ms() -> None:
    done = subprocess.run([sys.executable, "-m", "bench.load"], cwd=ROOT, capture_output=True, text=True, timeout=400)
    print(done.stdout)
    assert done.returncode == 0, done.stdout + done.stderr
