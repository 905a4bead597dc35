"""A site's own policy: thresholds for treating and delaying, formulary, jurisdiction, CTCAE version.

It changes which options are offered and how they are said, never facts: limits, grades, causes and urgency stay.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

__all__ = ["Policy", "Thresholds"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds:
    """Counts in 10*9/L at which the site acts; each option that speaks of one is offered only where it is set.

    `next_cycle_anc` and `next_cycle_platelets`: from there the next cycle of chemotherapy is given. `treat_anc`: under
    it fever is treated as febrile neutropenia, where the site is stricter than 0.5.
    """

    next_cycle_anc: float | None = None
    next_cycle_platelets: float | None = None
    treat_anc: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """What a site has decided; every part is optional.

    `jurisdiction` puts guidance of other places last and marks it. `not_available` names what the site does not have
    ("G-CSF"), `preferred` its choice for a class ("anti-pseudomonal beta-lactam": "piperacillin-tazobactam").
    """

    name: str = "this site"
    date: str | None = None
    jurisdiction: Literal["US", "UK", "EU"] | None = None
    ctcae: Literal["ctcae-4.03", "ctcae-5", "ctcae-6"] | None = None
    thresholds: Thresholds = field(default_factory=Thresholds)
    not_available: tuple[str, ...] = ()
    preferred: dict[str, str] = field(default_factory=dict[str, str])
