# pyright: strict
"""Medical actions of a phenopacket: drugs with the intervals they were given in, regimens, procedures, radiation."""

from __future__ import annotations

from leukon.io.book import Book
from leukon.io.node import Node
from leukon.io.phenotime import Clock, read_time
from leukon.patient import Dose, Drug, Item

__all__ = ["read_actions"]

_NOT_GIVEN = ("NOT_STARTED", "1")  # therapeutic regimens: the name or the number of the state


def read_actions(actions: Node, clock: Clock, book: Book) -> tuple[tuple[Drug, ...], tuple[Item, ...]]:
    """Drugs and regimens, and what else was done (read as exposures)."""
    if clock.now is None:
        _set_now(actions, clock)
    drugs: list[Drug] = []
    done: list[Item] = []
    for action in actions.each():
        if drug := _read_treatment(action.get("treatment"), clock, book):
            drugs.append(drug)
        if drug := _read_regimen(action.get("therapeuticRegimen"), clock, book):
            drugs.append(drug)
        for concept in (action.get("procedure").get("code"), action.get("radiationTherapy").get("modality")):
            if item := _name(concept, book):
                done.append(item)
    return tuple(drugs), tuple(done)


def _set_now(actions: Node, clock: Clock) -> None:
    """Without any count, result or encounter, the newest time of a treatment stands for now."""
    ends = [
        moment
        for action in actions.each()
        for interval in action.get("treatment").get("doseIntervals").each()
        for end in ("start", "end")
        if (moment := clock.join(read_time(interval.get("interval").get(end))))
    ]
    clock.now = max(ends, default=None)


def _name(concept: Node, book: Book) -> Item | None:
    label, code = concept.get("label"), concept.get("id")
    if label.text:
        if code.text:
            book.take(code.path, code.text, "code")
        return Item(label.path, label.text, code.text)
    return Item(code.path, code.text, code.text) if code.text else None


def _read_treatment(treatment: Node, clock: Clock, book: Book) -> Drug | None:
    name = _name(treatment.get("agent"), book)
    if name is None:
        return None
    intervals = treatment.get("doseIntervals").each()
    starts: list[float | None] = []
    stops: list[float | None] = []
    doses: list[Dose] = []
    first: Item | None = None
    for interval in intervals:
        span = interval.get("interval")
        starts.append(_place(span.get("start"), clock, "drug:start", book))
        stops.append(_place(span.get("end"), clock, "drug:stop", book, starts[-1]))
        dose = _read_dose(interval, book, settle=first is not None)
        first = first or dose
        if dose and starts[-1] is not None and len(intervals) > 1:
            doses.append(Dose(starts[-1], dose.text))
    begun = [day for day in starts if day is not None]
    ended = [day for day in stops if day is not None]
    start = min(begun) if begun else None
    stop = max(ended) if ended and len(ended) == len(stops) else None
    return Drug(name, start, stop, first, None, tuple(doses))


def _read_dose(interval: Node, book: Book, *, settle: bool) -> Item | None:
    """ "500 mg Twice Daily"; the leaf of the number stands for the dose."""
    quantity = interval.get("quantity")
    value, unit, often = quantity.get("value"), quantity.get("unit"), interval.get("scheduleFrequency")
    for concept in (unit, often):
        for leaf in (concept.get("id"), concept.get("label")):
            if leaf.text:
                book.take(leaf.path, leaf.text, "drug:dose")
    if not value.text:
        return None
    words = (value.text, unit.get("label").text or (unit.get("id").text or "").removeprefix("UCUM:"),
             often.get("label").text or "")  # fmt: skip
    if settle:
        book.take(value.path, value.text, "drug:dose")
    return Item(value.path, " ".join(word for word in words if word))


def _read_regimen(regimen: Node, clock: Clock, book: Book) -> Drug | None:
    status = regimen.get("regimenStatus")
    concept = regimen.get("ontologyClass")
    if regimen.tree is None or (status.text in _NOT_GIVEN):
        if regimen.tree is not None:
            book.refuse(regimen.path, regimen.tree, "not started")
        return None
    name = _name(concept, book)
    if name is None:
        said = regimen.get("externalReference").get("description")
        name = Item(said.path, said.text) if said.text else None
    if name is None:
        return None
    start = _place(regimen.get("startTime"), clock, "drug:start", book)
    return Drug(name, start, _place(regimen.get("endTime"), clock, "drug:stop", book, start))


def _place(node: Node, clock: Clock, as_: str, book: Book, after: float | None = None) -> float | None:
    """The day of a time, not before `after`; its leaves are settled."""
    day = clock.place(read_time(node))
    if node.tree is None:
        return None
    if day is None:
        book.refuse(node.path, node.tree, "not a time that the axis of this packet holds (ages and dates need a birth)")
    elif after is not None and day < after:
        book.refuse(node.path, node.tree, "stopped before it was started")
        return None
    else:
        read_time(node, book, as_)
    return day
