"""What was said? Words and codes of a record as facts of the knowledge base, each leaf accounted for."""

from __future__ import annotations

from leukon.facts.model import DrugUse, Fact, Facts
from leukon.facts.read import read_facts

__all__ = ["DrugUse", "Fact", "Facts", "read_facts"]
