"""The card of `patient-view`: how urgent, low for whom, why, what next. Silent where there is nothing to do.

At most one card. It stays away when no white cell count is low for this person (a Duffy-null person's usual count is
not), and when the count is long known, not urgent and nothing more is needed.
"""

from __future__ import annotations

from leukon.answer import Care, Cause, Report, Test
from leukon.knowledge import load_knowledge
from leukon.report.words import KINDS, describe_level, describe_low, show_percent
from leukon.service.hooks.markdown import list_items, plain
from leukon.service.hooks.write import (
    About,
    Resource,
    count_age,
    end_detail,
    link_sources,
    make_card,
    propose_test,
    say_date,
)

__all__ = ["INDICATORS", "make_view_cards"]

INDICATORS = {
    "emergency": "critical", "same day": "critical", "urgent": "warning", "soon": "warning", "routine": "info",
    "none": "info",
}  # fmt: skip
_PRIORITIES = {"emergency": "stat", "same day": "asap", "urgent": "urgent"}
_AT_ONCE = ("emergency", "same day")
_WHITE = ("wbc", "neutrophils", "lymphocytes")
_MOST_CAUSES = 3
_MOST_MISSED = 4
_MOST_SHOWN = 4  # counts that cannot be judged
_MOST_TESTS = 4
_MOST_OPTIONS = 2
_MOST_PROPOSALS = 3
_EASY = ("blood draw", "urine", "swab")  # tests that may be proposed with one touch
_YEAR = 365  # a count older than a year interrupts no one, unless it was an emergency that nothing followed


def make_view_cards(report: Report, about: About) -> list[Resource]:
    """The card, or none."""
    if report.low == "cannot say" and report.urgency.level not in _AT_ONCE:
        return _say_unjudged(report, about)
    if _is_quiet(report):
        return []
    k = load_knowledge()
    age = count_age((r for r in report.counts if r.analyte in _WHITE), about.today)
    tests = report.workup[:_MOST_TESTS]
    options = report.care[:_MOST_OPTIONS]
    priority = _PRIORITIES.get(report.urgency.level, "routine")
    easy = [t for t in tests if t.burden in _EASY][:_MOST_PROPOSALS]
    cited = [*report.urgency.sources, *(s for o in options for s in o.sources), *(s for t in tests for s in t.sources)]
    parts = [
        f"**{plain(describe_level(report))}**\n\n{list_items(map(plain, report.urgency.because))}",
        f"{plain(describe_low(report))} {say_date(age)}",
        _say_options(options),
        _say_causes(report),
        _say_tests(report, tests),
        end_detail(report, about),
    ]
    card = make_card(
        about,
        _summarise(report),
        "\n\n".join(part for part in parts if part),
        _choose_indicator(report, age),
        proposals=[propose_test(about, t.id, t.test, t.because, priority, k) for t in easy],
        links=link_sources(cited, {s.id: s for s in report.sources}),
    )
    return [card]


def _is_quiet(report: Report) -> bool:
    """Is there nothing to say? What must be done at once is always said."""
    if report.urgency.level in _AT_ONCE:
        return False
    if report.low == "not low":
        return True
    long_known = report.real.verdict == "normal variant" or any(s.endswith(", chronic") for s in report.states)
    return report.urgency.level in ("routine", "none") and report.stop_here is not None and long_known


def _choose_indicator(report: Report, age: tuple[str, int] | None) -> str:
    level = report.urgency.level
    old = age is not None and age[1] > _YEAR
    if level not in _AT_ONCE and (old or (level == "soon" and report.stop_here)):
        return "info"
    return INDICATORS[level]


def _summarise(report: Report) -> str:
    """The report's one sentence; "Is it real?" and the likeliest cause only where they fit."""
    first, *rest = report.summary.split(". ")
    said = first.rstrip(".")
    for more in rest:
        if len(said) + len(more) + 3 < 139:
            said = f"{said}. {more.rstrip('.')}"
    return f"{said}."


def _say_causes(report: Report) -> str:
    causes = [c for c in report.causes if c.id != "no_leukopenia"][:_MOST_CAUSES]
    if not causes:
        return ""
    lines = [f"{place}. {_say_cause(cause)}" for place, cause in enumerate(causes, 1)]
    shown = {c.id for c in causes}
    others = [m.name for m in report.must_not_miss if m.id not in shown][:_MOST_MISSED]
    missed = f"\n\nMust not miss: {plain('; '.join(others))}." if others else ""
    return "**Why? Likeliest first** (not calibrated on patients)\n\n" + "\n".join(lines) + missed


def _say_cause(cause: Cause) -> str:
    said = f"**{plain(cause.name)}** {show_percent(cause.probability)}"
    if cause.must_not_miss:
        said += ", must not miss"
    speaks = "; ".join(plain(e.item) for e in cause.for_[:3])
    against = "; ".join(plain(e.item) for e in cause.against[:2])
    return said + (f". For: {speaks}" if speaks else "") + (f". Against: {against}" if against else "")


def _say_tests(report: Report, tests: tuple[Test, ...]) -> str:
    head = f"**Stop here:** {plain(report.stop_here)}" if report.stop_here else ""
    if not tests:
        return head
    listed = list_items(f"**{plain(t.test)}**: {plain(t.because)}" for t in tests)
    return f"{head}\n\n**Next tests**\n\n{listed}".strip()


def _say_options(options: tuple[Care, ...]) -> str:
    if not options:
        return ""
    lines = (
        f"{KINDS[o.kind]}: {plain(o.option)} ({plain(o.jurisdiction)}, {plain(o.date)})"
        + (f". *Caution: {plain(o.caution)}*" if o.caution else "")
        for o in options
    )
    return f"**Options to consider**\n\n{list_items(lines)}"


def _say_unjudged(report: Report, about: About) -> list[Resource]:
    """White cell counts are on the record, but not one can be judged: silence would be read as "not low"."""
    sent = [u for u in report.understood if u.as_.removeprefix("count:") in _WHITE and u.path.endswith(".code")]
    if not sent:
        return []
    values = {i.path.removesuffix(".value"): i.item for i in (*report.understood, *report.not_used)}
    lines = [f"{u.item} {values.get(u.path.removesuffix('.code'), '')}" for u in sent]
    more = [f"and {len(lines) - _MOST_SHOWN} more"] if len(lines) > _MOST_SHOWN else []
    listed = list_items(map(plain, [*lines[:_MOST_SHOWN], *more]))
    detail = f"{plain(describe_low(report))} On the record:\n\n{listed}\n\n{end_detail(report, about)}"
    return [make_card(about, "White cell counts are on the record, but leukon cannot judge them.", detail, "info")]
