"""`leukon forecast`: text and JSON, batches in order, a bad line an error object."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CHILD = {
    "person": {"age": "6 years"},
    "counts": [{"day": 7 * i, "neutrophils": 1.5 + 0.1 * (i % 3)} for i in range(6)],
    "drugs": [{"name": "mercaptopurine", "doses": [{"day": d, "dose": "50 mg/m2"} for d in range(35)]}],
}


def run(*words: str, stdin: str = "") -> subprocess.CompletedProcess[bytes]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    return subprocess.run(
        [sys.executable, "-m", "leukon", "forecast", *words], input=stdin.encode(), capture_output=True, check=False,
        env=environment, timeout=120,
    )  # fmt: skip


def test_one_record_is_text_and_can_be_json() -> None:
    text = run("-", stdin=json.dumps(CHILD)).stdout.decode()
    assert "Forecast of neutrophils" in text
    assert "Taken for granted" in text
    done = run("-", "--format", "json", "--days", "10", stdin=json.dumps(CHILD))
    held = json.loads(done.stdout)
    assert len(held["series"]) == 11
    assert done.returncode == 0


def test_a_batch_is_one_object_a_line_in_order_and_a_bad_line_an_error() -> None:
    lines = [json.dumps(CHILD | {"id": f"child {i}"}) for i in range(45)]
    lines.insert(3, "not json")
    done = run("-", stdin="\n".join(lines))
    held = [json.loads(line) for line in done.stdout.splitlines()]
    assert held[3]["line"] == 4
    assert "error" in held[3]
    assert [h["id"] for h in held if "id" in h] == [f"child {i}" for i in range(45)]
    assert done.returncode == 0
    assert b"1 record could not be used" in done.stderr


@pytest.mark.parametrize(
    ("words", "status"), [((), 2), (("x", "--days", "0"), 2), (("x", "--format", "pdf"), 2), (("no.yaml",), 1)]
)
def test_wrong_use_is_one_line_and_a_status(words: tuple[str, ...], status: int) -> None:
    done = run(*words)
    assert done.returncode == status
    assert len(done.stderr.decode().strip().splitlines()) == 1


def test_maintenance_never_loads_jax() -> None:
    code = (
        "import sys\nfrom leukon.forecast import forecast\nfrom leukon.io import read_record\n"
        f"forecast(read_record({json.dumps(json.dumps(CHILD))}, 'x'))\nprint('jax' in sys.modules)"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, env=environment, timeout=120)
    assert done.stdout.split() == [b"False"]
