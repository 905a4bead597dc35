# pyright: strict
"""Cells of a table: the delimiter, decimal commas, and a number put together with the unit of its column."""

from __future__ import annotations

import re
from collections.abc import Iterable

__all__ = ["Decimals", "find_delimiter", "join_unit"]

_DELIMITERS = ",;\t|"
_NUMBER = re.compile(
    r"^(?P<sign>[<>≤≥~]=?\s*)?(?P<number>\d[\d.,' \u00a0\u202f]*?(?:e[+-]?\d+)?)\s*(?P<flag>[HLN*]{1,3})?$",
    re.IGNORECASE,
)

_THOUSANDS = re.compile(r"[1-9]\d{0,2}(?:,\d{3})+(?:\.\d+)?")


def find_delimiter(line: str) -> str | None:
    """The delimiter of a header: the mark that stands in it most often, outside of brackets and quotes.

    >>> find_delimiter("date;wbc (10^9/l);anc"), find_delimiter("fever")
    (';', None)
    """
    bare = re.sub(r'"[^"]*"|\([^)]*\)|\[[^\]]*\]', "", line)
    best = max(_DELIMITERS, key=bare.count)
    return best if bare.count(best) else None


class Decimals:
    """How a file writes decimals. A semicolon between cells, or a comma that no thousand explains, means a comma.

    >>> Decimals(";", ["4,710"]).read("4,710"), Decimals(",", ["4,710"]).read("4,710")
    ('4.710', '4,710')
    """

    def __init__(self, delimiter: str, cells: Iterable[str]) -> None:
        numbers = [c for cell in cells if (m := _NUMBER.match(cell.strip())) and (c := m["number"])]
        commas = [n for n in numbers if "," in n]
        points = [n for n in numbers if "." in n and "," not in n]
        comma_decimal = any(
            not _THOUSANDS.fullmatch(n.replace(".", "") if n.rfind(".") < n.rfind(",") else n) for n in commas
        )
        point_decimal = any(not _THOUSANDS.fullmatch(n.replace(".", ",")) for n in points)
        self.comma = bool(commas) and (comma_decimal or (delimiter == ";" and not points))
        self.unclear = ""  # the mark that could be either
        if commas and not self.comma and delimiter != "," and not point_decimal:
            self.unclear = ","
        elif points and not commas and delimiter == ";" and not point_decimal:
            self.unclear = "."

    def read(self, cell: str) -> str | None:
        """The cell with a decimal point; None where it could mean two numbers."""
        match = _NUMBER.match(cell.strip())
        number = match["number"] if match else ""
        if match is None or not self.comma:
            return None if self.unclear and self.unclear in number else cell
        if "," not in number:
            return None if "." in number else cell  # 4.710 beside 3,2: four thousand, or four?
        plain = re.sub(r"[.' \u00a0\u202f]", "", number).replace(",", ".")
        return None if plain.count(".") > 1 else cell.replace(number, plain)


def join_unit(cell: str, unit: str | None) -> str:
    """A bare number with the unit of its column; a cell that names its own unit stays as it is.

    >>> join_unit("3.2 L", "10^9/L"), join_unit("3200 /uL", "10^9/L"), join_unit("n/a", "10^9/L")
    ('3.2 10^9/L L', '3200 /uL', 'n/a')
    """
    match = _NUMBER.match(cell.strip())
    if match is None or not unit:
        return cell.strip()
    parts = (f"{match['sign'] or ''}{match['number']}", unit, match["flag"] or "")
    return " ".join(part.strip() for part in parts if part)
