# pyright: basic
# (ibis and pyspark build much of what they hold at run time: it has no static types)
"""Apache Spark, local or a cluster: for tables that one machine does not hold."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import ibis
import pyarrow as pa
from ibis.backends.sql.datatypes import PySparkType
from py4j.protocol import Py4JError
from pyspark.errors import PySparkException
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql.pandas.types import from_arrow_schema, to_arrow_schema

from leukon.population.engines.engine import Form, write_sql
from leukon.population.tables import TableError

__all__ = ["SparkEngine", "open_spark", "start_session"]

ibis.pyspark  # noqa: B018  (makes its options known to the compiler)


class SparkEngine:
    """An Engine over one session."""

    name = "spark"

    def __init__(self, session: SparkSession) -> None:
        self._session = session

    def open(self, name: str, files: Sequence[Path], form: Form, delimiter: str = ",") -> Any:
        paths = [str(file) for file in files]
        if form == "parquet":
            frame = self._session.read.option("mergeSchema", "true").parquet(*paths)
        else:
            frame = self._session.read.csv(paths, header=True, sep=delimiter, quote='"', escape='"', multiLine=True)
        return self._register(name, frame)

    def add(self, name: str, table: pa.Table) -> Any:
        return self._register(name, self._session.createDataFrame(table))

    def keep(self, name: str, expression: Any) -> Any:
        return self._register(name, self._frame(expression).persist())

    def fetch(self, expression: Any) -> pa.Table:
        return self._frame(expression).toArrow()

    def write(self, expression: Any, path: Path) -> None:
        self._frame(expression).write.parquet(str(path))

    def map_batches(
        self,
        name: str,
        expression: Any,
        work: Callable[[Iterator[pa.RecordBatch]], Iterator[pa.RecordBatch]],
        schema: pa.Schema,
    ) -> Any:
        made = self._frame(expression).mapInArrow(work, from_arrow_schema(schema))
        return self._register(name, made.persist())

    def by_parts(
        self,
        tables: Mapping[str, Any],
        work: Callable[[Mapping[str, Any]], Mapping[str, Any]],
        tell: Callable[[str], None],
    ) -> Mapping[str, Any]:
        return work(tables)

    def _frame(self, expression: Any) -> DataFrame:
        return self._session.sql(write_sql(expression, "pyspark", PySparkType))

    def _register(self, name: str, frame: DataFrame) -> Any:
        frame.createOrReplaceTempView(name)
        held = ibis.Schema.from_pyarrow(to_arrow_schema(frame.schema, timezone="UTC"))
        # Spark knows of some columns that they are never null; unions then differ from those of DuckDB, which does not
        return ibis.table({column: kind.copy(nullable=True) for column, kind in held.items()}, name=name)


@contextmanager
def open_spark(scratch: Path, master: str | None) -> Generator[SparkEngine, None, None]:
    """The running session where there is one, else a new one at `master` (all cores of this machine when not said)."""
    running = SparkSession.getActiveSession()
    if running is None and not (shutil.which("java") or os.environ.get("JAVA_HOME")):
        raise TableError(
            "--engine spark needs Java 17 or newer, and none is found: install openjdk-17-jre-headless (Debian) or "
            "set JAVA_HOME"
        )
    try:
        session = running or start_session(scratch, master)
        try:
            yield SparkEngine(session)
        finally:
            if running is None:
                session.stop()
    except (PySparkException, Py4JError) as error:  # the second where Java itself fails: it is out of memory
        raise TableError(f"Spark: {' '.join(str(error).split())[:300]}") from None


def start_session(scratch: Path, master: str | None) -> SparkSession:
    """A session at `master`; one on this machine listens on loopback only and may take half of its memory."""
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    place = master or "local[*]"
    builder = SparkSession.builder.appName("leukon").master(place)
    if place.startswith("local"):  # 200 parts, Spark's own choice, are for many machines
        builder = builder.config("spark.sql.shuffle.partitions", str(2 * (os.cpu_count() or 1)))
        builder = builder.config("spark.driver.memory", f"{_measure_memory_mb() // 2}m")  # Spark's own choice is 1 GB
        builder = builder.config("spark.driver.bindAddress", "127.0.0.1").config("spark.driver.host", "127.0.0.1")
    return (
        builder.config("spark.local.dir", str(scratch))
        .config("spark.ui.enabled", "false")
        .config("spark.ui.showConsoleProgress", "false")
        .config("spark.log.level", "ERROR")
        .config("spark.sql.session.timeZone", "UTC")
        .config("spark.sql.ansi.enabled", "true")
        .config("spark.sql.parquet.inferTimestampNTZ.enabled", "true")
        .config("spark.sql.execution.arrow.maxRecordsPerBatch", "2000")
        .getOrCreate()
    )


def _measure_memory_mb() -> int:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**20
