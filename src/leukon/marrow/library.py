"""The published models as data: every value with its unit, source, place and grade.

The files of `data/` are the library; this module only reads them. A value keeps the unit of its paper and is turned
into days when a model runs. Nothing here needs JAX.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from math import log, sqrt
from typing import Any, Literal, cast

import yaml

__all__ = [
    "Covariate", "Figure", "Grade", "MarrowError", "Missing", "Model", "Part", "Source", "find_model", "list_missing",
    "list_models", "read_models",
]  # fmt: skip

Grade = Literal["confirmed", "derived", "assumption"]

_PER_DAY = {"d": 1.0, "1/d": 1.0, "h": 1 / 24, "1/h": 24.0, "L/h": 24.0, "ug/h": 24.0, "nmol/L/h": 24.0, "1/h/mg": 24.0}
_TIMELESS = (
    "", "10^9/L", "10^6/kg", "10^8/kg", "10^9/kg", "L", "mL", "L/m2", "umol/L", "nmol/L", "ug/L", "ng/mL", "ng/L",
    "L/umol", "L/mg", "L/ug", "mL/ng", "1/mg", "nmol per 10^9 cells", "ng/mL per 10^9 cells/L",
    "umol/L/d", "ng/mL/d", "1/d per (ng/mL)^p",
)  # fmt: skip
_TO_DAYS = _PER_DAY | dict.fromkeys(_TIMELESS, 1.0)


class MarrowError(ValueError):
    """What cannot be simulated, in one line: what is wrong and what to do next."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where values come from."""

    id: str
    citation: str
    doi: str | None = None
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Figure:
    """One parameter: its value in the paper's unit, how far people differ (SD of its logarithm) and its evidence."""

    value: float
    unit: str
    grade: Grade
    source: str
    locator: str
    omega: float | None = None
    note: str | None = None

    @property
    def in_days(self) -> float:
        """The value in the units the equations use: days, and the paper's own for all else."""
        return self.value * _TO_DAYS[self.unit]


@dataclass(frozen=True, slots=True)
class Covariate:
    """How a trait of the person changes a parameter: a power, a line or a step around a reference."""

    parameter: str
    trait: str
    form: Literal["power", "linear", "step"]
    effect: float
    reference: float
    above: float | None = None  # a line that holds only above or below a value
    below: float | None = None

    def factor(self, value: float) -> float:
        """What the parameter is multiplied by, where the trait has this value."""
        if (self.above is not None and value <= self.above) or (self.below is not None and value > self.below):
            return 1.0
        if self.form == "power":
            return (value / self.reference) ** self.effect
        if self.form == "linear":
            return 1.0 + self.effect * (value - self.reference)
        return 1.0 + self.effect if value >= self.reference else 1.0


@dataclass(frozen=True, slots=True)
class Part:
    """One input of a model: which drug feeds it, in which amount, through which kinetics."""

    drug: str
    kinetics: str
    amount: str  # mg, ug, umol, nmol, Gy, dose (one per dose); "per m2" after it where the model counts so
    prefix: str = ""
    molar_mass: float | None = None  # g/mol
    factor: float = 1.0  # salt to base


@dataclass(frozen=True, slots=True)
class Model:
    """A published model under its own name."""

    id: str
    title: str
    system: str
    analyte: str
    population: str
    source: str
    parameters: Mapping[str, Figure]
    parts: tuple[Part, ...]
    covariates: tuple[Covariate, ...] = ()
    correlations: tuple[tuple[str, str, float], ...] = ()
    residual: Mapping[str, float] = field(default_factory=dict[str, float])
    spacing: Mapping[str, float] = field(default_factory=dict[str, float])
    notes: tuple[str, ...] = ()
    unit: str = "10^9/L"  # of the count
    sources: Mapping[str, Source] = field(default_factory=dict[str, Source])

    @property
    def drugs(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(part.drug for part in self.parts))

    @property
    def assumptions(self) -> tuple[str, ...]:
        """Every value that is not published, and every note that says how the model is used."""
        guessed = [f"{name} = {f.value:g} {f.unit}".rstrip() + (f": {f.note}" if f.note else "")
                   for name, f in self.parameters.items() if f.grade == "assumption"]  # fmt: skip
        return (*guessed, *self.notes)


@dataclass(frozen=True, slots=True)
class Missing:
    """A model people ask for that is not here, and why."""

    id: str
    because: str


def list_models() -> tuple[Model, ...]:
    """All published models, in the order of the files."""
    return tuple(_read()[0].values())


def list_missing() -> tuple[Missing, ...]:
    """Models that are known but not coded, with the reason."""
    return _read()[1]


def find_model(name: str) -> Model:
    """The model of this name; an unknown name says which come near."""
    models, missing = _read()
    key = name.strip().lower()
    if key in models:
        return models[key]
    if key == "leukon":
        from leukon.marrow.leukon_model import leukon_model

        return leukon_model()
    for gap in missing:
        if gap.id == key:
            raise MarrowError(f"model {key} is not available because {gap.because}")
    near = difflib.get_close_matches(key, models, 3, 0.4)
    hint = f"did you mean {', '.join(near)}?" if near else "--list names the models"
    raise MarrowError(f'no model "{name}": {hint}')


@cache
def _read() -> tuple[dict[str, Model], tuple[Missing, ...]]:
    models: dict[str, Model] = {}
    missing: list[Missing] = []
    for text in _texts("models"):
        more, gaps = read_models(text)
        models |= more
        missing += gaps
    return models, tuple(missing)


def read_models(text: str) -> tuple[dict[str, Model], list[Missing]]:
    """The models of one file, and what it says is missing."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    page = cast("dict[str, Any]", yaml.load(text, loader))  # noqa: S506  a safe loader in C
    sources = {s["id"]: Source(**s) for s in page.get("sources", [])}
    written: dict[str, dict[str, Any]] = {}
    for entry in page.get("models", []):
        whole = _inherit(entry, written)
        written[whole["id"]] = whole
    models = {name: _model(whole, sources) for name, whole in written.items()}
    return models, [Missing(**m) for m in page.get("missing", [])]


def _texts(stem: str) -> Iterator[str]:
    folder = resources.files("leukon.marrow").joinpath("data")
    for file in sorted(folder.iterdir(), key=lambda f: f.name):
        if file.name.startswith(stem) and file.name.endswith(".yaml"):
            yield file.read_text(encoding="utf-8")


def _inherit(entry: dict[str, Any], written: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """A model `like` an earlier one of its file: what it says replaces, parameters one by one, notes are added."""
    if "like" not in entry:
        return entry
    old = written[entry["like"]]
    source = {"source": old["source"], "locator": old.get("locator", "")}
    kept = {name: source | value for name, value in old["parameters"].items()}
    parameters = {k: v for k, v in (kept | entry.get("parameters", {})).items() if v is not None}
    notes = [*old.get("notes", []), *entry.get("notes", [])]
    return old | entry | {"parameters": parameters, "notes": notes}


def _model(entry: dict[str, Any], sources: dict[str, Source]) -> Model:
    source = entry["source"]
    figures = {name: _figure(value, source, entry.get("locator", "")) for name, value in entry["parameters"].items()}
    used = {source, *(f.source for f in figures.values())}
    return Model(
        id=entry["id"], title=entry["title"], system=entry["system"], analyte=entry["analyte"],
        population=entry["population"], source=source, parameters=figures,
        parts=tuple(Part(**part) for part in entry.get("inputs", [])),
        covariates=tuple(Covariate(**c) for c in entry.get("covariates", [])),
        correlations=tuple((a, b, float(r)) for a, b, r in entry.get("correlations", [])),
        residual=entry.get("residual", {}), spacing=entry.get("spacing", {}), notes=tuple(entry.get("notes", [])),
        unit=entry.get("unit", "10^9/L"),
        sources={key: sources[key] for key in sorted(used)},
    )  # fmt: skip


def _figure(value: dict[str, Any], source: str, locator: str) -> Figure:
    if value.get("unit", "") not in _TO_DAYS:
        raise MarrowError(f"unit {value['unit']} is not known to the library")
    omega: float | None = None
    if "cv" in value:  # printed as a percentage
        omega = sqrt(log(1.0 + (value["cv"] / 100.0) ** 2))
    elif "omega2" in value:
        omega = sqrt(value["omega2"])
    elif "sd" in value:
        omega = value["sd"]
    return Figure(
        value=float(value["value"]), unit=value.get("unit", ""), grade=value.get("grade", "confirmed"),
        source=value.get("source", source), locator=value.get("locator", locator), omega=omega, note=value.get("note"),
    )  # fmt: skip
