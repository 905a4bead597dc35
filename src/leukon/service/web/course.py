"""The forecast on the page: the course of the count in words, drawn and by day, and ways to give the next cycle."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from markupsafe import Markup

from leukon.answer import CountRow, Report
from leukon.patient import Patient
from leukon.policy import Policy
from leukon.report.chart_course import Drawn, draw_course
from leukon.report.words import describe_course, show_number
from leukon.service.web.charts import chart_forecast

__all__ = ["DAYS", "Course", "cite_source", "draw_days", "make_course"]

DAYS = 28
_EVERY = 2  # days between rows of the table
_LIMITS = (0.5, 1.0, 1.5)


@dataclass(frozen=True, slots=True)
class Course:
    """What the count will do: in words, drawn, and by day."""

    said: tuple[str, ...]
    drawn: Markup
    spec: dict[str, Any]
    rows: tuple[tuple[str, ...], ...]
    ways: tuple[tuple[str, ...], ...]  # to give the next cycle
    notes: tuple[str, ...]
    sources: tuple[tuple[str, str | None], ...]


def make_course(patient: Patient, report: Report, policy: Policy | None) -> Course:
    """The forecast of a person; MarrowError says in one line why there is none."""
    from leukon.forecast.course import course_of

    course = _count_from_newest(course_of(patient, report, days=DAYS, policy=policy))
    series = course["series"]
    analyte = series[0]["analyte"]
    counted = [r for r in report.counts if r.analyte == analyte]
    said = describe_course(course | {"assumptions": ()})
    return Course(
        said=(*said, *_say_more(course)),
        drawn=draw_days("forecast", f"Forecast of {analyte}, 10⁹/L", series),
        spec=chart_forecast(series, counted=_since(counted, course["counted_from"])),
        rows=_tabulate(series),
        ways=tuple(_say_way(way) for way in course["options"]),
        notes=tuple(course["assumptions"]) + tuple(f"{n['item']}: {n['reason']}" for n in course["not_used"]),
        sources=tuple(cite_source(s) for s in course["sources"]),
    )


def _count_from_newest(course: Mapping[str, Any]) -> dict[str, Any]:
    """The course with all its days counted from the newest count, as the chart and the table have them."""
    start = course["series"][0]["day"]

    def shift(held: Mapping[str, Any] | None, *keys: str) -> dict[str, Any] | None:
        return None if held is None else {k: v - start if k in keys and v is not None else v for k, v in held.items()}

    return dict(course) | {
        "series": [shift(row, "day") for row in course["series"]],
        "nadir": shift(course["nadir"], "day", "day_p05", "day_p95"),
        "recovery": shift(course["recovery"], "day", "p05", "p95"),
        "next_cycle": shift(course["next_cycle"], "day", "p05", "p95"),
        "options": [shift(way, "given_on", "met_on_day") for way in course["options"]],
        "counted_from": start,
    }


def _say_more(course: Mapping[str, Any]) -> list[str]:
    said: list[str] = []
    if danger := course["febrile_neutropenia_range"]:
        said.append(
            f"below {danger['limit']:g} at some time from now on: {danger['probability']:.0%}, for more than a week: "
            f"{danger['over_7_days']:.0%}"
        )
    if cycle := course["next_cycle"]:
        when = "not within the days looked at" if cycle["day"] is None else f"day {cycle['day']:.1f}"
        said.append(f"next cycle, at {cycle['limit']:g} or more ({cycle['limit_by']}): {when}")
    return said


def _say_way(way: Mapping[str, Any]) -> tuple[str, ...]:
    """One way to give the next cycle: name, day, lowest count, days below 0.5, chance of it, day the limit is met."""
    if way["nadir"] is None:
        return (way["option"], f"{way['given_on']:g}", "–", "–", "–", "–", way["note"] or "")
    met = "not within five weeks" if way["met_on_day"] is None else f"day {way['met_on_day']:g}"
    nadir = f"{way['nadir']:.2g} ({way['nadir_p05']:.2g} to {way['nadir_p95']:.2g})"
    chance = f"{way['probability_below_0_5']:.0%}"
    return (way["option"], f"{way['given_on']:g}", nadir, f"{way['days_below_0_5']:g}", chance, met, way["note"] or "")


def _tabulate(series: Sequence[Mapping[str, Any]]) -> tuple[tuple[str, ...], ...]:
    start = series[0]["day"]
    return tuple((f"{row['day'] - start:g}", show_number(row["median"]), _between(row)) for row in series[::_EVERY])


def _between(row: Mapping[str, Any]) -> str:
    return f"{show_number(row['p05'])} to {show_number(row['p95'])}"


def _since(rows: Sequence[CountRow], start: float) -> list[CountRow]:
    return [replace(r, day=r.day - start) for r in rows if r.day is not None]


def draw_days(
    id: str, title: str, series: Sequence[Mapping[str, Any]], others: Sequence[Mapping[str, Any]] = ()
) -> Markup:
    """The course as SVG, for a page without scripts."""
    start = series[0]["day"]
    lines = [_line("course", series, start), *([_line("without", others, start)] if others else [])]
    told = (
        f"From {show_number(series[0]['median'])} on day 0 to {show_number(series[-1]['median'])} on day "
        f"{series[-1]['day'] - start:g}. The table gives the values."
    )
    svg = draw_course(id, title, "days after the newest count", told, lines, limits=_LIMITS, wide=True)
    return Markup(svg)  # noqa: S704  its texts are escaped where they are drawn


def _line(css: str, series: Sequence[Mapping[str, Any]], start: float) -> Drawn:
    day, middle, low, high = (np.array([row[key] for row in series]) for key in ("day", "median", "p05", "p95"))
    return Drawn(css, day - start, middle, low, high)


def cite_source(source: Mapping[str, Any]) -> tuple[str, str | None]:
    """A source and where it can be read."""
    doi, url = source.get("doi"), source.get("url")
    link = f"https://doi.org/{doi}" if doi else url if str(url).startswith("https://") else None
    return source["citation"], link
