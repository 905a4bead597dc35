"""A number as the result of a test: its unit, the test's own limits, and what may be said when the unit is missing."""

from __future__ import annotations

import re
from dataclasses import dataclass

from leukon.facts.model import Reading
from leukon.facts.words import fold
from leukon.knowledge.schema import TestFact, TestLimit
from leukon.patient import Person

__all__ = ["Result", "read_number"]

_NUMBER = re.compile(
    r"(?P<sign>[<>≤≥~]|<=|>=)?\s*(?P<titre>1\s*[:/]\s*)?(?P<low>\d[\d,]*(?:\.\d+)?)"
    r"(?:\s*(?:-|\u2013|to)\s*(?P<high>\d[\d,]*(?:\.\d+)?))?"
)
_LESS = re.compile(r"^\s*(?:less than|under|below|lower than)\s+(?=\d)", re.I)
_MORE = re.compile(r"^\s*(?:more than|greater than|over|above|at least)\s+(?=\d)", re.I)
_VERDICTS = re.compile(r"\b(?:positive|negative|high|low|elevated|normal|titre|titer|reactive)\b", re.I)
_POSITIVE = re.compile(r"\b(?:positive|pos|reactive|detected|present)\b")
_COPIES = re.compile(r"^(?:copies|copy|u|genomes?)(?:/ml|/l|/ug)?$")
_UNDER = ("<", "≤", "<=")
_PLAUSIBLE = 100.0  # a value so many times off its limit is not in that unit
_PLAUSIBLE_UNLIMITED = 20.0  # under the upper limit of a test that has no lower one (creatinine, bilirubin)
_PLAUSIBLE_UNREAD = 2.0  # the same on a side on which the test means nothing (low creatinine, high haptoglobin)


@dataclass(frozen=True, slots=True)
class Result:
    """What a result was read as; `reason` says why not, where nothing was."""

    readings: tuple[Reading, ...]
    unread: str | None = None
    reason: str | None = None


def read_number(test: TestFact, text: str, person: Person) -> Result | None:
    """A number against the test's limits, or None where the text holds no number to judge.

    A missing unit is accepted where the test has one unit, or where every unit that the value may be in says the same.
    """
    text = _LESS.sub("<", _MORE.sub(">", text))
    match = _NUMBER.search(text)
    if not match or text[: match.start()].strip(" :=(") not in ("", "titre", "titer", "at", "about", "of"):
        return None
    low = float(match["low"].replace(",", ""))
    value = (low + float(match["high"].replace(",", ""))) / 2 if match["high"] else low
    unit = _VERDICTS.sub("", text[match.end() :].strip(" ()").split(",")[0].split(";")[0]).strip()
    under = match["sign"] in _UNDER
    factor = _factor(test, unit, bool(match["titre"]))
    if factor is not None:
        return Result(_judge(test, value * factor, under, person) or (Reading("test", test.id, True, "number"),))
    if test.positive and (_POSITIVE.search(fold(text)) or _counts_copies(test, unit)):
        return Result((Reading("finding", test.positive, not under and value > 0, "number"),))
    if not unit and (agreed := _judge_without_unit(test, value, under, person)):
        return Result(agreed)
    what = f"the unit {unit!r} of {test.name} is not known" if unit else f"{test.name} needs its unit ({test.unit})"
    return Result((), text, f"{what}: cannot say")


def _judge(test: TestFact, value: float, under: bool, person: Person) -> tuple[Reading, ...]:
    """The findings that a value, in the test's own unit, makes present or absent."""
    limit = _find_limit(test, person)
    readings: list[Reading] = []
    name = test.high or test.positive
    if limit and limit.upper is not None and name:
        is_high = not under and (value > limit.upper or (test.kind == "titre" and value >= limit.upper))
        readings.append(Reading("finding", name, is_high, "number"))
    if limit and limit.lower is not None and test.low:
        readings.append(Reading("finding", test.low, value < limit.lower, "number"))
    readings += [Reading("finding", name, value > bound, "number") for name, bound in test.above.items()]
    readings += [Reading("finding", name, value < bound, "number") for name, bound in test.below.items()]
    if not readings and test.positive and value > 0 and test.kind == "quantity" and not test.limits:
        readings = [Reading("finding", test.positive, not under, "number")]
    return tuple(dict.fromkeys(readings))


def _judge_without_unit(test: TestFact, value: float, under: bool, person: Person) -> tuple[Reading, ...]:
    """What every unit in which the value is plausible agrees on."""
    limit = _find_limit(test, person)
    if limit is None or test.kind != "quantity":
        return ()
    units = {test.units.get(name, 1.0) for name in test.usual_units or (test.unit or "", *test.units)}
    each = [_judge(test, value * f, under, person) for f in sorted(units) if _is_plausible(test, value * f, limit)]
    if not each:
        return ()
    return tuple(r for r in each[0] if all(r in other for other in each[1:]))


def _is_plausible(test: TestFact, value: float, limit: TestLimit) -> bool:
    reads_low, reads_high = test.low or test.below, test.high or test.positive or test.above
    top, bottom = limit.upper or limit.lower or 0.0, limit.lower or limit.upper or 0.0
    most = top * (_PLAUSIBLE if reads_high else _PLAUSIBLE_UNREAD)
    least = bottom / (_PLAUSIBLE if reads_low else _PLAUSIBLE_UNLIMITED if limit.lower is None else _PLAUSIBLE_UNREAD)
    return least <= value <= most


def _counts_copies(test: TestFact, unit: str) -> bool:
    """A load of nucleic acid: any number of copies is a positive result."""
    return bool(re.search(r"\b(?:DNA|RNA|PCR|load)\b", test.name)) and bool(_COPIES.match(_unit_key(unit) or "copies"))


def _find_limit(test: TestFact, person: Person) -> TestLimit | None:
    years = person.age_days / 365.25 if person.age_days is not None else 40.0
    fits = (x for x in test.limits if x.sex in (None, person.sex) and x.from_years <= years < x.to_years)
    return next(fits, None)


def _factor(test: TestFact, unit: str, titre: bool) -> float | None:
    """The factor to the test's own unit; a missing unit is accepted only where the test has a single one."""
    key = _unit_key(unit)
    if test.kind == "titre":
        return 1.0 if titre or not key else None
    for name, factor in ((test.unit or "", 1.0), *test.units.items()):
        known = _unit_key(name)
        if known and key in (known, known.removesuffix("/l") if known == "u/l" else known):
            return factor
    if not key:
        return 1.0 if not test.units or all(f == 1.0 for f in test.units.values()) else None
    return None


def _unit_key(unit: str) -> str:
    unit = unit.lower().replace("µ", "u").replace("μ", "u").replace("per ", "/").replace(" ", "").replace("mcg", "ug")
    unit = re.sub(r"^/\d+(?:\.\d+)?", "", unit)  # the second of two values: "105/62 U/L"
    unit = re.sub(r"\b(?:i\.?u\.?|units?)(?![a-z])", "u", unit).replace("cells/", "/").replace("cell/", "/")
    unit = unit.replace("liter", "l").replace("litre", "l")
    return unit.replace("percent", "%").replace("³", "3").replace("^", "").rstrip(".")
