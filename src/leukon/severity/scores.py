"""Scores of febrile neutropenia, side by side: what is known of each item, and the points that are still open."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from leukon.answer import ScoreShown
from leukon.knowledge.schema import Score, ScoreBand
from leukon.rules import Situation, holds

__all__ = ["compare_scores", "reckon_scores"]


def reckon_scores(situation: Situation, scores: Sequence[Score]) -> tuple[ScoreShown, ...]:
    """Every score that may be used here, with its least and most possible points and what decides between them."""
    return tuple(_reckon(score, situation) for score in scores if holds(score.when, situation))


def _reckon(score: Score, situation: Situation) -> ScoreShown:
    least = most = 0
    missing: list[str] = []
    for item in score.items:
        if item.yes and holds(item.yes, situation):
            least, most = least + item.points, most + item.points
        elif not (item.no and holds(item.no, situation)):
            most += item.points
            missing.append(f"{item.text} ({item.points})")
    verdicts = [b for b in score.bands if b.from_points <= most and not _is_passed(b, score, least)]
    decided = len(verdicts) == 1
    return ScoreShown(
        id=score.id,
        name=score.name,
        least=least,
        most=most,
        verdict=verdicts[0].verdict if decided else "not decided: " + " or ".join(b.verdict for b in verdicts),
        low_risk=verdicts[0].low_risk if decided else None,
        missing=tuple(missing),
        made_for=score.made_for,
        sources=(score.source,) if score.source else (),
    )


def _is_passed(band: ScoreBand, score: Score, least: int) -> bool:
    """Is the least possible number of points already in a higher band?"""
    above = score.bands[score.bands.index(band) + 1 :]
    return any(b.from_points <= least for b in above)


def compare_scores(shown: Sequence[ScoreShown]) -> str | None:
    """What two decided scores say to each other: their agreement, or the disagreement to be settled by a person."""
    decided = [s for s in shown if s.low_risk is not None]
    if len(decided) < 2:
        return None
    if len({s.low_risk for s in decided}) == 1:
        return f"{_join(s.name for s in decided)} agree"
    low = _join(s.name for s in decided if s.low_risk)
    high = _join(s.name for s in decided if not s.low_risk)
    return f"{low} says low risk and {high} does not: go by the higher risk until someone has seen the person"


def _join(names: Iterable[str]) -> str:
    return " and ".join(names)
