"""The one verb: `assess(patient) -> Report` asks every question of leukon in order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace

from leukon.answer import Cause, CountRow, MustNotMiss, PolicyUsed, Report, Urgency, Versions
from leukon.artefact import judge_reality
from leukon.care import list_options
from leukon.causes import Ranking, rank_causes
from leukon.counts import read_counts
from leukon.facts import Facts, read_facts
from leukon.facts.adding import add_results, promote_counts, promote_duffy
from leukon.knowledge import Knowledge, load_knowledge
from leukon.limits import judge_counts
from leukon.limits.judge import Judged
from leukon.patient import Patient
from leukon.policy import Policy
from leukon.rules import LEVELS
from leukon.severity.episodes import find_episodes
from leukon.severity.grade import report_grades
from leukon.severity.leads_to import list_consequences
from leukon.severity.names import name_states
from leukon.severity.scores import compare_scores, reckon_scores
from leukon.severity.series import find_current
from leukon.severity.situation import make_situation
from leukon.severity.urgency import judge_urgency
from leukon.sources import list_sources
from leukon.summary import summarise
from leukon.workup import STEADY_DRAWS, measure_gains, stop_reason, suggest_questions, suggest_tests

__all__ = ["MODEL", "SETTINGS", "assess"]

MODEL = "evidence-1"
SETTINGS = ("any", "primary-care", "hospital", "oncology", "paediatric")

_SHOWN = 0.01  # a dangerous cause this likely is shown in a list of its own
_SAID = 0.10  # and this likely it is named beside the urgency


def assess(
    patient: Patient,
    *,
    setting: str = "any",
    add: Sequence[str] = (),
    policy: Policy | None = None,
    knowledge: Knowledge | None = None,
) -> Report:
    """The whole assessment of one person.

    `setting` chooses the priors of causes; `add` holds further results as typed ("ANA 1:640"); a site's `policy`
    changes options, never facts. The same patient, policy and knowledge give the same report.
    """
    k = knowledge or load_knowledge()
    patient = promote_counts(add_results(patient, add, k))
    facts = read_facts(patient, k)
    patient = promote_duffy(patient, facts)
    counts = read_counts(patient)
    judged = judge_counts(counts, patient)
    situation = make_situation(judged, facts, patient, setting=setting, drugs=k.drugs)
    urgency = judge_urgency(situation, k.red_flags)
    real = judge_reality(judged, facts, patient, urgency)
    ranking = rank_causes(judged, facts, patient.person, k, now=patient.now, low=situation.low, setting=setting)
    dangerous, unlooked = _find_dangerous(ranking, facts, k)
    urgency = _raise_urgency(urgency, dangerous, facts, k)
    limits = asdict(policy.thresholds) if policy else {}
    situation = replace(
        situation,
        thresholds={name: value for name, value in limits.items() if value is not None},
        verdict=real.verdict,
        urgency=urgency.level,
        causes=ranking.probabilities,
        families=ranking.families,
    )
    gains = measure_gains(ranking, facts, k)
    scores = reckon_scores(situation, k.scores)
    stop = stop_reason(situation, real)
    draws = len({j.count.draw for j in judged})
    episodes = find_episodes(judged)
    if real.verdict == "normal variant" and urgency.level == "routine" and draws > STEADY_DRAWS:
        urgency = replace(urgency, because=real.because[:1])
    options, left_out = list_options(ranking, situation, k, policy)
    report = Report(
        leukon=Versions(_version(), k.version, MODEL),
        id=patient.id,
        summary=summarise(patient, judged, situation, urgency, real, ranking),
        low=situation.low,
        counts=tuple(_row(j, patient) for j in judged),
        episodes=episodes,
        urgency=urgency,
        real=real,
        causes=ranking.causes,
        must_not_miss=tuple(m for m, _ in dangerous),
        none_of_these=ranking.none_of_these,
        this_persons_normal=ranking.normal,
        calibration={"status": "not calibrated on patients", "note": _CALIBRATION},
        ask=() if stop else suggest_questions(gains, facts, situation, k, earlier=draws > 1),
        workup=suggest_tests(ranking, gains, facts, situation, k, draws=draws, stop_here=stop),
        stop_here=stop,
        care=options,
        course=None,
        understood=(*facts.understood, *counts.understood),
        not_used=(*facts.not_used, *counts.not_used),
        sources=(),
        notes=(*counts.notes, *_raising_notes(facts, patient, k)),
        states=name_states(judged, facts, patient, k.drugs),
        policy=PolicyUsed(policy.name, policy.date, policy.jurisdiction, policy.ctcae, left_out) if policy else None,
        scores=scores,
        scores_compared=compare_scores(scores),
        leads_to=list_consequences(find_current(judged), episodes, k.consequences),
        not_looked_for=unlooked,
    )
    return replace(report, sources=list_sources(report, k))


_CALIBRATION = "probabilities order the causes; no cohort of patients has shown yet how far the numbers can be trusted"


def _version() -> str:
    from leukon import __version__

    return __version__


def _row(j: Judged, patient: Patient) -> CountRow:
    c = j.count
    return CountRow(
        analyte=c.analyte,
        value=c.value,
        unit=c.unit,
        day=c.day,
        time=c.time,
        as_given=c.as_given,
        status=j.status,
        limit=j.limit,
        laboratory=j.laboratory,
        change=j.change,
        grades=report_grades(j, patient),
        derived=c.derived,
        censored=c.censored,
        edge=j.edge,
    )


def _find_dangerous(ranking: Ranking, facts: Facts, k: Knowledge) -> tuple[list[tuple[MustNotMiss, Cause]], str | None]:
    """Dangerous causes at 1 % or on a named trigger; the others in one line."""
    found: list[tuple[MustNotMiss, Cause]] = []
    listed = {c.id: c for c in ranking.causes}
    others: list[str] = []
    for name, probability in sorted(ranking.probabilities.items(), key=lambda item: (-item[1], item[0])):
        cause = listed.get(name)
        fact = k.causes.get(name)
        if not (cause.must_not_miss if cause else fact and fact.must_not_miss):
            continue
        trigger = _named_trigger(name, facts, k)
        title = cause.name if cause else fact.name if fact else name
        if probability >= _SHOWN or trigger:
            because = f"named by {trigger}" if trigger and probability < _SHOWN else f"probability {probability:.0%}"
            shown = cause or Cause(name, title, fact.family if fact else "other", probability, True, None, (), (), ())
            found.append((MustNotMiss(name, title, because), shown))
        else:
            others.append(title)
    line = f"Under 1 % and without a trigger, so not shown: {', '.join(sorted(others))}." if others else None
    return found, line


def _named_trigger(name: str, facts: Facts, k: Knowledge) -> str | None:
    fact = k.causes.get(name)
    found = [t.split(" + ") for t in (fact.triggers if fact else ())]
    named = [" with ".join(k.findings[f].name for f in parts) for parts in found if facts.present.issuperset(parts)]
    return ", ".join(named) or None


def _raise_urgency(urgency: Urgency, dangerous: list[tuple[MustNotMiss, Cause]], facts: Facts, k: Knowledge) -> Urgency:
    """A dangerous cause never lowers urgency. On a named trigger it sets its own; likely without one, it is said.

    Probability alone moves no level: it may fall as the count falls, and fewer neutrophils are never less urgent.
    """
    for shown, cause in dangerous:
        fact = k.causes.get(cause.id)
        reason = f"{shown.name} ({shown.because})"
        if fact and _named_trigger(cause.id, facts, k) and LEVELS.index(fact.urgency) < LEVELS.index(urgency.level):
            urgency = Urgency(fact.urgency, (reason,), ())
        elif fact and cause.probability >= _SAID:
            urgency = replace(urgency, because=(*urgency.because, reason))
    return urgency


def _raising_notes(facts: Facts, patient: Patient, k: Knowledge) -> tuple[str, ...]:
    """Drugs that raise counts change what a count means: said beside it."""
    taken = {u.drug for u in facts.drugs if u.drug and u.is_taken(patient.now, within_days=14)}
    return tuple(f"{k.drugs[d].name}: {text}" for d in sorted(taken) if (text := k.drugs[d].raises_count))
