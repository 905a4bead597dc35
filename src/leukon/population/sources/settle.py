# pyright: basic
# (ibis builds the methods of its columns at run time: they have no static types)
"""Raw rows of laboratory values, of any kind of source, made counts: units, limits, plausibility, as for one person.

The distinct names and units of a table are few: they are read in Python, and joined back. A row that is not used has
the number of its reason, and each reason is counted.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import ibis
import pyarrow as pa

from leukon.counts.units import to_float
from leukon.population.model import COUNTS
from leukon.population.sources.days import count_days
from leukon.population.sources.meaning import Meaning, Refusal, read_text
from leukon.population.sources.reader import MOST, Reader
from leukon.population.tables import TableError

__all__ = ["round_value", "settle_counts"]

Find = Callable[[Mapping[str, Any]], Meaning | Refusal]

_MANY = "one of very many"
_FUTURE = "dated after today"
_REASONS = (  # in this order: the first that fits is told
    "no person",
    "no value",
    "no unit",
    "not a number that leukon reads",
    _FUTURE,
    "a count cannot be negative",
    "a share cannot exceed 100 %",
    "outside what a living person can have",
    "the unit contradicts the printed limits",
)
_KIND = pa.schema(
    [
        ("kind", pa.int32()),
        ("analyte", pa.string()),
        ("percent", pa.bool_()),
        ("times", pa.float64()),
        ("over", pa.float64()),
        ("limit_times", pa.float64()),
        ("limit_over", pa.float64()),
        ("own_limits", pa.bool_()),
        ("least", pa.float64()),
        ("most", pa.float64()),
        ("band_low", pa.float64()),
        ("band_high", pa.float64()),
    ]
)
_TEXT = pa.schema(
    [
        ("kind", pa.int32()),
        ("value_text", pa.string()),
        ("read_value", pa.float64()),
        ("read_bound", pa.string()),
        ("read_percent", pa.bool_()),
        ("read_times", pa.float64()),  # of the limits, which are in the unit of the text
        ("read_over", pa.float64()),
        ("read_low", pa.float64()),
        ("read_high", pa.float64()),
    ]
)


def settle_counts(
    reader: Reader,
    table: str,
    rows: Any,
    keys: Sequence[str],
    learn: Callable[[Sequence[Mapping[str, Any]]], Find],
    without: Any = None,
) -> Any:
    """The counts of raw rows, written once to scratch.

    `rows` has the columns of `keys` (text or whole numbers, never null) and `person`, `day`, `day_text`, `day_dated`,
    `value`, `value_bound`, `value_text`, `lower`, `upper`, `lower_text`, `upper_text`. `learn` gets the different keys
    that the rows have, and gives what says the meaning of each. `without` is a table of people whose rows are left out,
    each counted. Rows that are alike in all stay: they are one count where draws are settled.
    """
    rows = rows.view()  # a join that stands in it is done
    kinds, meanings = _find_kinds(reader, table, rows, keys, learn)
    joined = rows.join(reader.engine.add(f"kinds_{table}", kinds), list(keys))
    joined = _join_texts(reader, table, joined, meanings)
    read = _read_rows(reader, joined)
    found = reader.store(f"read_{table}", read)
    return _tell_faults(reader, table, found, without).select(*COUNTS)


def round_value(number: Any) -> Any:
    """A number to ten decimals, by arithmetic that is the same on every engine.

    A change of unit leaves noise in the last digits, which would stand in results; no cut-point has so many decimals.
    What is under 1e-6 stays as it is, so that nothing but 0 becomes 0. Null from 1e8, which is beyond this arithmetic
    and beyond what anybody can have.
    """
    rounded = (number * 1e10 + 0.5).floor().cast("float64") / 1e10
    return ibis.cases((number.abs() < 1e-6, number), (number.abs() < 1e8, rounded))


def _find_kinds(
    reader: Reader, table: str, rows: Any, keys: Sequence[str], learn: Callable[[Sequence[Mapping[str, Any]]], Find]
) -> tuple[pa.Table, list[Meaning]]:
    """The meanings of the keys of a table, as a table to join; what has none is told."""
    named = rows.group_by(*keys).aggregate(rows=ibis._.count())
    held = reader.engine.fetch(named.order_by(ibis.desc("rows"), *keys).limit(MOST)).to_pylist()
    if len(held) == MOST:
        total = reader.engine.fetch(named.aggregate(rows=named.rows.sum())).to_pylist()[0]["rows"]
        reader.faults.tell(table, keys[0], None, f"{_MANY} names or units", total - sum(r["rows"] for r in held))
    columns: dict[str, list[Any]] = {name: [] for name in (*keys, *_KIND.names)}
    meanings: list[Meaning] = []
    find = learn(held)
    for row in held:
        meaning = find(row)
        if isinstance(meaning, Refusal):
            reader.faults.tell(table, meaning.column, meaning.text, meaning.reason, row["rows"])
            continue
        for name, cell in ({key: row[key] for key in keys} | _make_kind(len(meanings), meaning)).items():
            columns[name].append(cell)
        meanings.append(meaning)
    types = [(key, pa.int64() if rows[key].type().is_integer() else pa.string()) for key in keys]
    return pa.table(columns, pa.schema([*types, *_KIND])), meanings


def _make_kind(number: int, meaning: Meaning) -> dict[str, Any]:
    factor, limit, band = meaning.factor, meaning.limit_factor, meaning.band
    return {
        "kind": number,
        "analyte": meaning.analyte.id,
        "percent": meaning.percent,
        "times": float(factor.numerator) if factor else None,
        "over": float(factor.denominator) if factor else None,
        "limit_times": float(limit.numerator) if limit else None,
        "limit_over": float(limit.denominator) if limit else None,
        "own_limits": meaning.own_limits,
        "least": meaning.plausible[0],
        "most": meaning.plausible[1],
        "band_low": band[0] if band else None,
        "band_high": band[1] if band else None,
    }


def _join_texts(reader: Reader, table: str, rows: Any, meanings: list[Meaning]) -> Any:
    """The values that are no plain numbers, read as they are for one person."""
    said = rows.filter(rows.value_text.notnull()).group_by("kind", "value_text").aggregate(rows=ibis._.count())
    held = reader.engine.fetch(said.order_by(ibis.desc("rows"), "kind", "value_text").limit(MOST)).to_pylist()
    if len(held) == MOST:
        total = reader.engine.fetch(said.aggregate(rows=said.rows.sum())).to_pylist()[0]["rows"]
        reader.faults.tell(table, "value", None, f"{_MANY} texts", total - sum(r["rows"] for r in held))
    read: list[dict[str, Any]] = []
    for row in held:
        meaning = meanings[row["kind"]]
        found = read_text(row["value_text"], meaning)
        if isinstance(found, str):
            reader.faults.tell(table, "value", row["value_text"], found, row["rows"])
            continue
        band = meaning.analyte.percent_band if found.percent else meaning.analyte.upper_band
        limits = (
            (float(found.factor.numerator), float(found.factor.denominator)) if meaning.own_limits else (None, None)
        )
        cells = (to_float(found.value), found.bound, found.percent, *limits, *(band or (None, None)))
        read.append(dict(zip(_TEXT.names, (row["kind"], row["value_text"], *cells), strict=True)))
    if not held:
        nothing = {
            name: ibis.null(kind) for name, kind in ibis.Schema.from_pyarrow(_TEXT).items() if name[:5] == "read_"
        }
        return rows.mutate(**nothing, told=ibis.literal(False))
    texts = reader.engine.add(f"texts_{table}", pa.Table.from_pylist(read, _TEXT))
    joined = rows.left_join(texts, ["kind", "value_text"])
    return joined.mutate(told=joined.value_text.notnull() & joined.read_value.isnull()).drop(
        *[name for name in joined.columns if name.endswith("_right")]
    )


def _read_rows(reader: Reader, rows: Any) -> Any:
    """Each row as a count, with the number of the reason why it is none. Step by step: what a step makes is written
    once in the query.
    """
    own = rows.read_value.notnull()  # text that may hold a unit of its own
    times, over, low, high = (
        ibis.cases((own, rows[f"read_{name}"]), else_=rows[there])
        for name, there in (
            ("times", "limit_times"),
            ("over", "limit_over"),
            ("low", "band_low"),
            ("high", "band_high"),
        )
    )
    rows = rows.mutate(
        band_low=low,
        band_high=high,
        has_text=rows.value_text.notnull(),
        number=rows.value * rows.times / rows.over,
        lower=rows.lower * times / over,
        upper=rows.upper * times / over,
        limits_given=ibis.coalesce(rows.lower, rows.upper).notnull(),
        limits_odd=ibis.coalesce(rows.lower_text, rows.upper_text).notnull(),
        share=ibis.coalesce(rows.read_percent, rows.percent),
    )
    rows = rows.mutate(
        number=ibis.coalesce(round_value(rows.number), rows.read_value),
        lower=round_value(rows.lower),
        upper=round_value(rows.upper),
    )
    low, high, lower, upper = rows.band_low, rows.band_high, rows.lower, rows.upper
    in_order = lower.isnull() | upper.isnull() | (lower < upper) | (upper == 0)
    fits: Any = ibis.cases((upper.notnull(), upper.between(low, high)), else_=lower.between(low / 20, high))
    rows = rows.mutate(
        limits=fits.fill_null(False) & in_order & (lower.isnull() | (lower >= 0)),
        off=rows.own_limits & ((upper < low / 5) | (upper > high * 5)),
    )
    future = ibis.literal(False)
    if reader.today is not None:
        future = rows.day_dated & (rows.day >= count_days(reader.today) + 1)
    tests = [
        rows.person.isnull(),
        rows.value.isnull() & ~rows.has_text,
        rows.times.isnull() & rows.read_value.isnull() & ~rows.told,
        rows.told,
        future,
        rows.number < 0,
        rows.share & (rows.number > 100),
        rows.number.isnull() | (~rows.share & ~rows.number.between(rows.least, rows.most)),
        rows.off & ~rows.limits,
    ]
    return rows.select(
        person=rows.person,
        day=rows.day,
        analyte=rows.analyte,
        percent=rows.share,
        value=rows.number,
        bound=ibis.coalesce(rows.value_bound, rows.read_bound),
        lower=ibis.cases((rows.limits, lower)),
        upper=ibis.cases((rows.limits, upper)),
        reason=ibis.cases(*[(test.fill_null(False), k) for k, test in enumerate(tests)]).cast("int32"),
        not_limits=rows.limits_odd | (rows.limits_given & ~rows.limits),
        day_text=rows.day_text,
    )


def _tell_faults(reader: Reader, table: str, rows: Any, without: Any) -> Any:
    """Counts what is not used, and gives the rest back."""
    if without is not None:
        torn = rows.filter(rows.reason.isnull()).semi_join(without, "person")
        reader.tell_later(table, "person", torn, "counts of a key that two people have: left out", torn.person)
        rows = rows.anti_join(without, "person")
    good = rows.filter(rows.reason.isnull())
    tally = rows.group_by("reason", "analyte").aggregate(
        rows=ibis._.count(),
        limits=ibis._.not_limits.cast("int64").sum(),
        texts=ibis._.day_text.count(),
    )
    kept = {"rows": 0, "limits": 0, "texts": 0}
    for row in reader.engine.fetch(tally).to_pylist():
        if row["reason"] is None:
            kept = {name: kept[name] + row[name] for name in kept}
        elif _REASONS[row["reason"]] != _REASONS[3]:  # told with its text
            reader.faults.tell(table, "value", row["analyte"], _REASONS[row["reason"]], row["rows"])
    reader.faults.tell(table, "limits", None, "not limits of the count in its unit: not used", kept["limits"])
    if kept["texts"]:
        dated, undated = good.filter(good.day.notnull()), good.filter(good.day.isnull())
        reader.tell_later(table, "day", dated, "a month without a day: its middle is taken", dated.day_text)
        reader.tell_later(table, "day", undated, "not a date: the count is kept without a day", undated.day_text)
    if not kept["rows"]:
        reader.settle_faults()
        most = reader.faults.say_most()
        hint = "; where dates were shifted on purpose, --allow-future uses them" if most.startswith(_FUTURE) else ""
        raise TableError(f"{reader.source}: no count can be used: {most}{hint}")
    return good
