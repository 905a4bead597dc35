"""Episodes: from the first count under a threshold to the first one back."""

from __future__ import annotations

from leukon.severity.episodes import LIMIT, find_episodes


def _series(*pairs: tuple[float, float], analyte: str = "neutrophils") -> list[dict[str, float]]:
    return [{"day": day, analyte: value} for day, value in pairs]


def _find(who, threshold: float | str, analyte: str = "neutrophils", **kwargs: float):
    return find_episodes(who.judged, {analyte: (threshold,)}, **kwargs)


def test_an_episode_runs_from_the_first_low_count_to_the_first_one_back(someone) -> None:
    (episode,) = _find(someone(_series((0, 2.0), (7, 0.4), (10, 0.1), (14, 0.6))), 0.5)
    assert (episode.from_, episode.to, episode.nadir, episode.open) == (7, 14, 0.1, False)


def test_an_episode_that_has_not_ended_is_open(someone) -> None:
    (episode,) = _find(someone(_series((0, 2.0), (7, 0.4))), 0.5)
    assert (episode.from_, episode.to, episode.open) == (7, None, True)


def test_the_threshold_itself_is_not_under_it(someone) -> None:
    assert _find(someone(_series((0, 0.5))), 0.5) == ()


def test_two_dips_within_the_gap_are_one_episode(someone) -> None:
    who = someone(_series((0, 0.4), (5, 0.9), (14, 0.3), (20, 1.2)))
    assert [(e.from_, e.to, e.nadir) for e in _find(who, 0.5)] == [(0, 20, 0.3)]
    assert [(e.from_, e.to) for e in _find(who, 0.5, merge_gap_days=13)] == [(0, 5), (14, 20)]


def test_each_threshold_has_its_own_episodes(someone) -> None:
    who = someone(_series((0, 1.2), (5, 0.4), (9, 1.2), (12, 2.0)))
    found = find_episodes(who.judged)
    assert [(e.threshold, e.from_, e.to) for e in found] == [(1.5, 0, 12), (1.0, 5, 9), (0.5, 5, 9)]


def test_white_cells_are_held_against_the_limit_that_applies(someone) -> None:
    child = someone(_series((0, 4.2), analyte="wbc"), years=2)
    (episode,) = _find(child, LIMIT, "wbc")
    assert episode.threshold == child.judged[-1].limit.lower > 4.2
    assert _find(someone(_series((0, 4.2), analyte="wbc"), years=40), LIMIT, "wbc") == ()


def test_under_the_detection_limit_is_under_a_threshold_equal_to_it(someone) -> None:
    assert _find(someone([{"day": 0, "neutrophils": "<0.5"}]), 0.5)[0].open


def test_counts_without_days_make_episodes_without_days(someone) -> None:
    who = someone([{"neutrophils": 0.4}, {"neutrophils": 0.3}, {"neutrophils": 2.0}])
    (episode,) = _find(who, 0.5)
    assert (episode.from_, episode.to, episode.nadir, episode.open) == (None, None, 0.3, False)
