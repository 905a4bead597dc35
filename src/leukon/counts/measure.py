"""One measure of a draw: its number and the limits that the laboratory printed beside it, each leaf settled."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction

from leukon.answer import NotUsed, Understood
from leukon.counts.analytes import Analyte, Named, find_analyte
from leukon.counts.units import find_factor, to_float
from leukon.counts.values import Reading, Refusal, read_value
from leukon.patient import Item, Measure

__all__ = ["Ledger", "ReadMeasure", "read_measure"]

Limits = tuple[float | None, float | None]


@dataclass(frozen=True, slots=True)
class ReadMeasure:
    """One measure that was read: which analyte, what number, and its laboratory limits in both quantities."""

    measure: Measure
    analyte: Analyte
    reading: Reading
    limits: Limits | None
    percent_limits: Limits | None

    @property
    def as_count(self) -> str:
        return "neutrophils" if self.analyte.id == "segs" else self.analyte.id


@dataclass(slots=True)
class Ledger:
    understood: list[Understood] = field(default_factory=list[Understood])
    not_used: list[NotUsed] = field(default_factory=list[NotUsed])
    notes: list[str] = field(default_factory=list[str])

    def use(self, item: Item, what: str) -> None:
        self.understood.append(Understood(item.text, what, True, "number", item.path))

    def drop(self, item: Item, reason: str) -> None:
        self.not_used.append(NotUsed(item.text, reason, item.path))


def read_measure(measure: Measure, ledger: Ledger) -> ReadMeasure | None:
    named = (measure.item.code and find_analyte(measure.item.code)) or find_analyte(measure.analyte)
    if not named:
        _drop_all(measure, f"{measure.analyte!r} is not one of the counts that leukon uses", ledger)
        return None
    reading = read_value(measure.item.text, named.analyte, bare_unit=measure.bare_unit, form=named.form)
    if isinstance(reading, Refusal):
        _drop_all(measure, reading.reason, ledger)
        return None
    if measure.limits is None:
        for item in measure.limit_items:
            ledger.drop(item, "not a limit: it needs a lower and an upper number")
        return ReadMeasure(measure, named.analyte, reading, None, None)
    absolute, percent = _read_limits(measure, named, reading)
    if absolute is None and percent is None:
        if _contradict(measure, named, reading):
            reason = f"the unit of {measure.item.text!r} contradicts the printed limits {_show(measure.limits)}"
            _drop_all(measure, f"{reason}: one of them is wrong", ledger)
            ledger.notes.append(f"{named.analyte.name}: {reason}, so it is not used")
            return None
        for item in measure.limit_items:
            ledger.drop(item, f"not limits of {named.analyte.name} in the units of this value")
        return ReadMeasure(measure, named.analyte, reading, None, None)
    for item in measure.limit_items:
        ledger.use(item, f"limit:{'neutrophils' if named.analyte.id == 'segs' else named.analyte.id}")
    if percent is not None:
        _note_percent(named.analyte, reading, percent, measure, ledger)
    return ReadMeasure(measure, named.analyte, reading, absolute, percent)


def _read_limits(measure: Measure, named: Named, reading: Reading) -> tuple[Limits | None, Limits | None]:
    """The printed limits as absolute or as percent, in the first unit in which they are limits of this analyte."""
    assert measure.limits is not None
    if not all(v is None or math.isfinite(v) for v in measure.limits):
        return None, None
    for factor, percent in _limit_units(measure, named, reading):
        low, high = (None if v is None else to_float(_exact(v) * factor) for v in measure.limits)
        band = named.analyte.percent_band if percent else named.analyte.upper_band
        if _is_limit(low, high, band):
            return (None, (low, high)) if percent else ((low, high), None)
    return None, None


def _contradict(measure: Measure, named: Named, reading: Reading) -> bool:
    """Is the upper limit, in the value's own unit, several times off what any laboratory prints (3.8-10.0 per uL)?"""
    band = named.analyte.percent_band if reading.percent else named.analyte.upper_band
    high = measure.limits[1] if measure.limits else None
    if measure.bare_unit or measure.limits_unit is not None or band is None or high is None or not math.isfinite(high):
        return False
    return not band[0] / 5 <= to_float(_exact(high) * reading.factor) <= band[1] * 5


def _is_limit(low: float | None, high: float | None, band: tuple[float, float] | None) -> bool:
    if band is None or (low is None and high is None) or (low is not None and low < 0):
        return False
    if low is not None and high is not None and low >= high and high != 0:
        return False
    if high is not None:
        return band[0] <= high <= band[1]
    return low is not None and band[0] / 20 <= low <= band[1]


def _limit_units(measure: Measure, named: Named, reading: Reading) -> Iterator[tuple[Fraction, bool]]:
    """The unit said for the limits, else that of the value; in leukon's own records also the default units."""
    analyte = named.analyte
    if measure.limits_unit is not None:
        factor = find_factor(measure.limits_unit, analyte.quantity)
        share = find_factor(measure.limits_unit, "percent") if factor is None and analyte.percent_band else None
        if factor is not None:
            yield factor, False
        elif share is not None:
            yield share, True
        return
    yield reading.factor, reading.percent
    if measure.bare_unit:
        yield Fraction(1), False
        yield Fraction(1), True


def _exact(value: float) -> Fraction:
    return Fraction(repr(float(value)))


def _show(limits: Limits) -> str:
    low, high = ("…" if v is None else f"{v:g}" for v in limits)
    return f"{low}-{high}"


def _note_percent(analyte: Analyte, reading: Reading, limits: Limits, measure: Measure, ledger: Ledger) -> None:
    """A limit in percent speaks of the percentage only: its verdict is said, never used for the absolute count."""
    if not reading.percent or analyte.id == "reticulocytes":
        return
    low, high = limits
    value = reading.number
    verdict = "low" if low is not None and value < low else "high" if high is not None and value > high else "normal"
    ledger.notes.append(
        f"{analyte.name} {measure.item.text} is {verdict} by the laboratory's limits of the percentage "
        f"({_show(limits)} %)"
    )


def _drop_all(measure: Measure, reason: str, ledger: Ledger) -> None:
    ledger.drop(measure.item, reason)
    for item in measure.limit_items:
        ledger.drop(item, "its value is not used")
