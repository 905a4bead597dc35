"""Checks what leukon knows: the shape of each entry, that names refer to something, that words are not claimed twice.

`read_knowledge` is the only way from YAML to a `Knowledge`; it refuses the whole with a list of `Fault`s, each with
file and line.
"""

# pyright: basic
# YAML is untyped until the schema has seen it.

from __future__ import annotations

import csv
import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from leukon.knowledge import schema as s
from leukon.knowledge.read import SECTIONS, Place, expand, read_yaml

__all__ = ["Fault", "KnowledgeError", "each_figure", "hash_data", "read_knowledge"]

_TYPES: dict[str, type] = {
    "sources": s.SourceFact, "findings": s.FindingFact, "causes": s.CauseFact, "profiles": s.Profile,
    "drugs": s.DrugFact, "conditions": s.ConditionFact, "tests": s.TestFact, "red_flags": s.RedFlag,
    "questions": s.Question, "care": s.CareOption, "baselines": s.Baseline, "consequences": s.Consequence,
    "claims": s.Claim, "scores": s.Score, "indications": s.Indication,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Fault:
    place: Place
    text: str

    def __str__(self) -> str:
        return f"{self.place[0]}:{self.place[1]}: {self.text}"


class KnowledgeError(ValueError):
    def __init__(self, faults: list[Fault]) -> None:
        self.faults = faults
        super().__init__("\n".join(map(str, faults)))


def hash_data(root: Path) -> str:
    """The content hash of everything under `root` that knowledge is made of."""
    digest = hashlib.sha256()
    for path in sorted(p for p in root.rglob("*") if p.suffix in (".yaml", ".csv")):
        digest.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def read_knowledge(root: Path) -> s.Knowledge:
    """Reads, expands and checks every YAML and CSV file under `root`; raises KnowledgeError with all faults."""
    from pydantic import TypeAdapter, ValidationError

    faults: list[Fault] = []
    made: dict[str, list[tuple[Any, Place]]] = {section: [] for section in SECTIONS}
    adapters = {section: TypeAdapter(kind) for section, kind in _TYPES.items()}
    version = "unversioned"
    for path in sorted(root.rglob("*.yaml")):
        name = path.relative_to(root).as_posix()
        data, places = read_yaml(path, root)
        if not isinstance(data, dict):
            faults.append(Fault((name, 1), "must be a mapping of sections: " + ", ".join(SECTIONS)))
            continue
        version = str(data.pop("version", version))
        why = data.pop("estimates", None)
        for section, entries in data.items():
            if section not in SECTIONS:
                faults.append(Fault(places[(section,)], f"unknown section {section!r}"))
                continue
            for index, entry in enumerate(entries or []):
                at = places[(section, index)]
                known = set(_fields(_TYPES[section]))
                for field in entry if isinstance(entry, dict) else ():
                    if field not in known:
                        faults.append(Fault(places[(section, index, field)], f"unknown field {field!r} in {section}"))
                clean = {k: v for k, v in entry.items() if k in known} if isinstance(entry, dict) else entry
                try:
                    value = adapters[section].validate_python(expand(section, clean, why))
                except ValidationError as error:
                    faults += _faults(error, (section, index), places, at)
                else:
                    made[section].append((value, at))
    knowledge, more = _join(made, version, root)
    faults += more
    if faults:
        raise KnowledgeError(faults)
    return knowledge


def _fields(kind: type) -> Iterable[str]:
    return kind.__dataclass_fields__  # type: ignore[attr-defined]


def _faults(error: Any, base: tuple[Any, ...], places: dict[tuple[Any, ...], Place], at: Place) -> Iterator[Fault]:
    for problem in error.errors():
        path = (*base, *problem["loc"])
        while path and path not in places:
            path = path[:-1]
        where = ".".join(str(part) for part in problem["loc"])
        yield Fault(places.get(path, at), f"{where or base[0]}: {problem['msg']}")


def _by_id(entries: list[tuple[Any, Place]], faults: list[Fault]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for value, place in entries:
        if value.id in found and found[value.id] != value:
            faults.append(Fault(place, f"{value.id!r} is defined twice, differently"))
        found[value.id] = value
    return found


def _join(made: dict[str, list[tuple[Any, Place]]], version: str, root: Path) -> tuple[s.Knowledge, list[Fault]]:
    faults: list[Fault] = []
    listed = ("red_flags", "care", "questions", "consequences", "scores", "indications", "baselines")
    named = {x: _by_id(made[x], faults) for x in SECTIONS if x not in listed}
    for section in listed[:-1]:
        _by_id(made[section], faults)
    hpo = tuple(_read_hpo(root / "hpo.csv"))
    knowledge = s.Knowledge(
        version=f"{version}+{hash_data(root)[:8]}",
        red_flags=tuple(v for v, _ in made["red_flags"]),
        questions=tuple(v for v, _ in made["questions"]),
        care=tuple(v for v, _ in made["care"]),
        baselines=tuple(v for v, _ in made["baselines"]),
        consequences=tuple(v for v, _ in made["consequences"]),
        scores=tuple(v for v, _ in made["scores"]),
        indications=tuple(v for v, _ in made["indications"]),
        hpo=hpo,
        **named,
    )
    known = _known_names(knowledge)
    for section in SECTIONS:
        for value, place in made[section]:
            faults += [Fault(place, text) for text in _references(value, knowledge, known)]
    faults += _doubled(made)
    for term in hpo:
        if term.finding not in knowledge.findings:
            faults.append(Fault(("hpo.csv", 1), f"{term.id} names an unknown finding {term.finding!r}"))
    return knowledge, faults


def _read_hpo(path: Path) -> Iterator[s.HpoTerm]:
    if not path.exists():
        return
    with path.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            words = tuple(w for w in row["synonyms"].split("|") if w)
            yield s.HpoTerm(
                id=row["id"], label=row["label"], finding=row["finding"], exact=row["exact"] == "1", synonyms=words
            )


def _known_names(k: s.Knowledge) -> dict[str, set[str]]:
    """Everything that an entry may refer to, by kind."""
    known = {
        "finding": {*k.findings}, "cause": {*k.causes}, "test": {*k.tests}, "source": {*k.sources},
        "drug": {*k.drugs}, "profile": {*k.profiles}, "condition": {*k.conditions}, "lineage": {*s.LINEAGES},
        "family": {*s.FAMILIES}, "threshold": {*s.THRESHOLDS},
    }  # fmt: skip
    drugs = {f"drug:{d}" for d in k.drugs}
    return {**known, "linked entry": known["cause"] | known["finding"] | known["test"] | drugs | {c.id for c in k.care}}


def _references(value: Any, k: s.Knowledge, known: dict[str, set[str]]) -> Iterator[str]:
    """Every name in `value` that refers to nothing."""
    for kind, name in _names(value, k):
        if name not in known[kind]:
            yield f"{getattr(value, 'id', '?')}: unknown {kind} {name!r}"


def _names(value: Any, k: s.Knowledge) -> Iterator[tuple[str, str]]:
    for figure in each_figure(value):
        if figure.source:
            yield "source", figure.source
    for name in getattr(value, "sources", ()):
        yield "source", name
    match value:
        case s.Profile():
            yield from (("lineage", x) for x in value.shifts)
            yield from (("finding", x) for x in (*value.findings, *value.against))
            if isinstance(value, s.CauseFact):
                yield "family", value.family
                yield from (("cause", x) for x in value.travels_with)
                yield from (("finding", x) for x in value.needs)
                yield from (("finding", x) for trigger in value.triggers for x in trigger.split(" + "))
                yield from (("finding", x) for x in value.raised_by if x not in k.conditions)
                yield from (("test", x) for x in value.confirm)
        case s.ConditionFact():
            yield from (("cause", x) for x in value.acts)
            yield from (("finding", x) for x in value.findings)
            yield from (("lineage", x) for x in value.alters)
        case s.DrugFact():
            yield from (("profile", x.profile) for x in value.effects)
            yield from (("cause", x) for x in value.raises)
            yield from (("finding", x) for x in value.raised_by)
            if value.family:
                yield "family", value.family
            yield from (("finding", x) for x in value.findings)
            yield from (("drug", x) for x in (*value.members, *value.interacts))
        case s.TestFact():
            yield from (("finding", x) for x in (value.normal, value.positive, value.high, value.low) if x)
            yield from (("finding", x) for x in (*value.above, *value.below))
        case s.FindingFact():
            yield from (("finding", x) for x in (*value.parents, *([value.opposite] if value.opposite else [])))
        case s.Question():
            yield from (("finding", x) for x in value.settles)
            if value.when:
                yield from _names(value.when, k)
        case s.Claim():
            yield from (("linked entry", x) for x in value.links)
        case s.Consequence():
            yield "lineage", value.lineage
            yield from (("finding", x) for x in value.findings)
        case s.Score():
            yield from _names(value.when, k)
            for item in value.items:
                yield from (name for when in (item.yes, item.no) if when for name in _names(when, k))
        case s.Indication():
            yield "test", value.test
            yield from _names(value.when, k)
        case s.CareOption() | s.RedFlag():
            yield from _names(value.when, k)
        case s.When():
            for inner in (*value.all, *value.any, *value.none):
                yield from _names(inner, k)
            for kind in ("finding", "cause", "drug", "condition", "family"):
                if name := getattr(value, kind):
                    yield kind, name
            if value.absent:
                yield "finding", value.absent
            yield from (("threshold", x) for x in (value.below_policy, value.from_policy) if x)
        case _:
            pass


def each_figure(value: Any) -> Iterator[s.Figure]:
    """Every figure in an entry, the entry itself included."""
    if isinstance(value, s.Figure):
        yield value
    if hasattr(value, "__dataclass_fields__"):
        for name in value.__dataclass_fields__:
            yield from each_figure(getattr(value, name))
    elif isinstance(value, dict):
        for inner in value.values():
            yield from each_figure(inner)
    elif isinstance(value, tuple):
        for inner in value:
            yield from each_figure(inner)


def _doubled(made: dict[str, list[tuple[Any, Place]]]) -> Iterator[Fault]:
    """Words that two entries of one kind claim."""
    for section in ("findings", "drugs", "tests", "conditions"):
        owner: dict[str, str] = {}
        for value, place in made[section]:
            for word in dict.fromkeys(w.lower() for w in (value.name, *value.synonyms)):
                if owner.setdefault(word, value.id) != value.id:
                    yield Fault(place, f"{word!r} belongs to both {owner[word]!r} and {value.id!r}")
