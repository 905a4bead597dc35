"""Chains driven by G-CSF: Quartino 2014 (the body's own), Krzyzanski 2010 and Melhem 2018 (given as a drug).

Given G-CSF is bound by the neutrophils themselves, so the count shapes the drug's level and the level the count; its
free part is solved from the binding equilibrium at every step.
"""

from __future__ import annotations

from itertools import pairwise

from leukon.marrow._jax import Array, jnp, ones_like, zeros_like
from leukon.marrow.chain import LEAST
from leukon.marrow.solve import Inputs, Params, State, Structure

__all__ = ["krzyzanski", "melhem", "quartino"]


def quartino(*, quick: bool) -> Structure:
    """Docetaxel and the body's own G-CSF (Quartino 2014, Pharm Res 31:3390, Figure 1, equations 1-8).

    G-CSF is lost by the kidney and by neutrophils, 490 times a day: it is slaved to the count. `quick` solves it by the
    first two terms of its expansion in 1/loss; otherwise it is a state and needs small steps.
    """

    def loss(blood: Array, p: Params) -> Array:
        return p["ke"] + p["kanc"] * p["circ0"] * blood

    def level(y: State, p: Params) -> Array:
        if not quick:
            return y[6]
        lost = loss(y[5], p)
        at_once = loss(ones_like(y[5]), p) / lost
        # dG/dt of the slaved level, from the change of the count it causes: G = G* - (dG*/dt) / loss
        moving = p["kcirc"] * (at_once ** p["beta"] * y[4] - y[5])
        change = -at_once * p["kanc"] * p["circ0"] * moving / lost
        return at_once - change / lost

    def start(p: Params) -> State:
        one = ones_like(p["circ0"])
        cells = (zeros_like(one), one, one, one, one, one)
        return cells if quick else (*cells, one)

    def rates(y: State, u: Inputs, p: Params) -> State:
        g = level(y, p)
        ktr = 5.0 / p["mtt"]
        mature, divide = g ** p["beta"], g ** p["gamma"]
        grow = ktr * ((1.0 - p["slope"] * u[0]) * divide - mature)
        flow = (jnp.exp(y[0]), *y[1:5])
        moved = tuple(ktr * mature * (a - b) for a, b in pairwise(flow))
        circ = p["kcirc"] * (mature * y[4] - y[5])
        if quick:
            return (grow, *moved, circ)
        return (grow, *moved, circ, loss(ones_like(g), p) - loss(y[5], p) * g)

    def read(y: State, u: Inputs, p: Params) -> tuple[Array, ...]:
        return p["circ0"] * y[5], p["g0"] * level(y, p)

    names = ("progenitors", "transit 1", "transit 2", "transit 3", "transit 4", "blood")
    return Structure(names if quick else (*names, "G-CSF"), ("count", "G-CSF"), start, rates, read)


def krzyzanski() -> Structure:
    """Filgrastim in health (Krzyzanski 2010, J Clin Pharmacol 50:101S): nine steps of marrow, receptor binding.

    States: total G-CSF (free and bound, ng/mL of the volume), the nine marrow pools and the blood, relative to rest.
    """
    pools = 9

    def rest(p: Params) -> tuple[Array, Array, Array, Array]:
        """Stimulated rates at rest: release into the first pool, step rate, cells in all pools, bound G-CSF."""
        filled = p["g0"] / (p["sc50"] + p["g0"])
        h1, h2 = 1.0 + p["smax1"] * filled, 1.0 + p["smax2"] * filled
        each = p["kmt"] * p["nb0"] / (p["ktt"] * h2)
        cells = pools * each + p["nb0"]
        bound = p["xi"] * cells * p["g0"] / (p["kd"] + p["g0"])
        return h1, h2, each, bound

    def split(y: State, p: Params) -> tuple[Array, Array]:
        _, _, each, _ = rest(p)
        receptors = p["xi"] * (each * sum(y[1 : pools + 1]) + p["nb0"] * y[pools + 1])
        under = receptors - y[0] + p["kd"]
        root = jnp.sqrt(under**2 + 4.0 * p["kd"] * y[0])
        # the positive root, written so that it loses no digits when receptors are many
        free = jnp.where(under > 0, 2.0 * p["kd"] * y[0] / (under + root), 0.5 * (root - under))
        return free, receptors * free / (p["kd"] + free)

    def start(p: Params) -> State:
        *_, bound = rest(p)
        one = ones_like(p["nb0"])
        return (p["g0"] + bound, *(one for _ in range(pools + 1)))

    def rates(y: State, u: Inputs, p: Params) -> State:
        h1_rest, h2_rest, _, bound_rest = rest(p)
        free, bound = split(y, p)
        filled = free / (p["sc50"] + free)
        h1, h2 = 1.0 + p["smax1"] * filled, 1.0 + p["smax2"] * filled
        made = p["kel"] * p["g0"] + p["kint"] * bound_rest
        drug = u[0] / p["vd"] + made - p["kel"] * free - p["kint"] * bound
        step = p["ktt"] * h2
        first = p["ktt"] * h2_rest * (h1 / h1_rest) * y[1] - step * y[1]
        rest_of = tuple(step * (a - b) for a, b in pairwise(y[1 : pools + 1]))
        blood = p["kmt"] * (h2 / h2_rest * y[pools] - y[pools + 1])
        return (drug, first, *rest_of, blood)

    def read(y: State, u: Inputs, p: Params) -> tuple[Array, ...]:
        return p["nb0"] * y[pools + 1], split(y, p)[0]

    names = ("G-CSF", *(f"marrow {i + 1}" for i in range(pools)), "blood")
    return Structure(names, ("count", "G-CSF"), start, rates, read)


def melhem(*, kill: bool = True) -> Structure:
    """Filgrastim and pegfilgrastim (Melhem 2018, Br J Clin Pharmacol 84:911); irradiation (Harrold 2020).

    Cells are carried by their G-CSF receptors: `Sm` stem, `Mt` mitotic, two precursors, `Rb` blood, relative to rest.
    Bound drug speeds production and transit. A kill (chemotherapy K-PD, or `kkill · dose^exponent` after irradiation)
    removes mitotic cells; where it is faster than the steps can follow, the mitotic pool is slaved to it.
    Inputs: the drug entering the blood (nmol/d), then the kill's K-PD amount.
    """

    def occupied(y: State, p: Params) -> tuple[Array, Array]:
        total = jnp.maximum(y[0], 0.0) / p["vd"]
        receptors = jnp.maximum(y[5], LEAST) * p["kp"] / p["kc"]
        q = total - receptors - p["kd"]
        root = jnp.sqrt(q**2 + 4.0 * p["kd"] * total)
        free = jnp.where(q > 0, 0.5 * (q + root), 2.0 * p["kd"] * total / (root - q))
        return free, total - free

    def start(p: Params) -> State:
        one = ones_like(p["kp"])
        return (zeros_like(one), one, one, one, one, one)

    def rates(y: State, u: Inputs, p: Params) -> State:
        free, bound = occupied(y, p)
        occupancy = bound / (jnp.maximum(y[5], LEAST) * p["kp"] / p["kc"])
        st1, st2 = 1.0 + p["stm1"] * occupancy, 1.0 + p["stm2"] * occupancy
        ktr = p["ktr"] * st2
        drug = u[0] - p["cl"] * free - p["kint"] * bound * p["vd"]
        dead = p["kkill"] * jnp.maximum(u[1], 1e-30) ** p["exponent"] if kill else 0.0 * ktr
        lost = ktr + dead
        # faster than the steps: follow the slaved level ktr · Sm / lost, which rises as the kill fades, and its lag
        fastest = 2.2 / u[-1]
        rise = p["kde"] * p["exponent"] * dead / lost
        slaved = ktr * y[1] / lost * (1.0 - rise / lost)
        follow = (slaved - y[2]) * fastest + slaved * rise
        mitotic = jnp.where(lost < fastest, ktr * y[1] - lost * y[2], follow)
        stem = p["ktr"] * st1 - ktr * y[1]
        blood = p["kc"] * (st2 * y[4] - y[5])
        return (drug, stem, mitotic, ktr * (y[2] - y[3]), ktr * (y[3] - y[4]), blood)

    def read(y: State, u: Inputs, p: Params) -> tuple[Array, ...]:
        free, _ = occupied(y, p)
        return p["kp"] / p["kc"] / p["sr"] * y[5], free

    names = ("drug", "stem", "mitotic", "precursor 1", "precursor 2", "blood")
    return Structure(names, ("count", "drug"), start, rates, read)
