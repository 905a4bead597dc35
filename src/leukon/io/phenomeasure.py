# pyright: strict
"""Measurements of a phenopacket: quantities with their unit and range, or an ontology class as the result."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from leukon.counts.analytes import find_analyte
from leukon.io.axis import Moment
from leukon.io.book import Book
from leukon.io.node import Node
from leukon.io.phenotime import read_time
from leukon.patient import Item

__all__ = ["Measured", "read_measurements"]


@dataclass(frozen=True, slots=True)
class Measured:
    """One result: what was measured, the result in words ("2.1 10*3/uL"), when, and the laboratory's own limits."""

    name: Item
    result: Item
    moment: Moment | None
    when: Node | None  # the leaf of its time, settled once it is known whether it can be placed
    is_count: bool
    limits: tuple[float | None, float | None] | None = None
    limit_items: tuple[Item, ...] = ()
    limits_unit: str | None = None


def read_measurements(measurements: Node, book: Book) -> list[Measured]:
    found: list[Measured] = []
    for node in measurements.each():
        found += _read_one(node, book)
    return found


def _read_one(node: Node, book: Book) -> Iterator[Measured]:
    moment, when = _read_when(node.get("timeObserved"), book)
    parts: list[tuple[Node, Node]] = [(node.get("assay"), node.get("value").get("quantity"))]
    parts += [
        (typed.get("type"), typed.get("quantity"))
        for typed in node.get("complexValue").get("typedQuantities").each()
    ]  # fmt: skip
    for assay, quantity in parts:
        name = _name(assay)
        if name is None or quantity.tree is None:
            continue
        if made := _read_quantity(name, quantity, moment, when, book):
            _settle_name(assay, name, made.is_count, book)
            yield made
            when = None  # one leaf of time is settled once
    assay = node.get("assay")
    name, result = _name(assay), _name(node.get("value").get("ontologyClass"))
    if name is None or result is None:
        return
    count = _is_count(name)
    _settle_name(assay, name, count, book)
    if result.code and result.path.endswith("label"):
        book.take(f"{result.path.removesuffix('label')}id", result.code, "code")
    yield Measured(name, Item(result.path, result.text), moment, when, count)


def _read_when(node: Node, book: Book) -> tuple[Moment | None, Node | None]:
    """The time, and its one leaf; the leaves of a time in several parts are settled here."""
    for leaf in (node.get("timestamp"), node.get("age").get("iso8601duration")):
        if leaf.text:
            return read_time(node), leaf
    return read_time(node, book, "time:day"), None


def _name(concept: Node) -> Item | None:
    label, code = concept.get("label"), concept.get("id")
    if label.text:
        return Item(label.path, label.text, code.text)
    return Item(code.path, code.text, code.text) if code.text else None


def _is_count(name: Item) -> bool:
    return bool((name.code and find_analyte(name.code)) or find_analyte(name.text))


def _settle_name(assay: Node, name: Item, count: bool, book: Book) -> None:
    """The leaves that name a count; the name of a test is settled where it is looked up."""
    if name.code and name.path != assay.get("id").path:
        book.take(assay.get("id").path, name.code, "code")
    named = (name.code and find_analyte(name.code)) or find_analyte(name.text)
    if count and named:
        book.take(name.path, name.text, f"count:{named.analyte.id}")


def _read_quantity(name: Item, quantity: Node, moment: Moment | None, when: Node | None, book: Book) -> Measured | None:
    value = quantity.get("value")
    if not value.text:
        book.refuse(quantity.path, quantity.tree, "no value (a zero is left out by some writers: cannot say)")
        return None
    unit = _unit(quantity.get("unit"), book)
    result = Item(value.path, f"{value.text} {unit or ''}".strip(), name.code)
    limits, items, limits_unit = _read_range(quantity.get("referenceRange"), book)
    count = _is_count(name)
    if not count:
        result = Item(value.path, result.text)
    return Measured(name, result, moment, when, count, limits, items, limits_unit if limits_unit != unit else None)


def _unit(node: Node, book: Book) -> str | None:
    """The unit as printed: a UCUM code, else the label of another vocabulary."""
    code, label = node.get("id"), node.get("label")
    ucum = code.text[5:] if code.text and code.text.upper().startswith("UCUM:") else None
    for leaf in (code, label):
        if leaf.text:
            book.take(leaf.path, leaf.text, "unit")
    return ucum or label.text or (code.text if code.text and ":" not in code.text else None)


def _read_range(
    node: Node, book: Book
) -> tuple[tuple[float | None, float | None] | None, tuple[Item, ...], str | None]:
    ends = [node.get("low"), node.get("high")]
    numbers = [_number(end.text) for end in ends]
    items = tuple(Item(end.path, end.text) for end, n in zip(ends, numbers, strict=True) if n is not None and end.text)
    unit = _unit(node.get("unit"), book)
    return ((numbers[0], numbers[1]) if items else None), items, unit


def _number(text: str | None) -> float | None:
    try:
        value = float(text) if text else math.nan
    except ValueError:
        return None
    return value if math.isfinite(value) else None
