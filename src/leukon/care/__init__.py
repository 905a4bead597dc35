"""What to consider doing: options and safety rules, never an order."""

from __future__ import annotations

from leukon.care.options import list_options

__all__ = ["list_options"]
