# pyright: strict
"""Times of a phenopacket: ages, ranges of age, stages of life, timestamps and intervals, on one axis.

The stages of life are those of the Human Phenotype Ontology (children of HP:0003674 Onset), whose definitions give
their ages: neonatal to 28 days, infantile to 1 year, childhood 1 to 5, juvenile 5 to 15, young adult 16 to 40,
middle age 40 to 60 years. A stage stands for its middle; one without an upper end stands for no age.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from leukon.facts.timing import DAYS
from leukon.io.axis import Moment, read_moment
from leukon.io.book import Book
from leukon.io.node import Node

__all__ = ["OLDEST_DAYS", "Clock", "read_duration", "read_time"]

_DURATION = re.compile(
    r"^P(?:(?P<year>\d+(?:[.,]\d+)?)Y)?(?:(?P<month>\d+(?:[.,]\d+)?)M)?(?:(?P<week>\d+(?:[.,]\d+)?)W)?"
    r"(?:(?P<day>\d+(?:[.,]\d+)?)D)?(?:T(?:(?P<hour>\d+(?:[.,]\d+)?)H)?(?:[\d.,]+M)?(?:[\d.,]+S)?)?$",
    re.IGNORECASE,
)
OLDEST_DAYS = 130 * DAYS["year"]
_STAGES_YEARS = {
    "HP:0003577": (0.0, 0.0), "HP:0003623": (0.0, 28 / 365.25), "HP:0003593": (28 / 365.25, 1.0),
    "HP:0011463": (1.0, 5.0), "HP:0003621": (5.0, 15.0), "HP:0011462": (16.0, 40.0), "HP:0003596": (40.0, 60.0),
}  # fmt: skip


def read_duration(text: str) -> float | None:
    """An ISO 8601 duration in days.

    >>> read_duration("P1Y6M") == 365.25 + 6 * 30.44, read_duration("P2W"), read_duration("two weeks")
    (True, 14.0, None)
    """
    match = _DURATION.match(text.strip())
    if not match or len(text.strip()) < 3 or text.strip()[-1] in "Tt":
        return None
    days = sum(float(n.replace(",", ".")) * DAYS[unit] for unit, n in match.groupdict().items() if n)
    return days if days <= OLDEST_DAYS else None


@dataclass(slots=True)
class Clock:
    """One axis for ages and dates, which only a date of birth joins. `now` is day 0."""

    birth: float | None = None  # days since year 1
    now: Moment | None = None  # ("age", days) or ("date", days since year 1)

    def join(self, moment: Moment | None) -> Moment | None:
        """A date as an age, where the date of birth is known."""
        if moment is None or moment[0] != "date" or self.birth is None:
            return moment
        return "age", moment[1] - self.birth

    def place(self, moment: Moment | None) -> float | None:
        """The day of a moment, counted from now; None where an age and a date cannot be joined."""
        joined = self.join(moment)
        if joined is None or self.now is None or joined[0] != self.now[0]:
            return None
        return joined[1] - self.now[1]


def read_time(node: Node, book: Book | None = None, as_: str = "time") -> Moment | None:
    """A TimeElement in any of its forms; its leaves go to `book` where it is given."""
    moment, leaves = _read(node)
    if book is not None:
        for leaf in leaves:
            if leaf.text is None:
                continue
            if moment is None:
                book.refuse(leaf.path, leaf.tree, "not a time that can be used here")
            else:
                book.take(leaf.path, leaf.text, as_)
    return moment


def _read(node: Node) -> tuple[Moment | None, list[Node]]:
    if node.text:  # a bare timestamp or duration
        return _read_stamp(node) or _read_age(node), [node]
    age = node.get("age")
    if age.tree is not None:
        leaf = age.get("iso8601duration") if isinstance(age.tree, dict) else age
        return _read_age(leaf), [leaf]
    if (span := node.get("ageRange")).tree is not None:
        ends = [span.get(end).get("iso8601duration") for end in ("start", "end")]
        ages = [age[1] for end in ends if (age := _read_age(end))]
        return ("age", sum(ages) / len(ages)) if ages else None, ends
    if (stage := node.get("ontologyClass")).tree is not None:
        years = _STAGES_YEARS.get(stage.get("id").text or "")
        days = ("age", sum(years) / 2 * DAYS["year"]) if years else None
        return days, [stage.get("id"), stage.get("label")]
    if (stamp := node.get("timestamp")).tree is not None:
        return _read_stamp(stamp), [stamp]
    if (span := node.get("interval")).tree is not None:
        ends = [span.get("start"), span.get("end")]
        return _read_stamp(ends[1]) or _read_stamp(ends[0]), ends
    before = node.get("gestationalAge")  # an age before birth is no age on this axis
    return None, [before.get("weeks"), before.get("days")]


def _read_age(leaf: Node) -> Moment | None:
    days = read_duration(leaf.text) if leaf.text else None
    return None if days is None else ("age", days)


def _read_stamp(leaf: Node) -> Moment | None:
    moment = read_moment(leaf.text) if leaf.text else None
    return moment if moment and moment[0] == "date" else None
