"""The account of the leaves that the reader itself settles, and the axis on which its days lie."""

from __future__ import annotations

from dataclasses import dataclass, field

from leukon.io.axis import Moment, read_moment
from leukon.io.tree import Tree, each_leaf
from leukon.patient import Item

__all__ = ["TIMES", "Book", "find_axis", "settle_moment"]

TIMES = ("day", "date", "time")


@dataclass(slots=True)
class Book:
    """The account of leaves, and the moments found before the axis is known."""

    understood: list[tuple[Item, str]] = field(default_factory=list[tuple[Item, str]])
    not_used: list[tuple[Item, str]] = field(default_factory=list[tuple[Item, str]])
    dated: bool = False  # is the axis one of dates?
    now: float = 0.0  # on the axis of days, or of dates since year 1

    def take(self, path: str, text: str | None, as_: str) -> None:
        self.understood.append((Item(path, "null" if text is None else text), as_))

    def refuse(self, path: str, tree: Tree, reason: str) -> None:
        self.not_used += [(Item(p, t), reason) for p, t in each_leaf(tree, path)]

    def place(self, moment: Moment | None) -> float | None:
        """A moment on the axis (0 = now where the record has dates), or None where it cannot be joined."""
        if moment is None:
            return None
        kind, value = moment
        if kind == "ago":
            return (0.0 if self.dated else self.now) - value
        if (kind == "date") != self.dated:
            return None
        return value - self.now if self.dated else value


def find_axis(tree: dict[str, Tree], book: Book) -> None:
    """Days or dates? The counts decide, then `now`; now is the newest count unless given."""
    rows = tree.get("counts")
    rows = [rows] if isinstance(rows, dict) else rows
    moments = [
        moment
        for row in (rows if isinstance(rows, list) else ())
        if isinstance(row, dict)
        for key in TIMES
        if isinstance(text := row.get(key), str) and (moment := read_moment(text))
    ]
    now = tree.get("now")
    given = read_moment(now) if isinstance(now, str) else None
    kinds = {kind for kind, _ in moments} or ({given[0]} if given else set[str]())
    book.dated = "date" in kinds
    wanted = "date" if book.dated else "day"
    if not moments and not given:
        book.dated, newest = _find_other_dates(tree)
        book.now = newest
        return
    same = [value for kind, value in moments if kind == wanted]
    book.now = given[1] if given and given[0] == wanted else max(same, default=0.0)


def _find_other_dates(tree: dict[str, Tree]) -> tuple[bool, float]:
    """A record without counts: the newest date of its drugs and tests stands for now."""
    dates: list[float] = []
    for section in ("drugs", "tests"):
        for path, text in each_leaf(tree.get(section), section):
            key = path.rsplit(".", 1)[-1]
            if key in ("start", "stop", *TIMES) and (moment := read_moment(text)) and moment[0] == "date":
                dates.append(moment[1])
    return bool(dates), max(dates, default=0.0)


def settle_moment(tree: Tree, path: str, as_: str, book: Book) -> float | None:
    if tree is None:
        book.take(path, None, as_)
        return None
    if not isinstance(tree, str):
        book.refuse(path, tree, "not a day or date")
        return None
    moment = read_moment(tree)
    placed = book.place(moment)
    if moment is None:
        book.refuse(path, tree, "not a day or date (write -42, 2025-03-01 or 3 weeks ago)")
    elif placed is None:
        book.refuse(path, tree, "days and dates cannot be joined: the counts use the other form")
    else:
        book.take(path, tree, as_)
    return placed
