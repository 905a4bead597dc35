"""The files of a source by the table they hold: one file, files with a number, or a folder of files."""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Literal

from leukon.population.tables import TableError

__all__ = ["FileForm", "find_form", "find_tables", "list_files", "peek_line"]

FileForm = Literal["parquet", "csv", "ndjson", "json", "xpt", "database"]

_FORMS: dict[FileForm, tuple[str, ...]] = {
    "parquet": (".parquet", ".pq"),
    "csv": (".csv", ".csv.gz", ".tsv", ".tsv.gz"),
    "ndjson": (".ndjson", ".ndjson.gz", ".jsonl", ".jsonl.gz"),
    "json": (".json",),
    "xpt": (".xpt",),
    "database": (".duckdb", ".ddb", ".db"),
}
_NUMBERED = re.compile(r"[-_. ]*(?:part)?[-_. ]*\d+$")


def find_form(path: Path) -> FileForm | None:
    """What the name of a file says it is; None where it is no table."""
    name = path.name.casefold()
    return next((form for form, ends in _FORMS.items() if name.endswith(ends)), None)


def list_files(source: Path) -> list[Path]:
    """The files of a source that hold tables, in one order; what begins with a dot or an underscore is not data."""
    if source.is_file():
        return [source]
    if not source.is_dir():
        raise TableError(f"{source}: no such file or folder")
    return sorted(path for path in source.rglob("*") if _is_data(path, source) and path.is_file() and find_form(path))


def find_tables(source: Path) -> dict[str, list[Path]]:
    """The files of each table, by its name in lower case: `people.csv`, `people_01.csv`, `people/anything.csv`.

    >>> _find_name(Path("x/Observation.000.ndjson.gz"), Path("x")), _find_name(Path("x/counts/a.csv"), Path("x"))
    ('observation', 'counts')
    """
    found: dict[str, list[Path]] = {}
    for path in list_files(source):
        found.setdefault(_find_name(path, source), []).append(path)
    return found


def peek_line(path: Path) -> str:
    """The first line of a text file that is not empty; "" where it cannot be read."""
    try:
        opener = gzip.open if path.name.casefold().endswith(".gz") else open
        with opener(path, "rb") as lines:
            for line in _first(lines):
                if line.strip():
                    return line.decode("utf-8", "replace")
    except (OSError, EOFError):
        pass
    return ""


def _first(lines: Iterable[bytes]) -> Iterable[bytes]:
    for number, line in enumerate(lines):
        if number == 20:
            return
        yield line


def _is_data(path: Path, source: Path) -> bool:
    return not any(part.startswith((".", "_")) for part in path.relative_to(source).parts)


def _find_name(path: Path, source: Path) -> str:
    inside = path.relative_to(source).parts if path != source else (path.name,)
    if len(inside) > 1:
        return inside[0].casefold()
    name = path.name.casefold()
    end = max((e for ends in _FORMS.values() for e in ends if name.endswith(e)), key=len, default="")
    stem = name.removesuffix(end)
    return _NUMBERED.sub("", stem) or stem
