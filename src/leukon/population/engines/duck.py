# pyright: basic
# (ibis builds the methods of its columns at run time: they have no static types)
"""DuckDB inside this process, with a bound on its memory."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
import ibis
import pyarrow as pa
import pyarrow.parquet as pq
from ibis.backends.sql.datatypes import DuckDBType

from leukon.population.engines.engine import Form, write_sql
from leukon.population.tables import TableError, connect, quote, quote_text

__all__ = ["DuckEngine", "open_duckdb"]

_BATCH = 2_000  # people in a batch for Python code
_PART = 4_000_000  # rows of the largest table in a part of the people
_SAMPLE = 20_000  # rows that tell where parts begin


class DuckEngine:
    """An Engine over one connection."""

    name = "duckdb"

    def __init__(self, con: duckdb.DuckDBPyConnection, scratch: Path) -> None:
        self._con, self._scratch = con, scratch

    def open(self, name: str, files: Sequence[Path], form: Form, delimiter: str = ",") -> Any:
        listed = "[" + ", ".join(quote_text(str(file)) for file in files) + "]"
        if form == "parquet":
            read = f"read_parquet({listed}, hive_partitioning = false, union_by_name = true)"
        else:
            read = (
                f"read_csv({listed}, header = true, all_varchar = true, delim = {quote_text(delimiter)}, quote = '\"', "
                "escape = '\"', hive_partitioning = false, union_by_name = true)"
            )
        return self._view(name, f"SELECT * FROM {read}")  # noqa: S608  (its names are quoted)

    def add(self, name: str, table: pa.Table) -> Any:
        self._con.register(f"{name}_here", table)
        self._con.execute(f"CREATE OR REPLACE TABLE {quote(name)} AS SELECT * FROM {quote(name + '_here')}")  # noqa: S608  (quoted)
        self._con.unregister(f"{name}_here")
        return self._table(name)

    def keep(self, name: str, expression: Any) -> Any:
        self._con.execute(f"CREATE OR REPLACE TABLE {quote(name)} AS {self._sql(expression)}")
        return self._table(name)

    def fetch(self, expression: Any) -> pa.Table:
        return self._con.sql(self._sql(expression)).to_arrow_table()

    def write(self, expression: Any, path: Path) -> None:
        self._con.execute(f"COPY ({self._sql(expression)}) TO {quote_text(str(path))} (FORMAT parquet)")

    def map_batches(
        self,
        name: str,
        expression: Any,
        work: Callable[[Iterator[pa.RecordBatch]], Iterator[pa.RecordBatch]],
        schema: pa.Schema,
    ) -> Any:
        reader = self._con.cursor().sql(self._sql(expression)).to_arrow_reader(_BATCH)
        path = self._scratch / f"{name}.parquet"
        with pq.ParquetWriter(path, schema) as writer:
            for batch in work(iter(reader)):
                writer.write_batch(batch)
        return self.open(name, [path], "parquet")

    def by_parts(
        self,
        tables: Mapping[str, Any],
        work: Callable[[Mapping[str, Any]], Mapping[str, Any]],
        tell: Callable[[str], None],
    ) -> Mapping[str, Any]:
        rows = {
            name: self.fetch(table.count().name("rows").as_table())["rows"][0].as_py() for name, table in tables.items()
        }
        largest = max(rows, key=lambda name: rows[name])
        if rows[largest] <= _PART:
            return work(tables)
        starts = self._find_starts(tables[largest], -(-rows[largest] // _PART))
        for name, table in tables.items():
            tell(f"dividing {name}")
            self._divide(table, self._scratch / f"{name}_by_part", starts)
        made: defaultdict[str, list[Path]] = defaultdict(list)
        for part in range(len(starts) + 1):
            tell(f"part {part + 1} of {len(starts) + 1} of the people")
            here = {name: self._open_part(name, table, part) for name, table in tables.items()}
            for name, table in work(here).items():
                made[name].append(self._scratch / f"{name}_of_part_{part}.parquet")
                self.write(table, made[name][-1])
        return {name: self.open(f"{name}_of_all", files, "parquet") for name, files in made.items()}

    def _find_starts(self, table: Any, parts: int) -> list[str]:
        """The keys of people with which the second part and each later one begin, parts being about equal."""
        sample = f"SELECT person FROM ({self._sql(table)}) USING SAMPLE reservoir({_SAMPLE} ROWS) REPEATABLE (1)"  # noqa: S608  (quoted)
        people = sorted(person for (person,) in self._con.execute(sample).fetchall())
        return sorted({people[len(people) * part // parts] for part in range(1, parts)})

    def _divide(self, table: Any, folder: Path, starts: Sequence[str]) -> None:
        before = " ".join(f"WHEN person < {quote_text(start)} THEN {part}" for part, start in enumerate(starts))
        rows = f"SELECT *, CASE {before} ELSE {len(starts)} END AS part FROM ({self._sql(table)})"  # noqa: S608  (quoted)
        self._con.execute(f"COPY ({rows}) TO {quote_text(str(folder))} (FORMAT parquet, PARTITION_BY (part))")

    def _open_part(self, name: str, table: Any, part: int) -> Any:
        files = sorted((self._scratch / f"{name}_by_part" / f"part={part}").glob("*.parquet"))
        return self.open(f"{name}_here", files, "parquet") if files else table.limit(0)

    def _view(self, name: str, sql: str) -> Any:
        self._con.execute(f"CREATE OR REPLACE VIEW {quote(name)} AS {sql}")
        return self._table(name)

    def _table(self, name: str) -> Any:
        empty = self._con.sql(f"SELECT * FROM {quote(name)} LIMIT 0").to_arrow_table()  # noqa: S608  (quoted)
        return ibis.table(ibis.Schema.from_pyarrow(empty.schema), name=name)

    def _sql(self, expression: Any) -> str:
        return write_sql(expression, "duckdb", DuckDBType)


@contextmanager
def open_duckdb(scratch: Path) -> Generator[DuckEngine, None, None]:
    """DuckDB; what does not fit into its memory goes to `scratch`."""
    with connect(scratch) as con:
        try:
            yield DuckEngine(con, scratch)
        except pa.ArrowException as error:
            raise TableError(" ".join(str(error).split())[:300]) from None
