"""Speed of the marrow: virtual people beside SciPy LSODA, diffrax and heyoka, in one run on one core.

The task of all four: Friberg docetaxel, 75 mg/m2 on days 0, 21 and 42, 60 days, a value a day, between-person
variability of three parameters. Drug levels are in closed form for diffrax and leukon; SciPy and heyoka carry them in
the equations. A peer that is not installed is left out and said so (`pip install diffrax heyoka`).
"""

from __future__ import annotations

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
if hasattr(os, "sched_setaffinity"):
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})

import importlib.util
import time
from collections.abc import Callable
from itertools import pairwise

import numpy as np

from leukon.marrow import find_model, read_schedule, simulate

MODEL = find_model("friberg-2002-docetaxel")
DAYS = 60
PEOPLE = 1000
P = {name: figure.value for name, figure in MODEL.parameters.items()}
DOSES_D = (0.0, 21.0, 42.0)
RATE_UMOL_D = 75 * 1.8 / 807.88 * 1e3 * 24  # over one hour
OMEGA = {"circ0": 0.42, "mtt": 0.16, "slope": 0.33}


def best(run: Callable[[], object], times: int = 3) -> float:
    found: list[float] = []
    for _ in range(times):
        began = time.perf_counter()
        run()
        found.append(time.perf_counter() - began)
    return min(found)


def draw(people: int) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(1)
    return {name: P[name] * np.exp(rng.normal(0, sd, people)) for name, sd in OMEGA.items()}


def run_leukon(people: int) -> None:
    doses = read_schedule("docetaxel 75 mg/m2 day 0, 21, 42", DAYS)
    simulate(MODEL, doses, days=DAYS, every_hours=24.0, patients=people, seed=1)


def run_scipy(people: int) -> float:
    """Seconds for so many people, one call of LSODA between two changes of the infusion."""
    from scipy.integrate import solve_ivp

    drawn = draw(people)
    hours = {name: P[name] * 24 for name in ("k10", "k12", "k21", "k13", "k31")}
    edges = sorted({0.0, *(t for d in DOSES_D for t in (d, d + 1 / 24)), float(DAYS)})
    began = time.perf_counter()
    for n in range(people):
        circ0, ktr, slope = drawn["circ0"][n], 4 / (drawn["mtt"][n] / 24), drawn["slope"][n]
        y = np.array([0.0, 0.0, 0.0, *[circ0] * 5])
        for start, end in pairwise(edges):
            rate = RATE_UMOL_D if any(d <= start < d + 1 / 24 for d in DOSES_D) else 0.0

            def slopes(_: float, y: np.ndarray, rate: float = rate, ktr: float = ktr, slope: float = slope,
                       circ0: float = circ0) -> list[float]:  # fmt: skip
                a1, a2, a3, prol, t1, t2, t3, circ = y
                back = hours["k21"] * a2 + hours["k31"] * a3
                effect = slope * a1 / P["v1"]
                return [
                    rate - (hours["k10"] + hours["k12"] + hours["k13"]) * a1 + back,
                    hours["k12"] * a1 - hours["k21"] * a2,
                    hours["k13"] * a1 - hours["k31"] * a3,
                    ktr * prol * ((1 - effect) * (circ0 / circ) ** P["gamma"] - 1),
                    ktr * (prol - t1), ktr * (t1 - t2), ktr * (t2 - t3), ktr * (t3 - circ),
                ]  # fmt: skip

            asked = np.unique([*np.arange(np.ceil(start), end), end])
            solved = solve_ivp(slopes, (start, end), y, "LSODA", t_eval=asked, rtol=1e-6, atol=1e-9)
            y = solved.y[:, -1]
    return time.perf_counter() - began


def run_diffrax(people: int) -> float:
    import diffrax
    import jax
    import jax.numpy as jnp

    from leukon.marrow.kinetics import central_modes

    p = {name: jnp.asarray(P[name] * 24) for name in ("k10", "k12", "k21", "k13", "k31")}
    modes = central_modes(p["k10"], ((p["k12"], p["k21"]), (p["k13"], p["k31"])), jnp.asarray(P["v1"]))
    rates, weights = modes.rates, modes.weights[0]
    given = jnp.asarray(DOSES_D)

    def level(t: jax.Array) -> jax.Array:
        since = (t - given)[:, None]
        on = jnp.clip(since, 0, 1 / 24)
        off = jnp.clip(since - 1 / 24, 0, None)
        return (weights * RATE_UMOL_D / rates * (1 - jnp.exp(-rates * on)) * jnp.exp(-rates * off)).sum()

    def slopes(t: jax.Array, y: jax.Array, args: tuple[jax.Array, ...]) -> jax.Array:
        circ0, ktr, slope = args
        effect = slope * level(t)
        grow = y[0] * ((1 - effect) * (circ0 / y[4]) ** P["gamma"] - 1)
        return ktr * jnp.stack([grow, y[0] - y[1], y[1] - y[2], y[2] - y[3], y[3] - y[4]])

    steps = diffrax.PIDController(
        rtol=1e-6, atol=1e-9, jump_ts=jnp.asarray(sorted(t for d in DOSES_D for t in (d, d + 1 / 24)))
    )

    def one(circ0: jax.Array, ktr: jax.Array, slope: jax.Array) -> jax.Array:
        solved = diffrax.diffeqsolve(
            diffrax.ODETerm(slopes), diffrax.Tsit5(), 0.0, float(DAYS), 0.01, jnp.full(5, circ0), (circ0, ktr, slope),
            saveat=diffrax.SaveAt(ts=jnp.arange(0.0, DAYS + 1)), stepsize_controller=steps, max_steps=4000,
        )  # fmt: skip
        return solved.ys[:, 4]

    drawn = draw(people)
    args = (jnp.asarray(drawn["circ0"]), 4 / (jnp.asarray(drawn["mtt"]) / 24), jnp.asarray(drawn["slope"]))
    many = jax.jit(jax.vmap(one))
    many(*args).block_until_ready()
    return best(lambda: many(*args).block_until_ready())


def run_heyoka(people: int) -> float:
    import heyoka as hy

    names = ("a1", "a2", "a3", "prol", "t1", "t2", "t3", "circ")
    a1, a2, a3, prol, t1, t2, t3, circ = hy.make_vars(*names)
    rate, ktr, slope, circ0 = (hy.par[n] for n in range(4))
    k = {name: P[name] * 24 for name in ("k10", "k12", "k21", "k13", "k31")}
    equations = [
        (a1, rate - (k["k10"] + k["k12"] + k["k13"]) * a1 + k["k21"] * a2 + k["k31"] * a3),
        (a2, k["k12"] * a1 - k["k21"] * a2),
        (a3, k["k13"] * a1 - k["k31"] * a3),
        (prol, ktr * prol * ((1.0 - slope * a1 / P["v1"]) * (circ0 / circ) ** P["gamma"] - 1.0)),
        (t1, ktr * (prol - t1)), (t2, ktr * (t1 - t2)), (t3, ktr * (t2 - t3)), (circ, ktr * (t3 - circ)),
    ]  # fmt: skip
    batch = 8
    solver = hy.taylor_adaptive_batch(equations, np.ones((8, batch)), tol=1e-6, pars=np.zeros((4, batch)))
    drawn = draw(people)
    edges = sorted({0.0, *(t for d in DOSES_D for t in (d, d + 1 / 24)), float(DAYS)})
    began = time.perf_counter()
    for first in range(0, people, batch):
        part = slice(first, first + batch)
        solver.set_time(0.0)
        solver.state[:3] = 0.0
        solver.state[3:] = drawn["circ0"][part]
        solver.pars[1] = 4 / (drawn["mtt"][part] / 24)
        solver.pars[2], solver.pars[3] = drawn["slope"][part], drawn["circ0"][part]
        for start, end in pairwise(edges):
            solver.pars[0] = RATE_UMOL_D if any(d <= start < d + 1 / 24 for d in DOSES_D) else 0.0
            asked = np.unique([start, *np.arange(np.ceil(start), end), end])
            grid = np.repeat(asked[:, None], batch, axis=1)
            solver.propagate_grid(grid)
    return time.perf_counter() - began


def main() -> None:
    run_leukon(PEOPLE)
    ours = best(lambda: run_leukon(PEOPLE))
    print(f"{'leukon, 1,000 people × 60 days, warm':44}{ours:8.3f} s")
    few = 20
    theirs = run_scipy(few) * PEOPLE / few
    print(f"{f'SciPy LSODA ({few} people, scaled)':44}{theirs:8.2f} s   {theirs / ours:7.1f} × leukon")
    for name, run in (("diffrax", run_diffrax), ("heyoka", run_heyoka)):
        if importlib.util.find_spec(name) is None:
            print(f"{name:44}not installed, left out")
            continue
        seconds = run(PEOPLE)
        print(f"{name:44}{seconds:8.3f} s   {seconds / ours:7.1f} × leukon")
    for people in (10_000, 100_000):
        run_leukon(people)
        each = best(lambda people=people: run_leukon(people), 1) / people
        print(f"{f'leukon, {people:,} people':44}{each * 1e6:8.1f} µs a person ({ours / PEOPLE * 1e6:.1f} with 1,000)")


if __name__ == "__main__":
    main()
