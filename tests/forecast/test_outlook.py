"""One record forecast: the contract, the choice of a model, and every kind of imperfect record."""

from __future__ import annotations

from typing import Any

import pytest

from leukon.forecast import Forecast, forecast
from leukon.forecast.choose import Leading
from leukon.io import read_record
from leukon.policy import Policy, Thresholds

CYCLE = """
counts:
- {day: -1, neutrophils: 5.2}
- {day: 3, neutrophils: 5.0}
- {day: 8, neutrophils: 0.6}
- {day: 11, neutrophils: 1.1}
drugs:
"""
ONE_DOSE = CYCLE + "- {name: docetaxel, start: 0, stop: 0, dose: 100 mg/m2}\n"


def ask(text: str, **options: Any) -> Forecast:
    return forecast(read_record(text, "record"), **{"options": False, **options})


def said(f: Forecast) -> str:
    return "\n".join(f.assumptions)


@pytest.fixture(scope="module")
def docetaxel() -> Forecast:
    pytest.importorskip("jax")
    return ask(ONE_DOSE, options=True)


def test_the_json_is_the_contract(docetaxel: Forecast) -> None:
    held = docetaxel.to_dict()
    assert {"model", "series", "nadir", "recovery", "below", "fit", "assumptions", "sources", "not_used"} <= set(held)
    assert [p["day"] for p in held["series"]] == [11.0 + i for i in range(29)]
    assert {"analyte", "day", "median", "p05", "p95"} <= set(held["series"][0])
    assert all(0 <= p["chance_below_0_5"] <= p["chance_below_1"] <= 1 for p in held["series"])
    assert set(held["nadir"]) == {"analyte", "value", "p05", "p95", "day", "day_p05", "day_p95"}
    assert set(held["recovery"]) == {"to", "day", "p05", "p95"}
    assert [set(b) for b in held["below"]] == [{"limit", "days", "p05", "p95"}] * 2
    assert {"n", "ess", "residual_sd"} <= set(held["fit"])
    assert isinstance(held["model"], str)
    assert all(p["p05"] <= p["median"] <= p["p95"] for p in held["series"])


def test_four_published_sets_disagree_and_their_weights_are_shown(docetaxel: Forecast) -> None:
    assert len(docetaxel.models) == 4
    assert sum(m.weight for m in docetaxel.models) == pytest.approx(1.0, abs=0.01)
    assert "4 published sets disagree" in said(docetaxel)
    assert {"kloft-2006", "puisset-2007", "quartino-2014", "friberg-2002"} <= {s.id for s in docetaxel.sources}


def test_the_nadir_is_near_the_lowest_count_and_the_return_after_it(docetaxel: Forecast) -> None:
    nadir, recovery = docetaxel.nadir, docetaxel.recovery
    assert nadir is not None
    assert recovery is not None
    assert 0.35 < nadir.value < 0.9
    assert 6.5 < nadir.day < 10.0
    assert recovery.to == 1.5
    assert recovery.day is not None
    assert 11.0 < recovery.day < 15.0
    assert docetaxel.below[0].days < docetaxel.below[1].days


def test_ways_to_give_the_next_cycle_are_compared(docetaxel: Forecast) -> None:
    ways = {o.option: o for o in docetaxel.options}
    planned, less, later = ways["as planned"], ways["20 % less"], ways["7 days later"]
    assert planned.given_on == 21.0
    assert later.given_on == 28.0
    assert planned.nadir is not None
    assert less.nadir is not None
    assert less.nadir > planned.nadir
    helped = ways["add pegfilgrastim 6 mg the day after"]
    assert helped.note
    assert "not fitted to this person" in helped.note
    assert "earlier and deeper but shorter" in helped.note
    assert "melhem-2018" in {s.id for s in docetaxel.sources}


def test_the_next_cycle_waits_for_the_sites_own_limit(docetaxel: Forecast) -> None:
    strict = ask(ONE_DOSE, policy=Policy(name="Ward 5", thresholds=Thresholds(next_cycle_anc=3.0)))
    assert strict.next_cycle is not None
    assert docetaxel.next_cycle is not None
    assert strict.next_cycle.limit_by == "Ward 5"
    assert strict.next_cycle.day is not None
    assert docetaxel.next_cycle.day is not None
    assert strict.next_cycle.day > docetaxel.next_cycle.day


def test_the_febrile_range_is_likelier_before_the_nadir_than_after_it(docetaxel: Forecast) -> None:
    early = ask("counts: [{day: 0, neutrophils: 3.0}]\ndrugs: [{name: docetaxel, start: 0, stop: 0, dose: 100 mg/m2}]")
    assert early.febrile_neutropenia_range is not None
    assert docetaxel.febrile_neutropenia_range is not None
    assert early.febrile_neutropenia_range.probability > 0.2
    assert docetaxel.febrile_neutropenia_range.probability < 0.1


def test_without_any_count_the_population_of_the_papers_is_forecast() -> None:
    f = ask("drugs: [{name: docetaxel, start: 0, stop: 0, dose: 75 mg/m2}]")
    assert f.fit.n == 0
    assert f.series[0].day == 0.0
    assert "No count" in said(f)
    assert {m.weight for m in f.models} == {0.25}


def test_counts_of_zero_and_two_at_one_time_are_used() -> None:
    f = ask("""
counts:
- {day: 0, neutrophils: 4.0}
- {day: 7, neutrophils: 0}
- {day: 9, neutrophils: "<0.1"}
- {day: 9, neutrophils: 0.2}
drugs: [{name: docetaxel, start: 0, stop: 0, dose: 100 mg/m2}]
""")
    assert f.fit.n == 4
    assert "A count of 0 is read as below 0.05" in said(f)
    assert f.nadir is not None
    assert f.nadir.value < 0.15


def test_a_count_years_after_the_drug_is_forecast_from_the_own_level() -> None:
    f = ask("""
counts: [{day: 0, neutrophils: 4.0}, {day: 8, neutrophils: 0.5}, {day: 1500, neutrophils: 3.1}]
drugs: [{name: docetaxel, start: 0, stop: 0, dose: 100 mg/m2}]
""")
    assert f.method == "own level"
    assert f.series[0].day == 1500.0
    assert "docetaxel" in said(f)
    assert f.series[7].median > 2.0


def test_a_missing_dose_is_named_and_the_others_are_used() -> None:
    f = ask(
        CYCLE + "- {name: docetaxel, doses: [{day: 0, dose: 100 mg/m2}, {day: 5, dose: null}, {day: 6, dose: lots}]}\n"
    )
    reasons = {n.item: n.reason for n in f.not_used}
    assert "not an amount" in reasons["lots"]
    assert any("needs day and dose" in r for r in reasons.values())
    assert f.method == "published model"


@pytest.mark.parametrize("line", ["start: 0, stop: 0, dose: 100", "doses: [{day: 0, dose: 100}]"])
def test_a_dose_without_a_unit_is_not_guessed_and_the_usual_one_is_named(line: str) -> None:
    f = ask(CYCLE + "- {name: docetaxel, " + line + "}\n")
    assert any("without a unit" in n.reason for n in f.not_used)
    assert "usual 75 mg/m2" in said(f)


def test_a_cytotoxic_drug_without_a_model_gets_the_class_profile_by_name() -> None:
    f = ask("counts: [{day: -1, neutrophils: 4.0}, {day: 9, neutrophils: 0.4}]\ndrugs: [{name: R-CHOP, start: 0}]")
    assert f.method == "class profile"
    assert "class profile of cytotoxic drugs stands in" in said(f)
    assert f.recovery is not None


def test_filgrastim_beside_chemotherapy_is_said_to_be_outside_the_model() -> None:
    f = ask(ONE_DOSE + "- {name: filgrastim, start: 1, stop: 10}\n")
    assert "filgrastim is not part of the model" in said(f)


def test_a_drug_for_another_purpose_leaves_the_own_level_and_is_named() -> None:
    f = ask("counts: [{day: 0, neutrophils: 3.0}]\ndrugs: [{name: amlodipine, start: -30}]")
    assert f.method == "own level"
    assert "amlodipine" in said(f)


def test_six_mp_with_three_counts_is_maintenance_and_needs_no_jax() -> None:
    f = ask("""
person: {age: 6 years}
counts: [{day: 0, neutrophils: 2}, {day: 7, neutrophils: 1.5}, {day: 14, neutrophils: 1.2}]
drugs: [{name: 6-MP, start: 0, dose: 50 mg/m2/day}]
""")
    assert (f.method, f.fit.n) == ("maintenance", 3)
    assert len(f.series) == 29


def test_doses_in_another_unit_than_the_rest_are_left_out_and_named() -> None:
    rows = ", ".join(f"{{day: {d}, dose: 50 mg/m2}}" for d in range(20))
    f = ask(f"""
person: {{age: 6 years}}
counts: [{{day: 0, neutrophils: 2}}, {{day: 7, neutrophils: 1.5}}, {{day: 14, neutrophils: 1.2}}]
drugs: [{{name: 6-MP, doses: [{rows}, {{day: 20, dose: 3 tablets}}]}}]
""")
    assert any("1 of 21 doses are not in mg/m2" in n.reason for n in f.not_used)


def test_several_lines_of_one_drug_are_one_schedule() -> None:
    lines = "".join(f"- {{name: docetaxel, start: {d}, dose: 75 mg/m2}}\n" for d in (-42, -21, 0))
    f = ask(CYCLE + lines)
    assert f.method == "published model"
    assert "repeated" not in said(f)


def test_an_undated_second_cycle_is_taken_as_usual_and_said() -> None:
    f = ask(CYCLE + "- {name: docetaxel, start: -21, dose: 75 mg/m2}\n")
    assert "repeated every 21 days" in said(f)


def test_a_white_count_alone_bounds_the_neutrophils() -> None:
    f = ask("counts: [{day: 8, wbc: 0.6}]\ndrugs: [{name: docetaxel, start: 0, stop: 0, dose: 75 mg/m2}]")
    assert "upper bounds" in said(f)
    assert f.series[0].median < 0.8


def test_a_planned_dose_is_part_of_the_course() -> None:
    once, twice = ask(ONE_DOSE), ask(ONE_DOSE + "- {name: docetaxel, start: 21, stop: 21, dose: 100 mg/m2}\n")
    day = next(i for i, p in enumerate(once.series) if p.day == 29.0)
    assert twice.series[day].median < 0.5 * once.series[day].median


def test_duffy_null_lowers_the_count_at_rest() -> None:
    plain = "drugs: [{name: docetaxel, start: 0, stop: 0, dose: 75 mg/m2}]\n"
    f = ask(plain + "person: {duffy_null: true}")
    assert "Duffy-null" in said(f)
    assert f.series[0].median < 0.8 * ask(plain).series[0].median


LOW = "counts: [{day: 0, neutrophils: 0.2}]\n"


def test_agranulocytosis_recovers_by_the_time_of_its_drug() -> None:
    record = LOW + "drugs: [{name: methimazole, start: -40, stop: -2, dose: 20 mg}]"
    f = ask(record, find_cause=lambda: Leading("drug:methimazole", "drug_induced_nonchemo", "methimazole"))
    assert f.method == "recovery"
    assert f.recovery is not None
    assert f.recovery.day is not None
    assert 8 < f.recovery.day < 22
    assert f.sources[0].id == "antithyroid-germany-1994"


def test_a_drug_still_taken_is_said_to_be_taken_as_stopped() -> None:
    record = LOW + "drugs: [{name: methimazole, start: -40, dose: 20 mg}]"
    f = ask(record, find_cause=lambda: Leading("drug:methimazole", "drug_induced_nonchemo", "methimazole"))
    assert "taken as stopped on day 0" in said(f)


def test_b12_deficiency_recovers_from_treatment_on_and_that_is_said() -> None:
    f = ask("counts: [{day: 0, neutrophils: 0.9}]", find_cause=lambda: Leading("b12_deficiency", "b12_deficiency"))
    assert f.method == "recovery"
    assert "untreated it does not recover" in said(f)
    assert "no measured series was found" in said(f)


def test_a_virus_passes_in_days() -> None:
    f = ask(
        "person: {age: 3 years}\ncounts: [{day: 0, neutrophils: 0.7}]",
        find_cause=lambda: Leading("childhood_viral_infection", "viral_infection"),
    )
    assert f.recovery is not None
    assert f.recovery.day is not None
    assert 3 < f.recovery.day < 20


def test_a_lasting_cause_is_not_said_to_recover() -> None:
    f = ask(LOW, find_cause=lambda: Leading("severe_congenital_neutropenia", "congenital_neutropenia"))
    assert (f.method, f.recovery) == ("own level", None)
    assert "no sourced time of recovery" in said(f)


def test_a_normal_count_asks_for_no_cause() -> None:
    def never() -> Leading | None:
        raise AssertionError("asked")

    assert ask("counts: [{day: 0, neutrophils: 3.0}]", find_cause=never).method == "own level"


def test_nothing_at_all_is_the_level_of_people_like_them() -> None:
    f = ask("person: {age: 40 years}\nfindings: {present: [fever]}")
    assert f.fit.n == 0
    assert "No count" in said(f)
    assert f.nadir is None


def test_counts_without_days_are_named() -> None:
    f = ask("counts: [{neutrophils: 2.0}, {neutrophils: 1.0}]")
    assert sum("without a day" in n.reason for n in f.not_used) == 2


@pytest.mark.parametrize("days", [0, 401])
def test_a_horizon_out_of_range_is_refused_in_one_line(days: int) -> None:
    with pytest.raises(ValueError, match="from 1 to 400"):
        ask(ONE_DOSE, days=days)


def test_a_drug_that_leukon_does_not_know_is_named() -> None:
    f = ask("counts: [{day: 0, neutrophils: 3.0}]\ndrugs: [{name: foobarine, start: -3}]")
    assert [n.item for n in f.not_used] == ["foobarine"]


def test_a_course_over_some_days_is_a_dose_on_each_of_them() -> None:
    f = ask(CYCLE + "- {name: 5-FU, start: 0, stop: 4, dose: 1000 mg/m2/day}\n")
    assert "on each of these days" in said(f) or f.method == "published model"
    once = ask(CYCLE + "- {name: 5-FU, start: 0, stop: 0, dose: 1000 mg/m2/day}\n")
    assert f.models[0].id == once.models[0].id == "arshad-2020-fluorouracil-leukocytes"


def test_an_adult_on_6_mp_with_two_counts_is_not_given_a_cycle() -> None:
    f = ask("""
person: {age: 40 years}
counts: [{day: 0, neutrophils: 4.1}, {day: 10, neutrophils: 3.7}]
drugs: [{name: mercaptopurine, start: -900}]
""")
    assert f.method == "own level"
    assert "mercaptopurine" in said(f)
