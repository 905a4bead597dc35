"""Tables on disk, read and written by DuckDB inside this process: CSV and Parquet by the name of the file.

Rows keep their order and cells their text: a CSV is read as text, so that no identifier loses its leading zeros. A
result is written under a temporary name and gets its own when it is whole.
"""

from __future__ import annotations

import csv
import gzip
import tempfile
from collections import Counter
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

__all__ = ["Column", "Source", "TableError", "connect", "open_table", "quote", "quote_text", "write_table"]

Format = Literal["csv", "parquet"]
Meaning = Literal["text", "integer", "decimal", "float", "double", "date", "other"]

VIEW = "input"
_DELIMITERS = ",;\t|"
_MEMORY = "800MB"  # what DuckDB may hold before it spills to disk


class TableError(Exception):
    """A table that could not be used: one line for people, what is wrong and where."""


@dataclass(frozen=True, slots=True)
class Column:
    name: str
    type: str  # as DuckDB names it

    @property
    def meaning(self) -> Meaning:
        kind = self.type.split("(")[0]
        if kind in ("VARCHAR", "ENUM", '"NULL"'):  # a column without any value has a type of its own
            return "text"
        if kind.endswith(("INT", "INTEGER")):
            return "integer"
        if kind == "DATE" or kind.startswith("TIMESTAMP"):
            return "date"
        held: dict[str, Meaning] = {"DECIMAL": "decimal", "FLOAT": "float", "DOUBLE": "double"}
        return held.get(kind, "other") if not self.type.endswith("]") else "other"


@dataclass(frozen=True, slots=True)
class Source:
    """A table that is open as the view `input`."""

    path: Path
    format: Format
    columns: tuple[Column, ...]
    delimiter: str = ","
    notes: tuple[str, ...] = ()


def quote(name: str) -> str:
    """A name as SQL reads it."""
    return '"' + name.replace('"', '""') + '"'


def quote_text(text: str) -> str:
    """A text as SQL reads it."""
    return "'" + text.replace("'", "''") + "'"


@contextmanager
def connect(path: Path) -> Generator[DuckDBPyConnection, None, None]:
    """DuckDB in this process, with a bound on its memory and a folder of its own to spill into.

    What it cannot do is a TableError of the table at `path`.
    """
    import duckdb

    with tempfile.TemporaryDirectory(prefix="leukon-") as folder:
        config: dict[str, str | bool | int | float | list[str]] = {
            "memory_limit": _MEMORY,
            "temp_directory": folder,
            "autoinstall_known_extensions": "false",
        }
        try:
            with duckdb.connect(config=config) as con:
                con.execute("SET TimeZone = 'UTC'; SET preserve_insertion_order = true")
                # DuckDB settles `isnan(x)` and `x < 25` by the least and greatest value that a Parquet file states for
                # a column, and those leave NaN out: the missing values of pandas would be graded
                con.execute("SET disabled_optimizers = 'statistics_propagation'")
                con.execute("SET enable_progress_bar = true; SET enable_progress_bar_print = false")
                yield con
        except duckdb.Error as error:
            raise TableError(f"{path}: {_one_line(error)}") from None


def find_format(path: Path) -> Format:
    """The format that the name of a file says."""
    name = path.name.casefold()
    if name.endswith((".csv", ".csv.gz", ".tsv", ".tsv.gz")):
        return "csv"
    if name.endswith((".parquet", ".pq")):
        return "parquet"
    raise TableError(f"{path}: a table is a .csv or a .parquet file")


def open_table(con: DuckDBPyConnection, path: Path) -> Source:
    """Opens a table as the view `input`; raises TableError where it cannot be read."""
    found = find_format(path)
    try:
        with path.open("rb"):
            pass
    except OSError as error:
        raise TableError(f"{path}: {(error.strerror or 'cannot be read').lower()}") from None
    names, delimiter, notes = ([], ",", []) if found == "parquet" else _read_header(path)
    place = quote_text(str(_without_pattern(con, path)))
    if found == "parquet":
        read = f"read_parquet({place}, hive_partitioning = false)"
    else:
        listed = ", ".join(f"{quote_text(name)}: 'VARCHAR'" for name in names)
        read = (
            f"read_csv({place}, auto_detect = false, header = true, columns = {{{listed}}}, delim = "
            f"{quote_text(delimiter)}, quote = '\"', escape = '\"', hive_partitioning = false)"
        )
    con.execute(f"CREATE OR REPLACE VIEW {VIEW} AS SELECT * FROM {read}")  # noqa: S608  (its names are quoted)
    described = con.execute(f"DESCRIBE {VIEW}").fetchall()
    columns = tuple(Column(name, kind) for name, kind, *_ in described)
    return Source(path, found, columns, delimiter, tuple(notes))


def _without_pattern(con: DuckDBPyConnection, path: Path) -> Path:
    """A name without the letters that DuckDB reads as a pattern."""
    if not any(letter in str(path) for letter in "*?["):
        return path
    row = con.execute("SELECT current_setting('temp_directory')").fetchone()
    assert row is not None
    plain = Path(row[0]) / ("table" + "".join(path.suffixes[-2:]))
    plain.unlink(missing_ok=True)
    plain.symlink_to(path.resolve())
    return plain


def _read_header(path: Path) -> tuple[list[str], str, list[str]]:
    """The names of the columns of a CSV, what stands between them, and what was odd."""
    opened: Any = gzip.open if path.name.casefold().endswith(".gz") else open
    try:
        with opened(path, "rt", encoding="utf-8-sig", newline="") as lines:
            first: str = lines.readline(1_000_000)
            delimiter = max(_DELIMITERS, key=lambda mark: first.count(mark))
            lines.seek(0)
            names = next(csv.reader(lines, delimiter=delimiter), list[str]())
    except (OSError, EOFError) as error:
        raise TableError(f"{path}: {str(error).lower()}") from None
    except UnicodeDecodeError:
        raise TableError(f"{path}: the text is not UTF-8; save it so and try again") from None
    except csv.Error as error:
        raise TableError(f"{path}, line 1: {error}") from None
    if not names:
        raise TableError(f"{path}: the file is empty")
    notes: list[str] = []
    for place, name in enumerate(names, start=1):
        if not name:
            names[place - 1] = f"column_{place}"
            notes.append(f"{path}: column {place} has no name and is called column_{place}")
    twice = [name for name, n in Counter(name.casefold() for name in names).items() if n > 1]
    if twice:
        raise TableError(f"{path}: two columns are called {twice[0]!r}")
    return names, delimiter, notes


def write_table(con: DuckDBPyConnection, query: str, source: Source, output: Path) -> None:
    """Writes the rows of a query: to a temporary name first, renamed when it is whole."""
    from leukon.population.progress import run_with_progress

    found = find_format(output)
    delimiter = "\t" if ".tsv" in output.name.casefold() else source.delimiter if source.format == "csv" else ","
    how = f"FORMAT csv, HEADER, DELIMITER {quote_text(delimiter)}" if found == "csv" else "FORMAT parquet"
    if output.name.casefold().endswith(".gz"):
        how += ", COMPRESSION gzip"
    part = output.with_name(output.name + ".part")
    try:
        with part.open("wb"):  # a folder that is not there is said before the work, and in plain words
            pass
        sql = f"COPY ({query}) TO {quote_text(str(part))} ({how}, USE_TMP_FILE false)"
        run_with_progress(con, sql, f"grading {source.path.name}")
        part.replace(output)
    except OSError as error:
        raise TableError(f"{output}: {(error.strerror or 'cannot be written').lower()}") from None
    finally:
        part.unlink(missing_ok=True)


def _one_line(error: Exception) -> str:
    """What DuckDB says is wrong, without its advice and settings."""
    text = str(error).split("\n\n")[0].split("\nPossible fixes")[0]
    return " ".join(text.split())[:300]
