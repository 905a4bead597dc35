"""The wording that text and page share: levels, verdicts, owners of limits, numbers and signs for a tired reader."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

from leukon.answer import CountRow, Evidence, LeadsTo, LimitUsed, Report, ScoreShown

__all__ = [
    "ANALYTES", "ESTIMATE", "INFORMS", "KINDS", "LINES", "LOW", "OWNERS", "SIGNS",
    "VERDICTS", "clean", "describe_change", "describe_consequence", "describe_course", "describe_lab",
    "describe_level", "describe_low", "describe_policy", "describe_score", "name_test", "shorten_list",
    "show_day", "show_grade", "show_limits", "show_number", "show_percent", "show_value", "sign",
]  # fmt: skip

INFORMS = "leukon informs health professionals. It orders nothing and replaces no one's judgement."
ESTIMATE = "estimate"  # the source of a weight that no published figure gives
SIGNS = "+ speaks for a cause and − against: one sign moves the odds up to 3 times, two up to 10, three more."

_LEVELS = {
    "emergency": "EMERGENCY: act within the hour",
    "same day": "SAME DAY: to be seen today",
    "urgent": "URGENT: to be seen within 3 days",
    "soon": "SOON: to be seen within 2 weeks",
    "routine": "ROUTINE: no hurry",
    "none": "NOTHING URGENT",
}
LOW = {
    "low": "Low for this person",
    "not low": "Not low for this person",
    "cannot say": "Whether it is low for this person cannot be said",
}
VERDICTS = {
    "real": "Real: nothing here points to a false count",
    "redistribution possible": "Redistribution possible: cells may have left the flowing blood for the vessel walls",
    "artefact": "Artefact: the count may be false",
    "normal variant": "Normal variant: the count is right and harmless",
    "cannot say": "Cannot be said",
}
OWNERS = {
    "stated group": "this group",
    "duffy-null": "Duffy-null",
    "pregnancy": "pregnancy",
    "laboratory": "laboratory",
    "age": "age",
    "adult": "adult",
}
_OWNERS_LONG = {
    "stated group": "the limits stated for this person's group",
    "duffy-null": "the limits of Duffy-null people",
    "pregnancy": "the limits of pregnancy",
    "laboratory": "the laboratory's own limits",
    "age": "the limits of this age",
    "adult": "the limits of adults",
}
LINES = {0: "Confirm the count", 1: "First line", 2: "Second line", 3: "Specialist"}
KINDS = {
    "stop drug": "STOP DRUG",
    "continue drug": "CONTINUE DRUG",
    "treat": "TREAT",
    "prevent": "PREVENT",
    "refer": "REFER",
    "monitor": "MONITOR",
    "supply": "SUPPLY",
    "avoid": "AVOID",
}
ANALYTES = {
    "wbc": "WBC",
    "neutrophils": "neutrophils",
    "hemoglobin": "haemoglobin",
    "mcv": "MCV",
    "immature_granulocytes": "immature gran.",
}

_MOST_ASSUMPTIONS = 3  # of a forecast; the JSON has all
_CONTROL = re.compile(r"\s+")


def clean(text: str) -> str:
    """One line without control or direction-changing characters: input may hold terminal escapes.

    >>> clean("fever\\x1b[31m\\n  of 39")
    'fever[31m of 39'
    """
    one_line = _CONTROL.sub(" ", text)
    if one_line.isprintable():  # nearly always, and much faster than to look at each character
        return one_line.strip()
    return "".join(c for c in one_line if c == " " or unicodedata.category(c) not in ("Cc", "Cf", "Cs")).strip()


def describe_consequence(c: LeadsTo, most: int | None = None) -> str:
    """One sentence: the count, the infections to expect, the signs to look for; at most so many of each.

    >>> describe_consequence(LeadsTo("x", "neutrophils", 0.05, ("fungi",), ("fever alone",), "", ()))
    'neutrophils 0.05: expect fungi. Look for: fever alone.'
    """
    expect = f" expect {'; '.join(c.infections[:most])}." if c.infections else ""
    look = f" Look for: {'; '.join(c.signs[:most])}." if c.signs else ""
    return f"{ANALYTES.get(c.lineage, c.lineage)} {show_number(c.value)}:{expect}{look}"


def describe_course(course: dict[str, Any]) -> list[str]:
    """The forecast in a few lines: by what, lowest, time below, return, what was taken for granted."""
    lines = [f"By {course['model']} ({course['method']}); 5th to 95th centile in brackets."]
    if nadir := course.get("nadir"):
        days = f"{nadir['day_p05']:.0f} to {nadir['day_p95']:.0f}"
        lines.append(
            f"lowest {nadir['analyte']} {show_number(nadir['value'])} ({show_number(nadir['p05'])} to "
            f"{show_number(nadir['p95'])}) on day {nadir['day']:.0f} ({days})"
        )
    lines += [
        f"below {show_number(b['limit'])}: {b['days']:.1f} days ({b['p05']:.1f} to {b['p95']:.1f})"
        for b in course.get("below", ())
    ]
    if (back := course.get("recovery")) and back.get("day") is not None:
        late = f"{back['p95']:.0f}" if back.get("p95") is not None else "later than looked at"
        early = f"{back['p05']:.0f}" if back.get("p05") is not None else "?"
        lines.append(f"back at {show_number(back['to'])}: day {back['day']:.0f} ({early} to {late})")
    return [*lines, *(f"taken for granted: {a}" for a in course.get("assumptions", ())[:_MOST_ASSUMPTIONS])]


def describe_policy(report: Report) -> list[str]:
    """Whose policy shaped the options, and what it left out."""
    used = report.policy
    if used is None:
        return []
    dated = f", {used.date}" if used.date else ""
    place = f", {used.jurisdiction}" if used.jurisdiction else ""
    graded = f"; grades there are {used.ctcae}" if used.ctcae else ""
    return [f"By the policy of {used.name}{place}{dated}{graded}.", *(f"Left out: {line}." for line in used.left_out)]


def describe_score(s: ScoreShown) -> str:
    """One score: its points, or the least and most that what is known allows, and what is still open.

    >>> describe_score(ScoreShown("x", "CISNE", 1, 3, "not decided", None, ("ECOG 2 or worse (2)",), "adults", ()))
    'CISNE 1 to 3: not decided. Still open: ECOG 2 or worse (2).'
    """
    points = str(s.least) if s.least == s.most else f"{s.least} to {s.most}"
    still = f" Still open: {', '.join(s.missing)}." if s.missing else ""
    return f"{s.name} {points}: {s.verdict}.{still}"


def show_number(value: float) -> str:
    """Three figures, never in powers of ten.

    >>> [show_number(v) for v in (0.0, 0.2884, 3.2, 13.44, 230.4, 12345.0)]
    ['0', '0.288', '3.2', '13.4', '230', '12345']
    """
    return f"{value:.0f}" if abs(value) >= 100 else f"{float(f'{value:.3g}'):.6f}".rstrip("0").rstrip(".")


def show_percent(probability: float) -> str:
    """
    >>> [show_percent(p) for p in (0.0, 0.004, 0.713, 0.998, 1.0)]
    ['0%', '<1%', '71%', '>99%', '100%']
    """
    if 0 < probability < 0.01:
        return "<1%"
    if 0.99 < probability < 1:
        return ">99%"
    return f"{probability:.0%}"


def show_value(row: CountRow) -> str:
    """The value with its sign of a detection limit, and its unit where it is not the usual 10*9/L."""
    unit = "" if row.unit == "10*9/L" else f" {row.unit}"
    return f"{row.censored or ''}{show_number(row.value)}{unit}"


def show_limits(limit: LimitUsed | None) -> str:
    if limit is None or (limit.lower is None and limit.upper is None):
        return "none known"
    if limit.upper is None:
        return f"from {show_number(limit.lower or 0.0)}"
    if limit.lower is None:
        return f"to {show_number(limit.upper)}"
    return f"{show_number(limit.lower)}–{show_number(limit.upper)}"


def show_day(day: float | None, time: str | None) -> str:
    """The date as given, else the day on the record's axis."""
    if time:
        return clean(time)
    return "–" if day is None else f"day {_signed(day)}"


def _signed(day: float) -> str:
    return show_number(day).replace("-", "−")


def show_grade(grade: int | None) -> str:
    return "–" if grade is None else str(grade)


def describe_change(row: CountRow) -> str | None:
    """E.g. "down from 4.71, beyond chance"."""
    c = row.change
    if c is None:
        return None
    if c.from_ == c.to:
        return f"as before ({show_number(c.from_)})"
    way = "down" if c.to < c.from_ else "up"
    return f"{way} from {show_number(c.from_)}, {'beyond chance' if c.beyond_rcv else 'within chance'}"


def describe_lab(row: CountRow) -> str | None:
    """What the laboratory says, where its verdict differs from the one shown."""
    lab = row.laboratory
    if lab is None or lab.status == row.status:
        return None
    limits = show_limits(LimitUsed(lab.lower, lab.upper, "laboratory", ""))
    return f"laboratory says {lab.status} ({limits})"


def describe_level(report: Report) -> str:
    """The level as a headline. Where no count can be judged, the absence of a red flag is no "no hurry"."""
    if report.urgency.level == "routine" and report.low == "cannot say":
        return "ROUTINE, but the counts cannot be judged"
    return _LEVELS[report.urgency.level]


def describe_low(report: Report) -> str:
    """E.g. "Low for this person: WBC and neutrophils, by the limits of adults." """
    newest = {row.analyte: row for row in report.counts}
    white = [newest[a] for a in ("wbc", "neutrophils", "lymphocytes") if a in newest]
    rows = [r for r in white if r.status == report.low] if report.low != "not low" else white
    owners = list(dict.fromkeys(r.limit.owner for r in rows if r.limit))
    if not rows or not owners:
        return f"{LOW[report.low]}."
    *first, last = (ANALYTES.get(r.analyte, r.analyte) for r in rows)
    names = f"{', '.join(first)} and {last}" if first else last
    return f"{LOW[report.low]}: {names}, by {' and '.join(_OWNERS_LONG.get(o, o) for o in owners)}."


def name_test(id: str, report: Report) -> str:
    """The words of a test that a cause names by id."""
    return next((t.test for t in report.workup if t.id == id), id.replace("_", " "))


def sign(evidence: Evidence) -> str:
    """Plus or minus signs for how far an item moves the odds: under 3 times, up to 10 times, more."""
    size = 1 + (abs(evidence.weight) >= 1.0986) + (abs(evidence.weight) >= 2.3026)
    return ("+" if evidence.weight >= 0 else "−") * size


def shorten_list(text: str, most: int) -> str:
    """A long list of names cut at a comma.

    >>> shorten_list("malaria, dengue, typhoid fever.", 18)
    'malaria, dengue, … (JSON has all)'
    """
    if len(text) <= most:
        return text
    head = text[:most]
    return f"{head[: head.rfind(',') + 1] or head} … (JSON has all)"
