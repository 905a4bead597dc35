"""A simulated course as one page that stands alone: charts, time below limits, assumptions, every value's source."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from leukon import __version__
from leukon.report.chart_course import COURSE_CSS, Drawn, Tick, draw_course, legend
from leukon.report.course_measures import LIMITS, Floats, band_of, compare, has_limits, say_briefly, show_count
from leukon.report.css import CSS
from leukon.report.html_parts import bullets, esc, paragraph, section, table
from leukon.report.words import INFORMS

if TYPE_CHECKING:
    from leukon.marrow.library import Figure, Model, Source
    from leukon.marrow.simulation import Course

__all__ = ["write_course"]

_COUNTS = ("neutrophils", "lymphocytes", "monocytes", "eosinophils", "basophils", "wbc")
_GROWTH_FACTORS = {"filgrastim", "pegfilgrastim"}
_NOTICE = (
    "Compare the time below a limit, never the depth alone: prophylactic G-CSF can make the lowest count earlier and "
    "deeper, yet shorter."
)
_COMPARTMENTS = {
    "body neutrophils": "Neutrophils, flowing and at the vessel walls",
    "body lymphocytes": "Lymphocytes of the whole body",
    "marrow reserve": "Reserve of the marrow",
    "stem cells": "Stem cells",
    "red cells": "Red cells",
    "platelets": "Platelets",
    "G-CSF": "G-CSF",
    "drug": "Drug in the blood",
}


def write_course(course: Course, about: Mapping[str, Any], without: Course | None = None) -> str:
    """The page of a simulation. `about` is what the command says of it, `without` the same people left untreated."""
    model = course.model
    numbers = {id: i for i, id in enumerate(model.sources, start=1)}
    parts = (
        f"<h1>{esc(model.title)}</h1>",
        f'<p class="short">{esc(say_briefly(course, without))}</p>',
        paragraph("Simulated, not measured.", css="soft"),
        _show_question(course, about),
        _show_course(course, about, without),
        _show_limits(course, about, without),
        _show_compartments(course, about, without),
        _show_days(course, without),
        _show_others(course, about),
        section("assumed", "Assumed", bullets(model.assumptions) or paragraph("Every value is published or derived.")),
        _show_parameters(model, numbers),
        _show_unused(about),
        _show_sources(model.sources, numbers),
    )
    body = "\n".join(p for p in parts if p)
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{esc(f'Simulated course: {model.title}')}</title>\n<style>{CSS}{COURSE_CSS}</style>\n</head>\n"
        f"<body>\n<main>\n{body}\n</main>\n<footer>{paragraph(f'leukon {__version__}, model {model.id}.', css='soft')}"
        f"{paragraph(INFORMS)}</footer>\n</body>\n</html>"
    )


def _show_question(course: Course, about: Mapping[str, Any]) -> str:
    """Who, what was given, what is taken to act."""
    person: Mapping[str, float] = about["person"]
    traits = "".join(f", {esc(k)} {v:g}" for k, v in person.items() if k not in {"bsa_m2", "weight_kg"})
    who = f"{person['bsa_m2']:g} m², {person['weight_kg']:g} kg{traits}"
    lines = [f"{about['patients']} virtual people of {who} (seed {about['seed']}): median and the band that holds 90 % "
             "of them" if about["patients"] else f"One typical person of {who}"]  # fmt: skip
    lines += [f"{c['name']}: {c['how']}. Evidence: {c['grade']}." for c in about.get("causes", ())]
    lines += [str(line) for line in about.get("written", ())] or _list_doses(about)
    if about.get("beyond"):
        lines.append(f"{about['beyond']} planned doses lie after the last day shown")
    if about.get("needs"):
        lines.append(f"Traits the paper uses, at its reference here: {', '.join(about['needs'])}")
    lines.append(f"Model {course.model.id}; people of its source: {course.model.population}")
    return section("question", "What is simulated", bullets(lines))


def _list_doses(about: Mapping[str, Any]) -> list[str]:
    groups: dict[tuple[str, str, str], list[str]] = {}
    for dose in about["doses"]:
        how = f" over {dose['hours']:.3g} h" if dose["hours"] else ""
        groups.setdefault((dose["drug"], dose["amount"], how), []).append(f"{dose['day']:g}")
    return [f"{drug.capitalize()} {amount}{how}, day {', '.join(days[:10])}"
            + (f", … ({len(days)} doses, the last on day {days[-1]})" if len(days) > 10 else "")
            for (drug, amount, how), days in groups.items()]  # fmt: skip


def _ticks(about: Mapping[str, Any]) -> list[Tick]:
    days: dict[str, list[float]] = {}
    for dose in about["doses"]:
        days.setdefault(dose["drug"], []).append(float(dose["day"]))
    for day, what in about.get("events", ()):
        days.setdefault(str(what), []).append(float(day))
    return [Tick(name, tuple(sorted(when))) for name, when in days.items()]


def _others(about: Mapping[str, Any]) -> list[Course]:
    return list(about.get("other_courses", ()))


def _show_course(course: Course, about: Mapping[str, Any], without: Course | None) -> str:
    ticks = _ticks(about)
    many = course.count.ndim == 2
    several = "neutrophils" in course.series
    drawn_others = [o for o in _others(about) if _alike(o, course)] if without is None else []
    names = [n for n in _COUNTS if n in course.series] if several else ["count"]
    charts: list[str] = []
    for name in names:
        own = name in {"count", "neutrophils"}
        lines = _lines(course.series[name], course.days, "course")
        if without is not None:
            lines += _lines(without.series[name], without.days, "without")
        if own:
            lines += [Drawn("other", o.days, o.count) for o in drawn_others]
        what = _name(course.model.analyte if name == "count" else name)
        untreated = without.series[name] if without is not None else None
        chart = draw_course(
            f"course-{name}",
            f"{what}, {_unit(course.model.unit)}",
            _grade_note(course.model, name, about),
            _tell(what, course, course.series[name], untreated),
            lines,
            limits=LIMITS if own and has_limits(course) else (),
            ticks=ticks if own else (),
            wide=own,
        )
        charts.append(chart)
    pair = without is not None
    entries = [("course", ("With treatment" if pair else "Course") + (", median" if many else ""))]
    entries += [("shade", "90 % of the people")] if many else []
    entries += [("without", "Without treatment")] if pair else []
    entries += [("shade2", "90 % of the people, without treatment")] if pair and many else []
    entries += [("other", "Other published models, typical person")] if drawn_others else []
    entries += [("limit", "Limits 0.5, 1.0, 1.5")] if has_limits(course) else []
    entries += [("dose", f"Given: {', '.join(tick.name for tick in ticks)}")] if ticks else []
    rest = f'<div class="charts">\n{"".join(charts[1:])}\n</div>' if charts[1:] else ""
    return section("course", "Course", f'<div class="lead">{charts[0]}</div>', legend(entries), rest)


def _lines(values: Floats, days: Floats, css: str) -> list[Drawn]:
    return [Drawn(css, days, *band_of(values))]


def _alike(other: Course, course: Course) -> bool:
    return other.model.analyte == course.model.analyte and other.model.unit == course.model.unit


def _name(analyte: str) -> str:
    return "Leukocytes" if analyte == "wbc" else analyte.capitalize()


def _unit(unit: str) -> str:
    return unit.replace("10^9", "10⁹").replace("10^8", "10⁸").replace("10^6", "10⁶")


def _grade_note(model: Model, name: str, about: Mapping[str, Any]) -> str:
    """In the chart itself: how many of the values behind it are assumed."""
    others = {n for n in _COUNTS if n != name} if name in _COUNTS and name != "wbc" else set[str]()
    used = [f for key, f in model.parameters.items() if not others & set(key.split("."))]
    assumed = sum(f.grade == "assumption" for f in used)
    text = f"{assumed} of {len(used)} values assumed" if assumed else "no value assumed"
    return text + ("; the cause too" if any(c["grade"] == "assumption" for c in about.get("causes", ())) else "")


def _tell(what: str, course: Course, values: Floats, untreated: Floats | None) -> str:
    """The chart in words."""
    text = f"{what} from day {course.days[0]:g} to {course.days[-1]:g}: {_tell_line(values, course.days)}"
    if untreated is not None:
        text += f". Without treatment: {_tell_line(untreated, course.days)}"
    return f"{text}. The table of counts by day gives the values."


def _tell_line(values: Floats, days: Floats) -> str:
    middle = band_of(values)[0]
    i, k = int(middle.argmin()), int(middle.argmax())
    return (
        f"{show_count(middle[0])} at first, lowest {show_count(middle[i])} on day {days[i]:.1f}, highest "
        f"{show_count(middle[k])} on day {days[k]:.1f}, {show_count(middle[-1])} at the end"
    )


def _show_limits(course: Course, about: Mapping[str, Any], without: Course | None) -> str:
    columns = ("", "With treatment", "Without", "Difference") if without else ("", "Course")
    rows = [tuple(esc(cell) for cell in row) for row in compare(course, without)]
    unit = _unit(course.model.unit)
    caption = f"{_name(course.model.analyte)}; days, and counts in {unit}"
    if has_limits(course):
        caption += "; back: first at the limit after the lowest count"
    if course.count.ndim == 2:
        caption += "; median (5 % to 95 % of the people), the difference each person's own" if without else "; median"
        caption += "" if without else " (5 % to 95 % of the people)"
        caption += ". The error of a measurement is not in it"
    given = {dose["drug"] for dose in about["doses"]}
    notice = paragraph(_NOTICE) if given & _GROWTH_FACTORS else ""
    share = "" if has_limits(course) else paragraph("The limits are of neutrophils: this model gives another count.")
    return section("below", "Time below the limits", table(caption, columns, rows), _say_shares(course, without),
                   notice, share)  # fmt: skip


def _say_shares(course: Course, without: Course | None) -> str:
    """How many people ever fall below each limit."""
    if course.count.ndim == 1 or not has_limits(course):
        return ""
    texts: list[str] = []
    for label, one in ((" with the treatment" if without else "", course), (" without it", without)):
        if one is not None:
            low = one.count.min(axis=1)
            texts.append(", ".join(f"{100 * float(np.mean(low < limit)):.0f} %" for limit in LIMITS) + label)
    return paragraph(f"People who ever fall below 0.5, 1.0 and 1.5: {'; '.join(texts)}.")


def _show_compartments(course: Course, about: Mapping[str, Any], without: Course | None) -> str:
    names = [n for n in course.series if n not in {*_COUNTS, "count"}]
    if not names:
        return ""
    charts: list[str] = []
    for name in names:
        lines = _lines(course.series[name], course.days, "course")
        if without is not None and name in without.series:
            lines += _lines(without.series[name], without.days, "without")
        what = _COMPARTMENTS.get(name, name.capitalize())
        untreated = without.series.get(name) if without else None
        told = _tell(what, course, course.series[name], untreated).replace(
            "The table of counts by day gives the values.", ""
        )
        charts.append(draw_course(f"pool-{name.replace(' ', '-')}", what, _pool_unit(course.model, name), told, lines))
    return section("marrow", "The marrow and the body", f'<div class="charts">\n{"".join(charts)}\n</div>')


def _pool_unit(model: Model, name: str) -> str:
    if model.system in {"leukon", "abbiati"}:
        return "10⁹ for each litre of blood"
    known = {("craig", "marrow reserve"): "10⁹/kg", ("craig", "stem cells"): "10⁶/kg", ("craig", "G-CSF"): "ng/mL"}
    if name == "G-CSF" and "g0" in model.parameters:
        return _unit(model.parameters["g0"].unit)
    return known.get((model.system, name), "in the unit of the paper")


def _show_days(course: Course, without: Course | None) -> str:
    names = [n for n in _COUNTS if n in course.series] or ["count"]
    columns = ["Day"]
    held: list[tuple[Floats, Floats | None, Floats | None]] = []
    for name in names:
        label = _name(course.model.analyte if name == "count" else name)
        columns.append(label)
        held.append(band_of(course.series[name]))
        if without is not None and name in {"count", "neutrophils"}:
            columns.append(f"{label} without treatment")
            held.append(band_of(without.series[name]))
    days = course.days
    rows = [
        (f"{mark:g}", *(f'<span class="num">{esc(_cell(mark, days, *band))}</span>' for band in held))
        for mark in _marks(days)
    ]
    caption = f"{_unit(course.model.unit)}" + ("; median (5 % to 95 %)" if course.count.ndim == 2 else "")
    return section("days", "Counts by day", table(caption, columns, rows))


def _cell(day: float, days: Floats, middle: Floats, low: Floats | None, high: Floats | None) -> str:
    text = show_count(float(np.interp(day, days, middle)))
    if low is None or high is None:
        return text
    return f"{text} ({show_count(float(np.interp(day, days, low)))} to {show_count(float(np.interp(day, days, high)))})"


def _marks(days: Floats) -> list[float]:
    span = float(days[-1] - days[0])
    step = next((s for s in (0.05, 0.125, 0.25, 0.5, 1, 2, 3, 7, 14, 28, 56, 112) if span / s <= 15), 365)
    return [float(d) for d in np.arange(float(days[0]), float(days[-1]) + 1e-9, step)]


def _show_others(course: Course, about: Mapping[str, Any]) -> str:
    others = _others(about)
    failed: Sequence[tuple[str, str]] = about.get("other_failed", ())
    if not others and not failed:
        return ""
    mine = [] if course.count.ndim == 2 or "neutrophils" in course.series else [course]
    rows: list[tuple[str, ...]] = []
    for one in (*mine, *others):
        said = {row[0]: row[1] for row in compare(one, None)}
        asked = ("Days below 0.5", "Days below 1.0", "Days below 1.5", "Lowest count", "Lowest on day")
        name = f"{one.model.id} (this page)" if one is course else one.model.id
        name += "" if one.model.analyte == "neutrophils" else f" ({_name(one.model.analyte).lower()})"
        rows.append((esc(name), *(esc(said.get(a, "–")) for a in asked)))
    columns = ("Model", "Days below 0.5", "1.0", "1.5", "Lowest", "On day")
    intro = (
        "The same doses of the drug alone in every other published model that holds it, for a typical person. They "
        "were made in other people, and disagree."
    )
    cited = bullets(
        f"{one.model.id}: {one.model.sources[one.model.source].citation}. {one.model.population}." for one in others
    )
    unable = bullets([f"{name}: {why}" for name, why in failed])
    shown = table("Other models of the same drug", columns, rows) if rows else ""
    return section("others", "Other published models", paragraph(intro), shown, cited, unable)


def _show_parameters(model: Model, numbers: Mapping[str, int]) -> str:
    order = {"assumption": 0, "derived": 1, "confirmed": 2}
    rows: list[tuple[str, ...]] = []
    for name, f in sorted(model.parameters.items(), key=lambda item: order[item[1].grade]):
        rows.append((esc(name), f'<span class="num">{esc(f"{f.value:g} {_unit(f.unit)}".strip())}</span>',
                     esc(f"{f.omega:.2g}" if f.omega is not None else "–"),
                     f'<span class="grade-{f.grade}">{esc(f.grade)}</span>', _cite(f, model, numbers)))  # fmt: skip
    columns = ("Parameter", "Value", "Spread between people", "Evidence", "Source, place, note")
    counted = {g: sum(f.grade == g for f in model.parameters.values()) for g in order}
    said = f"{counted['confirmed']} confirmed, {counted['derived']} derived, {counted['assumption']} assumed."
    caption = "Every parameter; the spread is the standard deviation of the logarithm"
    return section("parameters", "Every parameter", paragraph(said), table(caption, columns, rows))


def _cite(figure: Figure, model: Model, numbers: Mapping[str, int]) -> str:
    number = numbers.get(figure.source)
    mark = f'<a href="#source-{number}">[{number}]</a> ' if number else f"{esc(figure.source)} "
    place = "" if model.id == "leukon" and figure.source == "leukon" else figure.locator
    return f'<div class="words">{mark}{esc("; ".join(t for t in (place, figure.note) if t))}</div>'


def _show_unused(about: Mapping[str, Any]) -> str:
    lines = [f"{gap['item']}: {gap['reason']}" for gap in about["not_used"]]
    return section("unused", "Not used", bullets(lines)) if lines else ""


def _show_sources(sources: Mapping[str, Source], numbers: Mapping[str, int]) -> str:
    made: list[str] = []
    for id, source in sources.items():
        link = f"https://doi.org/{source.doi}" if source.doi else source.url
        safe = link if link and link.startswith(("https://", "http://")) else None
        shown = f' <a href="{esc(safe)}" rel="noreferrer">{esc(safe)}</a>' if safe else ""
        made.append(f'<li id="source-{numbers[id]}">{esc(source.citation)}{shown}</li>')
    return section("sources", "Sources", f"<ol>{''.join(made)}</ol>")
