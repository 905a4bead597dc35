"""Signs that the sample, not the person, is low: clumps, clot, age, dilution."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from leukon.counts.analytes import find_analyte
from leukon.severity.series import find_draws

if TYPE_CHECKING:
    from leukon.facts.model import Facts
    from leukon.limits.judge import Judged
    from leukon.patient import Measure, Patient

__all__ = ["Doubt", "doubt_sample"]

Doubt = tuple[str, str]
"""What is said, and the id of its source; empty where it is no finding of a study."""

_CLUMPS: Doubt = (
    "clumps on the film or an analyser flag: cells that stick together are not counted. Look at a fresh film, and "
    "count at 37 °C or by hand; citrate or heparin does not always help",
    "rohr-1990-aggregates",
)
_CLOT: Doubt = ("the sample was clotted: it cannot be counted, draw a new one", "zandecki-2007-spurious")
_DRIP: Doubt = (
    "the sample may be diluted (drawn above a drip): draw a new one from the other arm",
    "zandecki-2007-spurious",
)
_EMPTY: Doubt = (
    "a haemoglobin of 0: the analyser counted an empty or much too short sample, and its other counts are as empty. "
    "Draw a new one",
    "",
)
_ASKED: Doubt = ("the laboratory asks for a fresh sample", "")
_OLD_HOURS_WARM, _OLD_HOURS_COLD = 24.0, 48.0

_WORDS: dict[Doubt, re.Pattern[str]] = {
    _CLOT: re.compile(r"\bclot", re.I),
    _CLUMPS: re.compile(r"\b(?:clump|aggregat|agglutinat)", re.I),
    _ASKED: re.compile(r"\b(?:fresh|new|another|repeat) (?:sample|specimen)|\bre-?(?:collect|draw)", re.I),
    _DRIP: re.compile(r"\b(?:drip|dilut|infusion)|\biv (?:line|arm|fluid)|above (?:an? )?iv\b", re.I),
}
_AGE = re.compile(r"(\d+(?:\.\d+)?)\s*(?:h|hr|hrs|hour|hours)\b(?=.*\bold\b)|\bold\b.*?(\d+(?:\.\d+)?)\s*h", re.I)
_ZERO = re.compile(r"\s*0+(?:[.,]0+)?(?![\d.,])")
_COLD = re.compile(r"\b(?:4 ?°?c\b|cold|fridge|refrigerat)", re.I)
_DENIED = re.compile(r"\b(?:no|not|without|never)\b[^,;.]*$", re.I)

_DILUTION_DAYS, _DILUTION_RATIO, _DILUTION_SPREAD = 7.0, 0.85, 0.15


def doubt_sample(judged: Sequence[Judged], facts: Facts, patient: Patient) -> tuple[Doubt, ...]:
    """Every reason to doubt the newest sample; none is no proof that it is sound."""
    said: list[Doubt] = [_CLUMPS] if "clumped_cells" in facts.present else []
    draws = find_draws(judged)
    newest = _newest_order(draws)
    for draw in patient.draws:
        if draw.order == newest:
            for item in draw.sample:
                said += _read_sample(item.text)
            said += [_EMPTY] if any(_is_empty(measure) for measure in draw.measures) else []
    if _is_diluted(draws):
        said.append(
            (
                "white cells, haemoglobin and platelets fell by the same share within a week: a diluted sample is as "
                "likely as three failing cell lines, draw a new one",
                "zandecki-2007-spurious",
            )
        )
    return tuple(dict.fromkeys(said))


def _is_empty(measure: Measure) -> bool:
    """Is it a haemoglobin of 0?"""
    named = find_analyte(measure.analyte)
    return named is not None and named.analyte.id == "hemoglobin" and bool(_ZERO.match(measure.item.text))


def _newest_order(draws: Sequence[Mapping[str, Judged]]) -> int | None:
    return next(iter(draws[-1].values())).count.draw if draws else None


def _read_sample(text: str) -> list[Doubt]:
    said = [doubt for doubt, word in _WORDS.items() if (hit := word.search(text)) and not _is_denied(text, hit.start())]
    age = _AGE.search(text)
    if age:
        hours = float(age[1] or age[2])
        limit = _OLD_HOURS_COLD if _COLD.search(text) else _OLD_HOURS_WARM
        if hours > limit:
            said.append(
                (
                    f"the sample was {hours:g} hours old: white cells are lost after {limit:g} hours",
                    "zandecki-2007-spurious",
                )
            )
    return said


def _is_denied(text: str, at: int) -> bool:
    return bool(_DENIED.search(text[:at]))


def _is_diluted(draws: Sequence[Mapping[str, Judged]]) -> bool:
    """Did all three cell lines fall by at least 15 % and by about the same share within seven days?"""
    if len(draws) < 2:
        return False
    before, after = draws[-2], draws[-1]
    ratios: list[float] = []
    for kind in ("wbc", "hemoglobin", "platelets"):
        if kind not in before or kind not in after or not before[kind].count.value:
            return False
        old, new = before[kind].count, after[kind].count
        if old.day is None or new.day is None or new.day - old.day > _DILUTION_DAYS:
            return False
        ratios.append(new.value / old.value)
    return max(ratios) <= _DILUTION_RATIO and max(ratios) - min(ratios) <= _DILUTION_SPREAD
