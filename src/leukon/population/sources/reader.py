# pyright: basic
# (ibis and pyarrow build what they hold at run time: it has no static types)
"""The tables of a source, opened: files checked, columns found by name and read in one form, what is wrong named."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import ibis
import pyarrow as pa
import pyarrow.parquet as pq

from leukon.population.engines import Engine
from leukon.population.sources.faults import Faults
from leukon.population.sources.fields import Field, read_field
from leukon.population.sources.files import find_form
from leukon.population.sources.stage import list_columns, stage_csv, stage_times
from leukon.population.tables import TableError

__all__ = ["MOST", "Opened", "Reader", "find_errors", "say_error"]

MOST = 20_000  # so many different texts of a column are looked at, the most frequent first


@dataclass(frozen=True, slots=True)
class Opened:
    """A table with the columns of its fields; which fields its files have, and which of those as text."""

    rows: Any
    has: frozenset[str]
    texts: frozenset[str] = frozenset()


@dataclass(slots=True)
class _Part:
    """Files of one shape: the columns that are read have the same names and types in each."""

    columns: dict[str, str]  # the name in the file by the name in lower case
    files: list[Path] = field(default_factory=list[Path])
    sources: list[Path] = field(default_factory=list[Path])
    rows: int = 0


@dataclass(slots=True)
class Reader:
    """What every kind of source is read with.

    `scratch` is for staged files; `today` the last day that a count may have, None where dates are shifted;
    `damaged` are files known to be so.
    """

    engine: Engine
    source: Path
    scratch: Path
    today: date | None
    damaged: dict[Path, str] = field(default_factory=dict[Path, str])
    faults: Faults = field(default_factory=Faults)
    _opened: list[tuple[Path, list[str]]] = field(default_factory=list[tuple[Path, list[str]]])
    _later: list[Any] = field(default_factory=list[Any])
    _staged: int = 0

    def new_path(self, name: str) -> Path:
        """A path in scratch that nothing has yet."""
        self._staged += 1
        return self.scratch / f"{name}_{self._staged}.parquet"

    def open(self, table: str, files: Sequence[Path], fields: Sequence[Field]) -> Opened | None:
        """The rows of a table of the source; None, with the reason among the faults, where no file can be used."""
        said = {name for one in fields for name in one.said}
        parts = self._find_parts(table, files, said)
        shelves: list[Any] = []
        has: set[str] = set()
        texts: set[str] = set()
        for part in parts:
            here = {one.name: part.columns[name] for one in fields if (name := _first(one, part.columns))}
            missing = [one for one in fields if one.needed and one.name not in here]
            if missing:
                reason = f"there is no column {' or '.join(missing[0].said)}: the file is not used"
                for path in part.sources:
                    self.faults.tell(table, missing[0].said[0], path.name, reason)
                continue
            rows = self.engine.open(f"source_{table}_{len(shelves)}", part.files, "parquet")
            columns = self._read_columns(table, fields, here, rows, part)
            if columns is not None:
                shelves.append(rows.select(**columns))
                has |= set(here)
                by_name = {name.casefold(): rows[name].type() for name in rows.columns}
                texts |= {name for name, column in here.items() if by_name[column.casefold()].is_string()}
        if not shelves:
            return None
        return Opened(ibis.union(*shelves) if len(shelves) > 1 else shelves[0], frozenset(has), frozenset(texts))

    def store(self, name: str, rows: Any) -> Any:
        """The rows worked out and written to scratch: they are read again more than once."""
        path = self.new_path(name)
        self.engine.write(rows, path)
        return self.engine.open(f"stored_{name}", [path], "parquet")

    def tell_later(self, table: str, column: str, rows: Any, reason: str | Any, text: Any = None) -> None:
        """Rows of the source that are a fault each, by a text that they hold where one is given; a row whose text or
        reason is null is none. They are counted together by `settle_faults`, in one query.
        """
        says = ibis.literal(reason) if isinstance(reason, str) else reason
        said = rows.select(
            table=ibis.literal(table),
            column=ibis.literal(column),
            text=ibis.literal("") if text is None else text,
            reason=says,
        )
        self._later.append(said.filter(said.text.notnull() & said.reason.notnull()))

    def settle_faults(self) -> None:
        """Counts what `tell_later` was told, the most frequent texts by name."""
        if not self._later:
            return
        rows = ibis.union(*self._later) if len(self._later) > 1 else self._later[0]
        self._later = []
        lines = rows.group_by("table", "column", "text", "reason").aggregate(rows=ibis._.count())
        held = self.engine.fetch(lines.order_by(ibis.desc("rows"), *lines.columns[:4]).limit(MOST)).to_pylist()
        for row in held:
            self.faults.tell(row["table"], row["column"], row["text"], row["reason"], row["rows"])
        if len(held) == MOST:
            total = self.engine.fetch(rows.aggregate(rows=rows.count())).to_pylist()[0]["rows"]
            self.faults.tell("", "", None, "one of very many texts", total - sum(row["rows"] for row in held))

    def list_columns(self, files: Sequence[Path]) -> list[str]:
        """The names of the columns of all files; a file that cannot be opened has none here and is told by `open`."""
        names: dict[str, str] = {}
        for path in files:
            found = list_columns(path)
            for name in found:
                names.setdefault(name.casefold(), name)
        return list(names.values())

    def find_damaged(self) -> dict[Path, str]:
        """The Parquet files that break when each is read alone, with what the engine says."""
        found: dict[Path, str] = {}
        for number, (path, columns) in enumerate(self._opened):
            try:
                rows = self.engine.open(f"alone_{number}", [path], "parquet")
                self.engine.fetch(rows.aggregate(**{f"c{k}": rows[name].max() for k, name in enumerate(columns)}))
            except find_errors(self.engine) as error:
                found[path] = say_error(error)
        return found

    def _read_columns(
        self, table: str, fields: Sequence[Field], here: dict[str, str], rows: Any, part: _Part
    ) -> dict[str, Any] | None:
        columns: dict[str, Any] = {}
        by_name = {name.casefold(): name for name in rows.columns}
        for one in fields:
            read = read_field(one, rows[by_name[here[one.name].casefold()]]) if one.name in here else None
            if read is None:
                if one.name in here:
                    kind = rows[by_name[here[one.name].casefold()]].type()
                    reason = f"the column holds {kind}, not {_MEANT[one.kind]}"
                    for path in part.sources:
                        reason_here = f"{reason}: the file is not used" if one.needed else reason
                        self.faults.tell(table, here[one.name], path.name, reason_here)
                    if one.needed:
                        return None
                read = {name: ibis.null(kind) for name, kind in one.list_types().items()}
            columns |= read
        return columns

    def _find_parts(self, table: str, files: Sequence[Path], said: set[str]) -> list[_Part]:
        parts: dict[tuple[tuple[str, str], ...], _Part] = {}
        for path in files:
            if path in self.damaged:
                self.faults.tell(table, "", path.name, f"damaged file, left out: {self.damaged[path]}")
                continue
            try:
                opened = self._open_file(table, path, said)
            except (TableError, OSError, pa.ArrowException) as error:
                self.faults.tell(table, "", path.name, f"damaged file, left out: {say_error(error)}")
                continue
            if opened is None:
                continue
            ready, schema, rows = opened
            columns = {name.casefold(): name for name in schema.names if name.casefold() in said}
            shape = tuple(sorted((one.name.casefold(), str(one.type)) for one in schema))
            part = parts.setdefault(shape, _Part(columns))
            part.files.append(self._make_plain(ready))
            part.sources.append(path)
            part.rows += rows
        return list(parts.values())

    def _open_file(self, table: str, path: Path, said: set[str]) -> tuple[Path, pa.Schema, int] | None:
        """The Parquet file to read, what it holds and how many rows."""
        form = find_form(path)
        if form == "csv":
            target = self.new_path(f"csv_{table}")
            _, notes = stage_csv(path, target, lambda name: name.casefold() in said)
            for note in notes:
                self.faults.tell(table, "", path.name, note)
            if not target.exists():
                self.faults.tell(table, "", path.name, "none of its columns is known: the file is not used")
                return None
            path = target
        elif form != "parquet":
            self.faults.tell(table, "", path.name, f"a {form or 'file of another kind'} is not read here")
            return None
        with pq.ParquetFile(path) as file:
            schema, rows = file.schema_arrow, file.metadata.num_rows
        columns = [name for name in schema.names if name.casefold() in said]
        if not columns:
            self.faults.tell(table, "", path.name, "none of its columns is known: the file is not used", rows)
            return None
        if form == "parquet":
            self._opened.append((path, columns))
            if self.engine.name == "spark" and any(_is_odd_time(schema.field(name).type) for name in columns):
                target = self.new_path(f"times_{table}")
                return target, stage_times(path, target, columns), rows
        return path, schema, rows

    def _make_plain(self, path: Path) -> Path:
        """A name without the letters that engines read as a pattern."""
        if not any(letter in str(path) for letter in "*?[]{}"):
            return path.resolve()
        plain = self.new_path("plain")
        plain.symlink_to(path.resolve())
        return plain


_MEANT = {
    "text": "text", "key": "keys", "id": "whole numbers", "number": "numbers", "value": "numbers", "time": "dates",
    "moment": "dates or days",
}  # fmt: skip


def find_errors(engine: Engine) -> tuple[type[Exception], ...]:
    """What an engine raises where it cannot read: each has errors of its own."""
    if engine.name == "spark":
        from py4j.protocol import Py4JError
        from pyspark.errors import PySparkException

        return (PySparkException, Py4JError, pa.ArrowException)
    import duckdb

    return (duckdb.Error, pa.ArrowException)


def say_error(error: Exception) -> str:
    """What went wrong, in one line."""
    return " ".join(str(error).split("\n\n")[0].split())[:200]


def _first(one: Field, columns: dict[str, str]) -> str | None:
    return next((name for name in one.said if name in columns), None)


def _is_odd_time(kind: pa.DataType) -> bool:
    return pa.types.is_timestamp(kind) and (kind.unit == "ns" or kind.tz is not None)
