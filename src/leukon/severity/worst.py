"""The worst neutrophil count that the record allows.

Neutrophils are at most the white cells less everything else that was counted. A count given as "< 0.1" is at most
0.1. No white cell count, no bound: unknown is not zero, and not normal.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from leukon.severity.series import find_draws

if TYPE_CHECKING:
    from leukon.limits.judge import Judged

__all__ = ["WorstAnc", "bound_anc"]

_OTHERS = ("lymphocytes", "monocytes", "eosinophils", "basophils", "blasts")
_SAME_EPISODE_DAYS = 7.0  # a measured ANC so old still bounds what a newer count without a differential leaves open


@dataclass(frozen=True, slots=True)
class WorstAnc:
    """`at_most` in 10*9/L; `measured` says that a neutrophil count stands behind it, not only a white cell count."""

    at_most: float | None
    measured: bool
    because: str


def bound_anc(judged: Sequence[Judged], since: float | None = None) -> WorstAnc:
    """The most neutrophils the newest draw allows, in 10*9/L.

    Where the newest draw has no neutrophil count, a measured one of the week before counts if it is worse. Counts from
    before day `since` (the last chemotherapy) bound nothing: they were taken before the fall.
    """
    if since is not None:
        judged = [j for j in judged if j.count.day is None or j.count.day >= since]
        if not judged:
            return WorstAnc(None, measured=False, because="no count since the chemotherapy")
    draws = [d for d in find_draws(judged) if "neutrophils" in d or "wbc" in d]
    if not draws:
        return WorstAnc(None, measured=False, because="no white cell or neutrophil count on the record")
    worst = _bound_draw(draws[-1])
    if worst.measured:
        return worst
    newest = draws[-1]["wbc"].count.day
    for draw in draws[:-1]:
        earlier = _bound_draw(draw)
        day = next(iter(draw.values())).count.day
        recent = newest is None or day is None or newest - day <= _SAME_EPISODE_DAYS
        if earlier.measured and recent and (earlier.at_most or 0.0) < (worst.at_most or 0.0):
            worst = WorstAnc(earlier.at_most, measured=True, because=f"{earlier.because}, the last one measured")
    return worst


def _bound_draw(draw: Mapping[str, Judged]) -> WorstAnc:
    wbc = draw["wbc"].count.value if "wbc" in draw else None
    if "neutrophils" in draw:
        anc = draw["neutrophils"].count.value
        sign = "< " if draw["neutrophils"].count.censored == "<" else ""
        if wbc is None or anc <= wbc:
            return WorstAnc(anc, measured=True, because=f"neutrophils {sign}{anc:g}")
        return WorstAnc(wbc, measured=True, because=f"neutrophils {anc:g} given, but white cells are only {wbc:g}")
    assert wbc is not None
    others = {name: draw[name].count.value for name in _OTHERS if name in draw and draw[name].count.censored != "<"}
    rest = max(0.0, float(f"{wbc - sum(others.values()):.12g}"))
    less = "".join(f" less {name} {value:g}" for name, value in others.items())
    return WorstAnc(rest, measured=False, because=f"neutrophils at most {rest:g}: white cells {wbc:g}{less}")
