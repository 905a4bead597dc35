# pyright: basic
# (ibis builds the methods of its columns at run time: they have no static types)
"""One direction of a criterion as an Ibis expression, made from its bands: which of its outcomes a row has.

Fixed limits are compared with the first or last float that rounds to them (`cuts`), limits of this person after
rounding where the two are close: as `grade_value` compares, at the cost of a plain comparison.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial, reduce
from itertools import pairwise
from operator import and_, ge, gt, le, lt, or_
from typing import Any

import ibis

from leukon.population.cuts import find_first, find_last
from leukon.population.kinds import Group, Side, group_bands
from leukon.population.rounding import round_15
from leukon.severity.criteria import Band

__all__ = ["Outcome", "Tree", "compare_rounded"]

Outcome = tuple[int | None, str]
"""A grade, None where there is none, and its reason."""

_NEAR = 2e-14  # floats that lie farther apart than this, relatively, differ in their first 15 digits


class Tree:
    """The outcomes that one direction of a kind can have, and the expression that chooses one for each row.

    `rows` are cleaned rows; where their numbers `are_rounded`, limits of a person are compared plainly. A direction
    without a term has one outcome, without a grade and without a reason.
    """

    def __init__(self, rows: Any, side: Side | None, *, are_rounded: bool = False) -> None:
        self._rows = rows
        self._are_rounded = are_rounded
        self._side = side or Side()
        self._value = rows._value if self._side.factor == 1 else rows._value * self._side.factor
        self.outcomes: list[Outcome] = [] if self._side.bands else [(None, self._side.refusal)]
        self.build(lambda place: place)  # finds the outcomes

    def build(self, number: Callable[[int], int | None]) -> Any:
        """The column of `number(place)`, null for None, place being that of the row's outcome in `outcomes`."""

        def leaf(grade: int | None, reason: str) -> Any:
            if (grade, reason) not in self.outcomes:
                self.outcomes.append((grade, reason))
            return ibis.literal(number(self.outcomes.index((grade, reason))), "int32")

        if not self._side.bands:
            return ibis.literal(number(0), "int32")
        groups = group_bands(self._side.bands)
        if len(groups) == 1 and groups[0].is_for_all:
            return self._match(groups[0].bands, leaf)
        return self._choose_group(groups, leaf)

    def _choose_group(self, groups: Sequence[Group], leaf: Callable[[int | None, str], Any]) -> Any:
        rows, name = self._rows, self._side.term
        branches: list[tuple[Any, Any]] = []
        missing: list[tuple[Any, Any]] = []
        for group in groups:
            fits = _fit(rows, group)
            branches.append((fits & (rows._sex == group.sex) if group.sex else fits, self._match(group.bands, leaf)))
            lacks = [
                (fits.isnull() & (rows._years == 0), leaf(None, f"{name} needs the age in days")),
                (fits.isnull(), leaf(None, f"{name} needs the age")),
            ]
            if group.sex:
                lacks.append((fits & rows._sex.isnull(), leaf(None, f"{name} needs the sex")))
            missing = [*lacks, *missing]  # the last group's is told, as in `grade_value`
        return ibis.cases(*branches, *missing, else_=leaf(None, f"{name} has no criterion at this age"))

    def _match(self, bands: Sequence[Band], leaf: Callable[[int | None, str], Any]) -> Any:
        """The highest grade whose band holds the value; `bands` come highest grade first."""
        name = self._side.term
        branches: list[tuple[Any, Any]] = []
        lacking: dict[str, list[Any]] = {}
        before: Band | None = None
        all_under = all_over = False  # do the bands so far hold every value under, or over, the last of them?
        for band in bands:
            from_upper = before is not None and all_under and _joins_above(before, band)
            from_lower = before is not None and all_over and _joins_above(band, before)
            all_under, all_over = not band.lower or from_upper, not band.upper or from_lower
            tests: list[Any] = []
            if band.lower and not from_upper:
                tests.append(self._is_over(band.lower, band.lower_inclusive))
            if band.upper and not from_lower:
                tests.append(self._is_under(band.upper, band.upper_inclusive))
            branches.append((reduce(and_, tests), leaf(band.grade, f"{name}, grade {band.grade}: {band.text}")))
            nulls = [self._limit(word).isnull() for word in (band.lower, band.upper) if word and not _is_number(word)]
            if nulls:
                lacking.setdefault("lower" if "LLN" in band.lower + band.upper else "upper", []).extend(nulls)
            before = band
        for limit, nulls in reversed(lacking.items()):
            reason = f"the {limit} limit of normal is missing and no fixed limit of {self._side.criteria} grades it"
            branches.append((reduce(or_, nulls), leaf(None, reason)))
        if not all(_joins_above(a, b) or _joins_above(b, a) for a, b in pairwise(bands)):
            reason = f"{name}: the value lies in a gap between two grades as printed"
            branches.append((self._is_in_gap(bands), leaf(None, reason)))
        return ibis.cases(*branches, else_=leaf(0, f"{name}: criterion not met"))

    def _is_in_gap(self, bands: Sequence[Band]) -> Any:
        """Does the value lie beyond one band and before another? (Of limits of a person no gap can be read off.)"""
        if not all(_is_number(word) for band in bands for word in (band.lower, band.upper) if word):
            raise ValueError(f"{self._side.term}: bands with a gap may only have fixed limits")
        beyond = [self._is_over(band.upper, inclusive=True) for band in bands if band.upper]
        before = [self._is_under(band.lower, inclusive=True) for band in bands if band.lower]
        return reduce(or_, beyond) & reduce(or_, before)

    def _is_over(self, limit: str, inclusive: bool) -> Any:
        if _is_number(limit):
            cut = float(limit)
            return self._value >= find_first(cut) if inclusive else self._value > find_last(cut)
        return self._compare(ge if inclusive else gt, limit)

    def _is_under(self, limit: str, inclusive: bool) -> Any:
        if _is_number(limit):
            cut = float(limit)
            return self._value <= find_last(cut) if inclusive else self._value < find_first(cut)
        return self._compare(le if inclusive else lt, limit)

    def _compare(self, sign: Callable[[Any, Any], Any], limit: str) -> Any:
        compare = sign if self._are_rounded else partial(compare_rounded, sign)
        return compare(self._value, self._limit(limit))

    def _limit(self, text: str) -> Any:
        """A limit of this person in the unit of the bands; null where it is missing."""
        rows = self._rows
        word, plus, more = text.partition("+")
        base: Any
        match word:
            case "LLN":
                base = rows._lln
            case "ULN":
                base = rows._uln
            case "baseline-or-ULN" | "ULN-and-baseline":  # the greater of the two; the baseline may be missing
                base = ibis.cases((rows._uln < rows._baseline, rows._baseline), else_=rows._uln)
            case _:
                raise ValueError(f"{text!r} is no limit that a criterion may name")
        if self._side.factor != 1:
            base = base * self._side.factor
        return base + float(more) if plus else base


def compare_rounded(sign: Callable[[Any, Any], Any], value: Any, limit: Any) -> Any:
    """A comparison of two columns after rounding to 15 significant digits; null where one is missing.

    Only numbers that are all but equal, and not the same, are rounded.
    """
    near = (value != limit) & ((value - limit).abs() <= limit * _NEAR)
    return ibis.cases((near, sign(round_15(value), round_15(limit))), else_=sign(value, limit))


def _is_number(text: str) -> bool:
    return text.replace(".", "", 1).isdigit()


def _joins_above(lower: Band, upper: Band) -> bool:
    """Does `upper` begin where `lower` ends, without a gap and without an overlap?"""
    return bool(lower.upper) and lower.upper == upper.lower and lower.upper_inclusive != upper.lower_inclusive


def _fit(rows: Any, group: Group) -> Any:
    """Is a row's person of the age of this group? Null where it cannot be said."""
    tests: list[Any] = []
    if group.from_days is not None or group.to_days is not None:
        known = _lies(rows._days, group.from_days, group.to_days)
        guess = [(rows._days.notnull(), known)]
        if group.to_days is not None:  # whole years leave the newborn's ranges behind
            guess.append((rows._least > group.to_days, ibis.literal(False)))
        elif group.from_days is not None:
            guess.append((rows._least >= group.from_days, ibis.literal(True)))
        tests.append(ibis.cases(*guess))
    if group.from_years is not None or group.to_years is not None:
        tests.append(_lies(rows._years, group.from_years, group.to_years))
    return reduce(and_, tests, ibis.literal(True))


def _lies(column: Any, from_: int | None, to: int | None) -> Any:
    tests = [column >= from_] if from_ is not None else []
    return reduce(and_, [*tests, column <= to] if to is not None else tests)
