"""The medical facts, as data with their sources. No medicine in Python code."""

from __future__ import annotations

from leukon.knowledge.load import compile_knowledge, load_knowledge
from leukon.knowledge.schema import Knowledge

__all__ = ["Knowledge", "compile_knowledge", "load_knowledge"]
