"""Why is it low? Ranked causes, several at once, with the evidence for and against each."""

from __future__ import annotations

from leukon.causes.rank import NORMAL, Ranking, rank_causes

__all__ = ["NORMAL", "Ranking", "rank_causes"]
