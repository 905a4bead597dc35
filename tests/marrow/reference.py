"""Reads the reference trajectories beside the repository."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

__all__ = ["Floats", "read_course", "worst"]

Floats = NDArray[np.float64]


def read_course(shared: Path, name: str, column: str, every_hours: float = 6.0) -> tuple[Floats, Floats]:
    """Days and values of one column, at whole multiples of so many hours; days printed with six digits are mended."""
    with (shared / "marrow" / "reference" / f"{name}.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(line.replace('"', "") for line in file))
    time = "day" if "day" in rows[0] else "time"
    days = np.round(np.array([float(row[time]) for row in rows]) * 480) / 480
    values = np.array([float(row[column]) for row in rows])
    marks = days * 24 / every_hours
    keep = np.abs(marks - np.round(marks)) < 1e-6
    return days[keep], values[keep]


def worst(found: Floats, wanted: Floats) -> float:
    """The largest relative difference."""
    return float(np.max(np.abs(found / wanted - 1.0)))
