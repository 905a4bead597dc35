"""Speed of one assessment: warm in this process, from a cold shell, and in a batch; beside an empty Python process."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
RECORD = ROOT / "examples" / "agranulocytosis.yaml"
BATCH = 1000


def best(run, times: int = 5) -> float:
    """Seconds of the best of several runs."""
    found = []
    for _ in range(times):
        began = time.perf_counter()
        run()
        found.append(time.perf_counter() - began)
    return min(found)


def shell(*words: str) -> None:
    subprocess.run([sys.executable, *words], check=True, stdout=subprocess.DEVNULL, cwd=ROOT)


def main() -> None:
    from leukon.assess import assess
    from leukon.io import read_record
    from leukon.io.tree import read_tree

    text = RECORD.read_text(encoding="utf-8")
    patient = read_record(text)
    assess(patient)
    warm = best(lambda: [assess(patient) for _ in range(20)]) / 20
    read = best(lambda: [read_record(text) for _ in range(20)]) / 20
    empty = best(lambda: shell("-c", "pass"))
    cold = best(lambda: shell("-m", "leukon", "assess", str(RECORD)))
    with tempfile.TemporaryDirectory() as folder:
        batch = Path(folder) / "many.ndjson"
        batch.write_text((json.dumps(read_tree(text, "")) + "\n") * BATCH, encoding="utf-8")
        many = best(lambda: shell("-m", "leukon", "assess", str(batch), "--format", "json"), 2)
    print(f"{'one assessment, warm':34}{warm * 1e3:8.2f} ms")
    print(f"{'reading one record':34}{read * 1e3:8.2f} ms   {read / warm:5.2f} × an assessment")
    print(f"{'leukon assess, cold shell':34}{cold:8.2f} s    {cold / empty:5.1f} × an empty Python ({empty:.2f} s)")
    print(f"{f'{BATCH} records as NDJSON':34}{many:8.2f} s    {BATCH / many:5.0f} records a second")


if __name__ == "__main__":
    main()
