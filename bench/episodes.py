"""Episodes over a table of counts, beside DuckDB sorting the same table: `python -m bench.episodes [MILLIONS]`."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

REPEATS = 3

TABLE = """
SELECT hash(i * 11) % {people} AS person, 'anc' AS analyte, i AS row, (hash(i * 7) % 3650)::DOUBLE AS day,
       round(exp(1.2 + 0.6 * ((hash(i * 13) % 1000003) / 500001.5 - 1)), 2) AS value
FROM range({rows}) t(i)
"""


def main() -> None:
    import ibis

    from leukon.population.episodes import find_episodes
    from leukon.population.tables import connect

    rows = int(float(sys.argv[1] if len(sys.argv) > 1 else 1) * 1e6)
    types = {"person": "uint64", "analyte": "string", "row": "int64", "day": "float64", "value": "float64"}
    episodes = ibis.to_sql(find_episodes(ibis.table(types, "counts"), 2.5, order=["row"]), dialect="duckdb")
    with TemporaryDirectory() as folder, connect(Path(folder)) as con:
        con.execute(f"COPY ({TABLE.format(rows=rows, people=max(1, rows // 10))}) TO '{folder}/in.parquet'")
        con.execute(f"CREATE VIEW counts AS SELECT * FROM '{folder}/in.parquet'")  # noqa: S608
        found = con.execute(f"SELECT count(*) FROM ({episodes})").fetchone()  # noqa: S608
        print(f"{rows:,} counts of {rows // 10:,} people, {found[0] if found else 0:,} episodes under 2.5")
        queries = {"sort": "SELECT * FROM counts ORDER BY person, analyte, day, row", "episodes": episodes}
        base = (0.0, 0.0)
        for name, query in queries.items():
            # the sort with DuckDB's own settings, which leukon gives up in part so that NaN is seen
            con.execute(
                "RESET disabled_optimizers" if name == "sort" else "SET disabled_optimizers = 'statistics_propagation'"
            )
            runs = []
            for _ in range(REPEATS):
                began, worked = time.perf_counter(), time.process_time()
                con.execute(f"COPY ({query}) TO '{folder}/out.parquet' (FORMAT parquet)")
                runs.append((time.perf_counter() - began, time.process_time() - worked))
            clock, work = min(r[0] for r in runs), min(r[1] for r in runs)
            base = base if base[0] else (clock, work)
            ratio = f"{clock / base[0]:6.2f} × the sort by the clock, {work / base[1]:.2f} × by processor time"
            print(f"{name:10}{clock:8.2f} s {work:8.2f} s of processor {ratio}")


if __name__ == "__main__":
    main()
