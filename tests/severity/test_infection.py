"""What depth and length of neutropenia say of the risk of infection."""

from __future__ import annotations

import pytest

from leukon.severity.episodes import find_episodes
from leukon.severity.infection import state_risk


@pytest.mark.parametrize(
    ("anc", "words"),
    [(0.05, "under 0.1"), (0.1, "under 0.5"), (0.7, "0.5 to 1.0"), (1.2, "1.0 to 1.5")],
)
def test_depth_has_its_statement_and_source(someone, anc: float, words: str) -> None:
    first = state_risk(someone([{"neutrophils": anc}]).judged)[0]
    assert words in first.text and first.source


def test_nothing_is_said_of_normal_or_unknown_neutrophils(someone) -> None:
    assert state_risk(someone([{"neutrophils": 2.0}]).judged) == ()
    assert state_risk(someone([]).judged) == ()


def test_a_week_under_0_5_is_prolonged(someone) -> None:
    who = someone([{"day": d, "neutrophils": 0.3} for d in (0, 4, 8)])
    said = state_risk(who.judged, find_episodes(who.judged), now=8)
    assert "for 8 days" in said[1].text
    short = someone([{"day": d, "neutrophils": 0.3} for d in (0, 4)])
    assert len(state_risk(short.judged, find_episodes(short.judged), now=4)) == 1


def test_a_working_marrow_makes_the_same_count_less_dangerous(someone) -> None:
    who = someone([{"neutrophils": 0.3}])
    assert any("not failing" in s.text for s in state_risk(who.judged, marrow_failing=False))
    assert not any("not failing" in s.text for s in state_risk(who.judged))


def test_lymphopenia_has_its_own_risk(someone) -> None:
    assert any("1.41" in s.text for s in state_risk(someone([{"lymphocytes": 0.9}]).judged))
