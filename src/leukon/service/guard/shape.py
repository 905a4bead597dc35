"""How deep JSON is nested and how much it holds, seen before it is read: a small text may cost a reader dearly."""

from __future__ import annotations

import numpy as np

__all__ = ["find_excess", "measure_depth"]

_MOST_DEPTH = 100  # FHIR stays far below
_MOST_VALUES = 300_000  # 5 MB of FHIR hold half as many

_QUOTE = 2
_STEPS = bytes.maketrans(b'[{]}"', bytes([1, 1, 255, 255, _QUOTE]))  # as signed bytes +1 and -1
_OTHER = bytes(set(range(256)) - set(b'[]{}"'))
_MARKS = b" \t\r\n\0\xef\xbb\xbf\xfe\xff"  # space and byte order marks


def find_excess(data: bytes) -> str | None:
    """What is wrong with a JSON text, in one line; None for what may be read, and for what is no JSON."""
    if data[:64].lstrip(_MARKS)[:1] not in (b"{", b"["):
        return None
    if data.count(b",") > _MOST_VALUES:
        return f"more than {_MOST_VALUES:,} values"
    return f"nested deeper than {_MOST_DEPTH} levels" if measure_depth(data) > _MOST_DEPTH else None


def measure_depth(data: bytes) -> int:
    """The deepest nesting of a JSON text. Brackets inside of texts do not count. Milliseconds for the largest request.

    >>> measure_depth(b'{"a": [1, {"b": "[[[\\\\"["}]}')
    3
    """
    marks = data.replace(b"\\\\", b"").replace(b'\\"', b"").translate(_STEPS, _OTHER)
    steps = np.frombuffer(marks, dtype=np.int8)
    quotes = steps == _QUOTE
    outside = np.cumsum(quotes, dtype=np.uint8) % 2 == 0
    return int(np.where(outside & ~quotes, steps, 0).cumsum(dtype=np.int64).max(initial=0))
