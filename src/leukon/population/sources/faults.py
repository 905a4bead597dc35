# pyright: basic
# (pyarrow has no static types)
"""What of a source was not understood or was left out, each with how often: nothing is dropped without a line here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

import pyarrow as pa

__all__ = ["Faults"]

Line = tuple[str, str, str, str]
"""The table of the source, its column, the text that was met, and why it is not used; "" where there is none."""

_TOLD = 200  # so many texts of one column and reason are named, the rest counted
_SCHEMA = pa.schema(
    [
        ("table", pa.string()),
        ("column", pa.string()),
        ("text", pa.string()),
        ("reason", pa.string()),
        ("rows", pa.int64()),
    ]
)


@dataclass(slots=True)
class Faults:
    """A ledger. `rows` is null where it cannot be said, as of a file that cannot be opened."""

    _rows: Counter[Line] = field(default_factory=Counter)
    _unknown: set[Line] = field(default_factory=set)

    def tell(self, table: str, column: str, text: str | None, reason: str, rows: int | None = None) -> None:
        line = (table, column, text or "", reason)
        if rows is None:
            self._unknown.add(line)
        elif rows > 0:
            self._rows[line] += rows

    def tell_all(self, lines: Iterable[tuple[Line, int]]) -> None:
        """Many lines, as another process counted them."""
        for line, rows in lines:
            self._rows[line] += rows

    def say_most(self) -> str:
        """The most frequent fault, in words."""
        if not self._rows:
            return "there is no row"
        (_, column, text, reason), rows = max(self._rows.items(), key=lambda held: (held[1], held[0]))
        return f"{reason} ({column}{f' {text!r}' if text else ''}) in {rows:,} rows"

    def list_lines(self) -> list[tuple[str, str, str, str, int | None]]:
        """Every line in one order: the most frequent text of a column and reason first, many texts summed up."""
        groups: dict[tuple[str, str, str], list[tuple[str, int | None]]] = {}
        for table, column, text, reason in sorted(self._unknown):
            groups.setdefault((table, column, reason), []).append((text, None))
        for (table, column, text, reason), rows in sorted(self._rows.items(), key=lambda held: (-held[1], held[0])):
            groups.setdefault((table, column, reason), []).append((text, rows))
        lines: list[tuple[str, str, str, str, int | None]] = []
        for (table, column, reason), held in sorted(groups.items()):
            lines += [(table, column, text, reason, rows) for text, rows in held[:_TOLD]]
            if more := held[_TOLD:]:
                rest = sum(rows or 0 for _, rows in more)
                lines.append((table, column, f"(another of {len(more)})", reason, rest))
        return lines

    def make_table(self) -> pa.Table:
        """The lines as the table `not_understood`."""
        lines = self.list_lines()
        names = _SCHEMA.names
        return pa.table({name: [line[k] or None for line in lines] for k, name in enumerate(names)}, _SCHEMA)
