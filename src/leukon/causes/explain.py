"""Why a cause stands where it stands: each item of evidence taken out, and what that does to its odds."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
from numpy.typing import NDArray

from leukon.answer import Evidence as Shown
from leukon.causes.cite import ESTIMATE, Citation, cite_count, find_citer
from leukon.causes.observe import Observed
from leukon.causes.posterior import Posterior, SetIndex, over_severity, sum_by_row
from leukon.causes.rows import Row
from leukon.causes.table import ActorTable
from leukon.facts import Facts
from leukon.knowledge import Knowledge

__all__ = ["explain_rows"]

_LEAST, _LEAST_OF_UNLIKELY = 0.1, 0.3  # nats: smaller weights are not worth a line, of causes under 1 % even less
_UNLIKELY = 0.01
_RIVALS = 20  # the most likely rows, among which the figure of a rival is sought
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
    labels: list[tuple[str, Callable[[Row], Citation]]] = []
    order: list[int] = np.argsort(-posterior.by_row).tolist()
    likely_first = [rows[n] for n in order[:_RIVALS]]
    said = {f.id: f.item for f in facts.facts if f.present}
    for item in posterior.evidence:
        members = tuple(item.item.removeprefix("no ").split("|")) if item.finding is not None else ()
        citer = find_citer(members, likely_first, table, k) if members else _cite_nothing
        labels.append((_label(item.item, said, k), citer))
        taken_out.append(words - item.factor.take(sets) + numbers)
    if posterior.counts is not None:
        counts = posterior.counts.take(sets, axis=2)
        joint = counts.sum(axis=1)
        for n, observation in enumerate(observed.counts):
            labels.append((observation.label, partial(cite_count, observation=observation, k=k)))
            taken_out.append(words + over_severity(joint - counts[:, n]))
    logits = _logits(np.stack(taken_out), index, list(groups.values()))
    weights: list[list[float]] = np.transpose(logits[0] - logits[1:]).tolist()
    explained: dict[str, tuple[tuple[Shown, ...], tuple[Shown, ...]]] = {}
    for (name, members), column in zip(groups.items(), weights, strict=True):
        best = rows[max(members, key=lambda m: posterior.by_row[m])]
        items = [Shown(r.item, round(r.weight, 3), r.source, r.sure) for r in best.reasons]
        least = _LEAST if sum(posterior.by_row[m] for m in members) >= _UNLIKELY else _LEAST_OF_UNLIKELY
        for (label, citer), weight in zip(labels, column, strict=True):
            if abs(weight) >= least:
                cited = citer(best)
                items.append(Shown(label, round(weight, 3), cited.source, cited.sure))
        items.sort(key=lambda e: (-abs(e.weight), e.item))
        explained[name] = tuple(e for e in items if e.weight > 0), tuple(e for e in items if e.weight < 0)
    return explained


def _cite_nothing(_: Row) -> Citation:
    """The duration of a low count has no figure of its own."""
    return ESTIMATE


def _logits(log_weight: Floats, index: SetIndex, groups: list[list[int]]) -> Floats:
    """ln odds of each group of rows (columns) under each weighing of the sets (rows of the result)."""
    weight = np.exp(log_weight - log_weight.max(axis=1, keepdims=True))
    weight /= weight.sum(axis=1, keepdims=True)
    by_row = np.stack([sum_by_row(w, index) for w in weight])
    member = np.zeros((index.rows, len(groups)))
    for column, members in enumerate(groups):
        member[members, column] = 1.0
    p = np.clip(by_row @ member, 1e-9, 1 - 1e-9)
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
