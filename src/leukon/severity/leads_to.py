"""What low cells lead to: the infections and signs to look for at this depth of each lineage."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from leukon.answer import Episode, LeadsTo
from leukon.knowledge.schema import Consequence
from leukon.limits.judge import Judged

__all__ = ["list_consequences"]

_ALWAYS_LOW = 0.5  # 10*9/L: neutrophils under it are severe neutropenia in everyone


def list_consequences(
    current: Mapping[str, Judged], episodes: Sequence[Episode], consequences: Sequence[Consequence]
) -> tuple[LeadsTo, ...]:
    """What the newest low counts lead to, in the order of the knowledge; a count normal for this person to nothing.

    `current` are the newest counts by analyte. A consequence of a long fall needs an open episode of that length.
    """
    found: list[LeadsTo] = []
    for c in consequences:
        row = current.get(c.lineage)
        if row is None or not _is_low(row):
            continue
        value = row.count.value
        if value >= c.below or (c.from_ is not None and value < c.from_):
            continue
        if c.longer_than_days is not None and _lasted(row, episodes, c) <= c.longer_than_days:
            continue
        found.append(
            LeadsTo(c.id, c.lineage, value, c.infections, c.signs, c.because or "", (c.source,) if c.source else ())
        )
    return tuple(found)


def _is_low(row: Judged) -> bool:
    severe = row.count.analyte == "neutrophils" and row.count.value < _ALWAYS_LOW
    return row.status in ("low", "cannot say") or severe


def _lasted(row: Judged, episodes: Sequence[Episode], c: Consequence) -> float:
    """Days from the first count of an open episode at this depth to the newest count."""
    begun = [
        e.from_
        for e in episodes
        if e.open and e.analyte == c.lineage and e.threshold <= c.below and e.from_ is not None
    ]
    return max((row.count.day - begin for begin in begun if row.count.day is not None), default=0.0)
