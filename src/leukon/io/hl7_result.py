# pyright: strict
"""Results of an HL7 v2 message: each OBX with its status, time, unit, range and specimen, as a count or a test."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from leukon.counts.analytes import find_analyte
from leukon.io.axis import read_moment
from leukon.io.book import Book
from leukon.io.hl7_fields import Segment, has_several_values, read_result_text, read_unit
from leukon.io.hl7_versions import Version, find_fallen, identify
from leukon.io.named import find_count, is_not_of_blood
from leukon.io.printed import read_range, read_stamp
from leukon.io.result import Result
from leukon.patient import Item, Measure, Test

__all__ = ["NOT_ITSELF", "read_results"]

_STATUS = {
    "F": "final", "U": "final", "C": "corrected", "P": "preliminary", "S": "partial", "R": "not verified yet", "": "",
    "V": "verified", "A": "amended", "B": "appended",
}  # fmt: skip
_VOID = {
    "I": "pending: the specimen is in the laboratory", "X": "could not be obtained", "D": "deleted by the laboratory",
    "W": "wrong: withdrawn by the laboratory", "N": "not asked for", "O": "an order without a result",
}  # fmt: skip
_WITHDRAWN = ("D", "W")
_RANK = {"P": 0, "S": 0, "R": 0, "F": 1, "U": 1, "V": 1, "": 1, "B": 1, "A": 2, "C": 2}
_DAY = 1.0
NOT_ITSELF = "its result is not used"


@dataclass(slots=True)
class _Group:
    """An order (OBR) with its results, remarks and specimen."""

    order: Segment | None = None
    results: list[Segment] = field(default_factory=list[Segment])
    remarks: list[Segment] = field(default_factory=list[Segment])
    specimen: Segment | None = None

    @property
    def what(self) -> str:
        """What was drawn, in words, where it is not blood; else empty."""
        named = self.specimen.text(4) if self.specimen else ""
        ordered = f"{self.order.text(15)} {self.order.part(4, 2)}" if self.order else ""
        for words in (named, ordered):
            if is_not_of_blood(words):
                return words.replace("^", " ").strip()
            if named and words is named:
                break
        return ""

    @property
    def moment(self) -> tuple[float, str] | None:
        """When the specimen was taken."""
        stamps = [self.specimen.part(17, 1)] if self.specimen else []
        stamps += [self.order.part(7, 1)] if self.order else []
        return next((m for s in stamps if (m := _moment(s))), None)


def _moment(text: str) -> tuple[float, str] | None:
    stamp = read_stamp(text) if text else None
    moment = read_moment(stamp) if stamp else None
    return (moment[1], stamp) if moment and stamp else None


def read_results(segments: list[Segment], book: Book) -> list[Result]:
    """The results that can be used; what cannot is listed in `book`."""
    groups = _group(segments)
    read = [(group, _read_result(obx, group, book)) for group in groups for obx in group.results]
    fallen = find_fallen([version for _, (version, _) in read])
    kept: list[tuple[_Group, Result]] = []
    for (group, (_, result)), reason in zip(read, fallen, strict=True):
        if result and reason:
            _drop(result, reason, book)
        elif result:
            kept.append((group, result))
    return [r for group in groups for r in _with_remarks(group, [r for g, r in kept if g is group], book)]


def _drop(result: Result, reason: str, book: Book) -> None:
    items = [result.measure.item, *result.measure.limit_items] if result.measure else []
    if result.test:
        items += [i for i in (result.test.name, result.test.result, result.test.specimen) if i]
    for item in items:
        book.refuse(item.path, item.text, reason)


def _group(segments: list[Segment]) -> list[_Group]:
    groups = [_Group()]
    for segment in segments:
        if segment.name == "OBR":
            groups.append(_Group(segment))
        elif segment.name == "OBX":
            groups[-1].results.append(segment)
        elif segment.name == "NTE":
            groups[-1].remarks.append(segment)
        elif segment.name == "SPM":
            groups[-1].specimen = segment
    return [g for g in groups if g.results or g.remarks]


def _with_remarks(group: _Group, results: list[Result], book: Book) -> list[Result]:
    """The results of an order, and its remarks as said of the sample of its counts."""
    remarks = tuple(Item(f"{n.path}.3", n.text(3)) for n in group.remarks if n.text(3))
    count = next((r for r in results if r.measure), None)
    if remarks and count:
        return [*results, Result(count.date, count.time, sample=remarks)]
    for item in remarks:
        book.refuse(item.path, item.text, "a remark beside no count that is used")
    return results


def _read_result(obx: Segment, group: _Group, book: Book) -> tuple[Version, Result | None]:
    """What the result is a version of, and the result where it can be used."""
    name, code = _name(obx)
    status = (obx.text(11) or (group.order.text(25) if group.order else "")).upper()
    unit, value = read_unit(obx), read_result_text(obx)
    when = _choose_time(obx, group.moment)
    what, share = identify(name.text, code, unit)
    withdrawn = status in _WITHDRAWN or (value is None and _RANK.get(status, 0) == 2)
    version = Version((what, obx.text(4), str(when and when[0])), share, _RANK.get(status, 0), withdrawn)
    clash, analyte = find_count(name.text, code, unit, value or "")
    if analyte and group.what and not clash:
        clash = f"of another specimen ({group.what[:40]}), not of blood"
    if fault := _find_fault(obx, status, value):
        _refuse(obx, f"{name.text}: {fault}", book)
        return version, None
    assert value is not None
    if clash:
        _refuse(obx, clash, book)
        return version, None
    _take(obx, book)
    number = f"{value} {unit}".strip() if any(c.isdigit() for c in value) else value
    result = Item(f"{obx.path}.5", number, code)
    date, time = when or (None, None)
    if analyte is None:
        told = Item(f"{obx.path}.specimen", group.what) if group.what else None
        if obx.text(7):
            book.refuse(f"{obx.path}.7", obx.text(7), "leukon judges this result by limits of its own")
        return version, Result(date, time, test=Test(name, replace(result, code=None), None, told))
    book.take(name.path, name.text, f"count:{analyte.id}")
    limits, items, limits_unit = _read_limits(obx, book)
    words = name.text if find_analyte(name.text) else code or name.text
    return version, Result(date, time, Measure(result, words, False, limits, items, limits_unit))


def _find_fault(obx: Segment, status: str, value: str | None) -> str | None:
    """Why a result cannot be used, whatever it measures; None where it can."""
    if status in _VOID:
        return _VOID[status]
    if value is None and obx.text(5):
        return f"a result of type {obx.text(2)[:4]} is not read"
    if value is None:
        return "no value"
    if status not in _STATUS:
        return f"result status {status[:4]!r} is not known"
    return "several values in one result: cannot say which" if has_several_values(obx) else None


def _name(obx: Segment) -> tuple[Item, str | None]:
    """The words and the LOINC code of OBX-3, from whichever of its two codings holds them."""
    parts = [*obx.parts(3), *[""] * 9]
    code = next(
        (f"LOINC:{parts[n]}" for n in (0, 3) if parts[n] and parts[n + 2].upper() in ("LN", "LOINC")),
        None,
    )
    words = next((w for w in (parts[1], parts[4], parts[8], parts[0], parts[3]) if w), "result without a name")
    return Item(f"{obx.path}.3", words, code), code


def _refuse(obx: Segment, reason: str, book: Book) -> None:
    """Lists a result that is not used, with every part of it."""
    main = 5 if obx.text(5) else 3
    for n in (3, 5, 6, 7, 8, 11, 14):
        if text := obx.text(n):
            shown = read_result_text(obx) or text[:80] if n == 5 else obx.part(3, 2) or text if n == 3 else text
            book.refuse(f"{obx.path}.{n}", shown, reason if n == main else NOT_ITSELF)


def _choose_time(obx: Segment, taken: tuple[float, str] | None) -> tuple[float, str] | None:
    """When the blood was taken. OBX-14 is often when it was measured: within a day the specimen's own time wins."""
    own = _moment(obx.part(14, 1))
    if own and taken:
        return taken if abs(own[0] - taken[0]) < _DAY else own
    return own or taken


def _take(obx: Segment, book: Book) -> None:
    """Settles status, flags, time and the unit, which stands with the value."""
    if text := obx.text(14):
        if _moment(obx.part(14, 1)):
            book.take(f"{obx.path}.14", text, "time:day")
        else:
            book.refuse(f"{obx.path}.14", text, "not a date")
    for n, as_ in ((6, "unit"), (8, "laboratory flag"), (11, f"status:{_STATUS.get(obx.text(11).upper(), '')}")):
        if text := obx.text(n):
            book.take(f"{obx.path}.{n}", text, as_)


def _read_limits(
    obx: Segment, book: Book
) -> tuple[tuple[float | None, float | None] | None, tuple[Item, ...], str | None]:
    text = obx.text(7)
    if not text:
        return None, (), None
    found = read_range(text)
    if found is None:
        book.refuse(f"{obx.path}.7", text, "not a range of two numbers")
        return None, (), None
    return found[0], (Item(f"{obx.path}.7", text),), found[1]
