"""The forecast as data, under the names of the contract."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, cast

from leukon.answer import NotUsed, Source

__all__ = ["Below", "FebrileRange", "FitSummary", "Forecast", "ModelShare", "Nadir", "NextCycle", "Option", "Point",
           "Recovered"]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Point:
    """A count the laboratory would measure on a day (record's axis), 10⁹/L, and how likely it is under two limits."""

    analyte: str
    day: float
    median: float
    p05: float
    p95: float
    chance_below_0_5: float | None = None  # of neutrophils
    chance_below_1: float | None = None


@dataclass(frozen=True, slots=True)
class Nadir:
    """The lowest point of the underlying course from the last dose on."""

    analyte: str
    value: float
    p05: float
    p95: float
    day: float
    day_p05: float
    day_p95: float


@dataclass(frozen=True, slots=True)
class Recovered:
    """The day the underlying course is back at a limit; None = not within the days looked at."""

    to: float
    day: float | None
    p05: float | None
    p95: float | None


@dataclass(frozen=True, slots=True)
class Below:
    """Days of the underlying course below a limit, from the last dose (or count) to the end of the forecast."""

    limit: float
    days: float
    p05: float
    p95: float


@dataclass(frozen=True, slots=True)
class FitSummary:
    n: int
    ess: float | None
    residual_sd: float | None


@dataclass(frozen=True, slots=True)
class ModelShare:
    id: str
    weight: float
    note: str | None = None


@dataclass(frozen=True, slots=True)
class FebrileRange:
    """How likely the underlying course enters the range of febrile neutropenia, and stays there for over a week."""

    limit: float
    probability: float
    over_7_days: float


@dataclass(frozen=True, slots=True)
class NextCycle:
    """The earliest day the next cycle meets the limit; `limit_by` says whose it is."""

    limit: float
    limit_by: str
    day: float | None
    p05: float | None
    p95: float | None


@dataclass(frozen=True, slots=True)
class Option:
    """One way to give the next cycle, compared on the same draws; None where no model holds it."""

    option: str
    given_on: float | None
    nadir: float | None
    nadir_p05: float | None
    nadir_p95: float | None
    days_below_0_5: float | None
    probability_below_0_5: float | None
    met_on_day: float | None  # the cycle after meets the limit on this day
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Forecast:
    """What the count will do. Fields beyond the contract: `id`, `method`, `models`, `from_`, `to`, …"""

    id: str | None
    model: str
    method: str  # "maintenance|published model|class profile|recovery|own level"
    models: tuple[ModelShare, ...]
    series: tuple[Point, ...]
    nadir: Nadir | None
    recovery: Recovered | None
    recoveries: tuple[Recovered, ...]
    below: tuple[Below, ...]
    febrile_neutropenia_range: FebrileRange | None
    next_cycle: NextCycle | None
    options: tuple[Option, ...]
    fit: FitSummary
    assumptions: tuple[str, ...]
    sources: tuple[Source, ...]
    not_used: tuple[NotUsed, ...]

    def to_dict(self) -> dict[str, Any]:
        """Dictionaries, lists, text, numbers and None, as the JSON is."""
        held: dict[str, Any] = asdict(self)
        return {
            key: list(cast("tuple[Any, ...]", value)) if isinstance(value, tuple) else value
            for key, value in held.items()
        }
