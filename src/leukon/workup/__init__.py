"""What to ask and test next, by what it would change, its cost and risk; or "stop here"."""

from __future__ import annotations

from leukon.workup.plan import STEADY_DRAWS, measure_gains, suggest_questions, suggest_tests
from leukon.workup.stop import stop_reason

__all__ = ["STEADY_DRAWS", "measure_gains", "stop_reason", "suggest_questions", "suggest_tests"]
