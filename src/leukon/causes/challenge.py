"""What the series says of a drug after it was stopped, or given again: dechallenge and rechallenge.

The idea is that of the Naranjo scale (Clin Pharmacol Ther 1981;30:239-45), read from the counts and turned into odds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from leukon.causes.constants import DECHALLENGE, RECHALLENGE
from leukon.facts import DrugUse
from leukon.limits.judge import Judged

__all__ = ["Course", "read_challenge", "read_course"]

_SOON = 35.0  # days in which an acute fall by a drug has passed after the last dose
_BEFORE = 10.0  # days: a drug stopped so long before the lowest count may still have caused it


@dataclass(frozen=True, slots=True)
class Course:
    """Days of the counts of one kind, each low or not for this person, oldest first; the day of the lowest."""

    days: tuple[float, ...] = ()
    low: tuple[bool, ...] = ()
    nadir: float | None = None


def read_course(judged: Sequence[Judged]) -> Course:
    """The course of the neutrophils, else of the white cells, where days are known."""
    for analyte in ("neutrophils", "wbc"):
        rows = [
            j for j in judged if j.count.analyte == analyte and j.count.day is not None and j.status != "cannot say"
        ]
        if len(rows) > 1 and any(j.status == "low" for j in rows):
            lowest = min(rows, key=lambda j: j.count.value)
            days = tuple(j.count.day for j in rows if j.count.day is not None)
            return Course(days, tuple(j.status == "low" for j in rows), lowest.count.day)
    return Course()


def read_challenge(uses: Sequence[DrugUse], course: Course, *, acute: bool) -> list[tuple[str, float]]:
    """What stopping one drug, or giving it again, did to the counts: (words, ratio of odds)."""
    if course.nadir is None or not uses:
        return []
    if len(uses) > 1 and sum(_falls_under(use, course) for use in uses) > 1 and _recovers_between(uses, course):
        return [("low again when it was given again", RECHALLENGE)]
    use = uses[0]
    recovered = next((d for d, low in zip(course.days, course.low, strict=True) if d > course.nadir and not low), None)
    if recovered is not None:
        if use.stop is None and not use.said_past:
            return [("the count came back while it was still taken", 1 / DECHALLENGE)]
        if use.stop is not None and course.nadir - _BEFORE <= use.stop <= recovered <= use.stop + _SOON:
            return [(f"the count came back {recovered - use.stop:.0f} days after the last dose", DECHALLENGE)]
    elif acute and use.stop is not None and course.low[-1] and course.days[-1] - use.stop > _SOON:
        return [(f"still low {course.days[-1] - use.stop:.0f} days after the last dose", 1 / DECHALLENGE)]
    return []


def _falls_under(use: DrugUse, course: Course) -> bool:
    if use.start is None:
        return False
    end = course.days[-1] if use.stop is None else use.stop + _BEFORE
    return any(low and use.start <= d <= end for d, low in zip(course.days, course.low, strict=True))


def _recovers_between(uses: Sequence[DrugUse], course: Course) -> bool:
    """Is there a count that is not low between the end of the first use and the start of the last?"""
    dated = sorted((u for u in uses if u.start is not None), key=lambda u: u.start or 0.0)
    first, last = dated[0], dated[-1]
    if first.stop is None or last.start is None:
        return False
    return any(not low and first.stop <= d <= last.start + 1 for d, low in zip(course.days, course.low, strict=True))
