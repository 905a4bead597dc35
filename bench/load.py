"""`leukon serve` under load: FHIR Bundles to `$assess` at a constant rate, from a process of its own on the same cores.

The rate is open: a request is sent when its time has come, whether or not earlier ones were answered, and its time
runs from when it should have been sent. `hey` and `wrk` wait for answers before they ask again, which hides a queue,
and send one body; so the client is here.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import msgspec

from bench.bundles import ROOT, make_bundles

_TARGET_MS = 150.0
_WARM_S = 5.0


async def drive(port: int, requests: list[bytes], rate: float, seconds: float) -> tuple[list[float], int]:
    """Seconds until each answer was whole, and how many were no answer."""
    resting: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []
    found: list[float] = []
    failed = 0

    async def ask(request: bytes, due: float) -> None:
        nonlocal failed
        try:
            reader, writer = resting.pop() if resting else await asyncio.open_connection("127.0.0.1", port)
            writer.write(request)
            head = await reader.readuntil(b"\r\n\r\n")
            length = int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0])
            body = await reader.readexactly(length)
            resting.append((reader, writer))
            failed += not head.startswith(b"HTTP/1.1 200") or b'"RiskAssessment"' not in body
        except (OSError, ValueError, asyncio.IncompleteReadError):
            failed += 1
        found.append(time.perf_counter() - due)

    began = time.perf_counter()
    asked: set[asyncio.Task[None]] = set()
    for number in range(round(rate * seconds)):
        due = began + number / rate
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        asked.add(task := asyncio.create_task(ask(requests[number % len(requests)], due)))
        task.add_done_callback(asked.discard)
    await asyncio.gather(*asked)
    for _, writer in resting:
        writer.close()
    return found, failed


def make_requests() -> list[bytes]:
    """Whole HTTP requests, one a record."""
    return [write_request(msgspec.json.encode(bundle)) for bundle in make_bundles().values()]


def write_request(body: bytes) -> bytes:
    """One HTTP request with this body."""
    head = "POST /fhir/$assess HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/fhir+json\r\n"
    return f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body


def measure_memory(pid: int) -> float:
    """Resident memory in MB of a process and all that it started; what they share is counted once (PSS)."""
    total, children = 0.0, [pid]
    while children:
        one = children.pop()
        try:
            lines = Path(f"/proc/{one}/smaps_rollup").read_text().splitlines()
            children += [int(c) for c in Path(f"/proc/{one}/task/{one}/children").read_text().split()]
        except OSError:
            continue
        total += sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024
    return total


def read_busy() -> tuple[float, float]:
    """Seconds that all cores were busy, and were there, since the machine started."""
    ticks = [int(n) for n in Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]]
    return sum(ticks) - ticks[3] - ticks[4], sum(ticks)


def measure_work(pid: int) -> float:
    """Seconds of processor time of a process and all that it started and that still run."""
    total, children = 0, [pid]
    while children:
        one = children.pop()
        try:
            total += sum(map(int, Path(f"/proc/{one}/stat").read_text().rsplit(")", 1)[1].split()[11:13]))
            children += [int(c) for c in Path(f"/proc/{one}/task/{one}/children").read_text().split()]
        except OSError:
            continue
    return total / os.sysconf("SC_CLK_TCK")


def main() -> None:
    """Prints what came of it; fails where the target is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rate", type=float, default=100.0, help="requests a second")
    parser.add_argument("--seconds", type=float, default=120.0)
    options = parser.parse_args()
    requests = make_requests()
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder) / "config.yaml"
        config.write_text("port: 0\nrequests_per_minute: 0\n")
        command = [sys.executable, "-m", "leukon", "serve", "--config", str(config)]
        with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, cwd=ROOT) as service:
            assert service.stderr
            port = int(service.stderr.readline().rsplit(":", 1)[1].split()[0])
            asyncio.run(drive(port, requests, options.rate, _WARM_S))
            memory, work, busy = measure_memory(service.pid), measure_work(service.pid), read_busy()
            mine = time.process_time()
            found, failed = asyncio.run(drive(port, requests, options.rate, options.seconds))
            mine = time.process_time() - mine
            used, there = (b - a for a, b in zip(busy, read_busy(), strict=True))
            work, later = measure_work(service.pid) - work, measure_memory(service.pid)
            service.send_signal(signal.SIGTERM)
            service.wait(30)
    found.sort()
    n = len(found)
    shown = {p: 1000 * found[min(n - 1, int(n * p / 100))] for p in (50, 95, 99, 99.9, 100)}
    print(f"{n} requests of {len(requests)} records, {options.rate:g} a second, {failed} failed")
    print("ms until the answer was whole: " + ", ".join(f"p{p} {ms:.1f}" for p, ms in shown.items()))
    print(f"memory of the service {memory:.0f} MB, then {later:.0f} MB")
    print(f"processor time a request: service {1000 * work / n:.1f} ms, this client {1000 * mine / n:.1f} ms")
    print(f"cores busy {100 * used / there:.0f} % of {os.cpu_count()}, with what else ran on them")
    if failed or shown[99] > _TARGET_MS:
        sys.exit(f"missed: p99 under {_TARGET_MS:g} ms and no failure")


if __name__ == "__main__":
    main()
