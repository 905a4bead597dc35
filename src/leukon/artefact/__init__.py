"""Is the low count real: a spoiled sample, cells that have left the blood for hours, a normal variant."""

from __future__ import annotations

from leukon.artefact.reality import judge_reality

__all__ = ["judge_reality"]
