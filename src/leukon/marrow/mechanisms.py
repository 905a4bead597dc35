"""Which mechanism of the marrow each cause changes, from `data/causes_to_mechanisms.yaml` and leukon's knowledge.

Kind and pace stand in the file. How strong comes from the counts that the knowledge records for the cause: mean and
spread, by lineage, of the logarithm of the count over what is expected.
"""

from __future__ import annotations

import difflib
from dataclasses import dataclass, replace
from functools import cache
from importlib import resources
from typing import Any, Literal, cast

import yaml

from leukon.knowledge import load_knowledge
from leukon.knowledge.schema import DrugEffect, Profile
from leukon.marrow.library import Grade, MarrowError

__all__ = ["ACTIONS", "Mechanism", "Strength", "find_mechanism", "list_mechanisms"]

Action = Literal["capacity", "survival", "loss", "destruction", "share", "setpoint", "release", "cyclic"]
ACTIONS = ("capacity", "survival", "loss", "destruction", "share", "setpoint", "release", "cyclic")
_LINEAGES = ("neutrophils", "monocytes", "eosinophils", "basophils", "lymphocytes")


@dataclass(frozen=True, slots=True)
class Strength:
    """How far a lineage falls: mean and spread of ln(count / expected), and how sure the record of it is."""

    mean: float
    sd: float
    grade: Grade
    source: str


@dataclass(frozen=True, slots=True)
class Mechanism:
    """A cause as a change of the marrow. `no_course` says why nothing is simulated."""

    cause: str
    name: str
    action: Action = "capacity"
    others: Action = "capacity"
    established: bool = True
    onset_days: float = 1.0
    recovery_days: float = 1.0
    lasts_days: float | None = None
    grade: Grade = "assumption"
    because: str = ""
    answers_to: tuple[str, ...] = ()
    strengths: tuple[tuple[str, Strength], ...] = ()
    no_course: str | None = None

    def on(self, lineage: str) -> Action:
        """The action on one lineage."""
        return self.action if lineage == "neutrophils" else self.others


def list_mechanisms() -> tuple[Mechanism, ...]:
    """Every cause of the knowledge, in its order; then the ways in which drugs act."""
    return tuple(_read().values())


def find_mechanism(cause: str) -> Mechanism:
    """The mechanism of a cause, of a way in which drugs act, or of `drug:ID`."""
    known = _read()
    key = cause.strip().lower()
    if key in known:
        return known[key]
    if key.startswith("drug:"):
        drug = load_knowledge().drugs.get(key.removeprefix("drug:"))
        if drug is not None and drug.effects:
            effect: DrugEffect = drug.effects[0]
            held = known[effect.profile]
            return replace(held, cause=key, name=drug.name)
    near = difflib.get_close_matches(key, known, 3, 0.5)
    hint = f"did you mean {', '.join(near)}?" if near else "leukon knowledge list causes names them"
    raise MarrowError(f'no cause "{cause}": {hint}')


@cache
def _read() -> dict[str, Mechanism]:
    text = resources.files("leukon.marrow").joinpath("data", "causes_to_mechanisms.yaml").read_text(encoding="utf-8")
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    page = cast("dict[str, list[dict[str, Any]]]", yaml.load(text, loader))  # noqa: S506  a safe loader in C
    knowledge = load_knowledge()
    found: dict[str, Mechanism] = {}
    for entry in page["causes"]:
        found[entry["id"]] = _mechanism(entry, knowledge.causes[entry["id"]])
    for entry in page["ways"]:
        found[entry["id"]] = _mechanism(entry, knowledge.profiles[entry["id"]])
    return found


def _mechanism(entry: dict[str, Any], profile: Profile) -> Mechanism:
    if "no_course" in entry:
        return Mechanism(entry["id"], profile.name, no_course=entry["no_course"])
    strengths = tuple(
        (name, Strength(s.mean, s.sd, "assumption" if s.sure == "estimate" else "derived", s.source or "leukon"))
        for name in _LINEAGES
        if (s := profile.shifts.get(name)) is not None
    )
    return Mechanism(
        cause=entry["id"], name=profile.name, action=entry["action"], others=entry.get("others", entry["action"]),
        established=entry["begins"] == "established", onset_days=entry["onset_days"],
        recovery_days=entry["recovery_days"], lasts_days=entry.get("lasts_days"), grade=entry["grade"],
        because=entry["because"], answers_to=tuple(entry.get("answers_to", ())), strengths=strengths,
    )  # fmt: skip
