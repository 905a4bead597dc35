"""Schedules as people write them, and what cannot be read said in one line."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leukon.marrow import MarrowError, read_schedule
from leukon.marrow.regimen import choose_model, read_plan


@pytest.mark.parametrize(
    ("text", "drug", "days", "amount", "per", "hours"),
    [
        ("docetaxel 75 mg/m2 day 0, 21, 42", "docetaxel", [0, 21, 42], 75, "m2", 1),
        ("Taxotere 100 mg/m² day 0", "docetaxel", [0], 100, "m2", 1),
        ("6-MP 50 mg/m2 daily for 5 days", "mercaptopurine", [0, 1, 2, 3, 4], 50, "m2", 0),
        ("6-MP 50 mg/m2/day for 3 days", "mercaptopurine", [0, 1, 2], 50, "m2", 0),
        ("filgrastim 5 ug/kg day 2-9", "filgrastim", [2, 3, 4, 5, 6, 7, 8, 9], 0.005, "kg", 0),
        ("G-CSF 5 µg/kg sc days 2 to 4", "filgrastim", [2, 3, 4], 0.005, "kg", 0),
        ("filgrastim 300 mcg daily for 3 days from day 5", "filgrastim", [5, 6, 7], 0.3, "", 0),
        ("paclitaxel 175 mg/m2 over 3 h day 0", "paclitaxel", [0], 175, "m2", 3),
        ("paclitaxel 80 mg/m2 over 60 min weekly x3", "paclitaxel", [0, 7, 14], 80, "m2", 1),
        ("docetaxel 75 mg/m2 every 21 days x3", "docetaxel", [0, 21, 42], 75, "m2", 1),
        ("docetaxel 75 mg/m2 every 3 weeks for 3 cycles", "docetaxel", [0, 21, 42], 75, "m2", 1),
        ("docetaxel 75 mg/m2 q21d x2", "docetaxel", [0, 21], 75, "m2", 1),
        ("docetaxel 35 mg/m2 day 0, 7, 14 every 28 days x2", "docetaxel", [0, 7, 14, 28, 35, 42], 35, "m2", 1),
        ("docetaxel 180 mg bolus day 0", "docetaxel", [0], 180, "", 0),
        ("palbociclib 125 mg daily 3 of 7 days for 14 days", "palbociclib", [0, 1, 2, 7, 8, 9], 125, "", 0),
        ("palbociclib 125 mg 2 days on, 5 days off x2", "palbociclib", [0, 1, 7, 8], 125, "", 0),
        ("5-FU 1000 mg/m2/day over 5 days day 0", "fluorouracil", [0], 5000, "m2", 120),
        ("5-FU 1000 mg/m2/day for 5 days", "fluorouracil", [0], 5000, "m2", 120),
        ("5-FU 1000 mg/m2/day day 0-4", "fluorouracil", [0, 1, 2, 3, 4], 1000, "m2", 24),
        ("filgrastim 300 ug twice daily for 1 days", "filgrastim", [0, 0.5], 0.3, "", 0),
        ("filgrastim 300 ug every other day x3", "filgrastim", [0, 2, 4], 0.3, "", 0),
        ("radiation 3.07 Gy day 0", "radiation", [0], 3.07, "", 0),
        ("pegfilgrastim 6 mg day 1", "pegfilgrastim", [1], 6, "", 0),
        ("docetaxel 0.135 g day -1", "docetaxel", [-1], 135, "", 1),
        ("docetaxel 75 mg/m2", "docetaxel", [0], 75, "m2", 1),
    ],
)
def test_a_schedule_is_read_as_it_is_meant(
    text: str, drug: str, days: list[float], amount: float, per: str, hours: float
) -> None:
    doses = read_schedule(text, 60)
    assert [d.day for d in doses] == pytest.approx(days)
    assert {d.drug for d in doses} == {drug}
    assert doses[0].amount == pytest.approx(amount)
    assert doses[0].per == per
    assert doses[0].hours == pytest.approx(hours)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("docetaxel 75 day 0", "has no unit"),
        ("docetaxl 75 mg/m2 day 0", "did you mean docetaxel"),
        ("aspirin 100 mg daily", "no published model knows"),
        ("docetaxel", "a drug, an amount and a unit"),
        ("", "a drug, an amount and a unit"),
        ("docetaxel 75 mg/m2 dy 0", '"dy 0" is not understood'),
        ("docetaxel 75 mg/m2 x6", "how far apart"),
        ("docetaxel 0 mg day 0", "a dose of 0"),
        ("docetaxel 75 Gy day 0", "is given in mg"),
        ("radiation 3 mg day 0", "is given in Gy"),
        ("filgrastim 5 ug/kg day 9-2", "run backwards"),
        ("docetaxel 75 mg/m2 day 100", "no dose falls before day 60"),
        ("docetaxel 75 mg/m2 day 0 day 7", "two answers"),
        ("6-MP 50 mg/m2 every 0.0001 h", "too many"),
    ],
)
def test_what_cannot_be_read_is_said_in_one_line(text: str, says: str) -> None:
    with pytest.raises(MarrowError, match=says) as caught:
        read_schedule(text, 60)
    assert "\n" not in str(caught.value)


@given(st.text(max_size=60))
def test_no_text_breaks_the_reader(text: str) -> None:
    try:
        doses = read_schedule(f"docetaxel 75 mg/m2 {text}", 60)
    except MarrowError:
        return
    assert doses and all(d.day < 60 for d in doses)


def test_a_plan_with_an_end_is_shown_to_four_weeks_after_its_last_dose() -> None:
    doses, days, beyond = read_plan(["docetaxel 75 mg/m2 every 21 days x6"], None)
    assert (len(doses), days, beyond) == (6, 133, 0)


def test_doses_after_the_days_asked_for_are_counted() -> None:
    doses, days, beyond = read_plan(["docetaxel 75 mg/m2 every 21 days x6"], 42)
    assert (len(doses), days, beyond) == (2, 42, 4)


def test_a_plan_without_end_is_shown_for_six_weeks() -> None:
    doses, days, beyond = read_plan(["6-MP 50 mg/m2 daily"], None)
    assert (len(doses), days, beyond) == (42, 42, 0)


def test_the_usual_model_of_a_drug_is_taken_and_one_that_holds_all_of_several() -> None:
    assert choose_model(None, read_schedule("docetaxel 75 mg/m2 day 0", 9)).id == "friberg-2002-docetaxel"
    both = [*read_schedule("radiation 3 Gy day 0", 9), *read_schedule("filgrastim 5 ug/kg day 1-5", 9)]
    assert choose_model(None, both).id == "harrold-2020-radiation"


def test_a_model_that_lacks_a_drug_names_those_that_have_it() -> None:
    with pytest.raises(MarrowError, match="mercaptopurine is in gebhard-2023"):
        choose_model("quartino-2014", read_schedule("6-MP 50 mg daily", 9))
    with pytest.raises(MarrowError, match="no published model holds docetaxel and filgrastim together"):
        choose_model(None, [*read_schedule("docetaxel 75 mg day 0", 9), *read_schedule("filgrastim 1 ug/kg day 1", 9)])
