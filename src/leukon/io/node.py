# pyright: strict
"""A place in a tree of leaves: what stands there, and its address in the input."""

from __future__ import annotations

import re
from dataclasses import dataclass

from leukon.io.tree import Tree

__all__ = ["Node"]


@dataclass(frozen=True, slots=True)
class Node:
    """A value and its address. What is absent is a node without a value, so that reading never fails."""

    tree: Tree
    path: str = ""

    def get(self, name: str) -> Node:
        """The member called `name` (camelCase), also where it is written in snake_case.

        >>> Node({"time_observed": "x"}).get("timeObserved")
        Node(tree='x', path='time_observed')
        """
        if not isinstance(self.tree, dict):
            return Node(None, self.path)
        snake = re.sub(r"([A-Z])", lambda m: "_" + m[1].lower(), name)
        key = name if name in self.tree or snake not in self.tree else snake
        return Node(self.tree.get(key), f"{self.path}.{key}" if self.path else key)

    def each(self) -> list[Node]:
        """The members of a list; nothing where it is no list."""
        members = self.tree if isinstance(self.tree, list) else []
        return [Node(member, f"{self.path}[{place}]") for place, member in enumerate(members)]

    @property
    def text(self) -> str | None:
        """The words of a leaf; None where there are none."""
        return self.tree if isinstance(self.tree, str) and self.tree.strip() else None
