# pyright: strict
"""Which of several versions of one result in a message stands (HL7 table 0085).

A corrected result stands over a final one and that over a preliminary one, whatever their order; a result that is
deleted, called wrong or corrected to nothing takes back those before it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from leukon.counts.analytes import find_analyte
from leukon.counts.units import find_factor

__all__ = ["Version", "find_fallen", "identify"]


@dataclass(frozen=True, slots=True)
class Version:
    """`what` was measured (analyte, sub-id, date), and as a count or a percentage where that is said."""

    what: tuple[str, ...]
    share: str  # "%", "#", or "" where neither name nor unit says
    rank: int  # 0 preliminary, 1 final, 2 corrected
    takes_back: bool = False


def identify(words: str, code: str | None, unit: str) -> tuple[str, str]:
    """What is measured and as what, whichever unit it is in: a correction may come in another one.

    >>> identify("WBC", "LOINC:6690-2", "10*9/L") == identify("WBC", None, "/uL") == ("wbc", "#")
    True
    """
    named = (find_analyte(code) if code else None) or find_analyte(words)
    if named is None:
        return code or words, ""
    if unit:
        return named.analyte.id, "%" if find_factor(unit, "percent") is not None else "#"
    return named.analyte.id, {"percent": "%", "absolute": "#", "any": ""}[named.form]


def find_fallen(versions: Sequence[Version]) -> list[str | None]:
    """For each version why it falls; None where it stands."""
    best: dict[tuple[str, ...], dict[str, int]] = defaultdict(dict)
    taken_back: dict[tuple[str, ...], dict[str, int]] = defaultdict(dict)
    for place, version in enumerate(versions):
        if version.takes_back:
            taken_back[version.what][version.share] = place
        else:
            ranks = best[version.what]
            ranks[version.share] = max(ranks.get(version.share, 0), version.rank)
    fallen: list[str | None] = []
    for place, version in enumerate(versions):
        alike = (version.share, "") if version.share else ("", "%", "#")
        if place < max((taken_back[version.what].get(s, -1) for s in alike), default=-1):
            fallen.append("withdrawn later in the same message")
        elif version.rank < max((best[version.what].get(s, 0) for s in alike), default=0):
            fallen.append("replaced by a later result of the same message")
        else:
            fallen.append(None)
    return fallen
