"""The person of a leukon record: age, sex, Duffy status, pregnancy."""

from __future__ import annotations

import re
from typing import TypeVar

from leukon.io.axis import read_age_days, read_moment, read_sex
from leukon.io.book import Book
from leukon.io.tree import Tree
from leukon.patient import Person

__all__ = ["read_person"]

_T = TypeVar("_T")
_YES: dict[str, bool] = {word: True for word in ("true", "yes", "y", "positive")}  # noqa: C420
_YES |= {word: False for word in ("false", "no", "n", "negative")}  # noqa: C420
_PREGNANCY_WEEKS = 45.0


def read_person(tree: Tree, book: Book) -> Person:
    if tree is None:
        return Person()
    if not isinstance(tree, dict):
        book.refuse("person", tree, "must be a mapping of age, sex, …")
        return Person()
    age = birth = None
    sex = ancestry = duffy = pregnant = weeks = None
    for key, value in tree.items():
        path = f"person.{key}"
        if value is None:
            book.take(path, None, "person:not given")
        elif key == "pregnancy" and isinstance(value, dict):
            weeks, pregnant = _read_pregnancy(value, book)
        elif not isinstance(value, str):
            book.refuse(path, value, "must be one value")
        elif key == "age":
            age = _settle(
                read_age_days(value), path, value, "person:age", "not an age (write 34 years or 62 days)", book
            )
        elif key == "birth_date":
            birth = _settle_birth(value, path, book)
        elif key in ("sex", "gender"):
            sex = _settle(read_sex(value), path, value, "person:sex", "not female or male", book)
        elif key == "ancestry" and value.strip():
            ancestry = value
        elif key == "duffy_null":
            duffy = _settle(_YES.get(value.lower()), path, value, "person:duffy_null", "not true or false", book)
        elif key == "pregnant":
            pregnant = _settle(_YES.get(value.lower()), path, value, "person:pregnant", "not true or false", book)
        else:
            book.refuse(path, value, "unknown field")
    return Person(
        age_days=age if age is not None else birth,
        sex=sex,
        ancestry=ancestry,
        duffy_null=duffy,
        pregnant=pregnant,
        pregnancy_weeks=weeks,
    )


def _settle(value: _T | None, path: str, text: str, as_: str, reason: str, book: Book) -> _T | None:
    if value is None:
        book.refuse(path, text, reason)
    else:
        book.take(path, text, as_)
    return value


def _settle_birth(text: str, path: str, book: Book) -> float | None:
    moment = read_moment(text)
    if moment is None or moment[0] != "date":
        book.refuse(path, text, "not a date (write 1990-05-31)")
        return None
    if not book.dated or not 0 <= book.now - moment[1] <= 130 * 365.25:
        book.refuse(path, text, "an age needs dates on the counts too (or give age:)")
        return None
    book.take(path, text, "person:birth_date")
    return book.now - moment[1]


def _read_pregnancy(tree: dict[str, Tree], book: Book) -> tuple[float | None, bool | None]:
    weeks: float | None = None
    for key, value in tree.items():
        path = f"person.pregnancy.{key}"
        match = re.match(r"^\s*(\d+(?:\.\d+)?)\s*(?:w|weeks?)?\s*$", value) if isinstance(value, str) else None
        if key == "weeks" and match and float(match[1]) <= _PREGNANCY_WEEKS and isinstance(value, str):
            weeks = float(match[1])
            book.take(path, value, "person:pregnancy")
        else:
            book.refuse(path, value, "not weeks of pregnancy (0 to 45)")
    return weeks, True if weeks is not None else None
