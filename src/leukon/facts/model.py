"""Facts: what the words and codes of a record say, as ids of the knowledge base."""

from __future__ import annotations

from dataclasses import dataclass

from leukon.answer import NotUsed, Understood

__all__ = ["DrugUse", "Fact", "Facts", "Reading"]


@dataclass(frozen=True, slots=True)
class Reading:
    """One thing a phrase was read as: `kind` is "finding", "condition", "drug" or "test"."""

    kind: str
    id: str
    present: bool
    by: str  # "exact|synonym|code|fuzzy|number"
    tense: str = "now"  # "now" | "resolved" (in this illness, not now) | "past"


@dataclass(frozen=True, slots=True)
class Fact:
    """A finding, exposure, trait or result that is present or absent in this person."""

    id: str
    present: bool
    item: str
    path: str
    by: str
    tense: str = "now"


@dataclass(frozen=True, slots=True)
class DrugUse:
    """A drug on the record. `drug` is its id in the knowledge, None where the name is not known."""

    drug: str | None
    name: str
    path: str
    start: float | None = None  # day on the record's axis; None = not known
    stop: float | None = None  # last day taken; None = still taken
    recent: bool = False  # said to be recently begun, without a date
    long: bool = False  # said to be taken for long, without a date
    said_past: bool = False  # said to be stopped, without a date

    def is_taken(self, now: float, within_days: float = 0.0) -> bool:
        """Is it taken on day `now`, or was it within so many days before?"""
        if self.start is not None and self.start > now:
            return False
        if self.stop is None:
            return not self.said_past
        return self.stop >= now - within_days


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything the words say. A finding implies its wider ones; those stand in `present` too."""

    facts: tuple[Fact, ...]
    drugs: tuple[DrugUse, ...]
    conditions: tuple[Fact, ...]
    present: frozenset[str]  # findings present now or in this illness, wider ones included
    absent: frozenset[str]
    now: frozenset[str]  # findings present now (without those said to have resolved)
    understood: tuple[Understood, ...]
    not_used: tuple[NotUsed, ...]
    tests: frozenset[str] = frozenset()  # tests that have a result
    notes: tuple[str, ...] = ()

    @property
    def condition_ids(self) -> frozenset[str]:
        return frozenset(c.id for c in self.conditions if c.present)
