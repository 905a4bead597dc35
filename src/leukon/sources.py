"""The sources that moved a report, each once."""

from __future__ import annotations

from collections.abc import Iterator

from leukon.answer import Report, Source
from leukon.knowledge import Knowledge
from leukon.limits import load_sources

__all__ = ["list_sources"]

_SHOWN_CAUSES = 5


def list_sources(report: Report, k: Knowledge) -> tuple[Source, ...]:
    """Every source named by limits, urgency, leading causes, tests and options, in order of first use."""
    of_limits = load_sources()
    found: list[Source] = []
    for name in dict.fromkeys(_named(report)):
        if fact := k.sources.get(name):
            found.append(Source(fact.id, fact.citation, fact.doi, fact.pmid, fact.url))
        elif name in of_limits:
            found.append(of_limits[name])
    return tuple(found)


def _named(report: Report) -> Iterator[str]:
    for row in report.counts:
        if row.limit:
            yield row.limit.source
    yield from report.urgency.sources
    yield from report.real.sources
    for score in report.scores:
        yield from score.sources
    for consequence in report.leads_to:
        yield from consequence.sources
    for cause in report.causes[:_SHOWN_CAUSES]:
        yield from (e.source for e in (*cause.for_, *cause.against))
    for test in report.workup:
        yield from test.sources
    for option in report.care:
        yield from option.sources
