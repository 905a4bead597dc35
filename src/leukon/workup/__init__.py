"""What to ask and test next, by what it would change, its cost and risk; or "stop here"."""

from __future__ import annotations

from leukon.workup.plan import STEADY_DRAWS, suggest_questions, suggest_tests
from leukon.workup.stop import stop_reason

__all__ = ["STEADY_DRAWS", "stop_reason", "suggest_questions", "suggest_tests"]
