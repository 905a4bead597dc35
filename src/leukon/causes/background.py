"""How common findings are in this person whatever the cause: what the depth of the count itself brings.

Fever, pneumonia or a positive culture in someone without neutrophils may be the consequence of the count and not its
cause; a finding tells of a cause only what goes beyond that.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from leukon.causes.observe import Observed
from leukon.causes.table import ActorTable
from leukon.knowledge import Knowledge

__all__ = ["raise_background"]


def raise_background(observed: Observed, table: ActorTable, k: Knowledge) -> NDArray[np.float64]:
    """The leak of each finding, raised to how often it is seen at the depth of the counts to be explained."""
    values = {o.parts[0]: math.exp(o.log_ratio) * o.expected[0] for o in observed.counts if len(o.parts) == 1}
    leak = table.leak.copy()
    for c in k.consequences:
        value = values.get(c.lineage)
        if value is None or value >= c.below or (c.from_ is not None and value < c.from_):
            continue
        for finding, frequency in c.findings.items():
            column = table.findings[finding]
            leak[column] = max(leak[column], frequency.p)
    return leak
