"""SAS transport files: numbers as IBM wrote them, missing ones, long names, and files that break off."""

from __future__ import annotations

import math
import struct
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

np = pytest.importorskip("numpy")
pytest.importorskip("pyarrow", reason="needs leukon[population]")

from leukon.population.sources.xpt import list_datasets, read_dataset, read_ibm  # noqa: E402
from leukon.population.tables import TableError  # noqa: E402

V5_TAGS = ("LIBRARY ", "MEMBER  ", "DSCRPTR ", "NAMESTR ", "OBS     ")
V8_TAGS = ("LIBV8   ", "MEMBV8  ", "DSCPTV8 ", "NAMSTV8 ", "OBSV8   ")


def _to_ibm(value: float) -> bytes:
    """A double as SAS writes it, by exact arithmetic."""
    if value == 0:
        return bytes(8)
    size, exponent = abs(Fraction(value)), 64
    while size >= 1:
        size, exponent = size / 16, exponent + 1
    while size < Fraction(1, 16):
        size, exponent = size * 16, exponent - 1
    return struct.pack(">Q", (1 << 63 if value < 0 else 0) | exponent << 56 | int(size * 2**56))


def _pad(data: bytes) -> bytes:
    return data + b" " * (-len(data) % 80)


def write_xpt(path: Path, name: str, columns: dict[str, list[str] | list[float | None]], *, version: int = 5) -> Path:
    """One table, as SAS TS-140 lays it down."""
    long = version == 8
    tags = V8_TAGS if long else V5_TAGS
    head = lambda tag, tail: _pad(f"HEADER RECORD*******{tag}HEADER RECORD!!!!!!!{tail}".encode())  # noqa: E731
    zeros = "0" * 30
    out = head(tags[0], zeros) + _pad(b"SAS     SAS     SASLIB  9.4") + _pad(b"01JAN20:00:00:00")
    out += head(tags[1], "0" * 17 + "1600000000" + "140") + head(tags[2], zeros)
    out += _pad(b"SAS     " + name.encode().ljust(32 if long else 8) + b"SASDATA 9.4") + _pad(b"01JAN20:00:00:00")
    out += head(tags[3], f"000000{len(columns):04}" + "0" * 20)
    kinds = {key: all(isinstance(c, str) for c in cells) for key, cells in columns.items()}
    widths = {key: max(len(str(c)) for c in cells) if kinds[key] else 8 for key, cells in columns.items()}
    names, start = b"", 0
    for number, key in enumerate(columns, start=1):
        short = key[:8].encode().ljust(8)
        block = struct.pack(">4h", 2 if kinds[key] else 1, 0, widths[key], number) + short + b" " * 40
        block += b" " * 8 + struct.pack(">3h", 0, 0, 0) + b"  " + b" " * 8 + struct.pack(">2h", 0, 0)
        block += struct.pack(">l", start) + (key.encode().ljust(32) if long else b" " * 32) + b"\0" * 20
        names, start = names + block, start + widths[key]
    out += _pad(names) + head(tags[4], zeros)
    rows = b""
    for cells in zip(*columns.values(), strict=True):
        for key, cell in zip(columns, cells, strict=True):
            if kinds[key]:
                rows += str(cell).encode("cp1252").ljust(widths[key])
            else:
                rows += b"." + bytes(7) if cell is None else _to_ibm(float(cell))
    path.write_bytes(out + _pad(rows))
    return path


@settings(max_examples=60, deadline=None)
@given(st.lists(st.floats(allow_nan=False, allow_infinity=False, min_value=-1e70, max_value=1e70), min_size=1))
def test_numbers_come_back_to_the_last_bit(values: list[float]) -> None:
    values = [v for v in values if v == 0 or abs(v) > 1e-70] or [0.0]
    cells = np.frombuffer(b"".join(map(_to_ibm, values)), dtype=np.uint8).reshape(-1, 8)
    read, missing = read_ibm(cells)
    assert read.tolist() == values
    assert not missing.any()


@pytest.mark.parametrize("letter", "._AZ")
def test_every_missing_value_is_none_and_zero_is_zero(letter: str) -> None:
    cells = np.frombuffer(letter.encode() + bytes(7) + bytes(8), dtype=np.uint8).reshape(-1, 8)
    read, missing = read_ibm(cells)
    assert missing.tolist() == [True, False]
    assert read[1] == 0 and not math.isnan(read[1])


@pytest.mark.parametrize("version", [5, 8])
def test_tables_of_both_versions(tmp_path: Path, version: int) -> None:
    columns = {"USUBJID": ["s1", "s2", "ü3"], "LBSTRESN": [3.2, None, 0.0], "A_LONGER_NAME_OF_A_COLUMN": ["a", "", "c"]}
    (held,) = list_datasets(write_xpt(tmp_path / "lb.xpt", "LB", columns, version=version))
    rows = [row for batch in read_dataset(held) for row in batch.to_pylist()]
    long = "A_LONGER_NAME_OF_A_COLUMN" if version == 8 else "A_LONGER"
    assert held.name == "LB"
    assert rows == [
        {"USUBJID": "s1", "LBSTRESN": 3.2, long: "a"},
        {"USUBJID": "s2", "LBSTRESN": None, long: ""},
        {"USUBJID": "ü3", "LBSTRESN": 0.0, long: "c"},
    ]


@pytest.mark.parametrize("many", [1, 2, 3, 7, 80])
def test_blanks_that_fill_the_last_record_are_no_rows(tmp_path: Path, many: int) -> None:
    (held,) = list_datasets(write_xpt(tmp_path / "x.xpt", "LB", {"A": ["ab"] * many, "B": ["c"] * many}))
    assert sum(batch.num_rows for batch in read_dataset(held)) == many


def test_two_tables_in_a_file_are_both_read(tmp_path: Path) -> None:
    one = write_xpt(tmp_path / "a.xpt", "LB", {"A": ["ab"] * 5}).read_bytes()
    two = write_xpt(tmp_path / "b.xpt", "DM", {"B": [1.5, None]}).read_bytes()
    path = tmp_path / "both.xpt"
    path.write_bytes(one + two[240:])
    first, second = list_datasets(path)
    assert [held.name for held in (first, second)] == ["LB", "DM"]
    assert [batch.num_rows for batch in read_dataset(first)] == [5]
    assert [row for batch in read_dataset(second) for row in batch.to_pylist()] == [{"B": 1.5}, {"B": None}]


def test_what_is_no_transport_file_or_breaks_off_says_so(tmp_path: Path) -> None:
    path = tmp_path / "lb.xpt"
    path.write_bytes(b"**COMPRESSED** **COMPRESSED** **COMPRESSED**")
    with pytest.raises(TableError, match="not a SAS transport file"):
        list_datasets(path)
    whole = write_xpt(path, "LB", {"A": ["ab"] * 50, "B": [1.0] * 50}).read_bytes()
    path.write_bytes(whole[:700])
    with pytest.raises(TableError, match="breaks off"):
        list_datasets(path)
    path.write_bytes(whole[:-75])
    (held,) = list_datasets(path)
    with pytest.raises(TableError, match="breaks off in an observation"):
        list(read_dataset(held))
