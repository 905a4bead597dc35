"""The page of a simulated course stands alone, says time below a limit first, and hides no assumption."""

from __future__ import annotations

import re
from functools import cache

import numpy as np
import pytest

from leukon.marrow.command import Options, run_simulation
from leukon.marrow.library import MarrowError, find_model
from leukon.marrow.simulation import Course
from leukon.report.chart_course import Drawn, Tick, draw_course
from leukon.report.course_measures import compare, say_briefly, show_count
from leukon.report.html_course import write_course
from tests.report.nesting import Nesting

_VOID = {"meta", "rect", "polyline", "polygon", "line", "circle", "br"}


@cache
def page(**typed: object) -> str:
    return run_simulation(Options(format="html", every_hours=24.0, **typed), write_course)  # type: ignore[arg-type]


def docetaxel() -> str:
    return page(drugs=("docetaxel 75 mg/m2 day 0",), days=28.0)


def supported() -> str:
    return page(drugs=("docetaxel 75 mg/m2 day 0",), treatments=("filgrastim 5 ug/kg day 2-9",), days=28.0, patients=20)


def deficient() -> str:
    return page(causes=("b12_deficiency",), treatments=("vitamin B12 day 7",), days=28.0)


@pytest.mark.parametrize("make", [docetaxel, supported, deficient])
def test_each_page_is_well_formed_and_loads_nothing(make) -> None:
    html = make()
    reader = Nesting(_VOID)
    reader.feed(html)
    assert reader.open == []
    assert not re.search(r"<(?:script|link|img|iframe)|\bsrc=|url\(|@import", html)
    assert html.count("<table") == html.count("<caption")
    ids = re.findall(r'\bid="([^"]+)"', html)
    assert len(ids) == len(set(ids))
    assert not re.search(r"\bnan\b|\binf\b|None", html)


@pytest.mark.parametrize("make", [docetaxel, supported, deficient])
def test_every_parameter_prints_a_grade_and_a_source_of_the_list(make) -> None:
    html = make()
    body = html[html.index('id="parameters"') :]
    rows = re.findall(r'<tr><th scope="row">.*?</tr>', body[: body.index("</table>")])
    assert len(rows) >= 8
    for row in rows:
        assert re.search(r'class="grade-(confirmed|derived|assumption)"', row), row
        number = re.search(r'href="#source-(\d+)"', row)
        assert number, row
        assert f'id="source-{number[1]}"' in html


def test_other_published_models_of_docetaxel_are_shown_with_their_own_nadir() -> None:
    html = docetaxel()
    part = html[html.index('id="others"') : html.index('id="assumed"')]
    for name in ("friberg-2002-docetaxel-emax", "kloft-2006-docetaxel", "ozawa-2007-docetaxel", "quartino-2014"):
        assert part.count(name) == 2  # its row, and where it comes from
    lowest = {re.sub("<.*?>", "", row.split("</td>")[3]) for row in part.split("<tr>")[2:]}
    assert len(lowest) > 3
    assert html.count('<polyline class="other"') == 5


def test_the_chart_says_how_much_is_assumed() -> None:
    assert "no value assumed" in docetaxel()
    assert re.search(r"<svg.*?\d+ of \d+ values assumed; the cause too", deficient(), re.DOTALL)


def test_with_growth_factor_the_reader_is_told_to_compare_time_not_depth() -> None:
    assert "never the depth alone" in supported()
    assert "never the depth alone" not in docetaxel()
    assert "never the depth alone" not in deficient()


def test_with_and_without_treatment_stand_in_one_chart_with_their_bands() -> None:
    html = supported()
    lead = html[html.index('<div class="lead">') : html.index('<ul class="legend">')]
    assert lead.count('<polyline class="course"') == lead.count('<polyline class="without"') == 1
    assert lead.count('class="shade"') == lead.count('class="shade2"') == 1
    assert [lead.count(f">{limit}</text>") for limit in ("0.5", "1.0", "1.5")] == [1, 1, 1]
    assert lead.count('class="dose"') == 9  # docetaxel once, filgrastim eight times
    assert ">filgrastim</text>" in lead


def test_each_lineage_and_the_pools_of_the_marrow_have_a_chart() -> None:
    html = supported()
    for id in ("neutrophils", "lymphocytes", "monocytes", "eosinophils", "basophils", "wbc"):
        assert f'id="course-{id}-title"' in html
    assert 'id="pool-marrow-reserve-title"' in html
    assert 'id="pool-body-neutrophils-title"' in html


def test_a_cure_is_a_tick_on_its_day() -> None:
    assert ">b12 deficiency ends</text>" in deficient()


def test_what_is_typed_is_escaped() -> None:
    course = Course(find_model("friberg-2002-docetaxel"), np.arange(3.0), {"count": np.array([2.0, 0.4, 2.0])})
    about = {"person": {"bsa_m2": 1.8, "weight_kg": 70.0}, "doses": [], "patients": None, "seed": None,
             "not_used": [{"item": "<b>x</b>", "reason": "<script>"}]}  # fmt: skip
    html = write_course(course, about)
    assert "<b>x" not in html
    assert "<script" not in html
    assert "&lt;script&gt;" in html


def _course(*rows: list[float]) -> Course:
    values = np.array(rows if len(rows) > 1 else rows[0])
    return Course(find_model("friberg-2002-docetaxel"), np.arange(values.shape[-1], dtype=float), {"count": values})


def test_time_below_the_limit_comes_before_the_depth() -> None:
    said = say_briefly(_course([2.0, 0.0, 2.0]), None)
    assert said == "Neutrophils below 0.5 for 0.5 days in all; lowest 0.00 on day 1.0; after it back at 1.5: day 1.8."


def test_the_difference_is_each_persons_own_not_that_of_the_medians() -> None:
    treated = _course([2.0, 2.0, 2.0, 2.0], [2.0, 0.0, 2.0, 2.0], [2.0, 2.0, 2.0, 2.0])
    left = _course([2.0, 0.0, 2.0, 2.0], [2.0, 0.0, 2.0, 2.0], [2.0, 0.0, 0.0, 2.0])
    rows = {row[0]: row[1:] for row in compare(treated, left)}
    assert [cell.split(" ")[0] for cell in rows["Days below 1.0"]] == ["0.0", "1.0", "−1.0"]
    assert rows["Back at 1.0"][0].endswith("in the 33 % who fell below")


def test_who_has_not_recovered_by_the_last_day_is_said() -> None:
    rows = dict(compare(_course([2.0, 0.4, 0.4, 0.4]), None))
    assert rows["Back at 1.0"] == "not by day 3"
    assert dict(compare(_course([2.0, 1.2, 2.0]), None))["Back at 1.0"] == "never below"


def test_leukocytes_get_no_limits_of_neutrophils() -> None:
    html = page(drugs=("paclitaxel 175 mg/m2 day 0",), days=28.0)
    assert "Days below" not in html
    assert 'class="danger"' not in html
    assert "Leukocytes" in html


def test_a_count_that_is_nearly_none_is_not_written_as_none() -> None:
    assert show_count(0.001) == "<0.01"
    assert show_count(0.0) == "0.00"


def test_a_wide_range_is_drawn_logarithmic_and_a_narrow_one_from_zero() -> None:
    days = np.arange(3.0)
    wide = draw_course("a", "A", "", "", [Drawn("course", days, np.array([0.1, 1.0, 10.0]))])
    narrow = draw_course("b", "B", "", "", [Drawn("course", days, np.array([2.0, 3.0, 4.0]))])
    assert "logarithmic" in wide
    assert "logarithmic" not in narrow
    assert ">0</text>" in narrow


def test_a_count_of_zero_and_daily_doses_of_a_year_can_be_drawn() -> None:
    days = np.linspace(0.0, 365.0, 2000)
    counts = np.full(2000, 3.0)
    counts[1001] = 0.0
    svg = draw_course("a", "A", "", "", [Drawn("course", days, counts)], limits=(0.5,),
                      ticks=[Tick("daily", tuple(float(d) for d in range(365)))])  # fmt: skip
    points = re.search(r'class="course" points="([^"]+)"', svg)
    assert points
    assert len(points[1].split()) < 500
    assert max(float(p.split(",")[1]) for p in points[1].split()) == pytest.approx(164.0)  # the zero is not lost
    assert svg.count('class="run"') == 1


def test_a_published_model_of_growth_factor_is_drawn_with_and_without_it() -> None:
    html = page(treatments=("filgrastim 5 ug/kg day 0-4",), days=14.0)
    lead = html[html.index('<div class="lead">') : html.index('<ul class="legend">')]
    assert lead.count('<polyline class="course"') == lead.count('<polyline class="without"') == 1


def test_without_a_page_writer_html_is_refused_in_one_line() -> None:
    with pytest.raises(MarrowError, match="html is no format here"):
        run_simulation(Options(drugs=("docetaxel 75 mg/m2 day 0",), format="html"))
