"""Which figure lies behind an item of evidence: the cause's own, else its rival's, else the background.

The weight of an item is what taking it out does to the odds of a cause. Where the cause has no figure for it, the item
moves the odds because something else explains it, and that figure is named.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from leukon.causes.observe import Observation
from leukon.causes.rows import Row
from leukon.causes.table import ActorTable
from leukon.knowledge import Knowledge
from leukon.knowledge.once import once_per_version
from leukon.knowledge.schema import Figure, Profile

__all__ = ["ESTIMATE", "Citation", "cite", "cite_count", "find_citer"]


@dataclass(frozen=True, slots=True)
class Citation:
    """The source of a figure ("estimate" where it has none) and how sure the figure is."""

    source: str
    sure: str


ESTIMATE = Citation("estimate", "estimate")


def cite(figure: Figure | None) -> Citation:
    """The citation of one figure; an estimate that leans on a source names it and stays an estimate."""
    return Citation(figure.source or "estimate", figure.sure) if figure else ESTIMATE


def find_citer(
    members: tuple[str, ...], likely_first: list[Row], table: ActorTable, k: Knowledge
) -> Callable[[Row], Citation]:
    """Finds the figure behind findings of one cluster: the cause's own, else that of its likeliest rival."""
    held = _citations(k).setdefault(members, {})
    rival: Citation | None = None

    def own(row: Row) -> Citation | None:
        if row.actor not in held:
            figure = _own_figure(row, members, table, k)
            held[row.actor] = None if figure is None else cite(figure)
        return held[row.actor]

    def find(row: Row) -> Citation:
        nonlocal rival
        cited = own(row)
        if cited is not None:
            return cited
        if rival is None:
            found = (c for c in map(own, likely_first) if c is not None)
            rival = next(found, cite(k.findings[members[0]].leak))
        return rival

    return find


@once_per_version
def _citations(k: Knowledge) -> dict[tuple[str, ...], dict[str, Citation | None]]:
    """Citations already looked up, by findings and actor: they depend on the knowledge alone."""
    return {}


def _own_figure(row: Row, members: tuple[str, ...], table: ActorTable, k: Knowledge) -> Figure | None:
    """The actor's figure for the strongest member: of the term itself, of a wider one, of a narrower one."""
    actor = actor_of(row, k)
    columns = [table.findings[m] for m in members]
    powers = table.power[table.actors[row.actor], columns]
    strongest_first: list[int] = np.argsort(-powers, kind="stable").tolist()
    for place in strongest_first:
        column, name = columns[place], members[place]
        if name in actor.findings and powers[place] > 0:
            return actor.findings[name]
        if name in actor.against:
            return actor.against[name]
        if powers[place] <= 0:
            continue
        for wider in table.parents[column]:
            if table.names[wider] in actor.findings:
                return actor.findings[table.names[wider]]
        for narrower, figure in actor.findings.items():
            if column in table.parents[table.findings[narrower]]:
                return figure
    return None


def cite_count(row: Row, observation: Observation, k: Knowledge) -> Citation:
    """The cause's shift of the lineage; where it leaves the lineage alone, the expected count of people like them."""
    shifts = actor_of(row, k).shifts
    for part in observation.parts:
        if part in shifts:
            return cite(shifts[part])
    return Citation(observation.source, observation.sure)


def actor_of(row: Row, k: Knowledge) -> Profile:
    """The cause, or the way in which a drug acts."""
    return k.profiles[row.actor[8:]] if row.actor.startswith("profile:") else k.causes[row.actor]
