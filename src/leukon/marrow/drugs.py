"""The drugs and treatments a schedule may name: their words, usual way and usual infusion time."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, cast

import yaml

from leukon.marrow.dose import Route
from leukon.marrow.library import MarrowError

__all__ = ["Drug", "find_drug", "list_drugs"]


@dataclass(frozen=True, slots=True)
class Drug:
    """A drug by its plain name."""

    id: str
    names: tuple[str, ...]
    route: Route
    hours: float
    model: str | None  # the model taken where none is named
    kind: str = "drug"  # or treatment


@cache
def list_drugs() -> tuple[Drug, ...]:
    """All drugs and treatments that at least one model knows."""
    text = resources.files("leukon.marrow").joinpath("data", "drugs.yaml").read_text(encoding="utf-8")
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    entries = cast("list[dict[str, Any]]", yaml.load(text, loader))  # noqa: S506  a safe loader in C
    return tuple(
        Drug(e["id"], tuple(e.get("names", ())), e["route"], float(e.get("hours", 0.0)), e.get("model"),
             e.get("kind", "drug"))
        for e in entries
    )  # fmt: skip


def find_drug(name: str) -> Drug:
    """The drug of this name, brand or abbreviation."""
    key = " ".join(name.strip().lower().split())
    known = {word: drug for drug in list_drugs() for word in (drug.id, *drug.names)}
    if key in known:
        return known[key]
    near = difflib.get_close_matches(key, known, 2, 0.75)
    hint = f"did you mean {' or '.join(near)}?" if near else "--list names the drugs that have one"
    raise MarrowError(f'no published model knows the drug "{name.strip()}"; {hint}')
