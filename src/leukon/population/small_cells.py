"""Small numbers of people, which may tell who they are, on a page that is passed on.

A number under the limit is not shown. Where it could be had by subtraction, because the others and their sum are shown,
the next smallest is held back with it. This guards one table; it is no proof against comparing several.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

__all__ = ["HIDE_BELOW", "Hider"]

HIDE_BELOW = 11
"""Cells of 1 to 10 people are held back, as PCORnet asks of its sites (countmaskr, CRAN); OHDSI's tools ask for 5
(omopgenerics, CRAN). The stricter one stands: a page that went out cannot be called back, one that hides too much is
made again."""


@dataclass(frozen=True, slots=True)
class Hider:
    """Shows numbers from `below` on, and 0; all of them where it is 0 or 1."""

    below: int

    def numbers(self, cells: Sequence[int]) -> list[int | None]:
        """The parts of one whole whose sum is known; None where a number is held back.

        >>> Hider(11).numbers([80, 15, 3, 0])
        [80, None, None, 0]
        >>> Hider(11).numbers([80, 8, 4])
        [80, None, None]
        """
        hidden = {place for place, n in enumerate(cells) if 0 < n < self.below}
        others = sorted((n, place) for place, n in enumerate(cells) if n >= max(self.below, 1))
        while hidden and others and (len(hidden) == 1 or sum(cells[place] for place in hidden) < self.below):
            hidden.add(others.pop(0)[1])
        return [None if place in hidden else n for place, n in enumerate(cells)]

    def words(self, cells: Sequence[int]) -> list[str]:
        """The same parts as the page says them.

        >>> Hider(11).words([1200, 15, 3])
        ['1,200', 'held back', '<11']
        """
        shown = self.numbers(cells)
        return [f"{n:,}" if n is not None else self._hold(cell) for n, cell in zip(shown, cells, strict=True)]

    def one(self, cell: int) -> str:
        """A number that is no part of a whole.

        >>> Hider(11).one(10), Hider(0).one(10)
        ('<11', '10')
        """
        return self._hold(cell) if 0 < cell < self.below else f"{cell:,}"

    def _hold(self, cell: int) -> str:
        return f"<{self.below}" if cell < self.below else "held back"
