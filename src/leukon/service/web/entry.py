"""What the form shows: the fields of a record, or those that were typed.

The record that the form began with travels with it (`record`), and so does what a file held but a record cannot
(`left`). A row keeps its place in that record, so that what the form does not show of it (a schedule of doses, the
laboratory's limits of an earlier count) is kept too.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from leukon.answer import NotUsed
from leukon.io.axis import read_moment
from leukon.service.web.moments import LineError

__all__ = ["CELLS", "MORE_CELLS", "Column", "DrugRow", "Entry", "Fields", "dump_left", "entry_of", "read_entry",
           "read_left", "read_state", "show_test"]  # fmt: skip

Fields = Mapping[str, Sequence[str]]
"""The fields of a posted form; a name that stands several times has several values."""

CELLS = ("wbc", "neutrophils", "lymphocytes", "hemoglobin", "platelets")
MORE_CELLS = ("monocytes", "eosinophils", "basophils", "bands", "blasts", "immature_granulocytes", "mcv",
              "reticulocytes")  # fmt: skip
_TIMES = ("day", "date", "time")
_REMARK = "sample"
_KEPT = ("limits", "note", "comment", "flags", "flag")  # of a draw, not shown as a cell
_LISTS = ("present", "absent", "conditions", "exposures", "tests")
_ALONE = ("age", "sex", "ancestry", "duffy", "pregnant", "weeks", "now", "setting", "paste")
_DRUG = ("name", "dose", "start", "stop", "note")
_EARLIER = 2  # empty columns shown beside what is filled
_BLANK_DRUGS, _BLANK_WORDS = 2, 2


@dataclass(frozen=True, slots=True)
class Column:
    """One draw. `base` is its place in the record that the form began with."""

    when: str = ""
    sample: str = ""
    values: dict[str, str] = field(default_factory=dict[str, str])
    base: int | None = None

    @property
    def is_filled(self) -> bool:
        return bool(self.sample or any(self.values.values()))


@dataclass(frozen=True, slots=True)
class DrugRow:
    name: str = ""
    dose: str = ""
    start: str = ""
    stop: str = ""
    note: str = ""
    doses: str = ""  # a schedule of the record, shown and kept

    def shows(self, other: DrugRow) -> bool:
        return all(getattr(self, key) == getattr(other, key) for key in _DRUG)


@dataclass(frozen=True, slots=True)
class Entry:
    """Every field of the form. Columns stand newest first; `limits` are those printed beside the newest."""

    age: str = ""
    sex: str = ""
    ancestry: str = ""
    duffy: str = ""
    pregnant: str = ""
    weeks: str = ""
    now: str = ""
    setting: str = "any"
    paste: str = ""
    columns: tuple[Column, ...] = ()
    limits: dict[str, str] = field(default_factory=dict[str, str])
    drugs: tuple[DrugRow, ...] = ()
    present: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()
    conditions: tuple[str, ...] = ()
    exposures: tuple[str, ...] = ()
    tests: tuple[str, ...] = ()
    record: str = "{}"
    left: str = "[]"

    @property
    def cells(self) -> tuple[str, ...]:
        """The rows of the table that are always shown."""
        return CELLS

    @property
    def more_cells(self) -> tuple[str, ...]:
        """The other rows: the rest of the differential, then what the record names otherwise."""
        named = (key for column in self.columns for key in column.values)
        return tuple(dict.fromkeys((*MORE_CELLS, *(k for k in named if k not in CELLS))))

    @property
    def shows_more(self) -> bool:
        return any(column.values.get(key) for column in self.columns for key in self.more_cells)

    @property
    def beside(self) -> int:
        """How many items of a file do not fit the form."""
        try:
            return len(read_left(self.left))
        except LineError:
            return 0

    def with_blanks(self) -> Entry:
        """The form with empty rows to type in."""
        filled = self.columns or (Column(),)
        made: dict[str, Any] = {name: (*getattr(self, name), *[""] * _BLANK_WORDS) for name in _LISTS}
        return replace(
            self, columns=(*filled, *[Column()] * _EARLIER), drugs=(*self.drugs, *[DrugRow()] * _BLANK_DRUGS), **made
        )


def entry_of(record: Mapping[str, Any], left: Iterable[NotUsed] = (), *, setting: str = "any") -> Entry:
    """The form filled from a record."""
    person = record.get("person", {})
    findings = record.get("findings", {})
    draws = record.get("counts", [])
    columns = tuple(_column(draws[place], place) for place in _newest_first(draws))
    return Entry(
        age=person.get("age", ""),
        sex=person.get("sex", ""),
        ancestry=person.get("ancestry", ""),
        duffy=person.get("duffy_null", ""),
        pregnant="true" if "pregnancy" in person else person.get("pregnant", ""),
        weeks=person.get("pregnancy", {}).get("weeks", ""),
        now=record.get("now", ""),
        setting=setting,
        columns=columns,
        limits=_show_limits(draws[columns[0].base or 0]) if columns else {},
        drugs=tuple(_drug_row(drug) for drug in record.get("drugs", [])),
        present=tuple(findings.get("present", [])),
        absent=tuple(findings.get("absent", [])),
        conditions=tuple(record.get("conditions", [])),
        exposures=tuple(record.get("exposures", [])),
        tests=tuple(show_test(test) for test in record.get("tests", [])),
        record=json.dumps(record, ensure_ascii=False),
        left=dump_left(left),
    )


def read_entry(fields: Fields) -> Entry:
    """The form as it was posted, spaces around each field left out, empty rows at the end too."""

    def all_of(name: str) -> list[str]:
        return [value.strip() for value in fields.get(name, ())]

    def one(name: str) -> str:
        return next(iter(all_of(name)), "")

    keys = [name.removeprefix("count.") for name in fields if name.startswith("count.")]
    whens, samples, bases = all_of("when"), all_of("sample"), all_of("base")
    columns = tuple(
        Column(
            when,
            samples[place] if place < len(samples) else "",
            {k: v[place] for k in keys if place < len(v := all_of(f"count.{k}")) and v[place]},
            int(bases[place]) if place < len(bases) and bases[place].isdecimal() else None,
        )
        for place, when in enumerate(whens)
    )
    drugs = [DrugRow(*row) for row in zip(*(_pad(all_of(f"drug.{key}"), all_of("drug.name")) for key in _DRUG),
                                          strict=True)]  # fmt: skip
    alone: dict[str, Any] = {name: one(name) or ("any" if name == "setting" else "") for name in _ALONE}
    lists: dict[str, Any] = {name: _trim(tuple(all_of(name)), bool) for name in _LISTS}
    return Entry(
        **alone,
        columns=_trim(columns, lambda c: c.is_filled or bool(c.when)),
        limits={n.removeprefix("limit."): one(n) for n in fields if n.startswith("limit.") and one(n)},
        drugs=_trim(tuple(drugs), lambda d: not d.shows(DrugRow())),
        **lists,
        record=one("record") or "{}",
        left=one("left") or "[]",
    )


def _pad(values: list[str], like: list[str]) -> list[str]:
    return [*values, *[""] * len(like)][: len(like)]


def _trim(rows: tuple[Any, ...], is_filled: Any) -> tuple[Any, ...]:
    """Without the empty rows at the end; those between keep the places of the others."""
    last = max((n for n, row in enumerate(rows, 1) if is_filled(row)), default=0)
    return rows[:last]


def read_state(text: str) -> dict[str, Any]:
    """The record that travels with a form; raises LineError where it is not one that leukon wrote."""
    try:
        record = json.loads(text)
        entry_of(record)
    except (ValueError, TypeError, AttributeError, LookupError, RecursionError):
        raise LineError("the record that travels with this page is damaged; start again from an empty form") from None
    return record


def dump_left(left: Iterable[NotUsed]) -> str:
    return json.dumps([[n.item, n.reason, n.path] for n in left], ensure_ascii=False)


def read_left(text: str) -> tuple[NotUsed, ...]:
    """What a file held that was not read; raises LineError where it is damaged."""
    try:
        return tuple(NotUsed(str(item), str(reason), str(path)) for item, reason, path in json.loads(text))
    except (ValueError, TypeError, RecursionError):
        raise LineError("the record that travels with this page is damaged; start again from an empty form") from None


def show_test(test: Mapping[str, Any] | str) -> str:
    """A test as one line, as it can be typed."""
    if isinstance(test, str):
        return test
    return f"{test['name']}: {test['result']}" if test.get("result") else str(test["name"])


def _newest_first(draws: Sequence[Mapping[str, Any]]) -> list[int]:
    """Places of the draws, the newest first: by their days or dates where each has one, else the last of the file."""
    moments = [read_moment(_when(draw)) for draw in draws]
    kinds = {m[0] if m else None for m in moments}
    places = list(range(len(draws)))
    if len(kinds) == 1 and None not in kinds:
        turned = -1.0 if kinds == {"ago"} else 1.0
        return sorted(places, key=lambda n: (turned * (moments[n] or ("", 0.0))[1], n), reverse=True)
    return places[::-1]


def _when(draw: Mapping[str, Any]) -> str:
    return next((str(draw[key]) for key in _TIMES if draw.get(key)), "")


def _column(draw: Mapping[str, Any], place: int) -> Column:
    values = {key: str(value) for key, value in draw.items() if key not in (*_TIMES, *_KEPT, _REMARK)}
    return Column(_when(draw), str(draw.get(_REMARK, "")), values, place)


def _show_limits(draw: Mapping[str, Any]) -> dict[str, str]:
    return {key: f"{low or ''}-{high or ''}" for key, (low, high) in draw.get("limits", {}).items()}


def _drug_row(drug: Mapping[str, Any]) -> DrugRow:
    doses = "; ".join(f"day {d['day']}: {d['dose']}" for d in drug.get("doses", ()))
    return DrugRow(*(str(drug.get(key, "")) for key in _DRUG), doses=doses)
