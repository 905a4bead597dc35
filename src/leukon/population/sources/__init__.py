"""Tables of any kind, read into the tables of `leukon.population.model`: what every question is asked of."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import get_args

from leukon.population.engines import Engine
from leukon.population.model import Tables
from leukon.population.sources.detect import SourceKind, find_kind
from leukon.population.sources.files import find_tables
from leukon.population.sources.reader import Reader, find_errors, say_error
from leukon.population.tables import TableError

__all__ = ["SourceKind", "read_source"]


def read_source(
    engine: Engine, source: Path, kind: str | None, scratch: Path, *, today: date, allow_future: bool = False
) -> Tables:
    """Reads a file, a folder or a database into the canonical tables.

    `kind` is one of `SourceKind`; None is found by looking. `scratch` is for staged files; on a cluster every machine
    must see it. Counts dated after `today` are left out and named unless `allow_future`, for sources whose dates are
    shifted. Raises TableError, in one line, where nothing can be used.
    """
    if kind is not None and kind not in get_args(SourceKind):
        raise TableError(f"unknown kind of source {kind!r}; choose from: {', '.join(get_args(SourceKind))}")
    tables = find_tables(source)
    found = find_kind(source, tables) if kind is None else kind
    latest = None if allow_future else today
    reader = Reader(engine, source, scratch, latest)
    try:
        return _read(reader, source, found, tables)
    except find_errors(engine) as error:
        damaged = reader.find_damaged()
        if not damaged:
            raise TableError(f"{source}: {say_error(error)}") from None
        return _read(Reader(engine, source, scratch, latest, damaged), source, found, tables)


def _read(reader: Reader, source: Path, kind: str, tables: dict[str, list[Path]]) -> Tables:
    match kind:
        case "leukon":
            from leukon.population.sources.leukon import read_leukon

            return read_leukon(reader, tables)
        case "omop":
            from leukon.population.sources.omop import read_omop

            return read_omop(reader, source, tables)
        case "sdtm":
            from leukon.population.sources.sdtm import read_sdtm

            return read_sdtm(reader, source, tables)
        case _:
            from leukon.population.sources.fhir import read_fhir

            return read_fhir(reader, source, tables)
