"""The drugs of a row as courses: prescriptions, dispensings and doses that follow each other belong together."""

from __future__ import annotations

import math
from dataclasses import dataclass

from leukon.population.causes.cells import Left, Row, Unread, read_entries, read_number, read_text

__all__ = ["Course", "read_courses"]

_RENEWED_DAYS = 30.0  # a prescription renewed so late goes on (the persistence window of OMOP drug eras)


@dataclass(frozen=True, slots=True)
class Course:
    """A time in which a drug was taken, and how many entries of the row speak of it."""

    start: float | None
    stop: float | None
    entries: int = 1


def read_courses(row: Row, day: float, unread: Left) -> list[tuple[str, str, Course]]:
    """The courses of each drug (name, code): first those begun last before `day`, whose counts are to be explained."""
    uses: dict[tuple[str, str], list[Course]] = {}
    for entry in read_entries(row, "drugs"):
        name, code = read_text(entry.get("name")) or "", read_text(entry.get("code")) or ""
        start, stop = read_number(entry.get("start")), read_number(entry.get("stop"))
        if not (name or code):
            unread[Unread("exposures", "name", "", "no name and no code")] += 1
            continue
        if start is not None and stop is not None and stop < start:
            unread[Unread("exposures", "stop", name or code, "stopped before it was started")] += 1
            stop = None
        uses.setdefault((name, code), []).append(Course(start, stop))
    courses = [(name, code, course) for (name, code), each in uses.items() for course in _join_courses(each)]
    return sorted(courses, key=lambda c: (*_order_course(c[2], day), c[0], c[1]))


def _join_courses(uses: list[Course]) -> list[Course]:
    """Prescriptions that follow each other are one course; single doses weeks apart are not.

    The gap that is bridged is no longer than what was taken before it.
    """
    made: list[Course] = []
    for use in sorted(uses, key=lambda u: (-math.inf if u.start is None else u.start, _end(u))):
        last = made[-1] if made else None
        if last is not None and _goes_on(last, use):
            stop = None if last.stop is None or use.stop is None else max(last.stop, use.stop)
            made[-1] = Course(last.start, stop, last.entries + 1)
        else:
            made.append(use)
    return made


def _goes_on(last: Course, use: Course) -> bool:
    if last.start is None or use.start is None:
        return (last.start, last.stop) == (use.start, use.stop)
    end = last.start if last.stop is None else last.stop
    return use.start - end <= min(_RENEWED_DAYS, end - last.start + 1)


def _order_course(course: Course, day: float) -> tuple[int, float, float]:
    if course.start is None:
        return 1, 0.0, _end(course)
    return (0, -course.start, _end(course)) if course.start <= day else (2, course.start, _end(course))


def _end(course: Course) -> float:
    return math.inf if course.stop is None else course.stop
