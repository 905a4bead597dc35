# pyright: basic
# (pyarrow has no static types)
"""Batches of people ranked, here or on every core: each person by the code that answers for one."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

import pyarrow as pa

from leukon.assess import SETTINGS
from leukon.batches import tell_defect, warm_up
from leukon.causes import Ranking, rank_causes
from leukon.causes.observe import find_worst_draw
from leukon.cores import spread
from leukon.counts import Counts, read_counts
from leukon.facts import Facts, read_facts
from leukon.facts.adding import promote_duffy
from leukon.knowledge import Knowledge, load_knowledge
from leukon.knowledge.check import KnowledgeError
from leukon.limits import judge_counts, low_of
from leukon.population.causes.cells import Left, Unread
from leukon.population.causes.counted import read_counted
from leukon.population.causes.schemas import INPUT, OUTPUT
from leukon.population.causes.words import Words, add_words

__all__ = ["rank_batch", "rank_batches"]

_DECIMALS = 6
_AT_ONCE = 100  # people that go to a process together
_ALONE = 2  # times that many are done by this process: starting others takes a second
_Row = dict[str, Any]


def rank_batch(batch: pa.RecordBatch, setting: str = "any") -> pa.RecordBatch:
    """The ranked causes (OUTPUT) of each person of a batch (INPUT), in its order, then what was not understood.

    Raises ValueError where the columns are not those of INPUT or the setting is none.
    """
    if setting not in SETTINGS:
        raise ValueError(f"no setting is called {setting!r}; choose from: {', '.join(SETTINGS)}")
    k = load_knowledge()
    made: list[_Row] = []
    left: Left = Left()
    for row in _conform(batch).to_pylist():
        try:
            rows, unread = _rank_row(row, setting, k)
        except KnowledgeError:
            raise
        except Exception as error:
            rows, unread = [{"kind": "failed", "person": row["person"], "reason": tell_defect(error)}], Left()
        made += rows
        left += unread
    for unread, rows in sorted(left.items()):
        made.append(
            {"kind": "not understood", "table": unread.table, "column": unread.column, "text": unread.text,
             "reason": unread.reason, "rows": rows}
        )  # fmt: skip
    return pa.RecordBatch.from_pylist(made, schema=OUTPUT)


def rank_batches(batches: Iterator[pa.RecordBatch], setting: str = "any") -> Iterator[pa.RecordBatch]:
    """`rank_batch` on every core of this machine, in the order of the batches; a few are held at a time.

    Where an engine runs Python in processes of its own, as Spark does, `rank_batch` goes there instead.
    """
    return spread(partial(_rank_packed, setting=setting), _pack(batches), chunk=1, alone=_ALONE, warm=warm_up)


def _pack(batches: Iterator[pa.RecordBatch]) -> Iterator[bytes]:
    """A few people at a time, as bytes: a slice of a batch travels with the whole of it."""
    for batch in batches:
        whole = _conform(batch)
        for start in range(0, whole.num_rows, _AT_ONCE):
            yield whole.slice(start, _AT_ONCE).serialize().to_pybytes()


def _rank_packed(packed: bytes, *, setting: str) -> pa.RecordBatch:
    return rank_batch(pa.ipc.read_record_batch(pa.py_buffer(packed), INPUT), setting)


def _conform(batch: pa.RecordBatch) -> pa.RecordBatch:
    """The batch with the columns and types of INPUT; a column that is absent is null."""
    unknown = [name for name in batch.schema.names if name not in INPUT.names]
    if unknown or "person" not in batch.schema.names:
        what = f"has the column {unknown[0]!r}" if unknown else "has no column 'person'"
        raise ValueError(f"the batch {what}: causes are ranked from {', '.join(INPUT.names)}")
    return pa.RecordBatch.from_arrays([_fit(batch, field) for field in INPUT], schema=INPUT)


def _fit(batch: pa.RecordBatch, field: pa.Field) -> pa.Array:
    column = batch.column(field.name) if field.name in batch.schema.names else pa.nulls(batch.num_rows, field.type)
    try:
        return column if column.type == field.type else column.cast(field.type)
    except pa.ArrowException as error:
        raise ValueError(f"the column {field.name!r} cannot be used: {' '.join(str(error).split())[:200]}") from None


def _rank_row(row: _Row, setting: str, k: Knowledge) -> tuple[list[_Row], Left]:
    """The rows of one person, and what was not understood."""
    unread: Left = Left()
    counted = read_counted(row, unread)
    counts = read_counts(counted)
    judged = judge_counts(counts, counted)
    _, worst = find_worst_draw(judged, counted.person, counted.now)
    words = add_words(counted, row, counted.now if worst is None else worst, k, unread)
    facts = read_facts(words.patient, k)
    patient = promote_duffy(words.patient, facts)
    if patient.person != counted.person:
        judged = judge_counts(counts, patient)
    _count_unread(words, counts, facts, unread)
    about = {"person": patient.id, "low": low_of(judged)}
    if not (judged or facts.facts or facts.drugs or facts.conditions):
        reason = "no count, drug, condition or finding that can be used"
        return [{"kind": "nothing known", **about, "reason": reason}], unread
    low = about["low"]
    ranking = rank_causes(judged, facts, patient.person, k, now=patient.now, low=low, setting=setting, explain=False)
    return [{"kind": "cause", **about, **cause} for cause in _list_causes(ranking)], unread


def _list_causes(ranking: Ranking) -> list[_Row]:
    rounded = [(round(cause.probability, _DECIMALS), cause) for cause in ranking.causes]
    rounded.sort(key=lambda pair: (-pair[0], pair[1].id))
    return [
        {"rank": rank, "cause": c.id, "name": c.name, "family": c.family, "probability": probability,
         "must_not_miss": c.must_not_miss, "drug": c.drug}
        for rank, (probability, c) in enumerate(rounded, start=1)
    ]  # fmt: skip


def _count_unread(words: Words, counts: Counts, facts: Facts, unread: Left) -> None:
    refused = [(item.path, item.reason) for item in (*counts.not_used, *facts.not_used)]
    in_part = [(u.path, f"in part: {u.unread!r} is not understood") for u in facts.understood if u.unread]
    for path, reason in (*refused, *in_part):
        where, _, what = path.removesuffix("]").partition("[")
        table, column = where.split(".")
        text, entries = words.given.get(path, (what.strip(), 1))
        unread[Unread(table, column, text, reason)] += entries
