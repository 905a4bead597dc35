"""What leukon knows, listed and shown: every figure beside its source."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from leukon.answer import Report
from leukon.knowledge import Knowledge, load_knowledge
from leukon.knowledge.check import KnowledgeError, each_figure, read_knowledge
from leukon.knowledge.load import DATA
from leukon.knowledge.schema import Figure

__all__ = ["KINDS", "check_all", "describe_weights", "find_records", "list_kind", "show_entry", "weigh_figures"]

KINDS = {
    "causes": "causes", "drugs": "drugs", "findings": "findings", "tests": "tests", "conditions": "conditions",
    "options": "care", "questions": "questions", "sources": "sources", "profiles": "profiles",
    "red-flags": "red_flags", "claims": "claims", "consequences": "consequences", "scores": "scores",
    "indications": "indications",
}  # fmt: skip


def _entries(k: Knowledge, kind: str) -> list[Any]:
    held = getattr(k, KINDS[kind])
    return list(held.values()) if isinstance(held, dict) else list(held)


def list_kind(kind: str) -> list[str] | str:
    """One line an entry, or why not."""
    if kind not in KINDS:
        return f"nothing of the kind {kind!r}; there are {', '.join(KINDS)}"
    return [f"{e.id}\t{_title(e)}" for e in _entries(load_knowledge(), kind)]


def _title(entry: Any) -> str:
    for name in ("name", "option", "question", "citation", "claim", "said", "because"):
        if text := getattr(entry, name, None):
            return str(text)
    return ""


def show_entry(id: str) -> list[str] | str:
    """An entry as YAML-like text; several when the id names several kinds."""
    k = load_knowledge()
    found = [(kind, e) for kind in KINDS for e in _entries(k, kind) if e.id == id.removeprefix("drug:")]
    if not found:
        return f"{id}: not known; leukon knowledge list {'|'.join(KINDS)} names everything"
    lines: list[str] = []
    for kind, entry in found:
        lines += [f"# {kind}", *_show(entry, 0), ""]
    cited = [f.source for _, e in found for f in each_figure(e)]
    used = dict.fromkeys(s for s in (*cited, *(s for _, e in found for s in getattr(e, "sources", ()))) if s)
    for name in used:
        source = k.sources.get(name)
        if source:
            where = source.doi or source.pmid or source.url or ""
            lines.append(f"[{name}] {source.citation} {where}".rstrip())
    return lines


def _show(entry: Any, depth: int) -> Iterator[str]:
    pad = "  " * depth
    for name in entry.__dataclass_fields__:
        value = getattr(entry, name)
        if value in (None, (), {}, "", False):
            continue
        if isinstance(value, Figure):
            yield f"{pad}{name}: {_say(value)}"
        elif isinstance(value, dict):
            yield f"{pad}{name}:"
            for key, inner in value.items():
                yield f"{pad}  {key}: {_say(inner) if isinstance(inner, Figure) else inner}"
        elif isinstance(value, tuple):
            if all(isinstance(v, str) for v in value):
                yield f"{pad}{name}: {', '.join(value)}"
            else:
                yield f"{pad}{name}:"
                for inner in value:
                    yield f"{pad}- {_say(inner)}" if isinstance(inner, Figure) else f"{pad}-"
                    if not isinstance(inner, Figure):
                        yield from _show(inner, depth + 1)
        elif hasattr(value, "__dataclass_fields__"):
            yield f"{pad}{name}:"
            yield from _show(value, depth + 1)
        else:
            yield f"{pad}{name}: {value}"


def _say(figure: Figure) -> str:
    own = [n for n in figure.__dataclass_fields__ if n not in Figure.__dataclass_fields__]
    numbers = ", ".join(f"{n} {getattr(figure, n)}" for n in own if getattr(figure, n) is not None)
    if figure.sure == "estimate":
        return f"{numbers} (estimate: {figure.because})"
    said = [figure.source, figure.locator, figure.population, figure.printed and f"printed: {figure.printed}"]
    return f"{numbers} ({figure.sure}: {'; '.join(x for x in said if x)})"


_LEADING = 3  # causes of a record whose weights are counted: those that made its ranking


def weigh_figures(reports: Iterable[Report]) -> dict[str, float]:
    """The ln odds that moved the rankings of records, by how sure the figure behind each is.

    Counted are the weights for and against the three leading causes of each record.
    """
    total: dict[str, float] = {"confirmed": 0.0, "literature": 0.0, "estimate": 0.0}
    for report in reports:
        for cause in report.causes[:_LEADING]:
            for item in (*cause.for_, *cause.against):
                total[item.sure] += abs(item.weight)
    return total


def check_all() -> tuple[bool, list[str]]:
    """Whether every fact passes the schema; the faults, or what there is and how it is sourced."""
    try:
        k = read_knowledge(DATA)
    except KnowledgeError as error:
        return False, [str(fault) for fault in error.faults]
    counts = ", ".join(f"{len(_entries(k, kind))} {kind}" for kind in KINDS)
    sure = Counter(f.sure for kind in KINDS for e in _entries(k, kind) for f in each_figure(e))
    total = sum(sure.values())
    shares = ", ".join(
        f"{name} {sure[name]} ({sure[name] / total:.0%})" for name in ("confirmed", "literature", "estimate")
    )
    return True, [f"knowledge {k.version}: every fact passes", counts, f"{total} figures: {shares}"]


def find_records() -> tuple[str, ...]:
    """The records that stand beside the facts in a source tree."""
    folder = DATA.parents[3] / "tests" / "records"
    return tuple(str(p) for p in sorted(folder.glob("*.yaml")))


def describe_weights(weights: dict[str, float], records: int) -> str:
    """One line: how much of what moved the rankings rests on which figures."""
    total = sum(weights.values()) or 1.0
    shares = ", ".join(f"{name} {w:.0f} ({w / total:.0%})" for name, w in weights.items())
    return f"ln odds that moved the rankings of {records} records: {shares}"
