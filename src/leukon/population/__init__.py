"""The same questions over tables of any size: grades, flags, episodes and prevalence as Ibis expressions.

DuckDB runs them inside this process. What needs duckdb and ibis (`pip install 'leukon[population]'`) is imported when a
command runs, never with leukon.
"""

from __future__ import annotations

__all__: list[str] = []
