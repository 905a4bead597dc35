"""The report as JSON: its fields as they stand, under the names of the contract."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from functools import lru_cache
from typing import Any

import msgspec

from leukon import answer
from leukon.answer import Report

__all__ = ["report_to_dict", "write_json"]

_RENAMED = [
    (f'"{f.name}":'.encode(), f'"{f.name.rstrip("_")}":'.encode())
    for kind in vars(answer).values() if is_dataclass(kind) for f in fields(kind) if f.name.endswith("_")
]  # fmt: skip
_SCALARS = (str, float, int, bool, type(None))


def report_to_dict(report: Report) -> dict[str, Any]:
    """The report as dictionaries, lists, text, numbers, true, false and None.

    Fields that are Python words lose their underscore: `from_`, `as_` and `for_` are "from", "as" and "for".
    """
    return _convert(report)


def write_json(report: Report, *, indent: int = 0) -> bytes:
    """The report as one line of UTF-8 JSON, or indented for reading. The same report gives the same bytes."""
    encoded = msgspec.json.encode(report)
    for field, key in _RENAMED:  # a quotation mark inside a text is escaped, so this finds keys alone
        encoded = encoded.replace(field, key)
    return msgspec.json.format(encoded, indent=indent) if indent else encoded


def _convert(value: Any) -> Any:
    if isinstance(value, _SCALARS):
        return value
    if isinstance(value, (tuple, list)):
        return [_convert(v) for v in value]
    if isinstance(value, dict):
        return {key: _convert(v) for key, v in value.items()}
    return {key: _convert(getattr(value, name)) for name, key in _name_keys(type(value))}


@lru_cache
def _name_keys(kind: type) -> tuple[tuple[str, str], ...]:
    return tuple((f.name, f.name.rstrip("_")) for f in fields(kind))
