# pyright: basic
# (ibis and pyarrow build what they hold at run time: it has no static types)
"""FHIR R4 bulk NDJSON: files of one kind of resource or of several, flattened on all cores into staged Parquet.

A plain file is cut into pieces of whole lines; a compressed one is read by one core from its beginning.
"""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ibis
import pyarrow as pa
import pyarrow.parquet as pq

from leukon.cores import spread
from leukon.population.model import Tables
from leukon.population.sources.faults import Line
from leukon.population.sources.fhir_lines import COLUMNS, Rows, read_lines
from leukon.population.sources.files import find_form
from leukon.population.sources.meaning import Meaning, Refusal, find_meaning, find_named
from leukon.population.sources.people import make_people, make_tables, read_day_of_birth
from leukon.population.sources.reader import Reader
from leukon.population.sources.settle import settle_counts
from leukon.population.tables import TableError

__all__ = ["read_fhir"]

_PIECE = 16 << 20  # bytes of a file that one core takes at a time
_HELD = 200_000  # rows that are held before they are written
_NUMBERS = ("day", "value", "lower", "upper", "start", "stop", "birth")
_KEYS = ("code", "name", "unit", "limits_unit")


@dataclass(frozen=True, slots=True)
class _Piece:
    """A part of a file: the lines that begin from `start` up to `end` (None: to its end)."""

    path: Path
    start: int
    end: int | None
    folder: Path
    number: int


@dataclass(frozen=True, slots=True)
class _Done:
    files: dict[str, Path]
    faults: list[tuple[Line, int]]
    broken: tuple[str, str] | None = None  # the file and what is wrong with it


def read_fhir(reader: Reader, source: Path, tables: Mapping[str, list[Path]]) -> Tables:
    """Reads every NDJSON file of a source."""
    files: list[Path] = []
    for name, paths in tables.items():
        for path in paths:
            if find_form(path) == "ndjson":
                files.append(path)
            else:
                reader.faults.tell(
                    name, "", path.name, "not NDJSON: a Bundle of one patient is read by `leukon assess`"
                )
    staged: dict[str, list[Path]] = {name: [] for name in COLUMNS}
    for done in spread(_stage_piece, _cut(files, reader.scratch), chunk=1, alone=1):
        reader.faults.tell_all(done.faults)
        if done.broken:
            reader.faults.tell(done.broken[0], "", done.broken[0], f"damaged file, left out: {done.broken[1]}")
        for name, path in done.files.items():
            staged[name].append(path)
    opened = {name: _open(reader, name, paths) for name, paths in staged.items()}
    if opened["counts"] is None:
        raise TableError(f"{source}: no blood count in it can be used: {reader.faults.say_most()}")
    people = make_people(
        reader, "Patient", [_list_people(reader, opened["people"])] if opened["people"] is not None else []
    )
    none = {name: ibis.null("string") for name in ("lower_text", "upper_text")}
    rows = opened["counts"].mutate(day_dated=ibis.literal(True), **none)
    counts = settle_counts(reader, "Observation", rows, _KEYS, lambda _: _find, people.torn if people else None)
    drugs = _list_drugs(opened["exposures"], opened["medications"])
    return make_tables(reader, "Patient", people, counts, drugs, opened["conditions"])


def _cut(files: Sequence[Path], folder: Path) -> Iterator[_Piece]:
    number = 0
    for path in files:
        whole = path.name.casefold().endswith(".gz")
        size = path.stat().st_size
        for start in range(0, 1 if whole else size, _PIECE):
            yield _Piece(path, start, None if whole else min(start + _PIECE, size), folder, number)
            number += 1


def _stage_piece(piece: _Piece) -> _Done:
    """The rows of a piece, one Parquet file a table. Of a compressed file that breaks off nothing is used."""
    rows, writers, files = Rows(), dict[str, pq.ParquetWriter](), dict[str, Path]()
    broken: tuple[str, str] | None = None
    try:
        for lines in _read_blocks(piece):
            read_lines(lines, rows, piece.path.name)
            if rows.count() > _HELD:
                _write(rows, writers, files, piece)
        _write(rows, writers, files, piece)
    except (OSError, EOFError, zlib.error) as error:
        broken = (piece.path.name, " ".join(str(error).split())[:200])
    for writer in writers.values():
        writer.close()
    if broken:
        for path in files.values():
            path.unlink()
        return _Done({}, [], broken)
    return _Done(files, list(rows.faults.items()))


def _read_blocks(piece: _Piece) -> Iterator[Iterable[bytes]]:
    if piece.end is None:
        with gzip.open(piece.path, "rb") as file:
            while lines := file.readlines(_PIECE):
                yield lines
        return
    with piece.path.open("rb") as file:
        if piece.start:
            file.seek(piece.start - 1)
            file.readline()  # the rest of a line that began before
        if file.tell() < piece.end:
            data = file.read(piece.end - file.tell())
            if not data.endswith(b"\n"):
                data += file.readline()
            yield data.split(b"\n")


def _write(rows: Rows, writers: dict[str, pq.ParquetWriter], files: dict[str, Path], piece: _Piece) -> None:
    for name, held in rows.tables.items():
        if not held:
            continue
        schema = pa.schema([(c, pa.float64() if c in _NUMBERS else pa.string()) for c in COLUMNS[name]])
        if name not in writers:
            files[name] = piece.folder / f"fhir_{name}_{piece.number:06}.parquet"
            writers[name] = pq.ParquetWriter(files[name], schema)
        columns = [pa.array(column, field.type) for column, field in zip(zip(*held, strict=True), schema, strict=True)]
        writers[name].write_table(pa.Table.from_arrays(columns, schema=schema))
        held.clear()


def _open(reader: Reader, name: str, paths: list[Path]) -> Any | None:
    return reader.engine.open(f"fhir_{name}", sorted(paths), "parquet") if paths else None


def _list_people(reader: Reader, rows: Any) -> Any:
    for name, reason in (("sex_text", "not female or male"), ("birth_text", "not a date")):
        reader.tell_later("Patient", "gender" if name == "sex_text" else "birthDate", rows, reason, rows[name])
    return rows.select(
        person=rows.person,
        sex=rows.sex,
        birth_date=read_day_of_birth(rows.birth),
        ancestry=rows.ancestry,
    )


def _list_drugs(uses: Any | None, medications: Any | None) -> Any | None:
    if uses is None or medications is None:
        return uses
    named = medications.group_by(key="id").aggregate(word=ibis._.name.min(), number=ibis._.code.min())
    joined = uses.left_join(named, uses.medication == named.key)
    return joined.select(
        "person",
        "start",
        "stop",
        name=ibis.coalesce(joined.name, joined.word),
        code=ibis.coalesce(joined.code, joined.number),
    )


def _find(row: Mapping[str, Any]) -> Meaning | Refusal:
    named = find_named((row["code"], row["name"]))
    if named is None:  # no such row is staged
        return Refusal("code", row["name"] or row["code"], "not a blood count that leukon reads")
    return find_meaning(named, row["unit"], "unit", row["limits_unit"])
