"""The command `leukon serve` as a process of its own."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Running", "run_service"]

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Running:
    """A process and the port it serves on."""

    process: subprocess.Popen[str]
    port: int

    def end(self) -> tuple[int, str]:
        """Its status and what it said since it was ready."""
        self.process.terminate()
        _, said = self.process.communicate(timeout=60)
        return self.process.returncode, said


@contextmanager
def run_service(*words: str) -> Iterator[Running]:
    """`leukon serve` on a free port."""
    command = [sys.executable, "-m", "leukon", "serve", "--port", "0", *words]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, cwd=ROOT)
    try:
        assert process.stderr
        said = ""
        while "serving on" not in said:
            said = process.stderr.readline()
            assert said, "it ended before it was ready"
        yield Running(process, int(said.split("serving on ")[1].split()[0].rsplit(":", 1)[1]))
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()
