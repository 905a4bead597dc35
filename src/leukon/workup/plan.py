"""What to ask and test next, or why to stop.

A test is worth its information (bits on the causes), more where it would change what is done next and where a
dangerous cause hangs on it, less its burden. The order of guidelines stands above: earlier counts, repeat count and
film come first, the marrow last.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from leukon.answer import Ask, Cause, Test
from leukon.causes import Ranking
from leukon.causes.table import ActorTable, build_table
from leukon.facts import Facts
from leukon.knowledge import Knowledge
from leukon.knowledge.once import once_per_version
from leukon.knowledge.schema import TestFact
from leukon.rules import Situation, holds
from leukon.workup.gain import gain_of_findings, rise_of_certainty

__all__ = ["STEADY_DRAWS", "measure_gains", "suggest_questions", "suggest_tests"]

_BURDEN = {
    "none": 0.0,
    "urine": 0.01,
    "swab": 0.01,
    "blood draw": 0.02,
    "genetic": 0.08,
    "imaging": 0.05,
    "marrow": 0.15,
    "biopsy": 0.2,
}
_CONFIRMS = 0.10  # a cause this likely has its confirming test considered
_LEADING = 3  # confirming tests are taken from so many leading causes
_STAKE = 2.0  # bits that a rise of certainty from none to full is worth
_LEAST_GAIN = 0.03  # bits below which a test is not worth a line
_LEAST_ALONE = 0.08  # the same for a test that confirms none of the causes that matter
_SURE_OF = 0.20  # below it one confirming test of a cause is enough
_MOST_TESTS = 8
STEADY_DRAWS = 2  # draws beyond which a count at which one may stop needs no repeat
_MOST_QUESTIONS = 5
_CONFIRM_COUNT = ("earlier_counts", "repeat_count", "blood_film")


def measure_gains(ranking: Ranking, facts: Facts, k: Knowledge) -> dict[str, float]:
    """What each finding that a question or a test could settle, and that is not known yet, would tell (bits)."""
    table = build_table(k)
    known = facts.present | facts.absent
    asked = (f for q in k.questions for f in q.settles)
    tested = (f for findings in table.tests.values() for f in findings)
    return gain_of_findings(ranking, table, dict.fromkeys(f for f in (*asked, *tested) if f not in known))


def suggest_questions(
    gains: dict[str, float], facts: Facts, situation: Situation, k: Knowledge, *, earlier: bool
) -> tuple[Ask, ...]:
    """Questions first: what asking would tell, for nothing but time. `gains` are those of `measure_gains`."""
    known = facts.present | facts.absent
    scored: list[tuple[float, Ask]] = []
    for question in k.questions:
        open_ = [f for f in question.settles if f not in known]
        gain = sum(gains.get(f, 0.0) for f in open_)
        if gain < _LEAST_GAIN / 3 or len(open_) < len(question.settles) / 2:
            continue
        if earlier and question.id in _CONFIRM_COUNT:
            continue
        if question.when is None or holds(question.when, situation):
            scored.append((gain, Ask(question.question, question.because, question.id)))
    scored.sort(key=lambda pair: (-pair[0], pair[1].id or ""))
    return tuple(ask for _, ask in scored[:_MOST_QUESTIONS])


def suggest_tests(
    ranking: Ranking,
    gains: dict[str, float],
    facts: Facts,
    situation: Situation,
    k: Knowledge,
    *,
    draws: int,
    stop_here: str | None,
) -> tuple[Test, ...]:
    """The next tests in guideline order: confirm the count; what is indicated; then by worth.

    `gains` are those of `measure_gains`.
    """
    first = [t for name in _CONFIRM_COUNT if (t := _confirm_count(name, facts, k, earlier=draws > 1))]
    if stop_here:
        return tuple(t for t in first if t.id == "repeat_count" and draws <= STEADY_DRAWS)
    asked = tuple(_list_indicated(facts, situation, k))
    known = {t.id for t in asked}
    chosen = [t for t in _choose(ranking, gains, facts, k) if t.id not in known]
    return (*first, *asked, *chosen[: max(0, _MOST_TESTS - len(first) - len(asked))])


def _list_indicated(facts: Facts, situation: Situation, k: Knowledge) -> Iterator[Test]:
    """Tests that the situation itself asks for, each once and with the first reason that holds."""
    seen: set[str] = set()
    for indication in k.indications:
        if indication.test in facts.tests or indication.test in seen or not holds(indication.when, situation):
            continue
        seen.add(indication.test)
        test = k.tests[indication.test]
        sources = (indication.source,) if indication.source else ()
        yield Test(test.id, test.name, indication.said, 0.0, test.burden, test.line, sources)


def _confirm_count(name: str, facts: Facts, k: Knowledge, *, earlier: bool) -> Test | None:
    if name not in k.tests or name in facts.tests or (name == "earlier_counts" and earlier):
        return None
    test = k.tests[name]
    return Test(name, test.name, test.because or "", 0.0, test.burden, test.line, test.sources)


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A test and what it is worth: bits, how much surer it makes what is done next, the cause it confirms."""

    worth: float
    gain: float
    rise: float
    test: TestFact
    cause: Cause | None


def _choose(ranking: Ranking, gains: dict[str, float], facts: Facts, k: Knowledge) -> Iterator[Test]:
    table = build_table(k)
    confirming = _confirming(ranking)
    candidates: list[_Candidate] = []
    rises = rise_of_certainty(ranking, table, [f for f, gain in gains.items() if gain >= _LEAST_GAIN])
    telling = {name for f, gain in gains.items() if gain >= _LEAST_GAIN for name in _tests_of(k).get(f, ())}
    for name in telling | confirming.keys():
        test = k.tests[name]
        if name in facts.tests or name in _CONFIRM_COUNT or not test.suggest:
            continue
        gain = max((gains.get(f, 0.0) for f in table.tests[test.id]), default=0.0)
        cause = confirming.get(test.id)
        rise = max((rises.get(f, 0.0) for f in table.tests[test.id]), default=0.0)
        worth = (
            gain + _STAKE * rise + (0.5 * cause.probability * (1.5 if cause.must_not_miss else 1.0) if cause else 0.0)
        )
        worth -= _BURDEN[test.burden]
        if worth >= (_LEAST_GAIN if cause else _LEAST_ALONE):
            candidates.append(_Candidate(worth, gain, rise, test, cause))
    candidates.sort(key=lambda c: (-c.worth, c.test.id))
    yield from _without_repeats(candidates, table, k)


@once_per_version
def _tests_of(k: Knowledge) -> dict[str, list[str]]:
    """The tests that can settle each finding."""
    found: dict[str, list[str]] = {}
    for test, findings in build_table(k).tests.items():
        for finding in findings:
            found.setdefault(finding, []).append(test)
    return found


def _without_repeats(candidates: list[_Candidate], table: ActorTable, k: Knowledge) -> Iterator[Test]:
    """Never two tests that teach the same, nor several for a cause that is not likely."""
    taught: set[str] = set()
    confirmed: set[str] = set()
    for candidate in candidates:
        test, cause = candidate.test, candidate.cause
        clusters = {k.findings[f].cluster for f in table.tests[test.id] if f in k.findings}
        if clusters and clusters <= taught:
            continue
        if cause and cause.probability < _SURE_OF and cause.id in confirmed:
            continue
        taught |= clusters
        if cause:
            confirmed.add(cause.id)
        because = f"confirms or refutes {cause.name} ({cause.probability:.0%})" if cause else (test.because or "")
        yield Test(
            id=test.id,
            test=test.name,
            because=because,
            gain=round(candidate.gain, 3),
            burden=test.burden,
            line=test.line,
            sources=test.sources,
            rise=round(candidate.rise, 3),
        )


def _confirming(ranking: Ranking) -> dict[str, Cause]:
    """Test -> the most likely leading cause it confirms; dangerous causes count from a tenth of the bar."""
    found: dict[str, Cause] = {}
    for place, cause in enumerate(ranking.causes):
        bar = _CONFIRMS / 5 if cause.must_not_miss else _CONFIRMS
        if cause.probability >= bar and (place < _LEADING or cause.must_not_miss):
            for test in cause.confirm:
                found.setdefault(test, cause)
    return found
