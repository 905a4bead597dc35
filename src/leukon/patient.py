"""What is known of one person: frozen values, no behaviour.

A reader in `leukon.io` makes a `Patient`; every scalar it read keeps its `path` (its address in the input, such as
``counts[0].wbc``) and its text as given, so that the report can say of each leaf whether it was used.
Days lie on one axis per record; `now` is the day of the assessment on it.
"""

from __future__ import annotations

from dataclasses import dataclass, field

__all__ = ["Dose", "Draw", "Drug", "Item", "Measure", "Patient", "Person", "Test"]


@dataclass(frozen=True, slots=True)
class Item:
    """One leaf of the input: its address and its text as given."""

    path: str
    text: str
    code: str | None = None  # "HP:0001744", "LOINC:…", when the input carries a code beside the words


@dataclass(frozen=True, slots=True)
class Person:
    """Who it is. `age_days` is the age at `Patient.now`; None where the input does not say."""

    age_days: float | None = None
    sex: str | None = None  # "female" | "male"
    ancestry: str | None = None
    duffy_null: bool | None = None
    pregnant: bool | None = None
    pregnancy_weeks: float | None = None


@dataclass(frozen=True, slots=True)
class Measure:
    """One value of one draw as the input gives it: number, unit and analyte are read by `leukon.counts`."""

    item: Item  # text: "3200 /uL", "9 %", "4.1", "<0.1"
    analyte: str  # the record's word: "wbc", "neutrophils", … or the input's own name when not recognised
    bare_unit: bool = True  # may a number without a unit be read in the analyte's default unit? (leukon records only)
    limits: tuple[float | None, float | None] | None = None  # the laboratory's own, in the unit of `item`
    limit_items: tuple[Item, ...] = ()
    limits_unit: str | None = None  # the unit of `limits` where it differs from the value's


@dataclass(frozen=True, slots=True)
class Draw:
    """One blood sample. `day` is None where the input gives no time; `order` is its place in the input."""

    day: float | None
    time: str | None  # the date or time as given, when it was absolute
    order: int
    measures: tuple[Measure, ...]
    sample: tuple[Item, ...] = ()  # what is said of the sample itself: "clotted", "drawn above a drip", flags


@dataclass(frozen=True, slots=True)
class Dose:
    day: float
    text: str


@dataclass(frozen=True, slots=True)
class Drug:
    """A drug on the record. `start` None = not known; `stop` None = still taken; both on the record's axis."""

    name: Item
    start: float | None = None
    stop: float | None = None
    dose: Item | None = None
    note: Item | None = None
    doses: tuple[Dose, ...] = ()


@dataclass(frozen=True, slots=True)
class Test:
    __test__ = False  # not a pytest class

    name: Item
    result: Item | None = None
    day: float | None = None
    specimen: Item | None = None


@dataclass(frozen=True, slots=True)
class Patient:
    """Everything one record says. `understood` and `not_used` hold the leaves that the reader itself settled."""

    id: str | None = None
    person: Person = field(default_factory=Person)
    draws: tuple[Draw, ...] = ()  # as given; `leukon.counts` orders them
    drugs: tuple[Drug, ...] = ()
    conditions: tuple[Item, ...] = ()
    present: tuple[Item, ...] = ()
    absent: tuple[Item, ...] = ()
    tests: tuple[Test, ...] = ()
    exposures: tuple[Item, ...] = ()
    now: float = 0.0
    understood: tuple[tuple[Item, str], ...] = ()  # (leaf, fact id), e.g. (person.age, "age")
    not_used: tuple[tuple[Item, str], ...] = ()  # (leaf, reason)
