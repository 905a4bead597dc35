"""The sources that moved a report, each once."""

from __future__ import annotations

from collections.abc import Iterator

from leukon.answer import Report, Source
from leukon.knowledge import Knowledge

__all__ = ["list_sources"]

_SHOWN_CAUSES = 5


def list_sources(report: Report, k: Knowledge) -> tuple[Source, ...]:
    """Every source named by limits, urgency, leading causes, tests and options, in order of first use."""
    names = dict.fromkeys(_named(report))
    found = (k.sources.get(name) for name in names)
    return tuple(Source(f.id, f.citation, f.doi, f.pmid, f.url) for f in found if f)


def _named(report: Report) -> Iterator[str]:
    for row in report.counts:
        if row.limit:
            yield row.limit.source
    yield from report.urgency.sources
    yield from report.real.sources
    for cause in report.causes[:_SHOWN_CAUSES]:
        yield from (e.source for e in (*cause.for_, *cause.against))
    for test in report.workup:
        yield from test.sources
    for option in report.care:
        yield from option.sources
