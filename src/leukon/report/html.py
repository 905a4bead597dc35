"""A Report as one self-contained page: no request to anywhere, no script; light and dark, phone and print."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from leukon.answer import Cause, CountRow, Report
from leukon.report.chart import draw_counts

__all__ = ["write_html"]

_CSS = """
:root{color-scheme:light dark;--ink:#1b1f24;--soft:#4d5663;--paper:#fff;--line:#cfd6de;--panel:#f4f6f8;--link:#0b57a4;
--red:#a3121b;--amber:#7a4b00;--green:#1b6633;--bar:#2f6fb0}
@media(prefers-color-scheme:dark){:root{--ink:#e8ecf1;--soft:#b3bdc9;--paper:#14181d;--line:#39424d;--panel:#1d232a;
--link:#8cc0ff;--red:#ff9a94;--amber:#f2c46d;--green:#8fd6a4;--bar:#6fa8dc}}
*{box-sizing:border-box}body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.5 system-ui,sans-serif}
main{max-width:62rem;margin:0 auto;padding:1rem}h1{font-size:1.25rem}h2{font-size:1.1rem;margin:1.6rem 0 .4rem}
.banner{border:2px solid;border-radius:.5rem;padding:.6rem 1rem}
.emergency,.same{color:var(--red)}.urgent,.soon{color:var(--amber)}
.routine,.none{color:var(--green)}.banner ul{margin:.3rem 0 0;padding-left:1.2rem}.scroll{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-size:.93rem}
caption{text-align:left;color:var(--soft)}
th,td{text-align:left;padding:.25rem .5rem;border-bottom:1px solid var(--line);vertical-align:top}td.n{text-align:right}
.low{color:var(--red);font-weight:600}
details{border:1px solid var(--line);border-radius:.4rem;margin:.3rem 0;
padding:.3rem .6rem;background:var(--panel)}summary{cursor:pointer}meter{width:8rem;height:.8rem;vertical-align:middle}
.soft{color:var(--soft)}a{color:var(--link)}
svg{max-width:100%;height:auto}svg text{fill:var(--ink);font:12px system-ui,sans-serif}
@media print{details{break-inside:avoid}body{font-size:11pt}}
"""
_LEVELS = {
    "emergency": "EMERGENCY: act within the hour", "same day": "To be seen the same day",
    "urgent": "To be seen within 3 days", "soon": "To be seen within 2 weeks", "routine": "No hurry",
    "none": "Nothing urgent",
}  # fmt: skip


def write_html(report: Report) -> str:
    """The page. The same report gives the same text; everything from the input is escaped."""
    numbers = {s.id: n for n, s in enumerate(report.sources, 1)}
    parts = [
        _banner(report),
        f"<p><strong>{escape(report.summary)}</strong></p>",
        _section("Is it low?", _low(report, numbers)),
        _section("Is it real?", f"<p>{escape(report.real.verdict.capitalize())}.</p>{_list(report.real.because)}"),
        _section("Why? Causes, likeliest first", _causes(report, numbers)),
        _section("Must not miss", _must_not_miss(report)),
        _section("Ask", _list(f"{a.question} ({a.because})" for a in report.ask)) if report.ask else "",
        _section("Next tests", _tests(report)),
        _section("Options to consider", _care(report, numbers)),
        _section("Not used", _not_used(report)),
        _section("Sources", _sources(report)),
    ]
    versions = report.leukon
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>leukon: {escape(report.urgency.level)}</title><style>{_CSS}</style></head><body><main>"
        f"<h1>White cell count{f' of {escape(report.id)}' if report.id else ''}</h1>{''.join(parts)}"
        f'<p class="soft">leukon {escape(versions.version)}, knowledge {escape(versions.knowledge)}, model '
        f"{escape(versions.model)}. Probabilities {escape(report.calibration['status'])}: "
        f"{escape(report.calibration['note'])}. It informs health professionals; it orders nothing and replaces no "
        "one's judgement.</p></main></body></html>\n"
    )


def _section(title: str, body: str) -> str:
    return f"<section><h2>{escape(title)}</h2>{body}</section>"


def _list(items: Iterable[str]) -> str:
    rows = "".join(f"<li>{escape(i)}</li>" for i in items)
    return f"<ul>{rows}</ul>" if rows else ""


def _refs(names: Iterable[str], numbers: dict[str, int]) -> str:
    found = sorted({numbers[n] for n in names if n in numbers})
    return "".join(f' <a href="#s{n}">[{n}]</a>' for n in found)


def _banner(report: Report) -> str:
    level = report.urgency.level
    role = ' role="alert"' if level in ("emergency", "same day") else ""
    name = level.split()[0]
    return f'<div class="banner {name}"{role}><strong>{_LEVELS[level]}</strong>{_list(report.urgency.because)}</div>'


def _low(report: Report, numbers: dict[str, int]) -> str:
    verdict = {"low": "Low for this person.", "not low": "Not low for this person."}.get(report.low, "Cannot say.")
    states = f" Present: {'; '.join(report.states)}." if report.states else ""
    rows = "".join(_row(c, numbers) for c in report.counts)
    table = (
        '<div class="scroll"><table><caption>Counts in 10*9/L unless said, with the limits they are judged by</caption>'
        '<thead><tr><th scope="col">When</th><th scope="col">Count</th><th scope="col">Value</th>'
        '<th scope="col">Limits, whose</th><th scope="col">Is</th><th scope="col">CTCAE 4.03 / 5 / 6</th>'
        f'<th scope="col">Note</th></tr></thead><tbody>{rows}</tbody></table></div>'
    )
    chart = draw_counts(report.counts)
    return f"<p>{escape(verdict + states)}</p>{chart}{table if rows else ''}{_list(report.notes)}"


def _row(c: CountRow, numbers: dict[str, int]) -> str:
    when = c.time or ("" if c.day is None else f"day {c.day:g}")
    limits = ""
    if c.limit:
        low = "" if c.limit.lower is None else f"{c.limit.lower:g}"
        high = "" if c.limit.upper is None else f"{c.limit.upper:g}"
        limits = f"{low}–{high}, {escape(c.limit.owner)}{_refs([c.limit.source], numbers)}"
    grades = " / ".join(
        "–" if c.grades.get(v) is None else str(c.grades[v]) for v in ("ctcae-4.03", "ctcae-5", "ctcae-6")
    )
    notes = [c.derived and f"from {c.derived}", c.edge, c.laboratory and f"laboratory: {c.laboratory.status}"]
    if c.change:
        sure = "more than chance" if c.change.beyond_rcv else "within chance"
        notes.append(f"from {c.change.from_:g}, {sure}")
    unit = "" if c.unit == "10*9/L" else f" {c.unit}"
    mark = ' class="low"' if c.status == "low" else ""
    return (
        f"<tr><td>{escape(when)}</td><th scope='row'>{escape(c.analyte)}</th>"
        f'<td class="n">{escape(c.censored or "")}{c.value:.4g}{escape(unit)}</td><td>{limits}</td>'
        f"<td{mark}>{escape(c.status)}</td><td>{grades}</td><td>{escape('; '.join(n for n in notes if n))}</td></tr>"
    )


def _causes(report: Report, numbers: dict[str, int]) -> str:
    shown = "".join(_cause(c, numbers) for c in report.causes[:12])
    rest = (
        f'<p class="soft">None of these: {report.none_of_these:.0%}. This person\'s normal: '
        f"{report.this_persons_normal:.0%}. Causes can act together. Weights are natural-log odds.</p>"
    )
    return (shown or "<p>No cause reaches 0.1 %.</p>") + rest


def _cause(c: Cause, numbers: dict[str, int]) -> str:
    rows = "".join(
        f"<tr><td>{'for' if e.weight > 0 else 'against'}</td><td>{escape(e.item)}</td>"
        f'<td class="n">{e.weight:+.2f}</td><td>{_refs([e.source], numbers) or escape(e.source)}</td></tr>'
        for e in (*c.for_, *c.against)
    )
    table = (
        f"<table><caption>Evidence for and against {escape(c.name)}</caption><thead><tr><th scope='col'></th>"
        f"<th scope='col'>Item</th><th scope='col'>Weight</th><th scope='col'>Source</th></tr></thead>"
        f"<tbody>{rows}</tbody></table>"
        if rows
        else ""
    )
    danger = " · must not miss" if c.must_not_miss else ""
    confirm = f"<p>Confirm: {escape(', '.join(c.confirm))}</p>" if c.confirm else ""
    return (
        f'<details><summary><meter min="0" max="1" value="{c.probability:.3f}" aria-hidden="true"></meter> '
        f"<strong>{c.probability:.0%}</strong> {escape(c.name)}{danger}</summary>{table}{confirm}</details>"
    )


def _must_not_miss(report: Report) -> str:
    rest = f'<p class="soft">{escape(report.not_looked_for)}</p>' if report.not_looked_for else ""
    return _list(f"{m.name}: {m.because}" for m in report.must_not_miss) + rest


def _tests(report: Report) -> str:
    stop = f"<p><strong>Stop here:</strong> {escape(report.stop_here)}.</p>" if report.stop_here else ""
    return stop + _list(f"{t.test}: {t.because} ({t.burden})" for t in report.workup)


def _care(report: Report, numbers: dict[str, int]) -> str:
    rows = "".join(
        f"<li><strong>{escape(c.option)}</strong> ({escape(c.kind)}). {escape(c.because)} <em>Caution:</em> "
        f'{escape(c.caution)} <span class="soft">{escape(c.jurisdiction)}, {escape(c.date)}</span>'
        f"{_refs(c.sources, numbers)}</li>"
        for c in report.care
    )
    return f"<ul>{rows}</ul>" if rows else "<p>None found for this situation; that is no advice to wait.</p>"


def _not_used(report: Report) -> str:
    items = [f"{n.item}: {n.reason}" for n in report.not_used]
    items += [f"{u.item}: not understood in it: {u.unread}" for u in report.understood if u.unread]
    return _list(items) or "<p>Nothing: every item was read.</p>"


def _sources(report: Report) -> str:
    rows: list[str] = []
    for n, s in enumerate(report.sources, 1):
        link = (
            f"https://doi.org/{s.doi}"
            if s.doi
            else s.url or (f"https://pubmed.ncbi.nlm.nih.gov/{s.pmid}" if s.pmid else "")
        )
        tail = (
            f' <a href="{escape(link, quote=True)}" rel="noreferrer">{escape(s.doi or link)}</a>'
            if link.startswith("http")
            else ""
        )
        rows.append(f'<li id="s{n}">{escape(s.citation)}{tail}</li>')
    return f"<ol>{''.join(rows)}</ol>"
