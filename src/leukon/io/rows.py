"""The counts of a leukon record: rows of values, each with the laboratory's limits beside it."""

from __future__ import annotations

import re

from leukon.counts.analytes import find_analyte
from leukon.io.axis import read_moment
from leukon.io.book import TIMES, Book, settle_moment
from leukon.io.tree import Tree
from leukon.patient import Draw, Item, Measure

__all__ = ["read_draws"]

_SAMPLE = ("sample", "note", "flags", "flag", "comment")


def read_draws(tree: Tree, book: Book) -> tuple[Draw, ...]:
    if isinstance(tree, dict):
        draw = _read_draw(tree, "counts", 0, book)
        return (draw,) if draw.measures or draw.sample else ()
    if tree is None:
        return ()
    if not isinstance(tree, list):
        book.refuse("counts", tree, "must be a list of rows such as {day: 0, wbc: 3200 /uL}")
        return ()
    draws: list[Draw] = []
    for order, row in enumerate(tree):
        path = f"counts[{order}]"
        if not isinstance(row, dict):
            book.refuse(path, row, "a row of counts must be a mapping such as {day: 0, wbc: 3200 /uL}")
            continue
        draws.append(_read_draw(row, path, order, book))
    return tuple(d for d in draws if d.measures or d.sample)


def _read_draw(row: dict[str, Tree], path: str, order: int, book: Book) -> Draw:
    day: float | None = None
    time: str | None = None
    sample: list[Item] = []
    measures: list[Measure] = []
    limits = row.get("limits")
    pending = dict(limits) if isinstance(limits, dict) else {}
    for key, value in row.items():
        here = f"{path}.{key}"
        if key in TIMES:
            placed = settle_moment(value, here, "time:day", book)
            day = placed if placed is not None else day
            if isinstance(value, str) and (moment := read_moment(value)) and moment[0] == "date":
                time = value
        elif key in _SAMPLE and isinstance(value, str):
            sample.append(Item(here, value))
        elif key == "limits":
            continue
        elif isinstance(value, str):
            measures.append(_read_measure(key, value, here, path, pending, book))
        elif value is None:
            book.take(here, None, "not measured")
        else:
            book.refuse(here, value, "a count must be one value such as 3200 /uL")
    for key, value in pending.items():
        book.refuse(f"{path}.limits.{key}", value, "a limit without its count in this row")
    if "limits" in row and limits is None:
        book.take(f"{path}.limits", None, "no limit")
    elif limits is not None and not isinstance(limits, dict):
        book.refuse(f"{path}.limits", limits, "must be a mapping such as {wbc: [4.0, 11.0]}")
    return Draw(day, time, order, tuple(measures), tuple(sample))


def _read_measure(key: str, text: str, path: str, row: str, pending: dict[str, Tree], book: Book) -> Measure:
    named = find_analyte(key)
    own = next((k for k in pending if k == key), None) or next(
        (k for k in pending if named and (other := find_analyte(k)) and other.analyte.id == named.analyte.id), None
    )
    if own is None:
        return Measure(Item(path, text), key)
    value = pending.pop(own)
    base = f"{row}.limits.{own}"
    if not (isinstance(value, list) and len(value) == 2 and all(v is None or isinstance(v, str) for v in value)):
        book.refuse(base, value, "a limit must be two numbers [lower, upper]")
        return Measure(Item(path, text), key)
    numbers: list[float | None] = []
    items: list[Item] = []
    for place, part in enumerate(value):
        here = f"{base}[{place}]"
        match = re.match(r"^\s*(\d[\d,]*(?:\.\d+)?)\s*$", part) if isinstance(part, str) else None
        numbers.append(float(match[1].replace(",", "")) if match else None)
        if part is None:
            book.take(here, None, "no limit")
        elif match and isinstance(part, str):
            items.append(Item(here, part))
        else:
            book.refuse(here, part, "not a number")
    limits = (numbers[0], numbers[1])
    return Measure(Item(path, text), key, limits=limits if any(n is not None for n in limits) else None,
                   limit_items=tuple(items))  # fmt: skip
