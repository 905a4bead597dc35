"""The causes on the page: each opens to what speaks for and against it."""

from __future__ import annotations

from collections.abc import Sequence

from leukon.answer import Cause, Evidence, Report
from leukon.report.cite import Citations
from leukon.report.html_parts import bullets, esc, paragraph, section
from leukon.report.words import ESTIMATE, SIGNS, name_test, show_percent, sign

__all__ = ["show_causes", "show_dangerous", "show_ranking"]

_MOST = 12
_OPEN = 1


def show_causes(report: Report, cited: Citations) -> tuple[str, ...]:
    """The ranking, then what must not be missed."""
    return show_ranking(report, cited), show_dangerous(report)


def show_ranking(report: Report, cited: Citations) -> str:
    shown = report.causes[:_MOST]
    rest = len(report.causes) - len(shown)
    items = "\n".join(f"<li>{_show_cause(c, report, cited, open=i < _OPEN)}</li>" for i, c in enumerate(shown))
    none = "Nothing to explain." if report.low == "not low" else "No cause reached 0.1%."
    return section(
        "causes",
        "Why? Causes, likeliest first",
        f'<ol class="causes">\n{items}\n</ol>' if items else paragraph(none),
        paragraph(f"… and {rest} more (JSON has all)", css="soft") if rest > 0 else "",
        paragraph(
            f"None of these: {show_percent(report.none_of_these)}. "
            f"This person's normal, nothing acting: {show_percent(report.this_persons_normal)}."
        ),
        paragraph(f"{SIGNS} Several causes can act together.", css="soft"),
    )


def _show_cause(cause: Cause, report: Report, cited: Citations, *, open: bool) -> str:
    share = f"{cause.probability * 100:.1f}"
    flag = ' <span class="flag">must not miss</span>' if cause.must_not_miss else ""
    head = (
        f'<summary><span class="num">{show_percent(cause.probability)}</span>'
        f'<svg class="bar" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">'
        f'<rect width="{share}" height="10"/></svg>'
        f"<strong>{esc(cause.name)}</strong>{flag}</summary>"
    )
    body = _show_evidence("For", cause.for_, cited) + _show_evidence("Against", cause.against, cited)
    if cause.confirm:
        body += f"<h3>Confirmed by</h3>{bullets(name_test(t, report) for t in cause.confirm)}"
    shown = body or paragraph("Nothing in the record speaks for or against it.")
    return f"<details{' open' if open else ''}>{head}{shown}</details>"


def _show_evidence(title: str, evidence: Sequence[Evidence], cited: Citations) -> str:
    said = [f"{sign(e)} {e.item}{' (estimate)' if e.source == ESTIMATE else cited.mark([e.source])}" for e in evidence]
    return f"<h3>{title}</h3>{bullets(said)}" if said else ""


def show_dangerous(report: Report) -> str:
    if not report.must_not_miss and not report.not_looked_for:
        return ""
    more = ""
    if report.not_looked_for:
        more = f"<details><summary>Dangerous causes not shown</summary>{paragraph(report.not_looked_for)}</details>"
    listed = bullets(f"{m.name}: {m.because}" for m in report.must_not_miss)
    return section("danger", "Must not miss", listed, more)
