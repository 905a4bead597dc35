# pyright: basic
# (numpy and pyarrow have no static types here)
"""SAS transport files, version 5 and 8, as SAS describes them (TS-140): records of 80 bytes, numbers as IBM wrote them.

Exact: each IBM number is the double nearest to it. A missing number (`.`, `._`, `.A` to `.Z`) is null.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from leukon.population.tables import TableError

__all__ = ["Dataset", "list_datasets", "read_dataset", "read_ibm"]

_RECORD = 80
_BATCH = 20_000
_HEAD = b"HEADER RECORD*******"
_MISSING = np.frombuffer(b"._ABCDEFGHIJKLMNOPQRSTUVWXYZ", dtype=np.uint8)


@dataclass(frozen=True, slots=True)
class _Variable:
    name: str
    numeric: bool
    length: int
    start: int


@dataclass(frozen=True, slots=True)
class Dataset:
    """One table of a transport file: its name, its variables and where its observations lie."""

    path: Path
    name: str
    variables: tuple[_Variable, ...]
    start: int
    end: int

    @property
    def width(self) -> int:
        return sum(one.length for one in self.variables)

    @property
    def schema(self) -> pa.Schema:
        return pa.schema([(one.name, pa.float64() if one.numeric else pa.string()) for one in self.variables])


def list_datasets(path: Path) -> list[Dataset]:
    """The tables of a transport file; raises TableError where it is none, or breaks off."""
    with path.open("rb") as file:
        first = file.read(_RECORD)
        if not first.startswith((_HEAD + b"LIBRARY HEADER", _HEAD + b"LIBV8   HEADER")):
            raise TableError(f"{path}: not a SAS transport file (XPORT); a CPORT file is not read")
        file.seek(3 * _RECORD)
        found: list[Dataset] = []
        size = path.stat().st_size
        while head := _next_header(file):
            if not head.startswith((_HEAD + b"MEMBER  ", _HEAD + b"MEMBV8  ")):
                raise TableError(f"{path}: a member header was expected and is not there")
            found.append(_read_member(file, path, head, size))
            file.seek(found[-1].end)
    if not found:
        raise TableError(f"{path}: the file breaks off before its first table")
    return found


def _next_header(file: BinaryIO) -> bytes:
    """The next record that is a header; padding before it is skipped."""
    while record := file.read(_RECORD):
        if record.startswith(_HEAD):
            return record
    return b""


def _read_member(file: BinaryIO, path: Path, head: bytes, size: int) -> Dataset:
    long = head.startswith(_HEAD + b"MEMBV8")
    width = int(head[74:78] or b"140")
    file.read(_RECORD)  # the descriptor's header
    described = file.read(2 * _RECORD)
    name = described[8 : 40 if long else 16].decode("ascii", "replace").strip()
    count_head = file.read(_RECORD)
    count = int(count_head[53:58])
    length = -(-count * width // _RECORD) * _RECORD
    block = file.read(length)
    if len(block) < count * width:
        raise TableError(f"{path}: the file breaks off in the names of its variables")
    variables = [_read_variable(block[k * width : (k + 1) * width], long) for k in range(count)]
    record = file.read(_RECORD)
    while record and not record.startswith((_HEAD + b"OBS     ", _HEAD + b"OBSV8   ")):
        record = file.read(_RECORD)  # long labels, which are not needed
    if not record:
        raise TableError(f"{path}: the file breaks off before its observations")
    start = file.tell()
    variables.sort(key=lambda one: one.start)
    return Dataset(path, name, tuple(variables), start, _find_end(file, start, size))


def _read_variable(block: bytes, long: bool) -> _Variable:
    kind, _, length, _ = struct.unpack(">4h", block[:8])
    short = block[8:16].decode("ascii", "replace").strip()
    (start,) = struct.unpack(">l", block[84:88])
    full = block[88:120].decode("ascii", "replace").strip("\0 ") if long else ""
    return _Variable(full or short, kind == 1, length, start)


def _find_end(file: BinaryIO, start: int, size: int) -> int:
    """Where the next member begins, which it does on a record; else the end of the file."""
    file.seek(start)
    place, block = start, 50_000 * _RECORD
    while data := file.read(block):
        found = -1
        while (found := data.find(_HEAD + b"MEMB", found + 1)) >= 0:
            if found % _RECORD == 0:
                return place + found
        place += len(data)
    return size


def read_dataset(dataset: Dataset) -> Iterator[pa.RecordBatch]:
    """The observations, in batches. Raises TableError where the last one breaks off or text is in no known encoding."""
    width, schema = dataset.width, dataset.schema
    kinds = np.dtype(
        {
            "names": [str(k) for k in range(len(dataset.variables))],
            "formats": [f"V{one.length}" for one in dataset.variables],
            "offsets": [one.start for one in dataset.variables],
            "itemsize": width,
        }
    )
    left = dataset.end - dataset.start
    with dataset.path.open("rb") as file:
        file.seek(dataset.start)
        while left >= width:
            data = file.read(min(left, _BATCH * width) // width * width)
            left -= len(data)
            if left < _RECORD:  # the last record is filled up with blanks, which may look like observations
                data, filled = _strip_filling(data, width)
                tail = b"" if filled else file.read(left)
                if tail.strip(b" "):
                    raise TableError("the file breaks off in an observation")
                left = 0
            if not data:
                return
            rows = np.frombuffer(data, dtype=kinds)
            columns = [_read_column(rows[str(k)], one) for k, one in enumerate(dataset.variables)]
            yield pa.RecordBatch.from_arrays(columns, schema=schema)


def _strip_filling(data: bytes, width: int) -> tuple[bytes, bool]:
    filled = False
    while data and len(data) >= width and not data[-width:].strip(b" "):
        data, filled = data[:-width], True
    return data, filled


def _read_column(raw: Any, one: _Variable) -> Any:
    cells = np.frombuffer(raw.tobytes(), dtype=np.uint8).reshape(len(raw), one.length)
    if one.numeric:
        values, missing = read_ibm(cells)
        return pa.array(values, mask=missing)
    text = pa.array(np.frombuffer(cells.tobytes(), dtype=f"S{one.length}").tolist(), pa.binary())
    try:
        told = text.cast(pa.string())
    except pa.ArrowInvalid:  # SAS on Windows writes its own code page
        told = pa.array([cell.as_py().decode("cp1252", "replace") for cell in text], pa.string())
    return pc.call_function("utf8_rtrim", [told], pc.TrimOptions(" \0"))


def read_ibm(cells: Any) -> tuple[Any, Any]:
    """IBM floating-point numbers of 2 to 8 bytes, one a row, as doubles, and which of them are missing.

    >>> values, missing = read_ibm(np.array([[0x41, 0x18, 0, 0, 0, 0, 0, 0], [0x2E, 0, 0, 0, 0, 0, 0, 0]], np.uint8))
    >>> values[0], missing.tolist()
    (np.float64(1.5), [False, True])
    """
    wide = np.zeros((len(cells), 8), dtype=np.uint8)
    wide[:, : cells.shape[1]] = cells
    bits = wide.view(">u8").reshape(-1)
    fraction = (bits & np.uint64(0x00FFFFFFFFFFFFFF)).astype(np.uint64)
    missing = np.isin(wide[:, 0], _MISSING) & (fraction == 0)
    exponent = (wide[:, 0] & 0x7F).astype(np.int32)
    values = np.ldexp(fraction.astype(np.float64), 4 * (exponent - 64) - 56)
    return np.where(wide[:, 0] & 0x80, -values, values), missing
