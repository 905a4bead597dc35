# pyright: basic
# (pyarrow has no static types)
"""Files that an engine does not read as they are, written again as Parquet in the folder for staging.

On a cluster that folder must be one that every machine of it sees.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from pyarrow import csv

from leukon.population.sources.files import find_form
from leukon.population.tables import TableError, _read_header, quote, quote_text  # pyright: ignore[reportPrivateUsage]

__all__ = ["list_columns", "stage_batches", "stage_csv", "stage_database", "stage_times"]

_BLOCK = 8 << 20


def stage_batches(batches: Iterable[pa.RecordBatch | pa.Table], schema: pa.Schema, target: Path) -> int:
    """Writes batches; returns their rows. Where they break off, nothing is left."""
    rows = 0
    try:
        with pq.ParquetWriter(target, schema) as writer:
            for batch in batches:
                rows += batch.num_rows
                if isinstance(batch, pa.Table):
                    writer.write_table(batch)
                else:
                    writer.write_batch(batch)
    except BaseException:
        target.unlink(missing_ok=True)
        raise
    return rows


def stage_csv(path: Path, target: Path, wanted: Callable[[str], bool]) -> tuple[pa.Schema, list[str]]:
    """The columns that are wanted, as text; returns the schema and what was odd. Raises TableError where it breaks."""
    names, delimiter, notes = _read_header(path)
    odd: list[int] = []

    def skip(row: csv.InvalidRow) -> str:
        odd.append(row.actual_columns)
        return "skip"

    kept = [name for name in names if wanted(name)]
    schema = pa.schema([(name, pa.string()) for name in kept])
    if not kept:
        return schema, notes
    try:
        reader = csv.open_csv(
            path,
            csv.ReadOptions(block_size=_BLOCK, column_names=names, skip_rows=1),
            csv.ParseOptions(delimiter=delimiter, newlines_in_values=True, invalid_row_handler=skip),
            csv.ConvertOptions(column_types=schema, include_columns=kept, strings_can_be_null=True, null_values=[""]),
        )
        stage_batches(reader, schema, target)
    except (pa.ArrowInvalid, OSError) as error:
        if "Empty CSV" in str(error):  # a header and no row
            stage_batches([], schema, target)
        else:
            raise TableError(_say(error)) from None
    if odd:
        notes.append(f"{len(odd)} rows have another number of cells than the header")
    return schema, notes


def stage_times(path: Path, target: Path, columns: Sequence[str]) -> pa.Schema:
    """The columns of a Parquet file, times in microseconds without a zone: Spark reads no nanoseconds."""
    with pq.ParquetFile(path) as file:
        schema = pa.schema([_plain_time(file.schema_arrow.field(name)) for name in columns])
        batches = (
            pa.Table.from_batches([batch]).select(list(columns)).cast(schema, safe=False)
            for batch in file.iter_batches(columns=list(columns))
        )
        stage_batches(batches, schema, target)
    return schema


def stage_database(path: Path, names: Sequence[str], make_path: Callable[[str], Path]) -> dict[str, list[Path]]:
    """The tables of those names in a DuckDB database, in any of its schemas, each copied to Parquet."""
    import duckdb

    found: dict[str, list[Path]] = {}
    try:
        with duckdb.connect(str(path), read_only=True) as con:
            held = con.execute("SELECT table_schema, table_name FROM information_schema.tables").fetchall()
            for schema, name in sorted(held):
                if name.casefold() not in names:
                    continue
                if name.casefold() in found:
                    raise TableError(f"{path}: two schemas hold a table {name!r}; give a database with one")
                target = make_path(name.casefold())
                con.execute(f"COPY {quote(schema)}.{quote(name)} TO {quote_text(str(target))} (FORMAT parquet)")
                found[name.casefold()] = [target]
    except duckdb.Error as error:
        raise TableError(f"{path}: {_say(error)}") from None
    return found


def list_columns(path: Path) -> list[str]:
    """The names of the columns of a CSV or Parquet file; none where it cannot be opened, which is told elsewhere."""
    try:
        return pq.read_schema(path).names if find_form(path) == "parquet" else _read_header(path)[0]
    except (TableError, OSError, pa.ArrowException):
        return []


def _plain_time(field: pa.Field) -> pa.Field:
    return field.with_type(pa.timestamp("us")) if pa.types.is_timestamp(field.type) else field


def _say(error: Exception) -> str:
    text = str(error)
    if "UTF8" in text or "UTF-8" in text:
        return "the text is not UTF-8; save it so and try again"
    return " ".join(text.split())[:200]
