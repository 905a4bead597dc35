"""Recovery once the cause is gone, and the own level where nothing is known to act."""

from __future__ import annotations

import numpy as np
import pytest

from leukon.forecast.curves import find_nadir, find_recoveries, measure_below
from leukon.forecast.evidence import Observation
from leukon.forecast.level import forecast_level
from leukon.forecast.recovering import Waiting, forecast_recovery
from leukon.forecast.tables import load_choice, load_recovery
from leukon.marrow import find_model

ANTITHYROID = Waiting(days=15.0, sd=0.48, since=0.0)


def test_agranulocytosis_from_an_antithyroid_drug_is_over_when_the_source_says() -> None:
    """Median 15 days, 5 to 31: German series without G-CSF."""
    curves = forecast_recovery(0.0, 0.1, ANTITHYROID, 28, usual=4.0, usual_spread=0.3)
    back = next(r for r in find_recoveries(curves) if r.to == 1.0)
    assert back.day == pytest.approx(15.0, rel=0.1)
    assert back.p05 == pytest.approx(15.0 * np.exp(-1.645 * 0.48), rel=0.15)
    assert back.p95 == pytest.approx(15.0 * np.exp(1.645 * 0.48), rel=0.15)


def test_who_is_still_low_on_day_12_waits_less_than_15_days_more_but_longer_than_3() -> None:
    curves = forecast_recovery(12.0, 0.1, ANTITHYROID, 28, usual=4.0, usual_spread=0.3)
    back = next(r for r in find_recoveries(curves) if r.to == 1.0)
    assert back.day is not None
    assert 15.0 < back.day < 27.0


def test_who_is_low_longer_than_the_source_ever_saw_still_gets_a_forecast() -> None:
    curves = forecast_recovery(400.0, 0.1, ANTITHYROID, 28, usual=4.0, usual_spread=0.3)
    assert np.isfinite(curves.course).all()
    assert curves.course[:, 0].max() < 0.3


def test_the_count_never_leaves_the_way_from_now_to_the_usual_level() -> None:
    curves = forecast_recovery(0.0, 0.3, ANTITHYROID, 60, usual=4.0, usual_spread=0.0)
    assert (np.diff(curves.course, axis=1) >= -1e-9).all()
    assert np.median(curves.course[:, -1]) == pytest.approx(4.0, rel=0.05)
    nadir = find_nadir(curves)
    assert nadir is not None
    assert nadir.day == 0.0


def test_an_own_level_stays_and_its_interval_holds_nine_in_ten_later_counts() -> None:
    rng = np.random.default_rng(4)
    counts = tuple(Observation(30.0 * i, 1.8 * float(np.exp(0.19 * rng.standard_normal()))) for i in range(8))
    curves = forecast_level(counts, 210.0, 28, expected=3.9, spread=0.35)
    median, low, high, *_ = curves.measured
    assert 1.4 < median[7] < 2.3
    assert 1.5 < high[7] / low[7] < 4.0
    assert (high - low)[-1] > (high - low)[0]


def test_without_counts_the_level_is_that_of_people_like_them() -> None:
    median, low, high, *_ = forecast_level((), 0.0, 28, expected=3.9, spread=0.35).measured
    assert median[14] == pytest.approx(3.9, rel=0.05)
    assert low[14] < 2.2
    assert high[14] > 6.5


def test_a_chronically_low_person_is_not_drawn_to_the_healthy_median() -> None:
    counts = tuple(Observation(30.0 * i, 0.3) for i in range(6))
    curves = forecast_level(counts, 150.0, 28, expected=3.9, spread=0.35)
    assert curves.measured[0][7] < 0.45
    assert measure_below(curves)[0].days > 20


def test_every_model_and_source_of_the_tables_exists() -> None:
    choice, recovery = load_choice(), load_recovery()
    for drug in choice.drugs.values():
        assert drug.source in choice.sources
        assert all(drug.drug in find_model(name).drugs for name in drug.models)
    for row in (*recovery.drugs, *recovery.causes.values(), *recovery.families.values()):
        assert row.source in recovery.sources or row.assumption
        assert row.printed or row.assumption


def test_what_a_growth_factor_does_is_reckoned_again_with_its_model() -> None:
    pytest.importorskip("jax")
    from leukon.marrow import Dose, simulate
    from leukon.marrow.measures import days_below, lowest

    held = load_choice().growth_factor
    growth = Dose("pegfilgrastim", 1.0, 6.0, "", "subcutaneous")
    for expected, doses in ((held.without, []), (held.with_, [growth])):
        course = simulate(held.model, [Dose("chemotherapy", 0.0, 135.0), *doses], days=35, every_hours=12, patients=200)
        day, value = lowest(course.days, course.count)
        assert np.median(value) == pytest.approx(expected.nadir[0], rel=0.1)
        assert np.median(day) == pytest.approx(expected.nadir_day, abs=0.3)
        assert np.median(days_below(course.days, course.count, 0.5)) == pytest.approx(expected.days_below_0_5, abs=0.3)
