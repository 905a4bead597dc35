"""The leukon model of the marrow: five white lineages from progenitors to blood, and every way to lower them.

Each lineage is the chain of Friberg 2002 with its own rates, carried relative to health::

    d ln P/dt = k · [(1 - E) · feedback · room(P) - speed]      room = 1 up to `pon`, falling to 0 at `pmax`
    dT1/dt    = k · speed · (P - T1), dT2/dt, dT3/dt alike
    dB/dt     = kb · (survival · speed · T3 - loss · B)          B: all cells of the blood, margin and spleen included
    count     = baseline · B · share                             share: how much of B circulates

`room` is leukon's own assumption. Without it the chain makes up for any loss in the blood, however large; with it a
marrow at rest can expand `pmax` times. Below `pon` nothing is changed: with no cause the neutrophils follow the
published chain to the last digit.

The whole marrow (`whole=True`) adds for neutrophils what growth factor, steroids and retention need: a reserve, its
release, and G-CSF slaved to the count (Quartino 2014). Lymphocytes are a body pool that hardly changes in days; their
count is mostly the share that is in the blood.

A cause is a set of factors on capacity, survival, loss, share, set point and release, raised to the power of its
activity (0: absent, 1: fully there), which rises and falls with its own rates. A treatment is a level or a switch.
"""

from __future__ import annotations

from leukon.marrow._jax import Array, array, jnp, lax, ones_like, zeros_like
from leukon.marrow.chain import LEAST
from leukon.marrow.solve import Inputs, Params, State, Structure
from leukon.marrow.stimuli import LEVELS, growth_factor, stimulate

__all__ = ["FACTORS", "LINEAGES", "OUTPUTS", "WHOLE_OUTPUTS", "leukocytes", "resting"]

LINEAGES = ("neutrophils", "monocytes", "eosinophils", "basophils", "lymphocytes")
FACTORS = ("capacity", "survival", "loss", "share", "setpoint")  # of a cause: the logarithm of one factor a lineage
OUTPUTS = (*LINEAGES, "wbc", "body neutrophils", "body lymphocytes")
WHOLE_OUTPUTS = (*OUTPUTS, "marrow reserve")
_HALVINGS = 60
_FASTEST = 2.0  # per step: a pool lost faster is slaved to what flows in
_SPLEEN = 2 * len(LEVELS)  # where the switch of splenectomy stands among the inputs; the targets of the causes follow


def _factors(a: Array, p: Params) -> dict[str, Array]:
    """What the causes make of the mechanisms at activity `a`: one factor a lineage."""
    return {name: jnp.exp((a[:, None] * p[name]).sum(axis=0)) for name in FACTORS}


def _only(lineage: int, inside: Array, outside: Array) -> Array:
    return jnp.where(array([i == lineage for i in range(len(LINEAGES))]), inside, outside)


def _feedback(b: Array, p: Params, whole: bool, raised: Array | float = 1.0) -> tuple[Array, Array]:
    """Drive of the progenitors and speed of maturation, where the pools stand at `b` of their set point.

    `raised`: the body's own G-CSF, times what the count alone would make it.
    """
    drive = jnp.maximum(b, LEAST) ** (-p["gamma"])
    speed = ones_like(drive)
    if not whole:
        return drive, speed
    g = (1.0 + p["uptake"]) / (1.0 + p["uptake"] * jnp.maximum(b[0], 0.0))  # the kidney and neutrophils take G-CSF up
    g = g * raised
    return _only(0, g ** p["gamma"][0], drive), _only(0, g ** p["beta"], speed)


def _gate(a: Array, p: Params) -> tuple[Array, Array]:
    """Release from the reserve and death in it under the causes, relative to release at rest."""
    return jnp.exp((a * p["release"]).sum()), p["stale"] * jnp.exp((a * p["reserve_loss"]).sum())


def resting(a: Array, p: Params, whole: bool) -> tuple[Array, Array, Array]:
    """Progenitors, blood pools and speed of the steady state under causes of constant activity.

    At rest the blood pool stands at its set point, or the progenitors are as many as their room allows; the pool is
    found by halving, exact to the last digits.
    """
    f = _factors(a, p)

    def supply(b: Array) -> tuple[Array, Array, Array]:
        drive, speed = _feedback(b, p, whole)
        most = f["capacity"] * (p["pmax"] - (p["pmax"] - p["pon"]) * jnp.minimum(speed / drive, 1.0))
        through = f["survival"] * speed
        if whole:
            out, dead = _gate(a, p)
            out = out * speed[0]
            through = through * _only(0, (1.0 + p["stale"]) * out / (out + dead), ones_like(speed))
        return most, through, speed

    def halve(ends: tuple[Array, Array], _: None) -> tuple[tuple[Array, Array], None]:
        low, high = ends
        middle = 0.5 * (low + high)
        most, through, _speed = supply(jnp.exp(middle))
        over = f["loss"] * jnp.exp(middle) > through * most
        return (jnp.where(over, low, middle), jnp.where(over, middle, high)), None

    zero = zeros_like(f["loss"])
    (low, _), _ = lax.scan(halve, (zero - 16.0, zero), None, _HALVINGS)
    most, through, _ = supply(jnp.exp(zero))
    b = jnp.where(f["loss"] <= through * most, 1.0, jnp.exp(low))
    _, through, speed = supply(b)
    return f["loss"] * b / through * f["setpoint"], b * f["setpoint"], speed


def leukocytes(effect: str = "none", *, whole: bool = False) -> Structure:
    """The equations. `effect`: none, linear or emax, the published effect of the drug on the progenitors.

    Inputs: the levels of `LEVELS`, the same as amounts per day, then the switch of splenectomy and each cause's target.
    """

    def killed(u: Inputs, p: Params) -> Array:
        if effect == "linear":
            return p["slope"] * u[0]
        return p["emax"] * u[0] / (p["ec50"] + u[0]) if effect == "emax" else 0.0 * u[0]

    def start(p: Params) -> State:
        a = p["begin"]
        cells, blood, speed = resting(a, p, whole)
        # `nudge`: 1, or what sets a marrow swinging that has no steady state
        state: State = (jnp.log(cells), cells, cells, cells, blood * p["nudge"], _factors(a, p)["share"], a)
        if not whole:
            return state
        out, dead = _gate(a, p)
        arrives = _factors(a, p)["survival"][0] * speed[0] * cells[0]
        reserve = (1.0 + p["stale"]) * arrives / (out * speed[0] + dead)
        return (*state, reserve, zeros_like(reserve))

    def rates(y: State, u: Inputs, p: Params) -> State:
        x, t1, t2, t3, blood, share, a, *more = y
        f = _factors(a, p)
        pool = blood / f["setpoint"]
        drive, speed = _feedback(pool, p, whole)
        leave, survival = speed, f["survival"]
        # where a cause says so, fewer neutrophils make more progenitors turn to monocytes
        turning = _only(1, jnp.maximum(pool[0], LEAST) ** (-(a * p["swap"]).sum()), ones_like(drive))
        loss, opened, freed = f["loss"], ones_like(speed[0]), zeros_like(speed[0])
        away = u[_SPLEEN]
        share_to = f["share"] ** (1.0 - p["spleen.cures"] * away) * p["spleen.share"] ** away
        extra: State = ()
        change = zeros_like(u[0])
        if whole:
            change, occupied = growth_factor(more[1], p["baseline"][0] * blood[0], u, p)
            now = stimulate(u, occupied, p)
            drive, speed = _feedback(pool, p, whole, now.raised)
            # receptors that hold given G-CSF do not see the body's own; maturation hurries more than cells can divide
            opened = now.opened * ((1.0 - occupied) * speed[0] + occupied)
            divided = p["growth.division"]
            drive = _only(0, drive * (1.0 - occupied) + occupied * (divided + p["growth.net"]), drive)
            leave = _only(0, speed * (1.0 - occupied) + occupied * divided, speed)
            speed = _only(0, speed * (1.0 - occupied) + occupied * (1.0 + p["stm2"]), speed)
            survival = survival ** _only(0, 1.0 - p["growth.saves"] * occupied, ones_like(survival))
            freed, share_to = now.freed, share_to * now.share
            loss = loss * _only(0, now.lost, ones_like(loss))
        progenitors = jnp.exp(x)
        size = f["capacity"] * f["setpoint"]
        room = jnp.minimum((size * p["pmax"] - progenitors) / (size * (p["pmax"] - p["pon"])), 1.0)
        dead = killed(u, p)
        grow = p["k"] * ((1.0 - p["sensitivity"] * dead) * drive * room - leave)
        arrives = survival * speed * t3
        if whole:
            held, stale = _gate(a, p)
            out = jnp.minimum(opened * held ** (1.0 - freed), _FASTEST / u[-1] / p["phi"])
            kept = (1.0 + p["stale"]) * arrives[0] - (out + stale) * more[0]
            extra = (p["phi"] * kept, change)
            arrives = _only(0, out * more[0], arrives)
        loss = loss + p["kill"] * jnp.minimum(dead, 1.0) / p["kb"]
        k = p["k"] * speed
        targets = u[_SPLEEN + 1 : -1]
        return (
            grow, p["k"] * leave * progenitors * turning - k * t1, k * (t1 - t2), k * (t2 - t3),
            jnp.minimum(p["kb"] * loss, _FASTEST / u[-1]) * (arrives / loss - blood),
            jnp.minimum(p["share.rate"], _FASTEST / u[-1]) * (share_to - share),
            jnp.minimum(jnp.where(targets > a, p["onset"], p["recovery"]), _FASTEST / u[-1]) * (targets - a), *extra,
        )  # fmt: skip

    def read(y: State, u: Inputs, p: Params) -> tuple[Array, ...]:
        counts = p["baseline"] * y[4] * y[5]
        body = p["baseline"] / p["circulating"] * y[4]
        shown = (*(counts[i] for i in range(len(LINEAGES))), counts.sum(), body[0], body[4])
        if not whole:
            return shown
        pool = p["kb"][0] / p["phi"] / (1.0 + p["stale"])  # cells of the reserve for one of the blood
        return (*shown, p["baseline"][0] / p["circulating"][0] * pool * y[7])

    names = ("progenitors", "transit 1", "transit 2", "transit 3", "blood", "share", "activity")
    return Structure(
        (*names, "reserve", "G-CSF") if whole else names, WHOLE_OUTPUTS if whole else OUTPUTS, start, rates, read
    )
