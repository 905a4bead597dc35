"""The counts of one person in time: each draw read, made absolute and put in order, every leaf settled once."""

from __future__ import annotations

from dataclasses import dataclass

from leukon.answer import NotUsed, Understood
from leukon.counts.analytes import ANALYTES, DIFFERENTIAL
from leukon.counts.differential import Part, make_absolute
from leukon.counts.measure import Ledger, ReadMeasure, read_measure
from leukon.counts.units import UNIT_OF, to_float
from leukon.patient import Draw, Patient

__all__ = ["CountValue", "Counts", "read_counts"]

_ORDER = {
    name: place
    for place, name in enumerate(
        ("wbc", "neutrophils", "lymphocytes", "monocytes", "eosinophils", "basophils", "bands",
         "immature_granulocytes", "blasts", "hemoglobin", "mcv", "platelets", "reticulocytes")
    )
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class CountValue:
    """One count of one draw, in leukon's unit; 0 is a count.

    `censored` is "<" where the truth lies at or under `value` (the detection limit); `over` where it lies above.
    `limits` are the laboratory's own for this quantity, in `unit`.
    """

    analyte: str
    value: float
    unit: str
    day: float | None
    time: str | None
    draw: int
    as_given: str
    path: str
    derived: str | None = None
    censored: str | None = None
    limits: tuple[float | None, float | None] | None = None
    over: bool = False


@dataclass(slots=True)
class Counts:
    """All counts of a record, oldest first, one per analyte and draw, absolute.

    `percentages` are those that no white count makes absolute. `timed` says whether the order is one in time.
    """

    values: tuple[CountValue, ...] = ()
    percentages: tuple[CountValue, ...] = ()
    understood: tuple[Understood, ...] = ()
    not_used: tuple[NotUsed, ...] = ()
    notes: tuple[str, ...] = ()
    timed: bool = True

    def of(self, analyte: str) -> tuple[CountValue, ...]:
        """The counts of one analyte, oldest first."""
        return tuple(v for v in self.values if v.analyte == analyte)

    def newest(self, analyte: str) -> CountValue | None:
        return next((v for v in reversed(self.values) if v.analyte == analyte), None)


def read_counts(patient: Patient) -> Counts:
    """Reads every draw of `patient`: values in leukon's units, oldest first, and what could not be used."""
    ledger = Ledger()
    draws, timed = _order(patient.draws, patient.now, ledger)
    values: list[CountValue] = []
    percentages: list[CountValue] = []
    for draw in draws:
        made, shares = _read_draw(draw, ledger)
        values += made
        percentages += shares
    _note_ties(values, ledger)
    return Counts(
        tuple(values), tuple(percentages), tuple(ledger.understood), tuple(ledger.not_used), tuple(ledger.notes), timed
    )


def _order(draws: tuple[Draw, ...], now: float, ledger: Ledger) -> tuple[list[Draw], bool]:
    """Oldest first by day where each draw has one, else in the order of the input; a single draw is now."""
    filled = [d for d in draws if d.measures]
    if len(filled) == 1 and filled[0].day is None:
        only = filled[0]
        return [Draw(now, only.time, only.order, only.measures, only.sample)], True
    if all(d.day is not None for d in filled):
        return sorted(filled, key=lambda d: (d.day or 0.0, d.order)), True
    ledger.notes.append("not every count has a day: they are taken in the order given and draw no tempo")
    return sorted(filled, key=lambda d: d.order), False


def _read_draw(draw: Draw, ledger: Ledger) -> tuple[list[CountValue], list[CountValue]]:
    reads = [r for m in draw.measures if (r := read_measure(m, ledger))]
    absolute, percent = _choose(reads, ledger)
    cells = {k: r for k, r in percent.items() if k in DIFFERENTIAL}
    made = make_absolute({k: r.reading for k, r in absolute.items()}, {k: r.reading for k, r in cells.items()})
    ledger.notes += made.notes
    for (name, is_percent), reason in made.refused.items():
        ledger.drop((percent if is_percent else absolute)[name].measure.item, reason)
    for name, read in absolute.items():
        if (name, False) not in made.refused:
            ledger.use(read.measure.item, f"count:{read.as_count}")
    for name, read in percent.items():
        if (name, True) not in made.refused:
            ledger.use(read.measure.item, f"count:{read.as_count}")
    values: list[CountValue] = []
    for name, part in made.absolute.items():
        values.append(_value(name, part, (percent if part.percent else absolute)[part.origin], draw))
    if "reticulocytes" in percent and "reticulocytes" not in absolute:
        read = percent["reticulocytes"]
        part = Part(read.reading.value, "reticulocytes", True, read.reading.remark, read.reading.bound)
        values.append(_value("reticulocytes", part, read, draw, percent=True))
    shares = [
        _value(
            name, Part(r.value, name, True, r.remark, r.bound), percent.get(name) or percent["segs"], draw, percent=True
        )
        for name, r in made.percent.items()
    ]
    return sorted(values, key=lambda v: _ORDER[v.analyte]), sorted(shares, key=lambda v: _ORDER[v.analyte])


def _choose(reads: list[ReadMeasure], ledger: Ledger) -> tuple[dict[str, ReadMeasure], dict[str, ReadMeasure]]:
    """One absolute value and one percentage per analyte: where a draw holds two, the lower one, whatever the order."""
    chosen: tuple[dict[str, ReadMeasure], dict[str, ReadMeasure]] = ({}, {})
    for read in sorted(reads, key=lambda r: (r.reading.value, r.measure.item.path)):
        side = chosen[read.reading.percent]
        kept = side.get(read.analyte.id)
        if kept is None:
            side[read.analyte.id] = read
        elif kept.reading.value == read.reading.value and kept.reading.bound == read.reading.bound:
            ledger.use(read.measure.item, f"count:{read.as_count}")
        else:
            reason = f"a second value of {read.analyte.name} in one draw: the lower, {kept.measure.item.text}, is used"
            ledger.drop(read.measure.item, reason)
            ledger.notes.append(f"{read.measure.item.text}: {reason}")
    return chosen


def _value(name: str, part: Part, origin: ReadMeasure, draw: Draw, *, percent: bool = False) -> CountValue:
    unit = "%" if percent else UNIT_OF[ANALYTES[name].quantity]
    return CountValue(
        analyte=name,
        value=to_float(part.value),
        unit=unit,
        day=draw.day,
        time=draw.time,
        draw=draw.order,
        as_given=origin.measure.item.text,
        path=origin.measure.item.path,
        derived=part.derived,
        censored="<" if part.bound == "<" else None,
        limits=origin.percent_limits if percent else origin.limits,
        over=part.bound == ">",
    )


def _note_ties(values: list[CountValue], ledger: Ledger) -> None:
    """Two counts of one analyte at one time: both stand, the one given later counts as the newer."""
    seen: dict[tuple[str, float], CountValue] = {}
    for value in values:
        if value.day is None:
            continue
        before = seen.get((value.analyte, value.day))
        if before and before.value != value.value:
            ledger.notes.append(
                f"two counts of {value.analyte} at one time: {before.as_given} and {value.as_given}; "
                "the one given later counts as the newer"
            )
        seen[(value.analyte, value.day)] = value
