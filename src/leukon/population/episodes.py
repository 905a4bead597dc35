# pyright: basic
# (ibis builds the methods of its columns at run time: they have no static types)
"""Episodes over a table of counts: runs under a threshold, as `severity.episodes` finds them for one person.

One sort of each series, by day and then by keys that make the order unique, settles where episodes begin; windows have
explicit frames, so that every engine and every order of the input gives the same rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import ibis

from leukon.population.cuts import find_first, find_last

__all__ = ["find_episodes"]


def find_episodes(
    counts: Any,
    threshold: float,
    *,
    series: Sequence[str] = ("person", "analyte"),
    order: Sequence[str] = (),
    merge_gap_days: float = 14.0,
    split_gap_days: float | None = None,
) -> Any:
    """One row an episode: the columns of `series`, `threshold`, `from`, `to`, `last`, `nadir`, `counts`, `open`.

    `counts` has the columns of `series`, `day` (a number) and `value`, in the unit of the threshold; rows without a day
    or a value are left out. Where there is a column `bound`, a count "< 0.1" is under any threshold from 0.1. `order`
    names the columns that set counts of one day in order: with the day they must be unique in a series. An episode goes
    from the first count under the threshold to the first one back at or above it (`to`; null and `open` where none is);
    `last` is the day of its last low count. Runs whose low counts lie at most `merge_gap_days` apart are one. With
    `split_gap_days`, low counts farther apart are two episodes even where no count between them says so.
    """
    day, value = counts.day.cast("float64"), counts.value.cast("float64")
    low = value < find_first(threshold)
    if "bound" in counts.columns:
        low = low | ((counts.bound == "<").fill_null(False) & (value <= find_last(threshold)))
    more = [name for name in order if name != "value"]
    rows = counts.select(*series, *more, day=day, value=value, low=low)
    rows = rows.filter(rows.day.notnull() & rows.value.notnull() & ~rows.value.isnan())
    in_order = {"group_by": list(series), "order_by": ["day", *order]}
    one_by_one, earlier = ibis.window(**in_order), ibis.window(**in_order, rows=(None, -1))
    low_days: Any = ibis.cases((rows.low, rows.day))
    rows = rows.mutate(
        low_before=rows.low.lag().over(one_by_one),
        next_day=rows.day.lead().over(one_by_one),
        next_low=rows.low.lead().over(one_by_one),
        last_low=low_days.max().over(earlier),
    ).filter(ibis._.low)
    gap = rows.day - rows.last_low
    begins = rows.last_low.isnull() | (~rows.low_before & (gap > merge_gap_days))
    if split_gap_days is not None:
        begins = begins | (gap > split_gap_days)
    rows = rows.mutate(begins=begins)
    rows = rows.mutate(
        number=rows.begins.cast("int64").sum().over(ibis.window(**in_order, rows=(None, 0))),
        ends=rows.begins.lead().over(one_by_one).fill_null(True),
    )
    end_days: Any = ibis.cases((rows.ends & ~rows.next_low, rows.next_day))
    episodes = rows.group_by(*series, "number").aggregate(
        **{"from": rows.day.min(), "last": rows.day.max(), "nadir": rows.value.min(), "counts": rows.count()},
        to=end_days.max(),
    )
    return episodes.select(
        *series,
        threshold=ibis.literal(repr(threshold)).cast("float64"),  # a bare number may be read as a decimal
        **{name: episodes[name] for name in ("from", "to", "last", "nadir", "counts")},
        open=episodes.to.isnull(),
    )
