# pyright: strict
"""HL7 v2 results (ORU^R01 and its kin): each person of each message is one record.

Names, numbers and addresses are never kept: of the person only sex and age, of the message its control id.
A result is used if it is final, corrected, partial or preliminary; one that is pending, deleted, wrong or could not be
obtained is listed. A corrected result replaces the one it corrects. A missing unit stays missing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from leukon.io.axis import read_moment, read_sex
from leukon.io.book import Book
from leukon.io.hl7_fields import Segment, parse_message
from leukon.io.hl7_result import NOT_ITSELF, read_results
from leukon.io.printed import read_stamp
from leukon.io.result import find_newest, gather_results
from leukon.io.safe import ReadProblem, RecordError
from leukon.patient import Patient, Person

__all__ = ["looks_like_messages", "read_messages"]

_ENVELOPE = ("FHS", "BHS", "BTS", "FTS", "DSC")
_HEADLESS = re.compile(rb"(?:PID|ORC|OBR|OBX)\|\d*\|")
_NAME = re.compile("[A-Z][A-Z0-9]{2}")
_MOST_SEGMENTS = 3000
_LONGEST = 60_000  # letters of one segment that are parsed
_MOST_LETTERS = 500_000
_MOST_MARKS = 100_000  # separators: a second's work
_OLDEST_DAYS = 130 * 365.25
_READ = {
    "PID": (7, 8), "OBR": (4, 7, 15, 25), "OBX": (3, 5, 6, 7, 8, 11, 14), "NTE": (3,), "SPM": (4, 17),
}  # fmt: skip


def looks_like_messages(data: bytes) -> bool:
    """
    >>> looks_like_messages(b"\\xef\\xbb\\xbfMSH|^~\\\\&|"), looks_like_messages(b"counts:")
    (True, False)
    """
    head = data[:64].removeprefix(b"\xef\xbb\xbf").lstrip(b" \t\r\n\x0b")
    if _HEADLESS.match(head):  # its error then speaks of a message
        return True
    return head[:3] in (b"MSH", b"FHS", b"BHS") and not head[3:4].isalnum() and head[3:4] not in (b"", b":", b" ")


@dataclass(slots=True)
class _Part:
    """What a message says of one person."""

    id: str | None
    segments: list[Segment]


def read_messages(text: str, name: str = "message") -> tuple[bool, Iterator[Patient | ReadProblem]]:
    """Are there several people or messages, and each person of each message, in order, read as it is asked for.

    Of several, a message that cannot be used is a ReadProblem of its first line; a single one raises RecordError.
    """
    messages = _split(text)
    if not messages:
        raise RecordError(f"{name}: no message (MSH) in it")
    many = len(messages) > 1 or sum(line.startswith("PID") for line in messages[0][1]) > 1
    read = (one for line, message in messages for one in _read_message(line, message, name, many))
    return many, read if many else iter(list(read))


def _read_message(line: int, lines: list[str], name: str, many: bool) -> Iterator[Patient | ReadProblem]:
    try:
        if not lines[0].startswith("MSH"):
            raise RecordError(f"{name}: HL7 v2 without a message header (MSH)")
        if len(lines) > _MOST_SEGMENTS:
            raise RecordError(f"{name}: more than {_MOST_SEGMENTS:,} segments: not a message about one person")
        marks = set(lines[0][3:8]) - {"\\"}
        kept = [line if len(line) <= _LONGEST else _cut(line) for line in lines]
        if sum(map(len, kept)) > _MOST_LETTERS:
            raise RecordError(f"{name}: more than {_MOST_LETTERS // 1000:,} kB: not a message about one person")
        if sum(line.count(mark) for line in kept for mark in marks) > _MOST_MARKS:
            raise RecordError(f"{name}: more than {_MOST_MARKS:,} separators: not a message about one person")
        parts = _part(parse_message("\r".join(kept) + "\r", name), name)
    except RecordError as error:
        if not many:
            raise
        yield ReadProblem(line, str(error).removeprefix(f"{name}: "))
        return
    for part in parts:
        try:
            yield _read_part(part, name)
        except RecordError as error:
            if not many:
                raise
            yield ReadProblem(line, str(error).removeprefix(f"{name}: "))


def _cut(line: str) -> str:
    """A segment that holds a document (a PDF, an image), without its content: it is listed, not parsed."""
    mark = line[3:4]
    name, *fields = line[:400].split(mark)[:4]
    if name == "OBX" and len(fields) == 3:
        return mark.join((name, fields[0], "ED", fields[2], "", "(document)"))
    return mark.join((name[:3], "(document)"))


def _split(text: str) -> list[tuple[int, list[str]]]:
    """The messages, each with the line it begins on; segments end with CR, LF or both."""
    found: list[tuple[int, list[str]]] = []
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    for number, raw in enumerate(lines, 1):
        line = raw.strip("\x0b\x1c\ufeff \t")
        if not line or line[:3] in _ENVELOPE:
            continue
        if line.startswith("MSH") or not found:
            found.append((number, []))
        found[-1][1].append(line)
    return found


def _part(segments: list[Segment], name: str) -> list[_Part]:
    """The message by person: a PID begins the next one."""
    kind = segments[0].text(9).replace("^", " ").strip() or "no type in MSH-9"
    if not any(s.name == "OBX" for s in segments):
        raise RecordError(f"{name}: no result (OBX) in this message ({kind[:40]}); ORU^R01 is read")
    control = segments[0].text(10) or None
    starts = [n for n, s in enumerate(segments) if s.name == "PID"]
    if len(starts) < 2:
        return [_Part(control, segments)]
    ends = [*starts[1:], len(segments)]
    header = segments[: starts[0]]
    return [
        _Part(f"{control or 'message'}#{n}", [*header, *segments[start:end]])
        for n, (start, end) in enumerate(zip(starts, ends, strict=True), 1)
    ]


def _read_part(part: _Part, name: str) -> Patient:
    book = Book()
    results = read_results(part.segments, book)
    now = find_newest(results)
    person = _read_person(part.segments, now, book)
    draws, tests = gather_results(results, now)
    if not draws and not tests:
        reasons = [r for item, r in book.not_used if item.path.startswith("OBX") and r != NOT_ITSELF]
        because = f" ({reasons[0]})" if reasons else ""
        raise RecordError(f"{name}: no result that can be used in this message{because}")
    _close(part, book)
    return Patient(
        id=part.id, person=person, draws=draws, tests=tests, now=0.0,
        understood=tuple(book.understood), not_used=tuple(book.not_used),
    )  # fmt: skip


def _read_person(segments: list[Segment], now: float | None, book: Book) -> Person:
    pid = next((s for s in segments if s.name == "PID"), None)
    if pid is None:
        return Person()
    said, born = pid.text(8), pid.text(7)
    sex = read_sex(said) if said else None
    if sex:
        book.take(f"{pid.path}.8", said, "person:sex")
    elif said:
        book.refuse(f"{pid.path}.8", said, "not female or male")
    moment = read_moment(stamp) if born and (stamp := read_stamp(pid.part(7, 1))) else None
    age = now - moment[1] if moment and now is not None else None
    if age is not None and 0 <= age <= _OLDEST_DAYS:
        book.take(f"{pid.path}.7", "(date of birth)", "person:birth_date")
        return Person(age_days=age, sex=sex)
    if born:
        book.refuse(f"{pid.path}.7", "(date of birth)", "an age needs a date of birth and the date of a result")
    return Person(sex=sex)


def _close(part: _Part, book: Book) -> None:
    """What nothing above has settled: fields of the message, listed by number and without their text."""
    settled = {i.path for i, _ in (*book.understood, *book.not_used)}
    if part.id:
        book.take("MSH[1].10", part.id, "id")
    rest: dict[str, set[int]] = {}
    for place, segment in enumerate(part.segments):
        if not _NAME.fullmatch(segment.name):
            book.refuse(f"segment[{place}]", "(a line of text)", "a line without the name of a segment: not kept")
            continue
        known = _READ.get(segment.name, ())
        fields = [n for n in segment.filled if n not in known and not (segment.name == "MSH" and n in (1, 2, 10))]
        rest.setdefault(segment.name, set()).update(fields)
        for n in known:
            path = f"{segment.path}.{n}"
            if segment.name in ("OBR", "SPM") and segment.text(n) and path not in settled:
                book.take(path, segment.text(n), "message:order")
    for name, fields in rest.items():
        if not fields:
            continue
        if name == "PID":
            reason = "identifies the person: not kept"
        elif name in _READ or name == "MSH":
            reason = "about the message, the order or the laboratory, not about the person"
        else:
            reason = "this segment is not read"
        book.refuse(name, f"fields {', '.join(map(str, sorted(fields)))}", reason)
