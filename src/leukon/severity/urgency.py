"""How soon something must be done, from the red flags of the knowledge.

The most urgent flag that holds wins; all flags of that level are said. Flags look at the worst value the record
allows and never at why a count is low: Duffy status, pregnancy or an artefact lower nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from leukon.answer import Urgency
from leukon.rules import LEVELS, Situation, holds

if TYPE_CHECKING:
    from leukon.knowledge.schema import RedFlag

__all__ = ["judge_urgency"]


class _Values(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return "not known"


def judge_urgency(situation: Situation, flags: Iterable[RedFlag] | None = None) -> Urgency:
    """The urgency of a situation, with the reasons of its level and the ids of their sources.

    `flags` are those of the knowledge when not given. In `said`, "{worst_anc}" or "{platelets}" stands for the value.
    """
    if flags is None:
        from leukon.knowledge import load_knowledge

        flags = load_knowledge().red_flags
    held = [flag for flag in flags if holds(flag.when, situation)]
    if not held:
        return _without_flag(situation)
    level = min((flag.level for flag in held), key=LEVELS.index)
    top = [flag for flag in held if flag.level == level]
    because = tuple(dict.fromkeys(_say(flag.said, situation) for flag in top))
    return Urgency(level, because, tuple(dict.fromkeys(flag.source for flag in top if flag.source)))


def _say(text: str, situation: Situation) -> str:
    values = {name: f"{value:g}" for name, value in situation.counts.items()}
    if situation.worst_anc is not None:
        values["worst_anc"] = f"{situation.worst_anc:g}"
    return text.format_map(_Values(values))


def _without_flag(situation: Situation) -> Urgency:
    match situation.low:
        case "low":
            return Urgency("routine", ("a low count without a red flag: repeat it",), ())
        case "not low":
            return Urgency("none", ("no white cell count is low and no red flag is on the record",), ())
        case _:
            return Urgency("routine", ("no red flag is on the record, but whether a count is low cannot be said",), ())
