# pyright: strict
"""Columns of a table of counts: what each header means, and the unit it names."""

from __future__ import annotations

import re
from dataclasses import dataclass

from leukon.counts.analytes import find_analyte
from leukon.counts.units import find_factor

__all__ = ["Column", "is_unit", "read_columns", "split_name"]

_ROLES: dict[str, str] = {
    word: role
    for role, words in {
        "id": "id, patient, patient id, patientid, subject, subject id, person, person id, usubjid, record id, "
        "participant, participant id, case, case id, mrn, study id",
        "time": "day, days, study day, date, time, datetime, date time, day of therapy, collection date, sample date, "
        "collected, drawn, draw date, date collected, date of sample, visit date, lbdtc, lbdy, datum, tag",
        "age": "age, age years, age at sample, age in years",
        "age_months": "age months, age in months",
        "age_days": "age days, age in days",
        "sex": "sex, gender",
        "birth": "birth date, birthdate, date of birth, dob, brthdtc",
        "name": "analyte, test, parameter, param, component, test name, lab test, lbtest, lbtestcd, paramcd, "
        "measurement, assay, analyte name, loinc, loinc code",
        "value": "value, result, result value, numeric result, lborres, lbstresn, aval",
        "unit": "unit, units, uom, result unit, lborresu, lbstresu",
        "low": "lln, lower limit, lower, ref low, reference low, low limit, lower limit of normal, lbornrlo, lbstnrlo",
        "high": "uln, upper limit, upper, ref high, reference high, high limit, upper limit of normal, lbornrhi, "
        "lbstnrhi",
        "range": "range, reference range, ref range, normal range, reference interval, limits",
        "flag": "flag, flags, abnormal flag, interpretation, lbnrind",
        "note": "note, notes, comment, comments, remark, remarks, sample",
    }.items()
    for word in words.split(", ")
}
_OF_ANALYTE = ("low", "high", "unit", "range", "flag")
_QUANTITIES = ("count", "mass", "volume", "percent")


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its role, and for counts (and what stands beside them) the analyte's word and its unit."""

    place: int
    label: str  # as in the header; a header given twice is numbered
    role: str  # "count" or one of the roles above; "other" where it means nothing to leukon
    analyte: str | None = None
    unit: str | None = None


def is_unit(text: str) -> bool:
    """
    >>> is_unit("10^9/L"), is_unit("%"), is_unit("3.2"), is_unit("1")
    (True, True, False, False)
    """
    return not re.fullmatch(r"[\d.,\s]*", text) and any(find_factor(text.strip(), q) is not None for q in _QUANTITIES)


def read_columns(header: list[str]) -> list[Column]:
    columns: list[Column] = []
    labels: dict[str, int] = {}
    for place, cell in enumerate(header):
        text = cell.strip()
        labels[text] = labels.get(text, 0) + 1
        label = text if labels[text] == 1 else f"{text}#{labels[text]}"
        role, analyte, unit = _read_header(text)
        columns.append(Column(place, label or f"column {place + 1}", role, analyte, unit))
    return columns


def _read_header(text: str) -> tuple[str, str | None, str | None]:
    key = " ".join(re.split(r"[\s_\-.]+", text.lower())).strip()
    plain = re.sub(r"\s*[(\[].*$", "", key)
    if key in _ROLES:
        return _ROLES[key], None, None
    if plain == "age" and (match := re.search(r"\b(year|yr|month|mo|day)", key)):
        return {"m": "age_months", "d": "age_days"}.get(match[1][0], "age"), None, None
    if plain in _ROLES and plain != key:
        return _ROLES[plain], None, None
    name, unit = split_name(text)
    if find_analyte(name):
        return "count", name, unit
    for role in _OF_ANALYTE:
        for word in (w for w, r in _ROLES.items() if r == role):
            if key.endswith(f" {word}") and find_analyte(key.removesuffix(f" {word}")):
                return role, key.removesuffix(f" {word}"), None
    return "other", None, None


def split_name(text: str) -> tuple[str, str | None]:
    """A count and the unit that its name carries; the whole text where it is no such name.

    >>> split_name("WBC (10^9/L)"), split_name("Hb_g/dL"), split_name("neut %"), split_name("ferritin")
    (('WBC', '10^9/L'), ('Hb', 'g/dL'), ('neut %', '%'), ('ferritin', None))
    """
    if find_analyte(text):
        return text, "%" if re.search(r"%|\bpercent|\bpct\b", text, re.IGNORECASE) else None
    if (match := re.match(r"^(.*?)\s*[(\[]\s*(.+?)\s*[)\]]\s*$", text)) and find_analyte(match[1]):
        return match[1], match[2]
    for match in re.finditer(r"[\s,_;:]+", text):
        name, unit = text[: match.start()], text[match.end() :]
        if find_analyte(name) and is_unit(unit):
            return name, unit
    return text, None
