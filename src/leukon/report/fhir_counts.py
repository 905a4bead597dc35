"""Counts as FHIR Observations: LOINC, UCUM, whose limits, grades as components, what a derived count comes from.

A limit that is not the laboratory's own has `appliesTo` (whose it is); one without it is the laboratory's. Where a
record has days and no dates, the time of a count is the extension urn:leukon:day (days on the axis of the record).
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from leukon.answer import CountRow, LimitUsed, Report, Source
from leukon.report.fhir_parts import LOINC, Names, Resource, coding, concept, extend, list_notes, round_number
from leukon.report.words import ANALYTES, OWNERS, describe_change, show_limits, show_value

__all__ = ["refer_counts", "write_counts"]

_UCUM = "http://unitsofmeasure.org"
_TERMINOLOGY = "http://terminology.hl7.org/CodeSystem/"

# LOINC codes that name no method, since a record does not say it: (absolute, percent)
_CODES: dict[str, tuple[str | None, str | None]] = {
    "wbc": ("26464-8", None),
    "neutrophils": ("26499-4", "26511-6"),
    "segs": ("30451-9", None),
    "bands": ("26507-4", "26508-2"),
    "lymphocytes": ("26474-7", "26478-8"),
    "monocytes": ("26484-6", "26485-3"),
    "eosinophils": ("26449-9", "26450-7"),
    "basophils": ("26444-0", "30180-4"),
    "immature_granulocytes": ("51584-1", "38518-7"),
    "blasts": ("30376-8", "26446-5"),
    "hemoglobin": ("718-7", None),
    "mcv": ("787-2", None),
    "platelets": ("26515-7", None),
    "reticulocytes": ("14196-0", "4679-7"),
}
_INTERPRETATIONS = {"low": ("L", "Low"), "normal": ("N", "Normal"), "high": ("H", "High")}
_CRITERIA = {"ctcae-4.03": "CTCAE 4.03", "ctcae-5": "CTCAE 5", "ctcae-6": "CTCAE 6"}
_DATE_TIME = re.compile(
    r"^(\d{4}-\d{2}(?:-\d{2})?)(?:[T ](\d{2}:\d{2})(:\d{2}(?:\.\d+)?)?(?:(Z)|([+-]\d{2}):?(\d{2}))?)?$"
)


def write_counts(report: Report, names: Names) -> list[Resource]:
    """One Observation a row of the report, in its order. Its status is "unknown": a record does not say it."""
    draws = _number_draws(report.counts)
    sources = {s.id: s for s in report.sources}
    return [_write_count(n, row, draws, report, sources, names) for n, row in enumerate(report.counts)]


def refer_counts(report: Report, names: Names, *, newest: bool = False) -> list[Resource]:
    """References to all Observations, or to the newest white cell counts that are low."""
    rows = list(enumerate(report.counts))
    if newest:
        last = {row.analyte: (n, row) for n, row in rows if row.analyte in ("wbc", "neutrophils", "lymphocytes")}
        rows = [(n, row) for n, row in last.values() if row.status == "low"]
    return [names.refer("Observation", f"{n}", ANALYTES.get(row.analyte, row.analyte)) for n, row in rows]


def _number_draws(rows: Sequence[CountRow]) -> list[int]:
    """Which draw each row belongs to: a new one begins with another time, or when an analyte comes again."""
    numbers: list[int] = []
    seen: set[str] = set()
    for n, row in enumerate(rows):
        before = rows[n - 1] if n else row
        if (row.day, row.time) != (before.day, before.time) or row.analyte in seen:
            seen = set()
            numbers.append(numbers[-1] + 1)
        else:
            numbers.append(numbers[-1] if numbers else 0)
        seen.add(row.analyte)
    return numbers


def _write_count(
    n: int, row: CountRow, draws: list[int], report: Report, sources: dict[str, Source], names: Names
) -> Resource:
    title = ANALYTES.get(row.analyte, row.analyte).replace("gran.", "granulocytes")
    known = _CODES.get(row.analyte, (None, None))[row.unit == "%"]
    owner = f", limits {show_limits(row.limit)} ({OWNERS.get(row.limit.owner, row.limit.owner)})" if row.limit else ""
    letter = _INTERPRETATIONS.get(row.status)
    said = [
        f"given as {row.as_given}",
        f"derived: {row.derived}" if row.derived else None,
        describe_change(row),
        row.edge,
        row.limit.note if row.limit else None,
    ]
    return names.make(
        "Observation",
        f"{n}",
        f"{title} {show_value(row)}: {row.status}{owner}",
        status="unknown",
        category=[concept(None, coding(f"{_TERMINOLOGY}observation-category", "laboratory", "Laboratory"))],
        code=concept(
            title + (" (share)" if row.unit == "%" else ""),
            *([coding(LOINC, known)] if known else []),
            coding("analyte", row.analyte),
        ),
        subject=names.person,
        **_say_when(row),
        valueQuantity=_quantify(row.value, row.unit) | ({"comparator": row.censored} if row.censored else {}),
        interpretation=[
            concept(row.status, coding(f"{_TERMINOLOGY}v3-ObservationInterpretation", *letter))
            if letter
            else concept(row.status)
        ],
        note=list_notes(said),
        method=concept(row.derived) if row.derived else None,
        referenceRange=_write_ranges(row, sources),
        derivedFrom=_find_origin(n, row, draws, report, names),
        component=[_write_grade(criteria, grade) for criteria, grade in row.grades.items() if grade is not None],
    )


def _say_when(row: CountRow) -> Resource:
    """A date as FHIR writes it. A time of day without a zone has no place in FHIR: the day on the axis keeps it."""
    match = _DATE_TIME.match(row.time.strip()) if row.time else None
    when: Resource = {}
    if match:
        date, clock, seconds, zulu, hours, minutes = match.groups()
        zone = zulu or (f"{hours}:{minutes}" if hours else None)
        when["effectiveDateTime"] = f"{date}T{clock}{seconds or ':00'}{zone}" if clock and zone else date
    if row.day is not None:
        when["_effectiveDateTime"] = {"extension": [extend("day", "valueDecimal", round_number(row.day))]}
    return when


def _quantify(value: float, unit: str) -> Resource:
    return {"value": round_number(value), "unit": unit, "system": _UCUM, "code": unit}


def _write_ranges(row: CountRow, sources: dict[str, Source]) -> list[Resource]:
    ranges: list[Resource] = []
    lab = row.laboratory
    if row.limit:
        owner = row.limit.owner
        source = sources.get(row.limit.source) if owner != "laboratory" else None
        text = f"{show_limits(row.limit)}, {OWNERS.get(owner, owner)}{f': {source.citation}' if source else ''}"
        ranges.append(_write_range(row.limit, row.unit, text, None if owner == "laboratory" else owner))
    if lab and not (row.limit and row.limit.owner == "laboratory"):
        limit = LimitUsed(lab.lower, lab.upper, "laboratory", "")
        ranges.append(_write_range(limit, row.unit, f"{show_limits(limit)}, laboratory: {lab.status}", None))
    return [r for r in ranges if "low" in r or "high" in r]


def _write_range(limit: LimitUsed, unit: str, text: str, owner: str | None) -> Resource:
    return {
        **({"low": _quantify(limit.lower, unit)} if limit.lower is not None else {}),
        **({"high": _quantify(limit.upper, unit)} if limit.upper is not None else {}),
        "type": concept(None, coding(f"{_TERMINOLOGY}referencerange-meaning", "normal", "Normal Range")),
        **({"appliesTo": [concept(OWNERS.get(owner, owner), coding("limit-owner", owner))]} if owner else {}),
        "text": " ".join(text.split()),
    }


def _find_origin(n: int, row: CountRow, draws: list[int], report: Report, names: Names) -> list[Resource]:
    """The counts of the same draw that a derived count was made of."""
    if not row.derived:
        return []
    wanted = [a for a, word in (("wbc", "WBC"), ("bands", "bands")) if word in row.derived and a != row.analyte]
    return [
        names.refer("Observation", f"{m}", ANALYTES.get(other.analyte, other.analyte))
        for m, other in enumerate(report.counts)
        if draws[m] == draws[n] and other.analyte in wanted
    ]


def _write_grade(criteria: str, grade: int) -> Resource:
    title = _CRITERIA.get(criteria, criteria)
    version = criteria.partition("-")[2] or None
    return {
        "code": concept(f"{title} grade", coding("criteria", criteria, title, version)),
        "valueInteger": grade,
    }
