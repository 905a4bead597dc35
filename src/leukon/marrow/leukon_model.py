"""The parameters of the leukon model, from `data/leukon_model.yaml` to the arrays its equations take."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import resources

import numpy as np
from numpy.typing import NDArray

from leukon.marrow.library import Model, read_models

__all__ = ["assemble", "draw_values", "leukon_model", "typical_values"]

Floats = NDArray[np.float64]
Values = Mapping[str, Floats]  # one number a parameter, or one a person
_LINEAGES = ("neutrophils", "monocytes", "eosinophils", "basophils", "lymphocytes")
_BOUNDED = frozenset(
    {
        "steroid.opens",
        "steroid.stays",
        "steroid.share.others",
        "endotoxin.opens",
        "endotoxin.share",
        "etiocholanolone.opens",
        "plerixafor.frees",
        "neutrophils.circulating",
        "growth.saves",
    }
)  # fmt: skip  shares: never beyond 1


@cache
def leukon_model() -> Model:
    """The leukon model as an entry of the library: every parameter with its source and grade."""
    text = resources.files("leukon.marrow").joinpath("data", "leukon_model.yaml").read_text(encoding="utf-8")
    return read_models(text)[0]["leukon"]


def typical_values() -> dict[str, Floats]:
    """Every parameter of a typical adult, in days."""
    return {name: np.asarray(figure.in_days) for name, figure in leukon_model().parameters.items()}


def draw_values(people: int, rng: np.random.Generator) -> dict[str, Floats]:
    """Parameters of so many people: spread between people, and how little is known where a value is assumed."""
    drawn: dict[str, Floats] = {}
    for name, figure in leukon_model().parameters.items():
        normal = rng.standard_normal(people)  # drawn for all, so that one more spread moves no other parameter
        value, spread = figure.in_days, figure.omega or 0.0
        if name in _BOUNDED:
            odds = value / (1.0 - value) * np.exp(spread * normal)
            drawn[name] = odds / (1.0 + odds)
        else:
            drawn[name] = value * np.exp(spread * normal)
    drawn["pmax"] = np.maximum(drawn["pmax"], 1.2 * drawn["pon"])
    drawn["whole.pmax"] = np.maximum(drawn["whole.pmax"], 1.2 * drawn["whole.pon"])
    return drawn


def assemble(v: Values, *, whole: bool, peg: bool = False) -> dict[str, Floats]:
    """What the equations take: a vector over the lineages where they differ. People, where many, are the first axis."""

    def row(*names: str | float) -> Floats:
        parts = [np.asarray(v[n]) if isinstance(n, str) else np.asarray(n) for n in names]
        return np.stack(np.broadcast_arrays(*parts), axis=-1).astype(float)

    def each(what: str) -> Floats:
        return row(*(f"{lineage}.{what}" for lineage in _LINEAGES))

    one = np.ones_like(np.asarray(v["pon"]))
    own = dict(v)
    own["neutrophils.k"] = 3.0 / v["neutrophils.transit"] if whole else 4.0 / v["neutrophils.mtt"]
    for lineage in ("monocytes", "eosinophils", "basophils"):
        own[f"{lineage}.k"] = 3.0 / v[f"{lineage}.transit"]
    own["lymphocytes.k"] = 4.0 / v["lymphocytes.mtt"]
    if whole:
        own["neutrophils.gamma"] = v["neutrophils.drive"]
    else:
        own["neutrophils.loss"] = own["neutrophils.k"]  # as in the plain chain
    v = own
    drug = "pegfilgrastim" if peg else "filgrastim"
    steroid, endotoxin = v["steroid.share.others"], v["endotoxin.share"]
    made: dict[str, Floats] = {
        "baseline": each("baseline"), "k": each("k"), "kb": each("loss"), "gamma": each("gamma"),
        "pon": row(*(["whole.pon" if whole else "pon"] + 4 * ["pon"])),
        "pmax": row(*(["whole.pmax" if whole else "pmax"] + 4 * ["pmax"])),
        "sensitivity": row(1.0, *(4 * ["others.sensitivity"])),
        "kill": row(0.0, 0.0, 0.0, 0.0, "lymphocytes.kill"),
        "circulating": row("neutrophils.circulating", 1.0, 1.0, 1.0, "lymphocytes.circulating"),
        "share.rate": row(*(5 * ["share.rate"])),
        "spleen.share": row("spleen.share", 1.0, 1.0, 1.0, 1.0), "spleen.cures": one,
        "nudge": row(*(5 * [1.0])) + 0.0 * one[..., None],
    }  # fmt: skip
    if not whole:
        return made
    zero = 0.0 * one
    made |= {
        "beta": v["beta"] * one, "uptake": v["uptake"] * one, "phi": v["reserve.release"] * one,
        "phi_max": v["reserve.most"] * one, "stale": v["reserve.death"] * one, "kint": v["kint"] * one,
        "receptors": v["receptors"] * one, "stm2": v["stm2"] * one,
        "vd": v[f"{drug}.vd"] * one, "cl": v[f"{drug}.cl"] * one, "kd": v[f"{drug}.kd"] * one,
        "steroid.share": np.stack([v["steroid.share.neutrophils"] + zero, *(4 * [-steroid + zero])], axis=-1),
        "endotoxin.share": np.stack([zero, *(4 * [-endotoxin + zero])], axis=-1),
        "plerixafor.share": row(0.0, "plerixafor.share.monocytes", 0.0, 0.0, "plerixafor.share.lymphocytes"),
    }  # fmt: skip
    for name in ("steroid.ed50", "steroid.opens", "steroid.stays", "endotoxin.ed50", "endotoxin.opens",
                 "etiocholanolone.ed50", "etiocholanolone.opens", "plerixafor.ed50", "plerixafor.frees",
                 "plerixafor.opens", "growth.release", "growth.net", "growth.saves", "growth.division",
                 "steroid.gcsf"):  # fmt: skip
        made[name] = v[name] * one
    return made
