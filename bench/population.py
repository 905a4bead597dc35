"""`leukon population` on tables made on the fly: seconds a million rows, peak memory and disk, as the tables grow.

`python -m bench.population [--engine duckdb|spark] [--causes low|none] [MILLIONS OF ROWS…]`. Each run is a process of
its own.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).resolve().parents[1]
A_PERSON = 10  # rows

PEOPLE = """
SELECT 'P' || i AS person, CASE WHEN hash(i) % 2 = 0 THEN 'female' ELSE 'male' END AS sex,
       DATE '1930-01-01' + (hash(i * 3) % 30000)::INT AS birth_date,
       ['Black', 'White', 'Hispanic', 'Asian'][1 + (hash(i * 5) % 4)::INT] AS ancestry
FROM range({people}) t(i)
"""
COUNTS = """
SELECT 'P' || (i // {each}) AS person, TIMESTAMP '2015-01-01' + INTERVAL (hash(i // 2) % 3000) DAY AS time,
       CASE WHEN i % 2 = 0 THEN 'WBC' ELSE 'ANC' END AS analyte,
       round(exp(CASE WHEN i % 2 = 0 THEN 1.8 ELSE 1.2 END + 0.35 * (u1 + u2 + u3 - 1.5) * 2), 2) AS value,
       '10*9/L' AS unit
FROM (SELECT i, (hash(i * 7) % 100003) / 100003.0 AS u1, (hash(i * 13) % 100003) / 100003.0 AS u2,
             (hash(i * 17) % 100003) / 100003.0 AS u3 FROM range({rows}) t(i))
"""


def make(folder: Path, rows: int) -> None:
    """People with two counts a draw, most of them normal."""
    import duckdb

    people = max(1, rows // A_PERSON)
    with duckdb.connect() as con:
        con.execute("SET preserve_insertion_order = false")
        con.execute(f"COPY ({PEOPLE.format(people=people)}) TO '{folder}/people.parquet'")
        con.execute(f"COPY ({COUNTS.format(rows=rows, each=A_PERSON)}) TO '{folder}/counts.parquet'")


def run(source: Path, output: Path, engine: str, causes: str) -> None:
    from leukon.population.run import Plan, run_population

    began = time.perf_counter()
    run_population(Plan(source, output, engine=engine, causes=causes), lambda _: None)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(f"{time.perf_counter() - began} {peak}")


def weigh(folder: Path) -> float:
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file()) / 1e6


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("millions", type=float, nargs="*", default=[1.0])
    parser.add_argument("--engine", default="duckdb")
    parser.add_argument("--causes", default="none")
    parser.add_argument("--one", nargs=2, type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.one:
        run(*given.one, given.engine, given.causes)
        return
    for millions in given.millions:
        rows = int(millions * 1e6)
        with TemporaryDirectory() as folder:
            source, output = Path(folder) / "in", Path(folder) / "out"
            source.mkdir()
            make(source, rows)
            words = ["--engine", given.engine, "--causes", given.causes, "--one", str(source), str(output)]
            told = subprocess.run(
                [sys.executable, "-m", "bench.population", *words], check=True, capture_output=True, text=True, cwd=ROOT
            )
            seconds, peak = map(float, told.stdout.split()[-2:])
            print(
                f"{rows:>12,} rows, causes {given.causes}, {given.engine}: {seconds:8.1f} s, "
                f"{seconds / millions:6.2f} s a million, peak {peak:.2f} GB, "
                f"source {weigh(source):.0f} MB, result {weigh(output):.0f} MB"
            )


if __name__ == "__main__":
    main()
