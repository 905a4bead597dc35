"""Why? The ranked causes of this person's count, each with its evidence."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from leukon.answer import Cause, Evidence
from leukon.causes.background import raise_background
from leukon.causes.challenge import read_course
from leukon.causes.explain import explain_rows
from leukon.causes.observe import observe_counts
from leukon.causes.posterior import Posterior, weigh_evidence
from leukon.causes.rows import Row, list_rows
from leukon.causes.sets import find_sets
from leukon.causes.table import build_table
from leukon.facts import Facts
from leukon.knowledge import Knowledge
from leukon.limits.judge import Judged
from leukon.patient import Person

__all__ = ["NORMAL", "Ranking", "rank_causes"]

NORMAL = "no_leukopenia"
_LEAST = 0.001  # causes down to 0.1 % are listed
_EXPLAINED = 0.003  # and from here the evidence for and against is weighed: half of the work for what nobody reads


@dataclass(frozen=True, slots=True)
class Ranking:
    """Causes, highest first; what is left for "this person's normal" and for "none of these"."""

    causes: tuple[Cause, ...]
    normal: float
    none_of_these: float
    probabilities: dict[str, float]  # every cause, however small
    rows: tuple[Row, ...]
    posterior: Posterior

    @property
    def families(self) -> dict[str, float]:
        """The probability that at least one cause of each family acts."""
        names = list(dict.fromkeys(row.family for row in self.rows))
        number = {name: n for n, name in enumerate(names)}
        place = np.array([number[row.family] for row in self.rows] + [len(names)])
        first, second = place[self.posterior.index.first], place[self.posterior.index.second]
        weight = self.posterior.weight[:-1]
        size = len(names) + 1
        total = np.bincount(first, weight, size) + np.bincount(second, np.where(first == second, 0.0, weight), size)
        return {name: float(total[n]) for n, name in enumerate(names)}


def rank_causes(
    judged: tuple[Judged, ...],
    facts: Facts,
    person: Person,
    k: Knowledge,
    *,
    now: float,
    low: str,
    setting: str = "any",
    explain: bool = True,
) -> Ranking:
    """Ranks what may act on the count of this person. The probabilities of causes may overlap: two can act at once.

    Without `explain` the evidence for and against is left empty: it is half of the work.
    """
    table = build_table(k)
    observed = observe_counts(judged, facts, person, k, now)
    at = observed.day if observed.day is not None else now
    age_years = person.age_days / 365.25 if person.age_days is not None else None
    rows = list_rows(person, age_years, facts, k, setting, at, read_course(judged))
    leak = raise_background(observed, table, k)
    posterior = weigh_evidence(rows, facts, observed, table, leak, sets=find_sets(rows, k), itemised=explain)
    groups: dict[str, list[int]] = {}
    for n, row in enumerate(rows):
        groups.setdefault(row.id, []).append(n)
    by_row: list[float] = posterior.by_row.tolist()
    probability = {name: sum(by_row[m] for m in members) for name, members in groups.items()}
    shown = {name: groups[name] for name, p in probability.items() if p >= _LEAST}
    worth_it = {name: members for name, members in shown.items() if explain and probability[name] >= _EXPLAINED}
    why = explain_rows(worth_it, rows, posterior, observed, facts, table, k)
    causes = [
        _cause(rows[max(members, key=by_row.__getitem__)], probability[name], why.get(name, ((), ())))
        for name, members in shown.items()
    ]
    normal = float(posterior.weight[0])
    if low != "low" and normal >= _LEAST:
        causes.append(Cause(NORMAL, "this person's normal", NORMAL, normal, False, None, (), (), ()))
    ordered = sorted(causes, key=lambda c: (-c.probability, c.id))
    return Ranking(
        causes=tuple(ordered),
        normal=normal,
        none_of_these=float(posterior.weight[-1]),
        probabilities=probability,
        rows=tuple(rows),
        posterior=posterior,
    )


def _cause(row: Row, probability: float, why: tuple[tuple[Evidence, ...], tuple[Evidence, ...]]) -> Cause:
    return Cause(
        id=row.id,
        name=row.name,
        family=row.family,
        probability=probability,
        must_not_miss=row.must_not_miss,
        drug=row.drug,
        for_=why[0],
        against=why[1],
        confirm=row.confirm,
    )
