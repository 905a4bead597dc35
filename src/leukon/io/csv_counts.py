# pyright: strict
"""Tables of counts (CSV): wide, a row a draw, or long, a row a value; several people by their id.

A missing unit is "cannot say". Of two time columns the one with dates is used.
"""

from __future__ import annotations

import math

from leukon.io.axis import read_age_days, read_sex
from leukon.io.book import Book
from leukon.io.csv_cells import find_delimiter
from leukon.io.csv_columns import Column, read_columns
from leukon.io.csv_table import Row, Table, read_cells
from leukon.io.csv_values import Placed, read_long, read_wide
from leukon.io.dates import read_moments
from leukon.io.safe import ReadProblem, RecordError
from leukon.patient import Draw, Item, Patient, Person, Test

__all__ = ["looks_like_table", "read_table"]

_SNIFFED = 4096
_BESIDE = "beside no value that is used"
_UNREAD = "not a column that leukon reads in this table"
_PERSON = ("age", "age_months", "age_days", "sex", "birth")


def looks_like_table(data: bytes) -> bool:
    """Is the first line of an input the header of a table?

    >>> looks_like_table(b"day,wbc (10^9/L)"), looks_like_table(b"findings: fever, cough"), looks_like_table(b"fever")
    (True, False, False)
    """
    encoding = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8"
    lines = data[:_SNIFFED].decode(encoding, "replace").lstrip("\ufeff \t\r\n").splitlines()
    line = lines[0].strip() if lines else ""
    delimiter = find_delimiter(line)
    if delimiter is None or ":" in line or line[:1] in ("-", "[", "]", "{", "}", "#"):
        return False
    return delimiter == "," or any(c.role != "other" for c in read_columns(line.split(delimiter)))


def read_table(text: str, name: str = "table") -> list[Patient | ReadProblem]:
    """Every person of a table, by first appearance; a row that names nobody is a ReadProblem of its line."""
    table = read_cells(text, name)
    people: dict[str, list[Row]] = {}
    found: list[Patient | ReadProblem] = []
    who = table.one("id")
    for row in table.rows:
        if who and not row.get(who):
            found.append(ReadProblem(row.line, f"no {who.label} in this row: whose count is it?"))
            continue
        people.setdefault(row.get(who), []).append(row)
    errors: list[RecordError] = []
    for key, rows in people.items():
        try:
            found.append(_read_person(table, key or None, rows))
        except RecordError as error:
            errors.append(error)
            found.append(ReadProblem(rows[0].line, str(error).removeprefix(f"{name}: ")))
    if len(errors) == len(people):
        raise errors[0] if errors else RecordError(f"{name}: a table without a row of counts under its header")
    return found


def _read_person(table: Table, key: str | None, rows: list[Row]) -> Patient:
    book = Book()
    times = table.all("time")
    moments = [m for row in rows for m in row.moments if m]
    book.dated = any(kind == "date" for kind, _ in moments)
    kind = "date" if book.dated else "day"
    book.now = max((value for k, value in moments if k == kind), default=0.0)
    placed = [(row, *_place(row, times, book)) for row in rows]
    person = _settle_person(table, placed, book)
    draws, tests = (read_long if table.is_long else read_wide)(table, placed, book)
    if not draws and not tests:
        because = next((f" ({reason})" for _, reason in book.not_used if "cannot say" in reason), "")
        raise RecordError(f"{table.name}: {key or 'the table'}: no count in it that can be used{because}")
    _close(table, rows, {i.path for i in _list_handed(draws, tests)}, book)
    return Patient(
        id=key, person=person, draws=tuple(draws), tests=tuple(tests), now=0.0 if book.dated else book.now,
        understood=tuple(book.understood), not_used=tuple(book.not_used),
    )  # fmt: skip


def _place(row: Row, times: list[Column], book: Book) -> tuple[float | None, str | None]:
    """The day of a row, and its date as given."""
    found: tuple[float | None, str | None] = (None, None)
    for column, moment in zip(times, row.moments, strict=True):
        text, path = row.get(column), row.item(column).path
        day = book.place(moment)
        if not text:
            continue
        if moment is None:
            book.refuse(path, text, "not a day or a date that can be told (write 2025-03-01)")
        elif day is None:
            book.refuse(path, text, "the other column of this table has dates: those are used")
        else:
            book.take(path, text, "time:day")
            if found[0] is None:
                found = (day, text if moment[0] == "date" else None)
    return found


def _settle_person(table: Table, rows: list[Placed], book: Book) -> Person:
    """Age and sex; where the age stands in every row, that of the newest count."""
    age: tuple[float, float] | None = None
    sex: str | None = None
    for row, day, _ in rows:
        for column in table.all(*_PERSON):
            text, path = row.get(column), row.item(column).path
            if not text:
                continue
            if column.role == "sex":
                said = read_sex(text)
                if said is None or (sex is not None and said != sex):
                    book.refuse(path, text, "not female or male" if said is None else "another row says otherwise")
                    continue
                sex = said
            else:
                held = _read_age(column, text, book)
                if held is None:
                    book.refuse(path, text, "not an age, or no date beside it")
                    continue
                if age is None or (day if day is not None else -math.inf) >= age[0]:
                    age = (day if day is not None else -math.inf, held)
            book.take(path, text, f"person:{column.role.partition('_')[0]}")
    return Person(age_days=age[1] if age else None, sex=sex)


def _read_age(column: Column, text: str, book: Book) -> float | None:
    if column.role == "birth":
        moment = read_moments([text])[0]
        days = book.now - moment[1] if moment and moment[0] == "date" and book.dated else None
        return days if days is not None and 0 <= days <= 130 * 365.25 else None
    unit = {"age_months": " months", "age_days": " days"}.get(column.role, "")
    return read_age_days(text.replace(",", ".") + (unit if text.replace(",", ".").replace(".", "").isdigit() else ""))


def _list_handed(draws: list[Draw], tests: list[Test]) -> list[Item]:
    """The cells that the counts and the tests will settle."""
    items = [i for d in draws for m in d.measures for i in (m.item, *m.limit_items)] + [
        i for d in draws for i in d.sample
    ]
    return items + [i for t in tests for i in (t.name, t.result) if i]


def _close(table: Table, rows: list[Row], handed: set[str], book: Book) -> None:
    """Every cell that nothing above has settled is listed, with the reason."""
    settled = handed | {i.path for i, _ in (*book.understood, *book.not_used)}
    for row in rows:
        for column in table.columns:
            text, path = row.get(column), row.item(column).path
            if not text or path in settled:
                continue
            if column.role in ("id", "flag"):
                book.take(path, text, "id" if column.role == "id" else "laboratory flag")
            else:
                book.refuse(path, text, _BESIDE if column.role in ("low", "high", "range", "unit") else _UNREAD)
        for place in range(len(table.columns), len(row.cells)):
            if row.cells[place].strip():
                book.refuse(f"rows[{row.number}].column {place + 1}", row.cells[place], "a cell without a header")
