"""Has the person's own count changed by more than chance?"""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leukon.counts import read_counts
from leukon.limits.change import VARIATION, find_change_limits
from leukon.limits.intervals import load_sources
from leukon.limits.judge import judge_counts
from tests.strategies import make_draw, make_patient

YEAR = 365.25


def change_of(*wbc: tuple[float, str]) -> object:
    draws = [make_draw({"neutrophils": text}, day=day, order=i) for i, (day, text) in enumerate(wbc)]
    patient = make_patient(*draws, age_days=40 * YEAR)
    return judge_counts(read_counts(patient), patient)[-1].change


def test_within_person_variation_is_that_of_the_sources() -> None:
    """Statland 1978, week to week: WBC 15.7 %, neutrophils 26.0 %, lymphocytes 13.2 %."""
    assert [VARIATION[a].cv for a in ("wbc", "neutrophils", "lymphocytes")] == [0.157, 0.26, 0.132]
    for variation in VARIATION.values():
        assert variation.source in load_sources()


def test_neutrophils_must_halve_or_double() -> None:
    """With 26 % from week to week: below 0.49 or above 2.03 times the earlier count."""
    low, high = find_change_limits("neutrophils") or (0, 0)
    assert (round(low, 2), round(high, 2)) == (0.49, 2.03)
    assert low * high == pytest.approx(1)


def test_for_a_small_variation_the_limits_are_the_classical_ones() -> None:
    """2.77 x CV holds on both sides where CV is small (MCV 1.1 %)."""
    low, high = find_change_limits("mcv") or (0, 0)
    assert high - 1 == pytest.approx(1.96 * math.sqrt(2) * 0.011, rel=0.02)
    assert 1 - low == pytest.approx(1.96 * math.sqrt(2) * 0.011, rel=0.02)


def test_a_fall_from_4_to_1_5_is_beyond_chance_and_to_3_is_not() -> None:
    fall, wobble = change_of((-30, "4.0"), (0, "1.5")), change_of((-30, "4.0"), (0, "3.0"))
    assert (fall.from_, fall.to, fall.beyond_rcv, fall.from_day) == (4.0, 1.5, True, -30)  # type: ignore[attr-defined]
    assert wobble.beyond_rcv is False  # type: ignore[attr-defined]


def test_three_and_more_earlier_counts_are_taken_at_their_median() -> None:
    found = change_of((-90, "4.0"), (-60, "1.0"), (-30, "4.2"), (0, "4.1"))
    assert (found.from_, found.beyond_rcv) == (4.0, False)  # type: ignore[attr-defined]


def test_a_fall_to_zero_is_a_change() -> None:
    assert change_of((-30, "4.0"), (0, "0")).beyond_rcv is True  # type: ignore[attr-defined]


def test_there_is_no_change_without_an_earlier_count_or_without_time() -> None:
    assert change_of((0, "4.0")) is None
    draws = (make_draw({"wbc": "5"}, day=None), make_draw({"wbc": "2"}, day=None, order=1))
    patient = make_patient(*draws, age_days=40 * YEAR)
    assert all(row.change is None for row in judge_counts(read_counts(patient), patient))


@given(st.integers(1, 60000), st.integers(1, 60000))
def test_change_is_symmetrical_on_the_log_scale(a: int, b: int) -> None:
    """If a fall is beyond chance, so is the rise back."""
    down = change_of((-30, f"{a} /uL"), (0, f"{b} /uL"))
    up = change_of((-30, f"{b} /uL"), (0, f"{a} /uL"))
    limits = find_change_limits("neutrophils") or (0, 0)
    if all(abs(b / a / limit - 1) > 1e-9 for limit in limits):
        assert down.beyond_rcv == up.beyond_rcv  # type: ignore[attr-defined]
