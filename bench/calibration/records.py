"""Published records: which family of causes leads, against the families that their answers accept."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from leukon.causes import NORMAL, Ranking, rank_causes
from leukon.counts import read_counts
from leukon.facts import read_facts
from leukon.facts.adding import promote_counts, promote_duffy
from leukon.io import RecordError, read_record
from leukon.knowledge import Knowledge
from leukon.limits import judge_counts, low_of
from leukon.patient import Patient

__all__ = ["Judgement", "Published", "judge_folder", "rank_record"]

_LISTED = 0.01


@dataclass(frozen=True, slots=True)
class Judgement:
    """What was said of one record: its families in the order of their causes, and the probability of the first."""

    record: str
    acceptable: frozenset[str]
    families: tuple[str, ...]
    said: float

    @property
    def first(self) -> bool:
        return bool(self.acceptable & set(self.families[:1]))

    @property
    def three(self) -> bool:
        return bool(self.acceptable & set(self.families[:3]))

    @property
    def anywhere(self) -> bool:
        return bool(self.acceptable & set(self.families))


@dataclass(frozen=True, slots=True)
class Published:
    """All records of one folder; `unread` are those that could not be used, with the reason."""

    name: str
    judged: tuple[Judgement, ...]
    unread: tuple[str, ...] = ()


def judge_folder(folder: Path, k: Knowledge) -> Published:
    """Ranks every record that `answers.csv` of a folder lists (columns: record, acceptable_families).

    Families stand in the order of their first cause in the report, down to causes of 1 %.
    """
    answers = folder / "answers.csv"
    if not answers.is_file():
        raise SystemExit(f"{folder}: no answers.csv (columns: record, acceptable_families) in it")
    judged: list[Judgement] = []
    unread: list[str] = []
    for name, acceptable in _read_answers(answers):
        path = folder / name if (folder / name).is_file() else folder / f"{name}.yaml"
        try:
            patient = read_record(path.read_text(encoding="utf-8"), name)
        except FileNotFoundError:
            unread.append(f"{name}: no such record")
            continue
        except (OSError, RecordError) as error:
            unread.append(f"{name}: {error}")
            continue
        ranking = rank_record(patient, k)
        families = tuple(dict.fromkeys(c.family for c in ranking.causes if c.probability >= _LISTED))
        said = {NORMAL: ranking.normal, **ranking.families}.get(families[0], 0.0) if families else 0.0
        judged.append(Judgement(name, acceptable, families, said))
    return Published(folder.name, tuple(judged), tuple(unread))


def rank_record(patient: Patient, k: Knowledge) -> Ranking:
    """The causes of one record, as `assess` ranks them."""
    patient = promote_counts(patient)
    facts = read_facts(patient, k)
    patient = promote_duffy(patient, facts)
    judged = judge_counts(read_counts(patient), patient)
    return rank_causes(judged, facts, patient.person, k, now=patient.now, low=low_of(judged))


def _read_answers(path: Path) -> Iterator[tuple[str, frozenset[str]]]:
    with path.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            if "record" not in row or "acceptable_families" not in row:
                raise SystemExit(f"{path}: needs the columns record and acceptable_families")
            yield row["record"], frozenset(row["acceptable_families"].split())
