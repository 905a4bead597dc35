"""Doses as they enter the body: how much, when, over how long, by which way."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

__all__ = ["Dose", "Per", "Route"]

Route = Literal["intravenous", "oral", "subcutaneous", "intraperitoneal", "radiation"]
Per = Literal["", "m2", "kg"]


@dataclass(frozen=True, slots=True)
class Dose:
    """One dose of one drug, as written: `amount` in mg (Gy for radiation) per person, per m² or per kg."""

    drug: str
    day: float
    amount: float
    per: Per = ""
    route: Route = "intravenous"
    hours: float = 0.0  # how long an infusion runs; 0 is at once

    def total(self, bsa_m2: float, weight_kg: float) -> float:
        """The amount this person gets, in mg (Gy)."""
        return self.amount * {"": 1.0, "m2": bsa_m2, "kg": weight_kg}[self.per]
