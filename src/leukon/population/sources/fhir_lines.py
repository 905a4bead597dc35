"""Lines of FHIR bulk NDJSON made rows: people, values, drugs and conditions, each with what the tables need.

The rules are those for one person (`leukon.io.fhir`): codes LOINC first, a missing unit stays missing, what was entered
in error or only planned is left out and counted.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import msgspec

from leukon.io.fhir import _LOINC, _RANGE, _SYSTEMS, _VOID  # pyright: ignore[reportPrivateUsage]
from leukon.population.sources.days import read_day
from leukon.population.sources.faults import Line
from leukon.population.sources.fhir_resources import (
    Concept,
    Condition,
    Medication,
    MedicationUse,
    Observation,
    Part,
    Patient,
    Quantity,
    Range,
    Reference,
    Resource,
)
from leukon.population.sources.meaning import find_named

__all__ = ["COLUMNS", "Rows", "read_lines"]

COLUMNS: dict[str, tuple[str, ...]] = {
    "people": ("person", "sex", "sex_text", "birth", "birth_text", "ancestry"),
    "counts": (
        "person", "day", "day_text", "code", "name", "unit", "limits_unit", "value", "value_bound", "value_text",
        "lower", "upper",
    ),
    "exposures": ("person", "name", "code", "start", "stop", "medication"),
    "conditions": ("person", "name", "code", "day"),
    "medications": ("id", "name", "code"),
}  # fmt: skip
_USES = ("MedicationRequest", "MedicationStatement", "MedicationAdministration")
_PERSON = re.compile(r"(?:.*/)?([A-Z][A-Za-z]+)/[^/]+$")
_OTHERS = 5_000  # so many different names of other observations are told


@dataclass(slots=True)
class Rows:
    """Rows by table, as lists in the order of `COLUMNS`, and what was left out."""

    tables: dict[str, list[tuple[Any, ...]]] = field(default_factory=lambda: {name: [] for name in COLUMNS})
    faults: Counter[Line] = field(default_factory=Counter[Line])

    def count(self) -> int:
        return sum(map(len, self.tables.values()))

    def miss(self, kind: str, column: str, text: str | None, reason: str) -> None:
        line = (kind, column, text or "", reason)
        if line not in self.faults and len(self.faults) > _OTHERS:
            line = (kind, column, "(another)", reason)
        self.faults[line] += 1


_DECODERS: dict[str, Any] = {
    "Patient": msgspec.json.Decoder(Patient),
    "Observation": msgspec.json.Decoder(Observation),
    "Condition": msgspec.json.Decoder(Condition),
    "Medication": msgspec.json.Decoder(Medication),
    **{name: msgspec.json.Decoder(MedicationUse) for name in _USES},
}
_KIND = msgspec.json.Decoder(Resource)


def read_lines(lines: Iterable[bytes], rows: Rows, file: str) -> None:
    """Adds the rows of some lines; a line that cannot be read is told with its file."""
    kind = ""  # of the line before, which most lines share
    for line in lines:
        if not line.strip():
            continue
        try:
            one = _DECODERS[kind].decode(line) if kind else None
            if one is None or one.resource_type != kind:
                kind, one = _decode(line, rows)
            if one is not None:
                _READERS[kind](one, rows, kind)
        except msgspec.ValidationError:
            kind = _read_damaged(line, rows, file)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            rows.miss(file, "", None, "not readable as JSON: the line is left out")


def _decode(line: bytes, rows: Rows) -> tuple[str, Any]:
    """The kind of a resource and what is read of it; ("", None) of one that is not read."""
    kind = _KIND.decode(line).resource_type or ""
    if kind in _DECODERS:
        return kind, _DECODERS[kind].decode(line)
    rows.miss(kind or "?", "", None, "this resource is not read" if kind else "not a FHIR resource")
    return "", None


def _read_damaged(line: bytes, rows: Rows, file: str) -> str:
    """A line that does not fit the kind of the one before: of another kind, or damaged."""
    try:
        kind, one = _decode(line, rows)
        if one is not None:
            _READERS[kind](one, rows, kind)
    except msgspec.DecodeError:
        rows.miss(file, "", None, "a damaged resource: the line is left out")
        return ""
    return kind


def _read_patient(one: Patient, rows: Rows, kind: str) -> None:
    if not one.id:
        rows.miss(kind, "id", None, "no person")
        return
    sex = one.gender if one.gender in ("female", "male") else None
    birth = read_day(one.birth_date) if one.birth_date else None
    ancestry = [
        part.value_string
        for outer in one.extension
        if (outer.url or "").endswith("us-core-race")
        for part in outer.extension
        if part.url == "text" and part.value_string
    ]
    lost = (None if sex else one.gender), (one.birth_date if birth is None else None)
    rows.tables["people"].append((one.id, sex, lost[0], birth, lost[1], ", ".join(ancestry) or None))


def _read_observation(one: Observation, rows: Rows, kind: str) -> None:
    person = _find_person(one.subject, rows, kind)
    if person is None or _is_void(one.status, rows, kind):
        return
    period = one.effective_period.start if one.effective_period else None
    said = one.effective_date_time or one.effective_instant or period or one.issued
    day = read_day(said) if said else None
    text = said if said and (day is None or len(said) == 7) else None
    parts: list[Part] = [one, *one.component]
    for part in parts:
        name, code = _say_concept(part.code)
        value = _read_value(part)
        if value is None:
            if part is not one or not one.component:
                rows.miss(kind, "value", name or code, "no value")
            continue
        if not _is_count(code, name):
            rows.miss(kind, "code", name or code, "not a blood count that leukon reads")
            continue
        unit, number, bound, words = value
        lower, upper, limits_unit = _read_limits(part.reference_range)
        limits_unit = "" if limits_unit == unit else limits_unit
        row = (person, day, text, code or "", name or "", unit, limits_unit, number, bound, words, lower, upper)
        rows.tables["counts"].append(row)


@lru_cache(maxsize=4096)
def _is_count(code: str | None, name: str | None) -> bool:
    return find_named((code, name)) is not None


def _read_value(part: Part) -> tuple[str, float | None, str | None, str | None] | None:
    """The unit, the number with its bound, or the words; None where there is no value."""
    quantity = part.value_quantity
    if quantity is not None and quantity.value is not None:
        sign = quantity.comparator or ""
        return _find_unit(quantity), quantity.value, sign[0] if sign[:1] in "<>" and sign else None, None
    if part.value_codeable_concept is not None:
        words, _ = _say_concept(part.value_codeable_concept)
        return ("", None, None, words) if words else None
    if part.value_string is not None:
        return "", None, None, part.value_string
    return None if part.value_integer is None else ("", float(part.value_integer), None, None)


def _find_unit(quantity: Quantity) -> str:
    coded = quantity.code if quantity.system == "http://unitsofmeasure.org" else None
    return coded or quantity.unit or ""


def _read_limits(ranges: Sequence[Range]) -> tuple[float | None, float | None, str]:
    for given in ranges:
        if given.appliesTo:
            continue
        low, high = given.low or Quantity(), given.high or Quantity()
        unit = low.code or low.unit or high.code or high.unit or ""
        if low.value is not None or high.value is not None:
            return low.value, high.value, unit
        if match := _RANGE.match(given.text or ""):
            return float(match[1]), float(match[2]), match[3] or ""
    return None, None, ""


def _read_condition(one: Condition, rows: Rows, kind: str) -> None:
    person = _find_person(one.subject, rows, kind)
    if person is None:
        return
    name, code = _say_concept(one.code)
    verified, clinical = _first_code(one.verification_status), _first_code(one.clinical_status)
    if verified in ("entered-in-error", "refuted"):
        rows.miss(kind, "verificationStatus", verified, "left out")
    elif verified in ("unconfirmed", "provisional", "differential"):
        rows.miss(kind, "verificationStatus", verified, "thought of, not confirmed: left out")
    elif clinical in ("resolved", "inactive", "remission"):
        rows.miss(kind, "clinicalStatus", clinical, "in the past, not now: left out")
    elif clinical is None and one.abatement_date_time:
        rows.miss(kind, "abatement", None, "in the past, not now: left out")
    else:
        said = one.onset_date_time or (one.onset_period.start if one.onset_period else None) or one.recorded_date
        rows.tables["conditions"].append((person, name, code, _read_date(said, rows, kind)))


def _read_use(one: MedicationUse, rows: Rows, kind: str) -> None:
    person = _find_person(one.subject, rows, kind)
    if person is None or _is_void(one.status, rows, kind):
        return
    if one.do_not_perform or one.intent in ("proposal", "plan"):
        rows.miss(kind, "intent", one.intent, "not given: planned, proposed or forbidden")
        return
    name, code = _say_concept(one.medication_codeable_concept)
    key: str | None = None
    if name is None and code is None and one.medication_reference:
        key = (one.medication_reference.reference or "").rsplit("/", 1)[-1].lstrip("#")
        held = next((c for c in one.contained if c.id == key), None)
        if held:
            name, code = _say_concept(held.code)
            key = None
        name = name or one.medication_reference.display
    period = one.effective_period
    start = (period.start if period else None) or one.effective_date_time or one.authored_on
    supply = one.dispense_request.validity_period if one.dispense_request else None
    stop = (period.end if period else None) or (supply.end if supply else None)
    if stop is None and one.status in ("stopped", "completed"):
        stop = start
    days = _read_date(start, rows, kind), _read_date(stop, rows, kind)
    rows.tables["exposures"].append((person, name, code, *days, key))


def _read_medication(one: Medication, rows: Rows, kind: str) -> None:
    name, code = _say_concept(one.code)
    if one.id and (name or code):
        rows.tables["medications"].append((one.id, name, code))
    else:
        rows.miss(kind, "id", one.id, "a medication without a name, or that none can refer to")


_READERS: dict[str, Any] = {
    "Patient": _read_patient,
    "Observation": _read_observation,
    "Condition": _read_condition,
    "Medication": _read_medication,
    **dict.fromkeys(_USES, _read_use),
}


def _find_person(subject: Reference | None, rows: Rows, kind: str) -> str | None:
    said = subject.reference if subject else None
    match = _PERSON.match(said) if said else None
    if not said or (match and match[1] != "Patient"):
        rows.miss(kind, "subject", None, "names no patient")
        return None
    return said.rsplit("/", 1)[-1].removeprefix("urn:uuid:")


def _is_void(status: str | None, rows: Rows, kind: str) -> bool:
    if status not in _VOID:
        return False
    rows.miss(kind, "status", status, "left out")
    return True


def _read_date(text: str | None, rows: Rows, kind: str) -> float | None:
    day = read_day(text) if text else None
    if text and day is None:
        rows.miss(kind, "date", text, "not a date: kept without it")
    return day


def _say_concept(concept: Concept | None) -> tuple[str | None, str | None]:
    """Words and code: a LOINC code first."""
    if concept is None:
        return None, None
    codings = concept.coding
    if len(codings) > 1:
        codings = sorted(codings, key=lambda c: c.system != _LOINC)
    code = next(
        (f"{_SYSTEMS[c.system]}:{c.code.removeprefix('HP:')}" for c in codings if c.system in _SYSTEMS and c.code), None
    )
    return concept.text or next((c.display for c in codings if c.display), None), code


def _first_code(concept: Concept | None) -> str | None:
    return next((c.code for c in concept.coding if c.code), None) if concept else None
