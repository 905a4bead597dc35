"""HL7 v2 results over MLLP (`leukon listen`): written to disk before they are acknowledged, answered exactly once."""

from __future__ import annotations

__all__: list[str] = []
