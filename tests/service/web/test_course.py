"""The forecast on the page: this person's course, the next cycle and treatments tried on and off."""

from __future__ import annotations

import json
import re
import subprocess
import sys

import pytest

from leukon.assess import assess
from leukon.io import read_record
from leukon.service.web.course import make_course
from leukon.service.web.cycle import try_cycle
from leukon.service.web.pages import Page, foresee
from leukon.service.web.state import Asked
from leukon.service.web.trials import Tried, try_treatments
from tests.service.web.forms import EXAMPLES, ask
from tests.service.web.test_pages import carry, check_page

NADIR = next(p for p in EXAMPLES if p.stem == "chemotherapy_nadir")
METHIMAZOLE = next(p for p in EXAMPLES if p.stem == "agranulocytosis")


def try_on(text: str, *lines: str, cause: str | None = None) -> Tried | None:
    patient = read_record(text)
    return try_treatments(patient, assess(patient), cause, lines)


def days_below(tried: Tried) -> list[float]:
    """Days below 0.5: with, then without."""
    return [float(cell.split()[0]) for cell in tried.rows[0][1:]]


def test_the_course_of_a_cycle_with_its_chart_table_and_ways() -> None:
    patient = read_record(NADIR.read_text(encoding="utf-8"))
    course = make_course(patient, assess(patient), None)
    assert any("docetaxel" in line for line in course.said)
    assert [row[0] for row in course.rows[:3]] == ["0", "2", "4"]
    assert [way[0] for way in course.ways][:3] == ["as planned", "20 % less", "7 days later"]
    assert course.sources and "<svg" in course.drawn
    assert [p["count"] for p in course.spec["datasets"]["past"]] == ["3.9", "0.7"]


def test_days_are_counted_from_the_newest_count_whatever_the_axis() -> None:
    text = NADIR.read_text(encoding="utf-8")
    moved = re.sub(r"day: (-?\d+)", lambda m: f"day: {int(m[1]) + 100}", text)
    here, there = (make_course(p, assess(p), None) for p in map(read_record, (text, moved)))
    assert here.said == there.said and here.rows == there.rows and here.ways == there.ways


def test_the_next_cycle_is_tried_on_and_off() -> None:
    patient = read_record(NADIR.read_text(encoding="utf-8"))
    off = try_cycle(patient, "", None)
    assert off is not None and off.drawn is None
    assert [label for _, label in off.ways] == [
        "not given", "as planned, day 11", "20 % less, day 11", "7 days later, day 18",
    ]  # fmt: skip

    def lowest_after(day: int, way: str) -> float:
        on = try_cycle(patient, way, None)
        assert on is not None and on.spec is not None
        held = on.spec["datasets"]
        assert [r for r in held["without"] if r["day"] > day]
        return min(r["median"] for r in held["course"] if r["day"] > day)

    assert lowest_after(11, "as planned") < lowest_after(11, "20 % less") < 1.5


def test_no_cycle_is_offered_where_none_is_given_or_one_is_planned_already() -> None:
    text = NADIR.read_text(encoding="utf-8")
    assert try_cycle(read_record(METHIMAZOLE.read_text(encoding="utf-8")), "as planned", None) is None
    planned = text.replace("doses: [{day: -10, dose: 75 mg/m2}]", "doses: [{day: -10, dose: 75 mg/m2}, "
                           "{day: 11, dose: 75 mg/m2}]")  # fmt: skip
    assert planned != text and try_cycle(read_record(planned), "as planned", None) is None


def test_stopping_the_drug_shortens_the_time_below_the_limit() -> None:
    text = METHIMAZOLE.read_text(encoding="utf-8")
    alone = try_on(text)
    assert alone is not None
    assert [t.label for t in alone.treatments] == ["stop methimazole", "filgrastim 5 µg/kg a day for 7 days"]
    assert alone.cause == "drug:methimazole" and len(alone.rows[0]) == 2
    stopped = try_on(text, "stop the drug day 0")
    assert stopped is not None and [t.on for t in stopped.treatments] == [True, False]
    with_, without = days_below(stopped)
    assert with_ < 10 < without
    assert '<polyline class="without"' in stopped.drawn and stopped.spec["datasets"]["without"]


def test_a_deficiency_answers_to_what_it_lacks() -> None:
    tried = try_on("counts: [{neutrophils: 1.0, hemoglobin: 8, mcv: 118}]\ntests: [B12 60 pg/mL]", "vitamin B12 day 0")
    assert tried is not None and tried.cause == "b12_deficiency"
    assert [t.label for t in tried.treatments if t.on] == ["vitamin B12"]


def test_nothing_is_tried_on_where_the_count_is_normal_for_the_person() -> None:
    healthy = next(p for p in EXAMPLES if p.stem == "duffy_null").read_text(encoding="utf-8")
    tried = try_on(healthy)
    assert tried is None or tried.treatments == ()


def test_a_made_up_treatment_or_cause_is_not_simulated() -> None:
    tried = try_on(METHIMAZOLE.read_text(encoding="utf-8"), "arsenic day 0", cause="witchcraft")
    assert tried is not None and tried.cause == "drug:methimazole"
    assert not any(t.on for t in tried.treatments)


def test_the_part_is_loaded_on_demand_and_the_whole_page_holds_it_without_scripts() -> None:
    part = foresee(ask(METHIMAZOLE.read_bytes(), part=True))
    assert isinstance(part, Page) and "<!DOCTYPE" not in part.html and 'data-name="treatments"' in part.html
    spec = re.search(r'data-name="forecast" data-spec="(.*?)"', part.html)
    assert spec and json.loads(spec[1].replace("&#34;", '"').replace("&amp;", "&"))["datasets"]["course"]
    whole = check_page(foresee(ask(METHIMAZOLE.read_bytes())))
    fields = carry(whole, "forecast")
    again = check_page(foresee(Asked({**fields, "treat": ("stop the drug day 0",)})))
    assert "Without (dashed)" in again


def test_a_record_without_a_count_is_forecast_as_people_like_it_or_says_why_not() -> None:
    html = check_page(foresee(ask(present=("fever",))))
    assert "No forecast" in html or "No count" in html


def test_without_jax_one_line_says_what_to_install() -> None:
    code = f"""
import sys
sys.modules["jax"] = None
from leukon.service.web.pages import foresee
from leukon.service.web.state import Asked
page = foresee(Asked({{"form": ("entry",)}}, open({str(NADIR)!r}, "rb").read(), True))
print(page.status, page.html)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True, timeout=60)
    assert done.stdout.startswith("200 ")
    assert "No forecast: models of the marrow need JAX: pip install &#39;leukon[marrow]&#39;." in done.stdout


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda p: p.stem)
def test_each_example_has_a_forecast(path) -> None:
    part = foresee(ask(path.read_bytes(), part=True))
    assert isinstance(part, Page)
    assert part.status == 200 and "No forecast" not in part.html and part.html.count("<svg") >= 1
