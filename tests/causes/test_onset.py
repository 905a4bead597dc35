"""Drug timing: the share of a drug's onsets that makes the count low now."""

from __future__ import annotations

import pytest

from leukon.causes.onset import onset_share
from leukon.facts import DrugUse
from leukon.knowledge.schema import DrugEffect, Frequency, Profile, Shift, Window

WHY = "made up for this test"
ACUTE = Profile(
    id="agranulocytosis",
    name="agranulocytosis",
    mechanism="destruction up",
    shifts={"neutrophils": Shift(mean=-2.8, sd=1.0, because=WHY)},
    acute=True,
)
EFFECT = DrugEffect(
    profile="agranulocytosis",
    incidence=Frequency(p=0.004, because=WHY),
    window=Window(low=14, median=35, high=90, because=WHY),
)


def share(at: float = 0.0, **use: float | bool | None) -> float:
    return onset_share(DrugUse("methimazole", "methimazole", "drugs[0].name", **use), EFFECT, ACUTE, at)  # type: ignore[arg-type]


def test_a_drug_begun_six_weeks_ago_fits_better_than_one_begun_two_years_ago() -> None:
    assert share(start=-42) > 20 * share(start=-730)


def test_a_drug_begun_after_the_low_count_cannot_have_caused_it() -> None:
    assert share(start=5) == 0.0
    assert share(at=-10, start=-5) == 0.0


def test_a_drug_stopped_long_before_has_no_share_and_one_stopped_yesterday_keeps_it() -> None:
    assert share(start=-400, stop=-100) == 0.0
    assert share(start=-42, stop=-1) == pytest.approx(share(start=-42), rel=0.3)


def test_an_unknown_start_is_averaged_over_the_window() -> None:
    assert share(start=-730) < share() < share(start=-35)


def test_recently_begun_beats_unknown_and_long_taken_loses() -> None:
    assert share(long=True) < share() < share(recent=True)
