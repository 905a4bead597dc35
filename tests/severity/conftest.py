"""Makes a person from a few words: counts go through the real reading and judging, facts are given as ids."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import pytest

from leukon.answer import Urgency
from leukon.counts import read_counts
from leukon.facts.model import DrugUse, Fact, Facts
from leukon.knowledge.check import read_knowledge
from leukon.knowledge.load import DATA
from leukon.knowledge.schema import DrugEffect, DrugFact, Frequency, Knowledge, Window
from leukon.limits.judge import Judged, judge_counts
from leukon.patient import Draw, Item, Measure, Patient, Person
from leukon.severity import judge_urgency, make_situation

_YEAR = 365.25


def _drug(id_: str, *, cytotoxic: bool = False, culprit: bool = False) -> DrugFact:
    why = "a figure for tests"
    effect = DrugEffect(profile="agranulocytosis", incidence=Frequency(p=0.01, because=why), window=Window(because=why))
    purpose = "cytotoxic" if cytotoxic else "other"
    return DrugFact(id=id_, name=id_, class_="tests", purpose=purpose, effects=(effect,) if culprit else ())


DRUGS = {
    "methimazole": _drug("methimazole", culprit=True),
    "docetaxel": _drug("docetaxel", cytotoxic=True),
    "amlodipine": _drug("amlodipine"),
}


@dataclass(frozen=True)
class Someone:
    patient: Patient
    judged: tuple[Judged, ...]
    facts: Facts


def make_someone(
    counts: Sequence[Mapping[str, object]] = (),
    *,
    years: float | None = 40,
    sex: str | None = "female",
    present: Sequence[str] = (),
    absent: Sequence[str] = (),
    drugs: Mapping[str, tuple[float | None, float | None]] | None = None,
    duffy_null: bool | None = None,
    pregnant: bool | None = None,
    now: float | None = None,
) -> Someone:
    """`counts`: one mapping a draw, such as ``{"day": 0, "wbc": 0.6}``; `drugs`: id -> (start, stop)."""
    draws: list[Draw] = []
    for order, row in enumerate(counts):
        measures = tuple(
            Measure(Item(f"counts[{order}].{name}", str(value)), name)
            for name, value in row.items()
            if name not in ("day", "sample")
        )
        sample = (Item(f"counts[{order}].sample", str(row["sample"])),) if "sample" in row else ()
        day = row.get("day")
        draws.append(Draw(None if day is None else float(str(day)), None, order, measures, sample))
    days = [d.day for d in draws if d.day is not None]
    patient = Patient(
        person=Person(
            age_days=None if years is None else years * _YEAR, sex=sex, duffy_null=duffy_null, pregnant=pregnant
        ),
        draws=tuple(draws),
        now=now if now is not None else max(days, default=0.0),
    )
    uses = tuple(DrugUse(id_, id_, f"drugs[{id_}]", start, stop) for id_, (start, stop) in (drugs or {}).items())
    facts = Facts(
        facts=tuple(Fact(x, x in present, x, x, "exact") for x in (*present, *absent)),
        drugs=uses,
        conditions=(),
        present=frozenset(present),
        absent=frozenset(absent),
        now=frozenset(present),
        understood=(),
        not_used=(),
    )
    return Someone(patient, judge_counts(read_counts(patient), patient), facts)


@pytest.fixture
def someone() -> Callable[..., Someone]:
    return make_someone


@pytest.fixture
def drugs() -> dict[str, DrugFact]:
    return DRUGS


@cache
def read_known() -> Knowledge:
    """What leukon knows, read from its YAML once."""
    return read_knowledge(DATA)


@pytest.fixture
def known() -> Knowledge:
    return read_known()


@pytest.fixture
def judge(known: Knowledge) -> Callable[..., Urgency]:
    """The urgency of someone, by the red flags of the knowledge."""

    def judge_someone(who: Someone) -> Urgency:
        return judge_urgency(make_situation(who.judged, who.facts, who.patient, drugs=DRUGS), known.red_flags)

    return judge_someone
