"""Reads the YAML of `knowledge/data` into plain values, remembering where each stood.

YAML 1.2 scalars only: ``no`` and ``on`` are words, ``1:640`` is text. A bare number may stand for a figure where its
entry (or its file) says in ``estimates`` why it is an estimate; `expand` writes it out.
"""

# pyright: basic
# YAML is untyped until the schema has seen it.

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import yaml

__all__ = ["SECTIONS", "Place", "expand", "read_yaml", "read_yaml_text"]

SECTIONS = (
    "sources", "findings", "causes", "profiles", "drugs", "conditions", "tests", "red_flags", "questions", "care",
    "baselines", "consequences", "claims", "scores",
    "indications",
)  # fmt: skip

Place = tuple[str, int]  # file, line


class _Loader(yaml.CSafeLoader if hasattr(yaml, "CSafeLoader") else yaml.SafeLoader):  # type: ignore[misc]
    """YAML 1.2 core scalars; dates stay text."""


_Loader.yaml_implicit_resolvers = {}
for _tag, _pattern, _first in (
    ("bool", r"^(?:true|false|True|False)$", "tfTF"),
    ("int", r"^[-+]?(?:0|[1-9][0-9]*)$", "-+0123456789"),
    ("float", r"^[-+]?(?:[0-9]+\.[0-9]*|\.[0-9]+|[0-9]+)(?:[eE][-+]?[0-9]+)?$", "-+.0123456789"),
    ("null", r"^(?:~|null|Null|NULL|)$", ["~", "n", "N", ""]),
):
    _Loader.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(_pattern), list(_first))


def read_yaml_text(text: str, name: str) -> tuple[Any, dict[tuple[Any, ...], Place]]:
    """The value of a YAML text and the place (file, line) of every part of it."""
    loader = _Loader(text)
    try:
        node = loader.get_single_node()
        places: dict[tuple[Any, ...], Place] = {}
        if node is None:
            return None, places
        for path, child in _walk((), node):
            places[path] = (name, child.start_mark.line + 1)
        return loader.construct_document(node), places
    finally:
        loader.dispose()


def read_yaml(path: Path, root: Path) -> tuple[Any, dict[tuple[Any, ...], Place]]:
    return read_yaml_text(path.read_text(encoding="utf-8"), str(path.relative_to(root)))


def _walk(path: tuple[Any, ...], node: yaml.Node) -> Iterator[tuple[tuple[Any, ...], yaml.Node]]:
    yield path, node
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            yield from _walk((*path, key.value), value)
    elif isinstance(node, yaml.SequenceNode):
        for index, value in enumerate(node.value):
            yield from _walk((*path, index), value)


def _figure(value: Any, name: str, why: str | None) -> Any:
    """A figure written out: its number under `name`, and how sure it is where that follows from what is given."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return {name: value, "because": why}
    if isinstance(value, dict):
        value = dict(value)
        if "sure" not in value:
            if value.get("source"):
                value["sure"] = "confirmed" if value.get("locator") and value.get("printed") else "literature"
            else:
                value.setdefault("because", why)
    return value


def _shift(value: Any, why: str | None) -> Any:
    if isinstance(value, list) and len(value) == 2:
        return {"mean": value[0], "sd": value[1], "because": why}
    return _figure(value, "mean", why)


def _each(value: Any, of: Callable[[Any], Any]) -> Any:
    if isinstance(value, dict):
        return {key: of(item) for key, item in value.items()}
    if isinstance(value, list):
        return [of(item) for item in value]
    return value


def expand(section: str, entry: Any, file_estimates: str | None) -> Any:
    """One entry with every bare number written out as a reasoned estimate."""
    if not isinstance(entry, dict):
        return entry
    entry = dict(entry)
    why = entry.get("estimates") or file_estimates
    if section == "findings":
        entry.setdefault("cluster", entry.get("id"))
        entry["leak"] = _figure(entry.get("leak"), "p", why)
    for name in ("findings", "acts"):
        if section in ("causes", "profiles", "conditions", "consequences") and isinstance(entry.get(name), dict):
            entry[name] = _each(entry[name], lambda v: _figure(v, "p", why))
    if "shifts" in entry:
        entry["shifts"] = _each(entry["shifts"], lambda v: _shift(v, why))
    for name in ("against", "sex", "raised_by", "raises"):
        if name in entry:
            entry[name] = _each(entry[name], lambda v: _figure(v, "times", why))
    if section == "causes":
        if isinstance(entry.get("prior"), (int, float)):
            entry["prior"] = {"any": entry["prior"]}
        entry["prior"] = _each(entry.get("prior"), lambda v: _figure(v, "per_1000", why))
        entry["ages"] = _each(entry.get("ages", []), lambda v: _figure(v, "times", why))
    if section == "drugs":
        entry["monitoring"] = _each(entry.get("monitoring", []), lambda v: _figure(v, "text", why))
        effects: list[Any] = []
        for effect in entry.get("effects", []):
            if isinstance(effect, dict):
                effect = dict(effect)
                effect["incidence"] = _figure(effect.get("incidence"), "p", why)
                window = effect.get("window")
                if isinstance(window, list) and len(window) == 3:
                    window = dict(zip(("low", "median", "high"), window, strict=True))
                elif window in ("any time", None):
                    window = {}
                effect["window"] = _figure(window, "low", why)
            effects.append(effect)
        entry["effects"] = effects
    if section == "tests":
        entry["limits"] = _each(entry.get("limits", []), lambda v: _figure(v, "upper", why))
    if section in ("red_flags", "baselines", "consequences", "scores", "indications"):
        entry = _figure(entry, "", why)
    return entry
