"""FHIR R4: a Bundle of one patient, or bulk NDJSON of many; a missing unit stays missing.

Lenient to what it does not know.

Read: Patient, Observation (value, components, absent reasons, reference ranges, status), Condition,
MedicationRequest, MedicationStatement, MedicationAdministration, Medication. Other resources are listed as not used.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import msgspec

from leukon.counts.analytes import find_analyte
from leukon.io.axis import read_moment
from leukon.io.safe import MOST_BYTES, RecordError
from leukon.patient import Draw, Drug, Item, Measure, Patient, Person, Test

__all__ = ["read_bulk", "read_bundle"]

_LOINC = "http://loinc.org"
_SYSTEMS = {
    _LOINC: "LOINC", "http://snomed.info/sct": "SNOMED", "http://www.nlm.nih.gov/research/umls/rxnorm": "RXNORM",
    "http://www.whocc.no/atc": "ATC", "http://hl7.org/fhir/sid/icd-10-cm": "ICD10CM",
    "http://human-phenotype-ontology.org": "HP",
}  # fmt: skip
_VOID = ("entered-in-error", "cancelled", "not-done", "draft", "not-taken", "intended")
_RANGE = re.compile(r"^\s*(\d+(?:\.\d+)?)\s*(?:-|–|to)\s*(\d+(?:\.\d+)?)\s*([^\d\s].*)?$")


@dataclass(slots=True)
class _Collected:
    """The resources of one patient, as they come."""

    person: dict[str, Any] | None = None
    path: str = ""  # where it is spoken of first
    rows: list[tuple[str, dict[str, Any]]] = field(default_factory=list[tuple[str, dict[str, Any]]])


def read_bundle(data: bytes, name: str) -> Patient:
    """Reads a Bundle, or a single resource, of one patient."""
    try:
        held = msgspec.json.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise RecordError(f"{name}: not readable as FHIR JSON ({error})") from None
    entries = held.get("entry") if held.get("resourceType") == "Bundle" else [{"resource": held}]
    if not isinstance(entries, list):
        raise RecordError(f"{name}: a Bundle needs a list of entries, and this one has none")
    whole = [e if isinstance(e, dict) else {} for e in entries]
    names = {
        str(e["fullUrl"]).rsplit("/", 1)[-1].removeprefix("urn:uuid:"): str(e["resource"]["id"])
        for e in whole
        if e.get("fullUrl") and isinstance(e.get("resource"), dict) and e["resource"].get("id")
    }
    resources = [(e.get("resource"), e.get("fullUrl"), f"entry[{n}].resource") for n, e in enumerate(whole)]
    collected, _ = _collect(((_identify(r, url), path) for r, url, path in resources if isinstance(r, dict)), names)
    if len(collected) > 1:
        raise RecordError(f"{name}: a Bundle of {len(collected)} patients; give one patient, or NDJSON for many")
    for ref, one in collected.items():
        return _make(ref, one, name)
    raise RecordError(f"{name}: no patient, observation, condition or drug in the Bundle")


def _identify(resource: dict[str, Any], url: Any) -> dict[str, Any]:
    """A Patient without an id is known by the address of its entry."""
    if resource.get("resourceType") == "Patient" and not resource.get("id") and isinstance(url, str):
        return resource | {"id": url.rsplit("/", 1)[-1].removeprefix("urn:uuid:")}
    return resource


def read_bulk(lines: Iterable[bytes], name: str) -> Iterator[Any]:
    """Bulk NDJSON: one patient per Patient id, by first appearance; a bad line is a ReadProblem in its place."""
    from leukon.io.detect import ReadProblem

    good: list[tuple[dict[str, Any], str]] = []
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            if len(line) > MOST_BYTES:
                raise RecordError(f"{len(line) / 1e6:.1f} MB is too large for one line (at most 5 MB)")
            resource = msgspec.json.decode(line)
            if not isinstance(resource, dict) or "resourceType" not in resource:
                raise RecordError("not a FHIR resource (no resourceType)")
        except (msgspec.DecodeError, UnicodeDecodeError, RecordError, RecursionError) as error:
            yield ReadProblem(number, f"{error}")
            continue
        good.append((resource, f"line[{number}]"))
    collected, loose = _collect(good)
    shared = [(path, r) for path, r in loose if r["resourceType"] == "Medication"]
    for one in collected.values():
        one.rows += shared
    for path, resource in loose:
        if resource["resourceType"] == "Medication":
            continue
        yield ReadProblem(int(path[5:-1]), f"this {resource['resourceType']} names no patient")
    for ref, one in collected.items():
        try:
            yield _make(ref, one, name)
        except RecordError as error:
            yield ReadProblem(int(one.path[5:-1]), str(error).removeprefix(f"{name}: "))


def _collect(
    resources: Iterable[tuple[dict[str, Any], str]], names: dict[str, str] | None = None
) -> tuple[dict[str, _Collected], list[tuple[str, dict[str, Any]]]]:
    """Resources by the patient they speak of, and those of several patients that name none."""
    found: dict[str, _Collected] = {}
    loose: list[tuple[str, dict[str, Any]]] = []
    for resource, path in resources:
        if resource.get("resourceType") == "Patient":
            one = found.setdefault(str(resource.get("id", "")), _Collected(path=path))
            if one.person is not None:
                one.rows.append((path, resource))
            one.person = one.person or resource
            continue
        ref = _subject(resource)
        ref = (names or {}).get(ref, ref) if ref else None
        if ref is None:
            loose.append((path, resource))
        else:
            found.setdefault(ref, _Collected(path=path)).rows.append((path, resource))
    if loose and len(found) <= 1:
        target = next(iter(found.values())) if found else found.setdefault("", _Collected(path=loose[0][0]))
        target.rows += loose
        loose = []
    return found, loose


def _subject(resource: dict[str, Any]) -> str | None:
    subject = resource.get("subject") or resource.get("patient")
    if not isinstance(subject, dict) or not isinstance(subject.get("reference"), str):
        return None
    kind = re.match(r"(?:.*/)?([A-Z][A-Za-z]+)/[^/]+$", subject["reference"])
    if kind and kind[1] != "Patient":
        return None
    return subject["reference"].rsplit("/", 1)[-1].removeprefix("urn:uuid:")


@dataclass(slots=True)
class _Notes:
    understood: list[tuple[Item, str]] = field(default_factory=list[tuple[Item, str]])
    not_used: list[tuple[Item, str]] = field(default_factory=list[tuple[Item, str]])


def _make(ref: str, one: _Collected, name: str) -> Patient:
    notes = _Notes()
    medications = {str(r.get("id")): r for _, r in one.rows if r.get("resourceType") == "Medication"} | {
        str(c.get("id")): c for _, r in one.rows for c in _dicts(r.get("contained"))
    }
    draws: dict[float | None, tuple[str | None, list[Measure]]] = {}
    tests: list[tuple[Test, float | None]] = []
    drugs: list[tuple[Drug, float | None, float | None]] = []
    conditions: list[Item] = []
    absent: list[Item] = []
    for path, resource in one.rows:
        kind = str(resource.get("resourceType"))
        try:
            if str(resource.get("status")) in _VOID:
                notes.not_used.append((Item(path, kind), f"status {resource['status']}"))
            elif kind == "Observation":
                _read_observation(resource, path, draws, tests, notes)
            elif kind == "Condition":
                _read_condition(resource, path, conditions, absent, notes)
            elif kind in ("MedicationRequest", "MedicationStatement", "MedicationAdministration"):
                _read_drug(resource, path, medications, drugs, notes)
            elif kind != "Medication":
                notes.not_used.append((Item(path, kind), "this resource is not read"))
        except (TypeError, ValueError, AttributeError, KeyError) as error:
            notes.not_used.append((Item(path, kind), f"damaged ({type(error).__name__})"))
    now = _find_now(draws, tests, drugs)
    person = _read_person(one.person or {}, now, notes)
    made = tuple(
        Draw(None if day is None else day - now, time, order, tuple(measures))
        for order, (day, (time, measures)) in enumerate(draws.items())
    )
    if not (made or tests or drugs or conditions or absent):
        raise RecordError(f"{name}: patient {ref or '?'}: no observation, condition or drug that can be used")
    shift = lambda day: None if day is None else day - now  # noqa: E731
    return Patient(
        id=str(one.person["id"]) if one.person and one.person.get("id") else ref or None,
        person=person,
        draws=made,
        drugs=tuple(Drug(d.name, shift(start), shift(stop), d.dose, d.note) for d, start, stop in drugs),
        conditions=tuple(conditions),
        absent=tuple(absent),
        tests=tuple(Test(t.name, t.result, shift(day), t.specimen) for t, day in tests),
        now=0.0,
        understood=tuple(notes.understood),
        not_used=tuple(notes.not_used),
    )


def _find_now(draws: Any, tests: Any, drugs: Any) -> float:
    """Now is the newest count; without counts the newest date of all."""
    counts = [day for day in draws if day is not None]
    if counts:
        return max(counts)
    others = [day for _, day in tests if day is not None] + [s for _, s, _ in drugs if s is not None]
    return max(others, default=0.0)


def _day(text: Any) -> float | None:
    moment = read_moment(text) if isinstance(text, str) else None
    return moment[1] if moment and moment[0] == "date" else None


def _when(resource: dict[str, Any]) -> str | None:
    period = resource.get("effectivePeriod") or {}
    found = resource.get("effectiveDateTime") or period.get("start") or resource.get("issued")
    return found if isinstance(found, str) else None


def _day_on_axis(resource: dict[str, Any]) -> float | None:
    """The day of a count that has no date, in a Bundle that leukon wrote itself."""
    told = resource.get("_effectiveDateTime")
    for extension in _dicts(told.get("extension")) if isinstance(told, dict) else ():
        if extension.get("url") == "urn:leukon:day" and isinstance(extension.get("valueDecimal"), (int, float)):
            return float(extension["valueDecimal"])
    return None


def _codes(concept: Any) -> tuple[str | None, str | None]:
    """Words and code of a CodeableConcept: LOINC first."""
    if not isinstance(concept, dict):
        return None, None
    codings = [c for c in concept.get("coding") or () if isinstance(c, dict)]
    codings.sort(key=lambda c: c.get("system") != _LOINC)
    code = next(
        (f"{_SYSTEMS[c['system']]}:{str(c['code']).removeprefix('HP:')}" for c in codings
         if c.get("system") in _SYSTEMS and c.get("code")), None,
    )  # fmt: skip
    words = concept.get("text") or next((c["display"] for c in codings if c.get("display")), None)
    return (str(words) if words else None), code


def _read_observation(
    resource: dict[str, Any], path: str, draws: Any, tests: list[tuple[Test, float | None]], notes: _Notes
) -> None:
    time = _when(resource)
    day = _day(time) if time else _day_on_axis(resource)
    parts = [(resource, path)] + [
        (c, f"{path}.component[{n}]") for n, c in enumerate(resource.get("component") or ()) if isinstance(c, dict)
    ]
    for part, here in parts:
        words, code = _codes(part.get("code"))
        value = _value(part)
        if value is None:
            if part is resource and len(parts) > 1:
                continue
            reason = _codes(part.get("dataAbsentReason"))[0] or "no value"
            notes.not_used.append((Item(here, words or code or "observation"), f"no result: {reason}"))
            continue
        named = (code and find_analyte(code)) or (words and find_analyte(words))
        if named:
            row = draws.setdefault(day, (time, []))
            row[1].append(_measure(part, value, words or code or "", code, here))
            notes.understood.append((Item(f"{here}.code", words or code or ""), f"count:{named.analyte.id}"))
        else:
            label = Item(f"{here}.code", words or code or "", code)
            tests.append((Test(label, Item(f"{here}.value", value)), day))


def _measure(part: dict[str, Any], value: str, words: str, code: str | None, here: str) -> Measure:
    item = Item(f"{here}.value", value, code)
    for place, given in enumerate(_dicts(part.get("referenceRange"))):
        if given.get("appliesTo"):
            continue
        low, high = given.get("low") or {}, given.get("high") or {}
        limits = (_number(low), _number(high))
        unit = low.get("code") or low.get("unit") or high.get("code") or high.get("unit")
        if limits == (None, None) and (match := _RANGE.match(str(given.get("text") or ""))):
            limits, unit = (float(match[1]), float(match[2])), match[3]
        if limits != (None, None):
            said = given.get("text") or "-".join("" if v is None else f"{v:g}" for v in limits)
            leaf = Item(f"{here}.referenceRange[{place}]", str(said))
            return Measure(item, words, False, limits, (leaf,), unit)
    return Measure(item, words, False)


def _dicts(value: Any) -> list[dict[str, Any]]:
    return [v for v in value if isinstance(v, dict)] if isinstance(value, list) else []


def _number(quantity: dict[str, Any]) -> float | None:
    value = quantity.get("value")
    return float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else None


def _value(part: dict[str, Any]) -> str | None:
    """The result in words: "3.2 10*3/uL", "<0.1 10*9/L", "Positive"."""
    quantity = part.get("valueQuantity")
    if isinstance(quantity, dict) and quantity.get("value") is not None:
        unit = quantity.get("code") if quantity.get("system") == "http://unitsofmeasure.org" else None
        unit = unit or quantity.get("unit") or ""
        return f"{quantity.get('comparator') or ''}{quantity['value']:.15g} {unit}".strip()
    if words := _codes(part.get("valueCodeableConcept"))[0]:
        return words
    for key in ("valueString", "valueInteger", "valueBoolean", "valueDateTime"):
        if (found := part.get(key)) is not None:
            return str(found)
    return None


def _read_condition(
    resource: dict[str, Any], path: str, conditions: list[Item], absent: list[Item], notes: _Notes
) -> None:
    words, code = _codes(resource.get("code"))
    item = Item(f"{path}.code", words or code or "condition", code)
    verification = _first_code(resource.get("verificationStatus"))
    clinical = _first_code(resource.get("clinicalStatus"))
    if verification == "entered-in-error":
        notes.not_used.append((item, "entered in error"))
    elif verification == "refuted":
        absent.append(item)
    elif verification in ("unconfirmed", "provisional", "differential"):
        notes.not_used.append((item, f"{verification}: thought of, not confirmed"))
    elif clinical in ("resolved", "inactive", "remission"):
        notes.not_used.append((item, f"{clinical}: in the past, not now"))
    elif clinical is None and any(key.startswith("abatement") for key in resource):
        notes.not_used.append((item, "abated: in the past, not now"))
    else:
        conditions.append(item)


def _first_code(concept: Any) -> str | None:
    codings = concept.get("coding") or () if isinstance(concept, dict) else ()
    return next((str(c["code"]) for c in codings if isinstance(c, dict) and c.get("code")), None)


def _read_drug(
    resource: dict[str, Any],
    path: str,
    medications: dict[str, dict[str, Any]],
    drugs: list[tuple[Drug, float | None, float | None]],
    notes: _Notes,
) -> None:
    words, code = _codes(resource.get("medicationCodeableConcept"))
    reference = resource.get("medicationReference")
    if words is None and isinstance(reference, dict):
        held = medications.get(str(reference.get("reference", "")).rsplit("/", 1)[-1].lstrip("#"), {})
        words, code = _codes(held.get("code"))
        words = words or reference.get("display")
    period = resource.get("effectivePeriod") or {}
    start = period.get("start") or resource.get("effectiveDateTime") or resource.get("authoredOn")
    stop = period.get("end") or ((resource.get("dispenseRequest") or {}).get("validityPeriod") or {}).get("end")
    if stop is None and resource.get("status") in ("stopped", "completed"):
        stop = start
    item = Item(f"{path}.medication", words or code or "medication", code)
    if resource.get("doNotPerform") is True or resource.get("intent") in ("proposal", "plan"):
        notes.not_used.append((item, "not given: planned, proposed or forbidden"))
        return
    for what, text in (("start", start), ("stop", stop)):
        if isinstance(text, str) and not (what == "stop" and text == start):
            leaf = Item(f"{path}.{what}", text)
            if _day(text) is None:
                notes.not_used.append((leaf, "not a date"))
            else:
                notes.understood.append((leaf, f"drug:{what}"))
    given = resource.get("dosageInstruction") or resource.get("dosage")
    dosage = next(iter(_dicts(given if isinstance(given, list) else [given])), {})
    dose = dosage.get("text")
    note = next((n["text"] for n in _dicts(resource.get("note")) if isinstance(n.get("text"), str)), None)
    drug = Drug(
        item,
        dose=Item(f"{path}.dosage", dose) if isinstance(dose, str) else None,
        note=Item(f"{path}.note", note) if note else None,
    )
    drugs.append((drug, _day(start), _day(stop)))


def _read_person(resource: dict[str, Any], now: float, notes: _Notes) -> Person:
    sex = resource.get("gender") if resource.get("gender") in ("female", "male") else None
    birth = _day(resource.get("birthDate"))
    age = now - birth if birth is not None and 0 <= now - birth <= 130 * 365.25 else None
    if resource.get("gender"):
        item = Item("Patient.gender", str(resource["gender"]))
        if sex:
            notes.understood.append((item, "person:sex"))
        else:
            notes.not_used.append((item, "not female or male"))
    if resource.get("birthDate"):
        item = Item("Patient.birthDate", str(resource["birthDate"]))
        if age is not None:
            notes.understood.append((item, "person:birth_date"))
        else:
            notes.not_used.append((item, "an age needs the date of a count"))
    return Person(age_days=age, sex=sex)
