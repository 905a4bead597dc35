"""What leukon answers: the report as frozen values, named as in the JSON contract.

`leukon.report` writes these as text, HTML, FHIR and JSON; the JSON is these fields as they stand, so a field added
here is a field of the contract.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

__all__ = [
    "Ask", "Care", "Cause", "Change", "CountRow", "Episode", "Evidence", "LeadsTo", "LimitUsed", "MustNotMiss",
    "NotUsed", "PolicyUsed", "RangeStatus", "Real", "Report", "ScoreShown", "Source", "Test", "Understood",
    "Urgency", "Versions",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Source:
    id: str
    citation: str
    doi: str | None = None
    pmid: str | None = None
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Versions:
    version: str
    knowledge: str
    model: str


@dataclass(frozen=True, slots=True)
class LimitUsed:
    """The limits that a value was judged by, and whose they are."""

    lower: float | None
    upper: float | None
    owner: str  # "stated group|duffy-null|pregnancy|laboratory|age|adult"
    source: str  # id of a Source
    note: str | None = None


@dataclass(frozen=True, slots=True)
class RangeStatus:
    """The laboratory's own limits and verdict, shown beside ours."""

    lower: float | None
    upper: float | None
    status: str


@dataclass(frozen=True, slots=True)
class Change:
    """From an earlier count of the same person: `beyond_rcv` says whether the fall or rise exceeds chance."""

    from_: float
    to: float
    beyond_rcv: bool
    from_day: float | None = None


@dataclass(frozen=True, slots=True)
class CountRow:
    analyte: str
    value: float
    unit: str
    day: float | None
    time: str | None
    as_given: str
    status: str  # "low|normal|high|cannot say"
    limit: LimitUsed | None
    laboratory: RangeStatus | None
    change: Change | None
    grades: dict[str, int | None]
    derived: str | None = None  # how it was had, when it was not measured: "WBC × 9 %"
    censored: str | None = None  # "<" at or under the detection limit
    edge: str | None = None  # what is said of a value near its limit


@dataclass(frozen=True, slots=True)
class Episode:
    analyte: str
    threshold: float
    from_: float | None
    to: float | None
    nadir: float
    open: bool


@dataclass(frozen=True, slots=True)
class LeadsTo:
    """What a low count of one lineage leads to at its depth."""

    id: str
    lineage: str
    value: float
    infections: tuple[str, ...]
    signs: tuple[str, ...]
    because: str
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ScoreShown:
    """A published score: the least and the most points that what is known allows."""

    id: str
    name: str
    least: int
    most: int
    verdict: str
    low_risk: bool | None  # None = not decided, or between
    missing: tuple[str, ...]
    made_for: str
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Urgency:
    level: str  # "emergency|same day|urgent|soon|routine|none"
    because: tuple[str, ...]
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Real:
    verdict: str  # "real|redistribution possible|artefact|normal variant|cannot say"
    because: tuple[str, ...]
    sources: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Evidence:
    """One item for or against a cause; `weight` in natural-log odds against what else is possible."""

    item: str
    weight: float
    source: str  # id of a Source, or "estimate"
    sure: str  # "confirmed|literature|estimate": of the figure behind it


@dataclass(frozen=True, slots=True)
class Cause:
    id: str
    name: str
    family: str
    probability: float
    must_not_miss: bool
    drug: str | None
    for_: tuple[Evidence, ...]
    against: tuple[Evidence, ...]
    confirm: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MustNotMiss:
    id: str
    name: str
    because: str


@dataclass(frozen=True, slots=True)
class Ask:
    question: str
    because: str
    id: str | None = None


@dataclass(frozen=True, slots=True)
class Test:
    __test__ = False  # not a pytest class

    id: str
    test: str
    because: str
    gain: float  # bits
    burden: str
    line: int  # 0 = confirm the count … 3 = specialist
    sources: tuple[str, ...] = ()
    rise: float = 0.0  # how much likelier the leading family of causes would be the right one, its result known


@dataclass(frozen=True, slots=True)
class Care:
    id: str
    option: str
    kind: str  # "stop drug|continue drug|treat|prevent|refer|monitor|supply|avoid"
    drug: str | None
    because: str
    caution: str
    sources: tuple[str, ...]
    jurisdiction: str
    date: str


@dataclass(frozen=True, slots=True)
class Understood:
    item: str
    as_: str
    present: bool
    by: str  # "exact|synonym|code|fuzzy|number"
    path: str
    also: tuple[str, ...] = ()  # further facts of the same leaf; "not " in front where absent
    unread: str | None = None  # the part of the leaf that was not understood


@dataclass(frozen=True, slots=True)
class NotUsed:
    item: str
    reason: str
    path: str


@dataclass(frozen=True, slots=True)
class PolicyUsed:
    """The site's policy that shaped the options, and what it left out."""

    name: str
    date: str | None
    jurisdiction: str | None
    ctcae: str | None
    left_out: tuple[str, ...]  # "G-CSF …: not available here"


@dataclass(frozen=True, slots=True)
class Report:
    leukon: Versions
    id: str | None
    summary: str
    low: str  # "low|not low|cannot say"
    counts: tuple[CountRow, ...]
    episodes: tuple[Episode, ...]
    urgency: Urgency
    real: Real
    causes: tuple[Cause, ...]
    must_not_miss: tuple[MustNotMiss, ...]
    none_of_these: float
    this_persons_normal: float  # the probability that nothing acts
    calibration: dict[str, str]
    ask: tuple[Ask, ...]
    workup: tuple[Test, ...]
    stop_here: str | None
    care: tuple[Care, ...]
    course: dict[str, Any] | None
    understood: tuple[Understood, ...]
    not_used: tuple[NotUsed, ...]
    sources: tuple[Source, ...]
    notes: tuple[str, ...] = ()  # what is said of the counts: conflicts, edges, drugs that raise counts
    states: tuple[
        str, ...
    ] = ()  # names of what is present: "neutropenia, severe", "bicytopenia", "febrile neutropenia"
    leads_to: tuple[LeadsTo, ...] = ()  # the infections and signs to look for at these depths
    policy: PolicyUsed | None = None
    scores: tuple[ScoreShown, ...] = ()  # of febrile neutropenia, side by side
    scores_compared: str | None = None
    not_looked_for: str | None = None  # the dangerous causes not shown, in one line
