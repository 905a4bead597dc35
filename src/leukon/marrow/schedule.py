"""Reads schedules as people write them: "docetaxel 75 mg/m2 day 0, 21, 42", "filgrastim 5 ug/kg day 2-9".

One drug, one amount with its unit, then words in any order: the way ("oral", "sc", "over 3 h"), the days ("day 0, 7",
"days 1-5", "daily", "twice daily", "weekly", "every 21 days"), how often or how long ("x6", "for 28 days") and a
calendar of treatment and rest ("21 of 28 days"). Days are counted on the record's axis.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil
from typing import cast

from leukon.marrow.dose import Dose, Per, Route
from leukon.marrow.drugs import Drug, find_drug
from leukon.marrow.library import MarrowError

__all__ = ["read_schedule"]

_MG = {"mg": 1.0, "g": 1000.0, "ug": 1e-3, "mcg": 1e-3, "µg": 1e-3, "μg": 1e-3, "ng": 1e-6, "gy": 1.0, "cgy": 0.01}
_NUMBER = r"\d+(?:[.,]\d+)?"
_HEAD = re.compile(
    rf"""^(?P<drug>.+?)\s+(?P<amount>{_NUMBER})\s*
    (?P<unit>(?:mg|ug|mcg|µg|μg|ng|cgy|gy|g)(?![a-z]))?
    (?:\s*(?:/|per\b)\s*(?P<per>m2|m²|m\^2|kg)(?![a-z0-9]))?
    (?:\s*(?:/|per\b)\s*(?P<rate>day|d|24\s?h)\b)?
    (?P<rest>(?:[\s,;].*)?)$""",
    re.VERBOSE,
)
_ROUTES: dict[str, Route] = {
    "oral": "oral", "orally": "oral", "po": "oral", "by mouth": "oral",
    "iv": "intravenous", "intravenous": "intravenous", "infusion": "intravenous", "bolus": "intravenous",
    "sc": "subcutaneous", "subcutaneous": "subcutaneous", "subcutaneously": "subcutaneous",
    "intraperitoneal": "intraperitoneal", "ip": "intraperitoneal",
}  # fmt: skip
_TOO_MANY = 20_000


@dataclass(frozen=True, slots=True)
class _Plan:
    """The words after the amount, understood."""

    days: tuple[float, ...] = ()
    every: float | None = None  # days between doses or cycles
    times: int | None = None
    lasting: float | None = None  # days
    on: int | None = None
    off_cycle: int | None = None
    hours: float | None = None
    route: Route | None = None
    bolus: bool = False


def read_schedule(text: str, until: float) -> tuple[Dose, ...]:
    """The doses of one line up to day `until`; what is not understood ends in one clear line.

    >>> [d.day for d in read_schedule("docetaxel 75 mg/m2 every 21 days x3", 90)]
    [0.0, 21.0, 42.0]
    >>> read_schedule("paclitaxel 175 mg/m2 over 3 h day 0", 30)[0].hours
    3.0
    """
    line = " ".join(text.strip().lower().split())
    head = _HEAD.match(line)
    if head is None:
        first = line.split(" ")[0] if line else "docetaxel"
        raise MarrowError(f'"{text}": a dose is a drug, an amount and a unit, for example "{first} 75 mg/m2 day 0"')
    drug = find_drug(head["drug"])
    amount, per = _amount(text, head, drug)
    plan = _read_plan(text, head["rest"])
    route = plan.route or drug.route
    hours = 0.0 if plan.bolus else (plan.hours if plan.hours is not None else drug.hours)
    if route != "intravenous" and plan.hours is None:
        hours = 0.0
    if head["rate"]:  # 1000 mg/m2/day over 5 days is 5000 mg/m2; over a day or less it is the day's dose
        spread = (plan.hours if plan.hours is not None else 24.0 * (plan.lasting or 1.0)) / 24.0
        if route == "intravenous" and not plan.every and spread > 1.0:
            amount, hours = amount * spread, spread * 24.0
            plan = _Plan(days=plan.days or (0.0,))
        elif route == "intravenous" and plan.hours is None:
            hours = 24.0
    doses = tuple(Dose(drug.id, day, amount, per, route, hours) for day in _days(text, plan, until))
    if not doses:
        raise MarrowError(f'"{text}": no dose falls before day {until:g}')
    return doses


def _amount(text: str, head: re.Match[str], drug: Drug) -> tuple[float, Per]:
    unit = head["unit"]
    if unit is None:
        written = head["amount"]
        usual = "Gy" if drug.route == "radiation" else "mg/m2"
        raise MarrowError(f'"{text}": the dose {written} has no unit; write for example {written} {usual}')
    if (unit in {"gy", "cgy"}) != (drug.route == "radiation"):
        wanted = "Gy" if drug.route == "radiation" else "mg, ug, mg/m2 or ug/kg"
        raise MarrowError(f'"{text}": {drug.id} is given in {wanted}, not {unit}')
    value = float(head["amount"].replace(",", ".")) * _MG[unit]
    if value <= 0:
        raise MarrowError(f'"{text}": a dose of 0 is no dose; leave the day out instead')
    per = (head["per"] or "").replace("²", "2").replace("^", "")
    return value, cast("Per", per)


_WORDS: tuple[tuple[str, str], ...] = (
    ("span", rf"days? (?P<a>-?{_NUMBER})\s*(?:-|–|to)\s*(?P<b>{_NUMBER})(?: daily| every day)?"),
    ("list", rf"days? (?P<a>-?{_NUMBER}(?:\s*(?:,|and|\+)\s*-?{_NUMBER})*)"),
    ("cycle", r"(?P<a>\d+) (?:out )?of (?P<b>\d+)(?: days)?"),
    ("cycle", r"(?P<a>\d+) days? on,? (?:and )?(?P<off>\d+) (?:days? )?off"),
    ("times", r"(?:x|×)\s?(?P<a>\d+)|(?:for )?(?P<b>\d+) (?:times|cycles|doses|courses)"),
    ("over", rf"(?:over|infused over) (?P<a>{_NUMBER})\s*(?P<u>h|hours?|hrs?|min|minutes?|days?|d)"),
    ("minutes", rf"(?P<a>{_NUMBER})[- ](?P<u>h|hours?|min|minutes?)[- ]infusion"),
    ("every", rf"every (?P<a>{_NUMBER})\s?(?P<u>h|hours?|days?|weeks?|d|w)|q(?P<c>\d+)(?P<v>h|d|w)"),
    ("daily", r"(?P<a>twice|two times|2 ?x|three times|3 ?x|once)? ?(?:daily|a day|per day|every day|each day|bid|qd)"),
    ("other", r"every other day|alternate days"),
    ("weekly", r"(?:once )?(?:weekly|a week|every week|each week)"),
    ("for", rf"for (?P<a>{_NUMBER}) (?P<u>days?|weeks?|months?)"),
    ("from", rf"(?:from|starting|start|beginning)(?: on)?(?: day)? (?P<a>{_NUMBER})"),
    ("until", rf"(?:until|to|till)(?: day)? (?P<a>{_NUMBER})"),
    ("bolus", r"bolus|(?:iv )?push"),
    ("route", "|".join(sorted(_ROUTES, key=len, reverse=True))),
    ("filler", r"given|as|a|single dose|once|then|,|;|\.|and"),
)
_PATTERNS = tuple((name, re.compile(rf"^(?:{pattern})(?![a-z0-9])", re.IGNORECASE)) for name, pattern in _WORDS)
_LENGTH = {"h": 1 / 24, "hour": 1 / 24, "hr": 1 / 24, "min": 1 / 1440, "minute": 1 / 1440, "d": 1.0, "day": 1.0,
           "w": 7.0, "week": 7.0, "month": 28.0}  # fmt: skip


def _read_plan(text: str, rest: str) -> _Plan:
    held: dict[str, object] = {}
    rest = rest.strip(" ,;")
    while rest:
        for name, pattern in _PATTERNS:
            found = pattern.match(rest)
            if found is not None and found.end():
                _take(text, name, found, held)
                rest = rest[found.end() :].strip(" ;")
                break
        else:
            raise MarrowError(
                f'"{text}": "{rest}" is not understood; write for example "day 0, 21", "daily for 14 days"'
            )
    start, stop = cast("float | None", held.pop("start", None)), cast("float | None", held.pop("stop", None))
    if start is not None:
        held.setdefault("days", (start,))
    if stop is not None:
        held["lasting"] = stop - (cast("tuple[float, ...]", held.get("days", (0.0,)))[0]) + 1
    return _Plan(**held)  # type: ignore[arg-type]


def _take(text: str, name: str, found: re.Match[str], held: dict[str, object]) -> None:
    part = {k: v for k, v in found.groupdict().items() if v is not None}
    number = {k: float(v.replace(",", ".")) for k, v in part.items() if re.fullmatch(rf"-?{_NUMBER}", v)}
    new: dict[str, object] = {}
    match name:
        case "span":
            first, last = number["a"], number["b"]
            if last < first:
                raise MarrowError(f'"{text}": days {first:g}-{last:g} run backwards')
            new = {"days": tuple(first + i for i in range(int(last - first) + 1))}
        case "list":
            new = {"days": tuple(float(x.replace(",", ".")) for x in re.split(r"\s*(?:,|and|\+)\s*", part["a"]))}
        case "cycle":
            cycle = number["b"] if "b" in number else number["a"] + number["off"]
            new = {"on": int(number["a"]), "off_cycle": int(cycle)}
        case "times":
            new = {"times": int(number.get("a", number.get("b", 1)))}
        case "over" | "minutes":
            new = {"hours": number["a"] * 24.0 * _LENGTH[part["u"].rstrip("s")], "route": "intravenous"}
        case "every":
            new = {
                "every": number.get("a", number.get("c", 1.0)) * _LENGTH[part.get("u", part.get("v", "d")).rstrip("s")]
            }
        case "daily":
            word = part.get("a", "once")
            new = {"every": 1.0 / (2 if word[0] in "t2" and "three" not in word else 3 if word[0] in "t3" else 1)}
            if found[0].strip() == "bid":
                new = {"every": 0.5}
        case "other":
            new = {"every": 2.0}
        case "weekly":
            new = {"every": 7.0}
        case "for":
            new = {"lasting": number["a"] * _LENGTH[part["u"].rstrip("s")]}
        case "from":
            new = {"start": number["a"]}
        case "until":
            new = {"stop": number["a"]}
        case "bolus":
            new = {"bolus": True}
        case "route":
            new = {"route": _ROUTES[found[0]]}
        case _:
            pass
    for key, value in new.items():
        if key in held and held[key] != value and key != "route":
            raise MarrowError(f'"{text}": two answers to the same question near "{found[0].strip()}"')
        held.setdefault(key, value)


def _days(text: str, plan: _Plan, until: float) -> Iterator[float]:
    """The days of the doses before `until`."""
    days = plan.days or (0.0,)
    if plan.on is not None and plan.off_cycle is not None:
        every = plan.every or 1.0
        end = min(until, days[0] + (plan.lasting or 1e9), days[0] + (plan.times or 10**6) * plan.off_cycle)
        within = (days[0] + i * every for i in range(_count(text, (end - days[0]) / every)))
        yield from (d for d in within if (d - days[0]) % plan.off_cycle < plan.on and d < end)
        return
    if plan.every is None:
        if plan.times is not None and plan.times > 1:
            raise MarrowError(f'"{text}": {plan.times} times, but how far apart? write for example "every 21 days"')
        if plan.lasting is not None and plan.lasting > 1:
            plan = _Plan(days=days, every=1.0, lasting=plan.lasting)
        else:
            yield from (d for d in days if d < until)
            return
    every = cast("float", plan.every)
    end = min(until, days[0] + plan.lasting - 1e-9) if plan.lasting is not None else until
    rounds = min(plan.times or 10**6, max(1, _count(text, (end - days[0]) / every)))
    for i in range(rounds):
        yield from (d + i * every for d in days if d + i * every < end)


def _count(text: str, number: float) -> int:
    if number > _TOO_MANY:
        raise MarrowError(f'"{text}": {number:.0f} doses are too many to simulate')
    return max(0, ceil(number - 1e-9))
