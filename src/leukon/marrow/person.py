"""Whose marrow it is: body size and the traits published models ask for."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from math import sqrt

from leukon.marrow.library import MarrowError

__all__ = ["Person", "body_surface", "read_person"]


@dataclass(frozen=True, slots=True)
class Person:
    """An adult of 1.8 m² and 70 kg, unless told otherwise. `traits`: covariates by name (aag in g/L, age in years)."""

    bsa_m2: float = 1.8
    weight_kg: float = 70.0
    traits: Mapping[str, float] = field(default_factory=dict[str, float])

    def trait(self, name: str) -> float | None:
        """The value of a trait; body size counts as one."""
        return {"bsa": self.bsa_m2, "weight": self.weight_kg}.get(name, self.traits.get(name))


def body_surface(height_cm: float, weight_kg: float) -> float:
    """Body surface in m²: √(height · weight / 3600) (Mosteller RD, N Engl J Med 1987;317:1098).

    >>> round(body_surface(170, 70), 2)
    1.82
    """
    return sqrt(height_cm * weight_kg / 3600.0)


_PIECE = re.compile(
    r"^(?P<before>[a-z][a-z0-9 _-]*?)?[\s:=]*(?P<value>\d+(?:\.\d+)?)\s*"
    r"(?P<unit>m2|m²|cm|m|kg|g/l|g/dl|mg/dl|years?|y)?$"
)
_WORDS = {"bsa": "bsa", "body surface": "bsa", "height": "height", "weight": "weight", "age": "age", "aag": "aag"}
_SEX = {"male": 0.0, "man": 0.0, "m": 0.0, "female": 1.0, "woman": 1.0, "f": 1.0}


def read_person(text: str) -> Person:
    """Reads "175 cm, 80 kg", "1.9 m2", "bsa 1.6, weight 55 kg, aag 2.1, female".

    Height and weight give the body surface; a weight alone leaves it at 1.8 m².

    >>> read_person("180 cm, 80 kg").bsa_m2
    2.0
    """
    found: dict[str, float] = {}
    for piece in (p.strip().lower() for p in text.split(",") if p.strip()):
        if piece in _SEX:
            found["female"] = _SEX[piece]
            continue
        read = _PIECE.match(piece)
        if read is None:
            raise MarrowError(f'person: "{piece}" is not understood; write for example "175 cm, 80 kg" or "1.9 m2"')
        value, unit = float(read["value"]), read["unit"] or ""
        word = (read["before"] or "").strip().replace("_", " ")
        name = _WORDS.get(word, word) or _by_unit(piece, unit)
        if name == "height" and (unit == "m" or (not unit and value < 3)):
            value *= 100.0
        found[name.replace(" ", "_")] = value
    height, weight = found.pop("height", None), found.pop("weight", 70.0)
    bsa = found.pop("bsa", body_surface(height, weight) if height is not None else 1.8)
    if not 0.1 <= bsa <= 4.0 or not 1.0 <= weight <= 400.0:
        raise MarrowError(f"person: {bsa:.3g} m2 and {weight:.3g} kg is no human body; check the units")
    return Person(bsa, weight, found)


def _by_unit(piece: str, unit: str) -> str:
    names = {"m2": "bsa", "m²": "bsa", "cm": "height", "m": "height", "kg": "weight", "years": "age", "year": "age"}
    if unit not in names:
        raise MarrowError(f'person: "{piece}" has no unit; write for example "175 cm, 80 kg" or "1.9 m2"')
    return names[unit]
