"""The drugs, conditions and findings of a row, as a record would say them of the day of its worst count."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

from leukon.facts.codes import read_coded
from leukon.facts.lexicon import build_lexicon
from leukon.knowledge import Knowledge
from leukon.patient import Drug, Item, Patient
from leukon.population.causes.cells import Left, Row, Unread, read_entries, read_number, read_text
from leukon.population.causes.courses import read_courses

__all__ = ["Words", "add_words"]

_CURRENT_DAYS = 30.0  # what was noted so near to the count stands beside it, as other counts do (severity.series)
_KINDS = {  # the most wanted first, as in reading a record
    "conditions": ("condition", "finding", "drug", "test"),
    "findings": ("finding", "condition", "drug", "test"),
}
_Word = tuple[str, str, bool]  # name, code, present


@dataclass(frozen=True, slots=True)
class Words:
    """A patient with words; the text of each as the table gives it, and in how many entries, by path."""

    patient: Patient
    given: Mapping[str, tuple[str, int]]


def add_words(patient: Patient, row: Row, day: float, k: Knowledge, unread: Left) -> Words:
    """The patient with drugs, conditions and findings, as they speak of the counts of `day`."""
    given: dict[str, tuple[str, int]] = {}
    drugs: list[Drug] = []
    for name, code, course in read_courses(row, day, unread):
        path = f"exposures.name[{len(given)}]"
        given[path] = name or code, course.entries
        drugs.append(Drug(Item(path, name or code, code or None), course.start, course.stop))
    said: dict[tuple[str, bool], list[Item]] = {}
    for table in ("conditions", "findings"):
        for (name, code, present), days in _gather_words(row, table, patient.now, unread).items():
            path = f"{table}.name[{len(given)}]"
            given[path] = name or code, len(days)
            if any(math.isnan(d) or abs(d - day) <= _CURRENT_DAYS for d in days):
                said.setdefault((table, present), []).append(Item(path, name or code, code or None))
            elif present:
                ago = min(abs(d - day) for d in days)
                said.setdefault((table, present), []).append(_say_past(path, name, code, table, ago, k))
            else:
                unread[Unread(table, "name", name or code, "absent, but at another time than the count")] += len(days)
    whole = replace(
        patient,
        drugs=tuple(drugs),
        conditions=tuple(said.get(("conditions", True), ())),
        present=tuple(said.get(("findings", True), ())),
        absent=tuple(said.get(("findings", False), ())),
    )
    return Words(whole, given)


def _gather_words(row: Row, table: str, now: float, unread: Left) -> dict[_Word, list[float]]:
    """Each condition or finding once, with its days (NaN where none is given), those after `now` left out."""
    found: dict[_Word, list[float]] = {}
    for entry in read_entries(row, table):
        name, code = read_text(entry.get("name")) or "", read_text(entry.get("code")) or ""
        day, present = read_number(entry.get("day")), entry.get("present")
        if not (name or code):
            unread[Unread(table, "name", "", "no name and no code")] += 1
        elif table == "findings" and present is None:
            unread[Unread(table, "present", name or code, "neither present nor absent")] += 1
        elif day is not None and math.floor(day) > math.floor(now):
            unread[Unread(table, "day", name or code, "dated after the day that is asked about")] += 1
        else:
            key = name, code, table == "conditions" or bool(present)
            found.setdefault(key, []).append(math.nan if day is None else day)
    return {key: found[key] for key in sorted(found)}


def _say_past(path: str, name: str, code: str, table: str, ago: float, k: Knowledge) -> Item:
    """What was noted `ago` days before or after the count: a known disease stays one, the rest is history.

    Reading it decides what that means: an exposure or a trait lasts, a fever does not. An acute illness stays for its
    `lasts_days`.
    """
    read = read_coded(name, code or None, build_lexicon(k), _KINDS[table]).readings
    diseases = [k.conditions[r.id] for r in read if r.kind == "condition"]
    if not read or any(d.lasts_days is None or ago <= d.lasts_days for d in diseases):
        return Item(path, name or code, code or None)
    if read[0].by == "code" and read[0].kind in ("finding", "condition"):  # by the name that the knowledge gives it
        name = (k.findings if read[0].kind == "finding" else k.conditions)[read[0].id].name
    return Item(path, f"history of {name}")
