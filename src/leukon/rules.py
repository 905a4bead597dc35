"""The situation of one person, and whether a typed condition of the knowledge holds in it.

Rules of urgency, work-up and care are data (`leukon.knowledge.schema.When`); this is the one place that reads them.
What is not known does not hold: a rule on haemoglobin does not fire without a haemoglobin.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from leukon.knowledge.schema import When

__all__ = ["LEVELS", "Situation", "holds"]

LEVELS = ("emergency", "same day", "urgent", "soon", "routine", "none")
"""Urgency, most urgent first: within the hour, the day, 3 days, 2 weeks, no hurry, nothing to do."""

_LIKELY = 0.5  # "the cause is X" without a probability reads as more likely than not


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """What is known of a person when a rule is asked. `counts` are in 10*9/L (g/dL for haemoglobin, fL for MCV).

    `worst_anc` is the most neutrophils that the record allows (`leukon.severity.worst`), None where no count bounds
    them; a rule names it as the analyte "worst_anc". `drugs` are those taken now or in the last six weeks.
    """

    states: frozenset[str] = frozenset()
    low: str = "cannot say"
    verdict: str | None = None
    worst_anc: float | None = None
    counts: Mapping[str, float] = field(default_factory=dict[str, float])
    present: frozenset[str] = frozenset()
    absent: frozenset[str] = frozenset()
    drugs: frozenset[str] = frozenset()
    drug_classes: frozenset[str] = frozenset()
    conditions: frozenset[str] = frozenset()
    age_years: float | None = None
    causes: Mapping[str, float] = field(default_factory=dict[str, float])
    families: Mapping[str, float] = field(default_factory=dict[str, float])
    urgency: str | None = None
    setting: str = "any"
    thresholds: Mapping[str, float] = field(default_factory=dict[str, float])  # of the site's policy


def holds(when: When, situation: Situation) -> bool:
    """Does the condition hold? Every field that it gives must; an empty condition always holds.

    `urgency` holds at that level or a more urgent one. `none` holds unless one of its members is known to hold.

    >>> holds(When(analyte="worst_anc", below=0.5), Situation(worst_anc=0.3))
    True
    >>> holds(When(analyte="worst_anc", below=0.5), Situation())
    False
    """
    s = situation
    # Plain fields first: most rules fail on one of them, and nested conditions cost most.
    return (
        (when.state is None or when.state in s.states)
        and (when.finding is None or when.finding in s.present)
        and (when.absent is None or when.absent in s.absent)
        and (when.analyte is None or _is_count(_find_count(when.analyte, s), when, s.thresholds))
        and (when.condition is None or when.condition in s.conditions)
        and (when.drug is None or when.drug in s.drugs)
        and (when.drug_class is None or when.drug_class in s.drug_classes)
        and (when.cause is None or _is_likely(when.cause, s.causes, when.at_least))
        and (when.family is None or _is_likely(when.family, s.families, when.at_least))
        and (when.verdict is None or when.verdict == s.verdict)
        and (when.low is None or when.low == s.low)
        and (when.setting is None or when.setting == s.setting)
        and _is_between(s.age_years, when.age_from_years, when.age_below_years)
        and (when.urgency is None or _is_as_urgent(s.urgency, when.urgency))
        and (not when.all or all(holds(inner, s) for inner in when.all))
        and (not when.any or any(holds(inner, s) for inner in when.any))
        and (not when.none or not any(holds(inner, s) for inner in when.none))
    )


def _is_likely(name: str, held: Mapping[str, float], at_least: float | None) -> bool:
    return held.get(name, 0.0) >= (_LIKELY if at_least is None else at_least)


def _find_count(analyte: str, situation: Situation) -> float | None:
    return situation.worst_anc if analyte == "worst_anc" else situation.counts.get(analyte)


def _is_count(value: float | None, when: When, thresholds: Mapping[str, float]) -> bool:
    if value is None:
        return False
    if when.below_policy and not value < thresholds.get(when.below_policy, 0.0):
        return False
    if when.from_policy and not value >= thresholds.get(when.from_policy, float("inf")):
        return False
    return _is_between(value, when.from_, when.below)


def _is_between(value: float | None, from_: float | None, below: float | None) -> bool:
    if from_ is None and below is None:
        return True
    return value is not None and (from_ is None or value >= from_) and (below is None or value < below)


def _is_as_urgent(level: str | None, wanted: str) -> bool:
    return level is not None and LEVELS.index(level) <= LEVELS.index(wanted)
