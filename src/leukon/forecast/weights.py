"""The weights of the forecast in maintenance therapy, learnt on real children and kept as data."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import msgspec

__all__ = ["DoseWeights", "Learnt", "MaintenanceWeights", "load_weights"]

_FILE = Path(__file__).parent / "data" / "maintenance.yaml"


class Learnt(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How, when and on whom the weights were learnt."""

    children: int
    counts: int
    date: str
    how: str
    source: str
    doi: str
    measured: str


class DoseWeights(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The linearised Friberg chain behind the metabolite of 6-mercaptopurine: rates per day."""

    gain: float
    metabolite_rate: float
    transit_rate: float
    feedback: float
    highest: float


class MaintenanceWeights(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The child's own level: spreads on the scale ln(count + offset), times in days. The YAML says what each means."""

    learnt: Learnt
    offset_e9_l: float
    mean: float
    start_deficit: float
    start_days: float
    slow_sd: float
    slow_days: float
    fast_sd: float
    fast_days: float
    noise_sd: float
    noise_inflation: float
    outlier_df: float
    scale_df: float
    tail_df: float
    dose: DoseWeights


@cache
def load_weights() -> MaintenanceWeights:
    """The weights that leukon carries. One value for the life of the process."""
    return msgspec.yaml.decode(_FILE.read_bytes(), type=MaintenanceWeights)
