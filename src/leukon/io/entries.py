"""Drugs, tests, findings and other words of a leukon record."""

from __future__ import annotations

import re

from leukon.io.axis import read_moment
from leukon.io.book import TIMES, Book, settle_moment
from leukon.io.tree import Tree
from leukon.patient import Dose, Drug, Item, Test

__all__ = ["read_drugs", "read_findings", "read_items", "read_tests"]

_RESULT = re.compile(
    r"^\s*(?P<name>\S.*?)(?:\s*[:=]\s+|\s+(?=[<>≤≥~]?\s*\d|"
    r"(?:strongly |weakly |not |non-?)?(?:positive|negative|normal|abnormal|elevated|raised|high|low|reduced|"
    r"decreased|reactive|detected|undetectable)\b))(?P<result>\S.*?)\s*$",
    re.IGNORECASE,
)


def read_drugs(tree: Tree, book: Book) -> tuple[Drug, ...]:
    if isinstance(tree, str) and tree.strip() and not re.search("[,;]", tree):
        return (Drug(Item("drugs", tree)),)
    if tree is None:
        return ()
    if not isinstance(tree, list):
        book.refuse("drugs", tree, "must be a list, one drug a line: [{name: methimazole, start: -42}]")
        return ()
    drugs: list[Drug] = []
    for place, entry in enumerate(tree):
        path = f"drugs[{place}]"
        if isinstance(entry, str) and entry.strip():
            drugs.append(Drug(Item(path, entry)))
        elif isinstance(entry, dict) and isinstance(name := entry.get("name"), str) and name.strip():
            drugs.append(_read_drug(entry, name, path, book))
        else:
            book.refuse(path, entry, "a drug needs a name")
    return tuple(drugs)


def _read_drug(entry: dict[str, Tree], name: str, path: str, book: Book) -> Drug:
    start = stop = None
    dose = note = None
    doses: list[Dose] = []
    for key, value in entry.items():
        here = f"{path}.{key}"
        if key == "name":
            continue
        if key == "start":
            start = settle_moment(value, here, "drug:start", book)
        elif key == "stop":
            stop = settle_moment(value, here, "drug:stop", book)
        elif value is None:
            book.take(here, None, "not given")
        elif key in ("dose", "note") and isinstance(value, str):
            if key == "dose":
                dose = Item(here, value)
            else:
                note = Item(here, value)
        elif key == "doses" and isinstance(value, list):
            doses = _read_doses(value, here, book)
        else:
            book.refuse(here, value, "unknown field")
    if start is not None and stop is not None and stop < start:
        text = str(entry.get("stop"))
        book.understood = [(i, a) for i, a in book.understood if i.path != f"{path}.stop"]
        book.refuse(f"{path}.stop", text, "stopped before it was started")
        stop = None
    return Drug(Item(f"{path}.name", name), start, stop, dose, note, tuple(doses))


def _read_doses(rows: list[Tree], path: str, book: Book) -> list[Dose]:
    doses: list[Dose] = []
    for place, row in enumerate(rows):
        here = f"{path}[{place}]"
        day, text = (row.get("day"), row.get("dose")) if isinstance(row, dict) else (None, None)
        moment = book.place(read_moment(day)) if isinstance(day, str) else None
        if moment is None or not isinstance(text, str):
            book.refuse(here, row, "a dose needs day and dose")
            continue
        book.take(f"{here}.day", str(day), "drug:dose day")
        book.take(f"{here}.dose", text, "drug:dose")
        doses.append(Dose(moment, text))
        for key, value in row.items() if isinstance(row, dict) else ():
            if key not in ("day", "dose"):
                book.refuse(f"{here}.{key}", value, "unknown field")
    return doses


def read_items(tree: Tree, path: str, book: Book) -> tuple[Item, ...]:
    if tree is None:
        return ()
    if isinstance(tree, str):
        if tree.strip():
            return (Item(path, tree),)
        book.take(path, tree, "not given")
        return ()
    if not isinstance(tree, list):
        book.refuse(path, tree, "must be a list of words")
        return ()
    items: list[Item] = []
    for place, value in enumerate(tree):
        here = f"{path}[{place}]"
        if isinstance(value, str) and value.strip():
            items.append(Item(here, value))
        elif value is None or value == "":
            book.take(here, value, "not given")
        else:
            book.refuse(here, value, "must be words")
    return tuple(items)


def read_findings(tree: Tree, book: Book) -> tuple[tuple[Item, ...], tuple[Item, ...]]:
    if isinstance(tree, dict):
        for key, value in tree.items():
            if key not in ("present", "absent"):
                book.refuse(f"findings.{key}", value, "unknown field")
            elif value is None:
                book.take(f"findings.{key}", None, "not given")
        present = read_items(tree.get("present"), "findings.present", book)
        return present, read_items(tree.get("absent"), "findings.absent", book)
    return read_items(tree, "findings", book), ()


def read_tests(tree: Tree, book: Book) -> tuple[Test, ...]:
    if tree is None:
        return ()
    if isinstance(tree, str) and tree.strip():
        return (_split_test(tree, "tests"),)
    if not isinstance(tree, list):
        book.refuse("tests", tree, "must be a list such as [{name: ANA, result: '1:640'}]")
        return ()
    tests: list[Test] = []
    for place, entry in enumerate(tree):
        path = f"tests[{place}]"
        if isinstance(entry, str) and entry.strip():
            tests.append(_split_test(entry, path))
        elif isinstance(entry, dict) and isinstance(name := entry.get("name"), str) and name.strip():
            tests.append(_read_test(entry, name, path, book))
        elif isinstance(entry, dict) and "result" not in entry and "name" not in entry and _are_results(entry):
            tests += [Test(Item(path, word), Item(f"{path}.{word}", str(value))) for word, value in entry.items()]
        else:
            book.refuse(path, entry, "a test needs a name and a result")
    return tuple(tests)


def _are_results(entry: dict[str, Tree]) -> bool:
    """Is it names with their results, such as {ANA: "1:640"}?"""
    return (
        bool(entry)
        and all(isinstance(v, str) and v.strip() for v in entry.values())
        and not any(key in entry for key in (*TIMES, "specimen"))
    )


def _split_test(text: str, path: str) -> Test:
    """A test typed as one line, "ANA 1:640" or "HIV: negative": the leaf itself is the result."""
    if match := _RESULT.match(text):
        return Test(Item(f"{path}.name", match["name"]), Item(path, match["result"]))
    return Test(Item(path, text))


def _read_test(entry: dict[str, Tree], name: str, path: str, book: Book) -> Test:
    result = specimen = None
    day: float | None = None
    for key, value in entry.items():
        here = f"{path}.{key}"
        if key == "name":
            continue
        if key in TIMES:
            day = settle_moment(value, here, "time:day", book)
        elif value is None:
            book.take(here, None, "not given")
        elif key == "result" and isinstance(value, str) and value.strip():
            result = Item(here, value)
        elif key == "specimen" and isinstance(value, str):
            specimen = Item(here, value)
        else:
            book.refuse(here, value, "unknown field" if key != "result" else "must be words or a number with its unit")
    return Test(Item(f"{path}.name", name), result, day, specimen)
