"""Neutropenia after CAR-T cells, graded over a series."""

from __future__ import annotations

import pytest

from leukon.population.icaht import grade_icaht


@pytest.mark.parametrize(
    ("counts", "early"),
    [
        ([(d, 1200) for d in range(31)], 0),
        ([(0, 1200), *((d, 500) for d in range(5, 11)), *((d, 900) for d in range(11, 31))], 1),  # 500 is at most 500
        ([(0, 1200), *((d, 400) for d in range(1, 8)), (8, 900)], 2),
        ([(0, 1200), *((d, 400) for d in range(1, 15)), (15, 900)], 3),
        ([(0, 1200), *((d, 100) for d in range(1, 8)), (8, 900)], 3),
        ([(0, 1200), *((d, 90) for d in range(1, 15)), (15, 900)], 4),
        ([(d, 450) for d in range(31)], 4),  # never above 500
        ([(29, 300)], 1),  # one day is not "never above"
        ([(40, 300)], None),
    ],
)
def test_early_grade_is_by_how_long_the_count_is_low(counts, early) -> None:
    assert grade_icaht(counts).early == early


@pytest.mark.parametrize(
    ("counts", "late"),
    [
        ([(40, 1501), (50, 1600)], 0),
        ([(40, 1500), (50, 1400)], 1),
        ([(40, 900), (50, 1500)], 2),
        ([(40, 900), (50, 1600)], 0),  # one low value among others does not make a grade
        ([(40, 500)], 3),
        ([(40, 100), (101, 90)], 4),
        ([(30, 100)], None),
    ],
)
def test_late_grade_is_by_how_low_the_count_is(counts, late) -> None:
    assert grade_icaht(counts).late == late


def test_two_days_above_the_limit_do_not_end_a_run_and_three_do() -> None:
    assert grade_icaht([(0, 400), (1, 600), (2, 600), (3, 400)]).days_at_most_500 == 4
    assert grade_icaht([(0, 400), (1, 600), (2, 600), (3, 600), (4, 400)]).days_at_most_500 == 1


def test_what_comes_after_the_next_therapy_does_not_count() -> None:
    counts = [(d, 400 if d > 10 else 1200) for d in range(31)]
    assert grade_icaht(counts).early == 3
    assert grade_icaht(counts, until=12).early == 1


def test_the_order_of_the_counts_does_not_matter() -> None:
    counts = [(0, 1200), (3, 300), (3, 900), (9, 200), (10, 1400), (45, 900)]
    assert grade_icaht(counts) == grade_icaht(reversed(counts))
