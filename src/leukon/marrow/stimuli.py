"""What acts on leukocytes within hours: steroids, endotoxin, etiocholanolone, a CXCR4 blocker, growth factor.

Each stimulus is a level `u` and acts by `u / (u + ed50)`. On neutrophils it opens the reserve, slows their loss from
blood and frees cells of the margin; on the other lineages it moves cells between blood and tissue. None kills a cell.
"""

from __future__ import annotations

from dataclasses import dataclass

from leukon.marrow._jax import Array, jnp
from leukon.marrow.chain import LEAST
from leukon.marrow.solve import Inputs, Params

__all__ = ["LEVELS", "Stimuli", "growth_factor", "stimulate"]

LEVELS = ("drug", "steroid, hours", "steroid", "steroid, days", "endotoxin", "etiocholanolone", "plerixafor",
          "growth factor")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Stimuli:
    """The sum of what acts now."""

    opened: Array  # release of the reserve, times that at rest
    freed: Array  # 0 to 1: how much of a retention by CXCR4 is lifted
    raised: Array  # the body's own G-CSF, times that at the same count
    lost: Array  # loss of neutrophils from blood, times that at rest
    share: Array  # circulating share, times that at rest, by lineage


def _filled(level: Array, ed50: Array) -> Array:
    return jnp.maximum(level, 0.0) / (jnp.maximum(level, 0.0) + ed50)


def stimulate(u: Inputs, occupied: Array, p: Params) -> Stimuli:
    """What the levels do; `occupied` is the share of G-CSF receptors that given growth factor holds."""
    steroid = _filled(u[1] + u[2] + u[3], p["steroid.ed50"])
    endotoxin = _filled(u[4], p["endotoxin.ed50"])
    freed = _filled(u[6], p["plerixafor.ed50"])
    closed = 1.0 - occupied
    for level, name in ((steroid, "steroid"), (endotoxin, "endotoxin"),
                        (_filled(u[5], p["etiocholanolone.ed50"]), "etiocholanolone")):  # fmt: skip
        closed = closed * (1.0 - p[f"{name}.opens"] * level)
    opened = (1.0 + (p["phi_max"] - 1.0) * (1.0 - closed)) * (1.0 + p["plerixafor.opens"] * freed)
    opened = opened * (1.0 + p["growth.release"] * occupied)
    share = (1.0 + p["steroid.share"] * steroid) * (1.0 + p["endotoxin.share"] * endotoxin)
    raised = 1.0 + p["steroid.gcsf"] * steroid
    return Stimuli(opened, p["plerixafor.frees"] * freed, raised, 1.0 - p["steroid.stays"] * steroid,
                   share * (1.0 + p["plerixafor.share"] * freed))  # fmt: skip


def growth_factor(total: Array, neutrophils: Array, u: Inputs, p: Params) -> tuple[Array, Array]:
    """Change of the level of given G-CSF (nmol/L, free and bound) and the share of receptors it holds.

    Binding is at equilibrium, receptors are carried by the neutrophils of the blood (Melhem 2018).
    """
    total = jnp.maximum(total, 0.0)
    receptors = p["receptors"] * jnp.maximum(neutrophils, LEAST)
    q = total - receptors - p["kd"]
    root = jnp.sqrt(q**2 + 4.0 * p["kd"] * total)
    free = jnp.where(q > 0, 0.5 * (q + root), 2.0 * p["kd"] * total / (root - q))
    bound = total - free
    change = (u[7] - p["cl"] * free) / p["vd"] - p["kint"] * bound
    return change, bound / receptors
