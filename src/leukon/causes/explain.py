"""Why a cause stands where it stands: each item of evidence taken out, and what that does to its odds."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
from numpy.typing import NDArray

from leukon.answer import Evidence as Shown
from leukon.causes.observe import Observed
from leukon.causes.posterior import Posterior, SetIndex, over_severity, sum_by_row
from leukon.causes.rows import Row
from leukon.causes.table import ActorTable
from leukon.facts import Facts
from leukon.knowledge import Knowledge
from leukon.knowledge.schema import Figure, Profile

__all__ = ["explain_rows"]

_LEAST = 0.05  # nats: smaller weights are not worth a line
_NEGLIGIBLE = 1e-9  # sets below this probability are left out when an item is taken out
Floats = NDArray[np.float64]


def explain_rows(
    groups: dict[str, list[int]],
    rows: list[Row],
    posterior: Posterior,
    observed: Observed,
    facts: Facts,
    table: ActorTable,
    k: Knowledge,
) -> dict[str, tuple[tuple[Shown, ...], tuple[Shown, ...]]]:
    """For each cause (id -> its rows) the evidence for and against, strongest first, in ln odds."""
    if not groups:
        return {}
    sets, index = _likely(posterior)
    numbers, words = posterior.numbers[sets], posterior.words[sets]
    taken_out: list[Floats] = [words + numbers]
    labels: list[tuple[str, Callable[[Row], str]]] = []
    said = {f.id: f.item for f in facts.facts}
    names = list(table.findings)
    for item in posterior.evidence:
        finding = names[item.finding] if item.finding is not None else None
        labels.append((_label(item.item, said, k), partial(_finding_source, finding=finding, k=k)))
        taken_out.append(words - item.factor[sets] + numbers)
    if posterior.counts is not None:
        counts = posterior.counts[:, :, sets]
        joint = counts.sum(axis=1)
        for n, observation in enumerate(observed.counts):
            labels.append((observation.label, partial(_shift_source, lineage=observation.parts[0], k=k)))
            taken_out.append(words + over_severity(joint - counts[:, n]))
    logits = _logits(np.stack(taken_out), index, list(groups.values()))
    weights = logits[0] - logits[1:]
    explained: dict[str, tuple[tuple[Shown, ...], tuple[Shown, ...]]] = {}
    for column, (name, members) in enumerate(groups.items()):
        best = rows[max(members, key=lambda m: posterior.by_row[m])]
        items = [
            Shown(labels[n][0], round(float(weights[n, column]), 3), labels[n][1](best))
            for n in np.flatnonzero(np.abs(weights[:, column]) >= _LEAST)
        ]
        items += [Shown(r.item, round(r.weight, 3), r.source) for r in best.reasons]
        items.sort(key=lambda e: (-abs(e.weight), e.item))
        explained[name] = tuple(e for e in items if e.weight > 0), tuple(e for e in items if e.weight < 0)
    return explained


def _logits(log_weight: Floats, index: SetIndex, groups: list[list[int]]) -> Floats:
    """ln odds of each group of rows (columns) under each weighing of the sets (rows of the result)."""
    weight = np.exp(log_weight - log_weight.max(axis=1, keepdims=True))
    weight /= weight.sum(axis=1, keepdims=True)
    by_row = np.stack([sum_by_row(w, index) for w in weight])
    p = np.stack([by_row[:, members].sum(axis=1) for members in groups], axis=1)
    p = np.clip(p, 1e-9, 1 - 1e-9)
    return np.log(p) - np.log1p(-p)


def _likely(posterior: Posterior) -> tuple[NDArray[np.intp], SetIndex]:
    """The sets that could matter with one item taken out, "none of these" last; the rows they hold."""
    sets = np.flatnonzero(posterior.weight[:-1] > _NEGLIGIBLE)
    index = posterior.index
    return np.append(sets, len(posterior.weight) - 1), SetIndex(index.first[sets], index.second[sets], index.rows)


def _label(item: str, words: dict[str, str], k: Knowledge) -> str:
    if item.startswith("no ") and item[3:] in k.findings:
        return f"no {k.findings[item[3:]].name}"
    return ", ".join(words.get(f, k.findings[f].name if f in k.findings else f) for f in item.split("|"))


def _actor(row: Row, k: Knowledge) -> Profile:
    return k.profiles[row.actor[8:]] if row.actor.startswith("profile:") else k.causes[row.actor]


def _source_of(figure: Figure | None) -> str:
    return (figure.source if figure else None) or "estimate"


def _finding_source(row: Row, finding: str | None, k: Knowledge) -> str:
    return _source_of(_actor(row, k).findings.get(finding) if finding else None)


def _shift_source(row: Row, lineage: str, k: Knowledge) -> str:
    return _source_of(_actor(row, k).shifts.get(lineage))
