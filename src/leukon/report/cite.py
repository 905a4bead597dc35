"""Numbers for sources, given in the order in which a reader meets them."""

from __future__ import annotations

from collections.abc import Iterable

from leukon.answer import Source

__all__ = ["Citations", "link_source", "name_place"]


class Citations:
    """Numbers the sources of one report as they are cited. A source that the report does not list gets no number."""

    def __init__(self, sources: Iterable[Source]) -> None:
        self._known = {s.id: s for s in sources}
        self._numbers: dict[str, int] = {}

    def number(self, ids: Iterable[str]) -> list[int]:
        """The numbers of these sources, new ones given where needed."""
        known = [i for i in dict.fromkeys(ids) if i in self._known]
        return [self._numbers.setdefault(i, len(self._numbers) + 1) for i in known]

    def mark(self, ids: Iterable[str]) -> str:
        """E.g. " [2, 5]", with the space before it; empty without a source."""
        numbers = self.number(ids)
        return f" [{', '.join(map(str, numbers))}]" if numbers else ""

    def list_cited(self) -> list[tuple[int, Source]]:
        return [(n, self._known[i]) for i, n in self._numbers.items()]

    def list_others(self) -> list[Source]:
        return [s for i, s in self._known.items() if i not in self._numbers]


def link_source(source: Source) -> str | None:
    """Where the source can be read: its DOI, PMID or address. Only http(s) addresses are links."""
    if source.doi:
        return f"https://doi.org/{source.doi}"
    if source.pmid:
        return f"https://pubmed.ncbi.nlm.nih.gov/{source.pmid}/"
    return source.url if source.url and source.url.startswith(("https://", "http://")) else None


def name_place(source: Source) -> str | None:
    """The DOI or PMID, else the address."""
    return f"doi:{source.doi}" if source.doi else f"PMID {source.pmid}" if source.pmid else source.url
