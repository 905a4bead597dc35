"""Grading a table: leukon beside DuckDB copying the same file untouched, vectorised pandas and a row-wise program.

Each program runs in a process of its own (its peak memory is its own) and reads and writes Parquet. Usage:
`python -m bench.grade [MILLIONS OF ROWS [PROGRAM…]]`, the first program being what the others are measured by.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
ROW_WISE = 100_000  # so many rows are given to the row-wise program; its time is scaled up
REPEATS = 3

TABLE = """
SELECT i AS id, 'S' || lpad((i // 50)::VARCHAR, 8, '0') AS subject, d.term, round(d.top * u * u, 2) AS value, d.unit,
       d.lln::DOUBLE AS lln, d.uln::DOUBLE AS uln, DATE '2020-01-01' + (hash(i) % 1500)::INT AS sample_date
FROM (SELECT i, hash(i * 7) % 8 AS k, (hash(i * 13) % 1000003) / 1000003.0 AS u FROM range({rows}) t(i)) JOIN (VALUES
  (0, 'ANC', 12, '10*9/L', 2.0, 7.5), (1, 'ALC', 8, 'K/uL', 1.0, 4.0), (2, 'WBC', 20, '10*9/L', 4.0, 11.0),
  (3, 'PLT', 500, '10*9/L', 150.0, 400.0), (4, 'Hb', 20, 'g/dL', 12.0, 16.0), (5, 'CD4', 1500, '/uL', 500.0, 1500.0),
  (6, 'Neutrophil count decreased', 12000, '/uL', 2000.0, 7500.0), (7, 'haemoglobin', 200, 'g/L', 120.0, 160.0)
) d(k, term, top, unit, lln, uln) USING (k) ORDER BY i
"""


def make(rows: Path, output: Path) -> None:
    """Writes a table of so many values of eight names in five units."""
    from leukon.population.tables import connect

    with connect(output) as con:
        con.execute(f"COPY ({TABLE.format(rows=rows)}) TO '{output}' (FORMAT parquet)")


def copy(source: Path, output: Path) -> None:
    from leukon.population.tables import connect

    with connect(source) as con:
        con.execute(f"COPY (SELECT * FROM '{source}') TO '{output}' (FORMAT parquet)")  # noqa: S608


def leukon(source: Path, output: Path) -> None:
    from leukon.population.command import grade_table

    grade_table(source, output)


_CUTS = {  # analyte: fixed limits of grades 4 to 2 in the low direction, of grade 3 and 2 in the high one
    "neutrophils": ([0.5, 1.0, 1.5], None), "lymphocytes": ([0.2, 0.5, 0.8], [20.0, 4.0]),
    "wbc": ([1.0, 2.0, 3.0], [100.0]), "platelets": ([25.0, 50.0, 75.0], None), "hemoglobin": ([8.0, 10.0], "uln"),
    "cd4": ([0.05, 0.2, 0.5], None),
}  # fmt: skip
_ANALYTES = {
    "ANC": "neutrophils", "ALC": "lymphocytes", "WBC": "wbc", "PLT": "platelets", "Hb": "hemoglobin", "CD4": "cd4",
    "Neutrophil count decreased": "neutrophils", "haemoglobin": "hemoglobin",
}  # fmt: skip
_FACTORS = {"10*9/L": 1.0, "K/uL": 1.0, "/uL": 0.001, "g/dL": 1.0, "g/L": 0.1}


def pandas(source: Path, output: Path) -> None:
    """What a careful programmer writes: masks and np.select, rounding against noise."""
    import numpy as np
    import pandas as pd

    table = pd.read_parquet(source)
    analyte, factor = table["term"].map(_ANALYTES), table["unit"].map(_FACTORS)
    value, lln, uln = ((table[name] * factor).round(9) for name in ("value", "lln", "uln"))
    low, high = np.zeros(len(table), "int8"), np.zeros(len(table), "int8")
    for name, (under, over) in _CUTS.items():
        mask = (analyte == name).to_numpy()
        v, grades = value[mask], [4, 3, 2] if len(under) == 3 else [3, 2]
        low[mask] = np.select([*(v < cut for cut in under), v < lln[mask]], [*grades, 1], 0)
        if over == "uln":
            top = uln[mask]
            high[mask] = np.select([v > top + 4, v > top + 2, v > top], [3, 2, 1], 0)
        elif over:
            high[mask] = np.select([v > cut for cut in over], [3, 2][: len(over)], 0)
    table["grade_low"], table["grade_high"] = low, high
    table["grade_reason"] = "CTCAE 5.0 " + analyte + ", grade " + pd.Series(np.maximum(low, high)).astype(str)
    table.to_parquet(output)


def row_wise(source: Path, output: Path) -> None:
    import pandas as pd

    table = pd.read_parquet(source).head(ROW_WISE)

    def one(row):
        under, over = _CUTS[_ANALYTES[row["term"]]]
        factor = _FACTORS[row["unit"]]
        value, lln, uln = (round(row[name] * factor, 9) for name in ("value", "lln", "uln"))
        low = next((len(under) + 1 - k for k, cut in enumerate(under) if value < cut), 1 if value < lln else 0)
        cuts = [uln + 4, uln + 2, uln] if over == "uln" else over or []
        high = next((3 - k for k, cut in enumerate(cuts) if value > cut), 0)
        return pd.Series([low, high, f"CTCAE 5.0 {row['term']}, grade {max(low, high)}"])

    table[["grade_low", "grade_high", "grade_reason"]] = table.apply(one, axis=1)
    table.to_parquet(output)


PROGRAMS = {"make": make, "copy": copy, "leukon": leukon, "pandas": pandas, "row-wise": row_wise}


def run(name: str, source: Path, output: Path) -> tuple[float, float, float]:
    """Seconds by the clock, seconds of the processors, and GB of peak memory of one program in its own process."""
    words = [sys.executable, "-m", "bench.grade", "--one", name, str(source), str(output)]
    found = subprocess.run(words, check=True, capture_output=True, text=True, cwd=ROOT)
    return tuple(json.loads(found.stdout.splitlines()[-1]))


def _one(name: str, source: Path, output: Path) -> None:
    began, worked = time.perf_counter(), time.process_time()
    PROGRAMS[name](source, output)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(json.dumps([time.perf_counter() - began, time.process_time() - worked, peak]))


def main() -> None:
    millions = float(sys.argv[1]) if len(sys.argv) > 1 else 2.0
    rows = int(millions * 1e6)
    with tempfile.TemporaryDirectory() as folder:
        source, output = Path(folder) / "in.parquet", Path(folder) / "out.parquet"
        run(
            "make", Path(str(rows)), source
        )  # in a process of its own too: a child starts with its parent's peak memory
        print(f"grading {rows:,} rows by CTCAE 5, Parquet to Parquet ({source.stat().st_size / 1e6:.0f} MB)")
        base = 0.0
        for name in sys.argv[2:] or list(PROGRAMS)[1:]:
            runs = sorted(run(name, source, output) for _ in range(1 if name == "row-wise" else REPEATS))
            scale = rows / min(rows, ROW_WISE) if name == "row-wise" else 1.0
            seconds, work, peak = runs[0][0] * scale, min(r[1] for r in runs) * scale, max(r[2] for r in runs)
            base = base or seconds
            print(
                f"{name:10}{seconds:9.2f} s {work:9.2f} s of processor {seconds / base:8.2f} × the copy {peak:6.2f} GB"
            )


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        _one(sys.argv[2], Path(sys.argv[3]), Path(sys.argv[4]))
    else:
        main()
