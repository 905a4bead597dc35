"""The differential of one draw: percentages made absolute with the white count, neutrophils with their bands.

An absolute neutrophil count already holds the bands. A percentage of neutrophils has the bands added when the
differential then totals at most 105 %; above that the bands were counted in already. A differential far from 100 %
is kept apart. What a percentage and an absolute value of one draw say differently is reported.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction

from leukon.counts.analytes import FIVE_CELLS
from leukon.counts.units import to_float
from leukon.counts.values import Reading

__all__ = ["Differential", "Part", "make_absolute"]

MOST_PERCENT = 105  # INTERFACE of the record: bands are added when the total stays within it
LEAST_PERCENT = 90  # all five cells given, and a tenth of the cells is nowhere
CONFLICT_SHARE, CONFLICT_E9_L = Fraction(15, 100), Fraction(1, 10)
LARGER_SHARE, LARGER_E9_L = Fraction(105, 100), Fraction(5, 100)  # rounding of the printed percentages


@dataclass(frozen=True, slots=True)
class Part:
    """One absolute count of the draw; `origin` and `percent` name the reading it comes from."""

    value: Fraction
    origin: str
    percent: bool = False  # of a percentage
    derived: str | None = None
    bound: str | None = None


@dataclass(slots=True)
class Differential:
    """What became of the readings of one draw, by analyte."""

    absolute: dict[str, Part] = field(default_factory=dict[str, Part])
    percent: dict[str, Reading] = field(default_factory=dict[str, Reading])  # those that no WBC makes absolute
    refused: dict[tuple[str, bool], str] = field(default_factory=dict[tuple[str, bool], str])  # (analyte, percent?)
    notes: list[str] = field(default_factory=list[str])


def make_absolute(absolute: Mapping[str, Reading], percent: Mapping[str, Reading]) -> Differential:
    """Joins the absolute values and the percentages (of white cells) of one draw."""
    made = Differential()
    wbc = absolute.get("wbc")
    for analyte, reading in absolute.items():
        if analyte not in ("segs", "neutrophils"):
            made.absolute[analyte] = Part(reading.value, analyte, False, reading.remark, reading.bound)
    neutrophils = _absolute_neutrophils(absolute)
    if neutrophils:
        made.absolute["neutrophils"] = neutrophils
    if percent:
        added = _check_total(percent, made)
        if added is not None:
            _spread(percent, added, wbc, made)
    if wbc:
        _check_parts(wbc, made)
    return made


def _absolute_neutrophils(absolute: Mapping[str, Reading]) -> Part | None:
    if "neutrophils" in absolute:
        given = absolute["neutrophils"]
        return Part(given.value, "neutrophils", False, given.remark, given.bound)
    if "segs" not in absolute:
        return None
    segs, bands = absolute["segs"], absolute.get("bands")
    if bands is None:
        return Part(segs.value, "segs", False, "segmented neutrophils, no bands given", segs.bound)
    return Part(segs.value + bands.value, "segs", False, "segmented neutrophils + bands", segs.bound or bands.bound)


def _check_total(percent: Mapping[str, Reading], made: Differential) -> bool | None:
    """Are the bands added to the neutrophils, or were they counted in? None: the differential is far from 100 %."""
    head = next((n for n in ("neutrophils", "segs") if n in percent), None)
    apart = {head, "segs", "neutrophils", "bands", "immature_granulocytes"}
    plain = sum((r.value for n, r in percent.items() if n == head or n not in apart), Fraction(0))
    bands = percent["bands"].value if "bands" in percent else Fraction(0)
    added = head != "neutrophils" or plain + bands <= MOST_PERCENT
    total = plain + bands if added else plain
    five = head is not None and all(cell in percent for cell in FIVE_CELLS if cell != "neutrophils")
    if total > MOST_PERCENT or (five and total < LEAST_PERCENT):
        said = f"the differential adds up to {to_float(total):g} %, far from 100 %: its percentages are not used"
        made.notes.append(said)
        made.refused.update({(name, True): said for name in percent})
        return None
    return added


def _spread(percent: Mapping[str, Reading], added: bool, wbc: Reading | None, made: Differential) -> None:
    """Each percentage times the white count; neutrophils with their bands."""
    shares = dict(percent)
    says = {name: f"{to_float(r.value):g} %" for name, r in percent.items()}
    head = next((n for n in ("neutrophils", "segs") if n in percent), None)
    bands = percent.get("bands")
    if head and bands and bands.value and added:
        whole = percent[head]
        shares[head] = replace(whole, value=whole.value + bands.value, bound=whole.bound or bands.bound)
        says[head] = f"({says[head]} + {says['bands']} bands)"
    if head == "neutrophils":
        shares.pop("segs", None)
    for name, share in shares.items():
        analyte = "neutrophils" if name == head else name
        given = made.absolute.get(analyte)
        if wbc is None:
            if given is None:
                made.percent[analyte] = share
            continue
        value = wbc.value * share.value / 100
        bound = wbc.bound or share.bound
        if given is None:
            made.absolute[analyte] = Part(value, name, True, f"WBC × {says[name]}", bound)
        elif not (bound or given.bound) and _differ(value, given.value):
            made.notes.append(
                f"{analyte}: {to_float(given.value):g} 10*9/L was given, but {says[name]} of WBC is "
                f"{to_float(value):g}: the absolute value is used"
            )


def _differ(a: Fraction, b: Fraction) -> bool:
    return abs(a - b) > CONFLICT_E9_L and abs(a - b) > CONFLICT_SHARE * max(a, b)


def _check_parts(wbc: Reading, made: Differential) -> None:
    """A part cannot be larger than the whole: it is kept apart, the (lower) white count stays."""
    if wbc.bound == ">":
        return
    parts = {a: p for a, p in made.absolute.items() if a in (*FIVE_CELLS, "bands", "immature_granulocytes", "blasts")}
    for analyte, part in parts.items():
        if part.bound != "<" and part.value > wbc.value * LARGER_SHARE + LARGER_E9_L:
            said = (
                f"{analyte} {to_float(part.value):g} 10*9/L cannot exceed WBC {to_float(wbc.value):g}: "
                f"one of the two is wrong (was {to_float(part.value):g} a percentage?)"
            )
            made.notes.append(said)
            made.refused[(part.origin, part.percent)] = said
            del made.absolute[analyte]
    whole = [p.value for a, p in made.absolute.items() if a in (*FIVE_CELLS, "blasts") and p.bound != "<"]
    if sum(whole, Fraction(0)) > wbc.value * Fraction(115, 100) + CONFLICT_E9_L:
        made.notes.append(f"the parts add up to {to_float(sum(whole, Fraction(0))):g} 10*9/L, more than WBC")
