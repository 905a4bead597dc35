# pyright: basic
# (ibis builds the methods of its columns at run time: they have no static types)
"""Grading as an Ibis expression made from the criteria: each row gets the number of its answer.

An answer is a grade in each direction and the reason. Which answers a kind of rows can get is known from its bands, so
that only small numbers are made for the rows of a table; what they stand for is put in as the result is written.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import ibis

from leukon.population.kinds import Kind
from leukon.population.rows import AGE_FAULTS, is_no_number
from leukon.population.trees import Tree

__all__ = ["Answer", "number_answers"]


@dataclass(frozen=True, slots=True)
class Answer:
    """A grade in each direction, None where there is none, and the reason."""

    low: int | None
    high: int | None
    reason: str


def number_answers(rows: Any, given: Any, kind: Any, kinds: Sequence[Kind]) -> tuple[Any, list[Answer]]:
    """The column with the number of the answer of each row, and the answers by their number.

    `rows` are cleaned rows, `given` the column of the value as it came, `kind` the place of each row's kind in `kinds`.
    """
    answers: list[Answer] = []

    def refuse(reason: str) -> Any:
        answers.append(Answer(None, None, reason))
        return ibis.literal(len(answers) - 1, "int32")

    value = rows._value
    by_name = [(kind == k, refuse(x.refusal)) for k, x in enumerate(kinds) if x.stage == "name"]
    by_value = [
        *([(is_no_number(given), refuse("the value is no number"))] if given.type().is_string() else []),
        (value.isnull(), refuse("no value")),
        (value < 0, refuse("the value is below zero")),
    ]
    by_unit = [(kind == k, refuse(x.refusal)) for k, x in enumerate(kinds) if x.stage == "unit"]
    by_age = [(rows._fault == k, refuse(text)) for k, text in enumerate(AGE_FAULTS) if text]
    graded = [(kind == k, _number_kind(rows, x, answers)) for k, x in enumerate(kinds) if x.stage == "graded"]
    return ibis.cases(*by_name, *by_value, *by_unit, *by_age, *graded), answers


def _number_kind(rows: Any, kind: Kind, answers: list[Answer]) -> Any:
    """Every pair of outcomes of the two directions is an answer; its number is the sum of what each side gives."""
    low, high = Tree(rows, kind.low), Tree(rows, kind.high)
    first, many = len(answers), len(high.outcomes)
    for low_grade, low_reason in low.outcomes:
        for high_grade, high_reason in high.outcomes:
            reasons = dict.fromkeys(text for text in (low_reason, high_reason) if text)
            answers.append(Answer(low_grade, high_grade, "; ".join(reasons)))
    column = low.build(lambda place: first + place * many)
    return column + high.build(lambda place: place) if many > 1 else column
