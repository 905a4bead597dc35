"""A patient written as a leukon record again: what a file held becomes what the form shows and can change.

Reading the record gives the same counts, facts and days. What a record cannot say (a value whose unit is missing, a
unit that contradicts the printed limits) is not put into it but handed back, each with its reason.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import Any

from leukon.answer import NotUsed
from leukon.counts.analytes import find_analyte
from leukon.counts.measure import Ledger, ReadMeasure, read_measure
from leukon.facts.lexicon import Lexicon, build_lexicon, choose
from leukon.facts.phrases import read_phrase
from leukon.io.axis import read_moment
from leukon.knowledge import Knowledge, load_knowledge
from leukon.patient import Draw, Drug, Item, Measure, Patient, Person, Test

__all__ = ["write_record"]

_YEAR = 365.25
_EXACT_DAYS = 2 * _YEAR  # under this age days matter to the limits
_SPELLINGS = ("", " count", " level", " total", " blood", " manual", " automated")  # of one analyte given twice
_SAMPLE = ("sample", "note", "comment", "flags", "flag")
_DRUG = ("drug",)
_FINDING = ("finding", "condition", "drug", "test")
_CONDITION = ("condition", "finding", "drug", "test")
_EXPOSURE = ("finding", "drug", "condition", "test")


def write_record(
    patient: Patient, *, anonymous: bool = False, knowledge: Knowledge | None = None
) -> tuple[dict[str, Any], tuple[NotUsed, ...]]:
    """The record of a patient, and what it cannot hold. `anonymous`: without the id, and days in place of dates."""
    lexicon = build_lexicon(knowledge or load_knowledge())
    start = None if anonymous else _find_start(patient)
    left = [NotUsed(item.text, reason, item.path) for item, reason in patient.not_used]
    draws = [_write_draw(draw, start, left) for draw in patient.draws]
    findings = {
        "present": [_name(i, lexicon, _FINDING) for i in patient.present],
        "absent": [_name(i, lexicon, _FINDING) for i in patient.absent],
    }
    record: dict[str, Any] = {
        "id": None if anonymous else patient.id,
        "person": _write_person(patient.person),
        "now": _write_now(patient, start),
        "counts": [d for d in draws if d.keys() - {"day", "date"}],
        "drugs": [_write_drug(d, start, lexicon) for d in patient.drugs],
        "conditions": [_name(i, lexicon, _CONDITION) for i in patient.conditions],
        "findings": {key: value for key, value in findings.items() if value},
        "tests": [_write_test(t, start, lexicon) for t in patient.tests],
        "exposures": [_name(i, lexicon, _EXPOSURE) for i in patient.exposures],
    }
    return {key: value for key, value in record.items() if value}, tuple(left)


def _find_start(patient: Patient) -> float | None:
    """Day 0 of the axis in days since year 1, where a count carries its date."""
    for draw in patient.draws:
        moment = read_moment(draw.time) if draw.time and draw.day is not None else None
        if moment is not None and moment[0] == "date" and draw.day is not None:
            return moment[1] - draw.day
    return None


def _write_now(patient: Patient, start: float | None) -> str | None:
    """Only where it is not the newest count, which a record takes for now by itself."""
    newest = max((d.day for d in patient.draws if d.day is not None), default=0.0)
    return None if math.isclose(newest, patient.now, abs_tol=1e-6) else _moment(patient.now, start)


def _moment(day: float, start: float | None) -> str:
    if start is None:
        return f"{round(day, 4):.10g}"
    whole = datetime(1, 1, 1, tzinfo=UTC) + timedelta(days=round((start + day - 1) * 1440) / 1440)
    return whole.strftime("%Y-%m-%d" if (whole.hour, whole.minute) == (0, 0) else "%Y-%m-%dT%H:%MZ")


def _write_person(person: Person) -> dict[str, Any]:
    pregnancy = {"weeks": f"{person.pregnancy_weeks:g}"} if person.pregnancy_weeks is not None else None
    written: dict[str, Any] = {
        "age": _write_age(person.age_days),
        "sex": person.sex,
        "ancestry": person.ancestry,
        "duffy_null": _yes(person.duffy_null),
        "pregnant": None if pregnancy else _yes(person.pregnant),
        "pregnancy": pregnancy,
    }
    return {key: value for key, value in written.items() if value is not None}


def _yes(value: bool | None) -> str | None:
    return None if value is None else "true" if value else "false"


def _write_age(days: float | None) -> str | None:
    """Days for a small child; else years, never rounded up over a birthday."""
    if days is None:
        return None
    years = days / _YEAR
    if abs(years - round(years)) < 1e-6 and round(years) > 0:
        return f"{round(years)} years"
    return f"{days:.10g} days" if days < _EXACT_DAYS else f"{math.floor(years * 100) / 100:g} years"


def _write_draw(draw: Draw, start: float | None, left: list[NotUsed]) -> dict[str, Any]:
    written: dict[str, Any] = {}
    if draw.day is not None:
        moment = read_moment(draw.time) if draw.time else None
        dated = start is not None and moment is not None and moment[0] == "date"
        written["day" if start is None else "date"] = draw.time if dated else _moment(draw.day, start)
    limits: dict[str, list[str | None]] = {}
    for measure in draw.measures:
        ledger = Ledger()
        read = read_measure(measure, ledger)
        left += ledger.not_used
        if read is None:
            continue
        key = _key(measure, read, written)
        written[key] = measure.item.text
        if (printed := _write_limits(read)) is not None:
            limits[key] = printed
    if limits:
        written["limits"] = limits
    texts = [item.text for item in draw.sample]
    written |= dict(zip(_SAMPLE, texts, strict=False))
    if len(texts) > len(_SAMPLE):
        written[_SAMPLE[-1]] = "; ".join(texts[len(_SAMPLE) - 1 :])
    return written


def _key(measure: Measure, read: ReadMeasure, taken: dict[str, Any]) -> str:
    """The record's word for what was counted; another spelling where the draw holds it already."""
    named = (measure.item.code and find_analyte(measure.item.code)) or find_analyte(measure.analyte)
    assert named is not None, "it was read"
    share = " %" if named.form == "percent" or (read.reading.percent and read.analyte.id in taken) else ""
    return next(key for spelling in _SPELLINGS if (key := f"{read.analyte.id}{spelling}{share}") not in taken)


def _write_limits(read: ReadMeasure) -> list[str | None] | None:
    """The printed limits, in the unit of the value."""
    limits = read.limits or read.percent_limits
    if limits is None:
        return None
    same = (read.limits is None) == read.reading.percent
    factor = read.reading.factor if same else Fraction(1)
    return [None if v is None else f"{float(Fraction(repr(float(v))) / factor):.10g}" for v in limits]


def _write_drug(drug: Drug, start: float | None, lexicon: Lexicon) -> dict[str, Any]:
    moments = {"start": drug.start, "stop": drug.stop}
    written: dict[str, Any] = {"name": _name(drug.name, lexicon, _DRUG)}
    written |= {key: _moment(day, start) for key, day in moments.items() if day is not None}
    written |= {key: item.text for key, item in (("dose", drug.dose), ("note", drug.note)) if item}
    if drug.doses:
        written["doses"] = [{"day": _moment(d.day, start), "dose": d.text} for d in drug.doses]
    return written


def _write_test(test: Test, start: float | None, lexicon: Lexicon) -> dict[str, Any]:
    written: dict[str, Any] = {"name": _name(test.name, lexicon, ("test",))}
    written |= {key: item.text for key, item in (("result", test.result), ("specimen", test.specimen)) if item}
    if test.day is not None:
        written["day" if start is None else "date"] = _moment(test.day, start)
    return written


def _name(item: Item, lexicon: Lexicon, kinds: tuple[str, ...]) -> str:
    """The words of an item; where its code says something else to leukon, the name of what the code says."""
    entry = choose(lexicon.find_code(item.code), kinds) if item.code else None
    if entry is None:
        return item.text
    readings = tuple((r.kind, r.id) for r in read_phrase(item.text, lexicon, kinds).readings)
    return item.text if readings == (entry[:2],) else _call(entry, lexicon, item)


def _call(entry: tuple[str, str, str], lexicon: Lexicon, item: Item) -> str:
    k = load_knowledge()
    held: dict[str, Iterable[Any]] = {
        "finding": k.findings.values(), "condition": k.conditions.values(), "drug": k.drugs.values(),
        "test": k.tests.values(),
    }  # fmt: skip
    name = next(str(e.name) for e in held[entry[0]] if e.id == entry[1])
    return name if choose(lexicon.find_whole(name), (entry[0],)) else str(item.code)
