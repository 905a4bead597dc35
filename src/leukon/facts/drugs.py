"""Drug lines: the drug a name stands for, when it was begun and stopped, and what its note says."""

from __future__ import annotations

import re

from leukon.facts.lexicon import Lexicon, choose
from leukon.facts.model import DrugUse, Reading
from leukon.facts.phrases import read_phrase
from leukon.facts.timing import read_timing
from leukon.facts.words import fold
from leukon.patient import Drug

__all__ = ["read_drug_line", "read_note"]

_ROUTE = re.compile(
    r"\b(?:oral|orally|po|iv|intravenous|intramuscular|im|subcutaneous|sc|inhaled|topical|as needed|prn|daily|weekly|"
    r"monthly|twice|once|at night|drops|tablets?|capsules?|injections?|low[- ]dose|high[- ]dose|mg|mcg|full dose|"
    r"course|over the counter|otc)\b",
    re.I,
)


def read_drug_line(drug: Drug, lexicon: Lexicon, now: float) -> tuple[tuple[DrugUse, ...], tuple[Reading, ...]]:
    """The uses a line stands for (several for a combination) and, where it names no drug, what else it says."""
    name = drug.name.text
    kinds = ("drug",)
    found: list[tuple[str, str]] = []
    if drug.name.code and (entry := choose(lexicon.find_code(drug.name.code), kinds)):
        found = [(entry[1], "code")]
    elif entry := choose(lexicon.find_whole(name) or lexicon.find_code(name), kinds):
        found = [(entry[1], entry[2])]
    else:
        found = [(e[1], "synonym") for e, _ in lexicon.find_inside(name, kinds)]
        if not found and (entry := lexicon.find_alike(name, kinds)):
            found = [(entry[1], entry[2])]
    if not found:
        return (), read_phrase(name, lexicon, ("finding", "condition")).readings
    timing = read_timing(" ".join(x.text for x in (drug.note,) if x))
    start, stop = drug.start, drug.stop
    days = [dose.day for dose in drug.doses]
    if start is None and days:
        start = min(days)
    if stop is None and days and drug.start is None:
        stop = max(days)
    if start is None and timing.started is not None:
        start = now - timing.started
    if stop is None and timing.stopped is not None:
        stop = now - timing.stopped
    uses = tuple(
        DrugUse(
            drug=which,
            name=name,
            path=drug.name.path,
            start=start,
            stop=stop,
            recent=timing.recent and start is None,
            long=timing.long and start is None,
            said_past=timing.past and stop is None,
        )
        for which, _ in dict.fromkeys(found)
    )
    return uses, tuple(Reading("drug", which, True, by) for which, by in dict.fromkeys(found))


def read_note(text: str, lexicon: Lexicon) -> tuple[str, ...]:
    """What a note says, as ids ("time:recent start", "indication:edema"); empty where nothing was understood."""
    timing = read_timing(text)
    said: list[str] = []
    if timing.recent:
        said.append("time:recently begun")
    if timing.started is not None:
        said.append(f"time:begun {timing.started:g} days ago")
    if timing.stopped is not None:
        said.append(f"time:stopped {timing.stopped:g} days ago")
    if timing.long:
        said.append("time:taken for long")
    if timing.past:
        said.append("time:past")
    if not said and re.match(r"\s*(?:for|because of|to treat)\s+", text, re.I):
        indication = re.sub(r"^\s*(?:for|because of|to treat)\s+", "", text, flags=re.I)
        said += [f"indication:{r.id}" for r in read_phrase(indication, lexicon, ("condition", "finding")).readings]
    if not said and _ROUTE.search(fold(text) + " " + text):
        said.append("route")
    return tuple(said)
