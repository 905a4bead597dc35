"""The engines that work out Ibis expressions: DuckDB inside this process, or Apache Spark."""

from __future__ import annotations

from leukon.population.engines.engine import Engine, open_engine

__all__ = ["Engine", "open_engine"]
