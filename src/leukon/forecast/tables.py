"""The tables of the forecast as data: models by drug, recovery times by cause."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import msgspec

from leukon.answer import Source

__all__ = [
    "Choice",
    "ClassProfile",
    "DrugChoice",
    "GrowthFactor",
    "Reckoned",
    "Recovery",
    "RecoveryTable",
    "load_choice",
    "load_recovery",
]

_FOLDER = Path(__file__).parent / "data"


class DrugChoice(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The models of one drug, and its usual dose."""

    id: str
    drug: str  # its name in the marrow's library
    models: tuple[str, ...]
    usual: str
    source: str
    every: float | None = None
    daily: bool = False


class ClassProfile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What stands in for a cytotoxic drug without a model."""

    drug: str
    model: str
    dose: str
    every: float
    effect_spread: float


class Recovery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How long neutropenia lasts: median days and SD of the logarithm."""

    days: float
    sd: float
    since: str
    id: str | None = None
    class_: str | None = msgspec.field(name="class", default=None)
    profile: str | None = None
    source: str | None = None
    printed: str | None = None
    spread: str | None = None
    treated_by: str | None = None
    assumption: str | None = None


class Reckoned(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A course reckoned with a population: nadir (10⁹/L, with 5th and 95th centile), days from the dose."""

    nadir: tuple[float, float, float]
    nadir_day: float
    days_below_0_5: float
    share_below_0_5: float
    back_at_1_5_day: float


class GrowthFactor(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a growth factor after the dose does to people of a published model."""

    model: str
    drugs: tuple[str, ...]
    option: str
    source: str
    without: Reckoned
    with_: Reckoned = msgspec.field(name="with")


class _ChoiceFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    sources: tuple[dict[str, str], ...]
    drugs: tuple[DrugChoice, ...]
    class_profile: ClassProfile
    growth_factor: GrowthFactor


class _RecoveryFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    sources: tuple[dict[str, str], ...]
    drugs: tuple[Recovery, ...]
    causes: tuple[Recovery, ...]
    families: tuple[Recovery, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    drugs: Mapping[str, DrugChoice]
    class_profile: ClassProfile
    growth_factor: GrowthFactor
    sources: Mapping[str, Source]


@dataclass(frozen=True, slots=True)
class RecoveryTable:
    drugs: tuple[Recovery, ...]
    causes: Mapping[str, Recovery]
    families: Mapping[str, Recovery]
    sources: Mapping[str, Source] = field(default_factory=dict[str, Source])


@cache
def load_choice() -> Choice:
    """Models by drug. One value for the life of the process."""
    page = msgspec.yaml.decode((_FOLDER / "choice.yaml").read_bytes(), type=_ChoiceFile)
    sources = {s["id"]: Source(**s) for s in page.sources}
    return Choice({d.id: d for d in page.drugs}, page.class_profile, page.growth_factor, sources)


@cache
def load_recovery() -> RecoveryTable:
    """Recovery times by drug, cause and family. One value for the life of the process."""
    page = msgspec.yaml.decode((_FOLDER / "recovery.yaml").read_bytes(), type=_RecoveryFile)
    return RecoveryTable(
        page.drugs,
        {r.id: r for r in page.causes if r.id},
        {r.id: r for r in page.families if r.id},
        {s["id"]: Source(**s) for s in page.sources},
    )
