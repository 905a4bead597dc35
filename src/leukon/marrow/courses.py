"""The course of the white cells under causes, drugs and treatments: one person, many virtual ones, or a pair."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from leukon.knowledge import load_knowledge
from leukon.marrow.grid import Spacing
from leukon.marrow.lesions import CYCLIC, RETAINED, lesion, severities
from leukon.marrow.leukon_model import assemble, draw_values, leukon_model, typical_values
from leukon.marrow.leukon_run import Happening, lay_out, run_many, run_one
from leukon.marrow.library import Figure, MarrowError, Model, Part, Source
from leukon.marrow.lineages import LINEAGES, OUTPUTS, WHOLE_OUTPUTS
from leukon.marrow.mechanisms import Mechanism, find_mechanism
from leukon.marrow.person import Person
from leukon.marrow.population import draw_people
from leukon.marrow.regimen import choose_model
from leukon.marrow.simulation import Course, person_parameters, place_doses
from leukon.marrow.stimuli import LEVELS
from leukon.marrow.systems import spacing_of
from leukon.marrow.treatments import Treatments, level_of, read_treatments

__all__ = ["compare_treatments", "simulate_cause"]

Floats = NDArray[np.float64]
_SWINGING = 240.0  # days before day 0 in which a swinging marrow finds its rhythm
_STEADY = 0.45  # a feedback under which every lineage comes to rest
_MEASURED_SD = 0.2  # of the logarithm of one count
_NO_CAUSE = Mechanism("none", "no cause")


@dataclass(frozen=True, slots=True)
class _Drug:
    model: Model
    part: Part
    effect: str
    values: Mapping[str, float]


def simulate_cause(
    cause: str | Mechanism | Sequence[str | Mechanism],
    person: Person | None = None,
    drugs: Sequence[str] = (),
    treatments: Sequence[str] = (),
    days: float = 42.0,
    every_hours: float = 6.0,
    *,
    patients: int | None = None,
    seed: int = 1,
    baseline: Mapping[str, float] | None = None,
    now: Mapping[str, float] | None = None,
    whole: bool = False,
    model: str | None = None,
) -> Course:
    """The course of the five lineages from day 0, on which a lasting cause is established and an acute one begins.

    `cause` are ids of the knowledge, ways in which drugs act, or `drug:ID`; none gives a healthy marrow. `drugs` and
    `treatments` are lines as `leukon.marrow.treatments` reads them. `patients` draws virtual people: they differ in
    counts and kinetics, in how severe the cause is, and in every value that is assumed. `baseline` are a person's own
    healthy counts (10⁹/L); `now` what was measured under an established cause, which sets how severe it is.

    The neutrophils follow the plain published chain unless a cause or a treatment needs the whole marrow (reserve,
    release, G-CSF), or `whole` asks for it. `model` names the published model of the drug.
    """
    causes = _courses(_named(cause), bool(drugs))
    who = person or Person()
    plan = read_treatments(drugs, treatments, causes, days)
    whole = whole or plan.needs_whole or any(c.action == "release" for c in causes)
    drug = _drug(plan, who, model)
    rng = np.random.default_rng(seed)
    params = _parameters(causes, plan, drug, patients, rng, seed, baseline or {}, now or {}, whole)
    lead = _SWINGING if any(c.action == "cyclic" for c in causes) else 0.0
    lead = max([lead, *(-dose.day for dose in (*plan.drugs, *plan.given))])  # doses before day 0 count
    shown = np.append(np.arange(0.0, days - 1e-9, every_hours / 24.0), days)
    happenings = _happenings(causes, plan, drug, who, lead, lead + days)
    spacing = _spacing(params, drug, whole, bool(causes))
    columns = len(LEVELS) + 1 + max(1, len(causes))
    steps, asked = lay_out(happenings, columns, shown + lead, spacing)
    run = run_one if patients is None else run_many
    got = run(drug.effect if drug else "none", drug.part if drug else None, whole, params, steps, asked, len(shown))
    names = WHOLE_OUTPUTS if whole else OUTPUTS
    series = {name: got[..., i, :] for i, name in enumerate(names)}
    return Course(_described(causes, plan, drug, whole), shown, {"count": series["neutrophils"], **series})


def compare_treatments(cause: str | Sequence[str], treatments: Sequence[str], **how: Any) -> tuple[Course, Course]:
    """The same people without and with the treatments (paired: same draws, same equations)."""
    plan = read_treatments(how.get("drugs", ()), treatments, _named(cause), how.get("days", 42.0))
    whole = bool(how.pop("whole", False)) or plan.needs_whole
    without = simulate_cause(cause, treatments=(), whole=whole, **how)
    return without, simulate_cause(cause, treatments=treatments, whole=whole, **how)


def _spacing(p: Mapping[str, Floats], drug: _Drug | None, whole: bool, caused: bool) -> Spacing:
    """Steps that follow cells moving within minutes after an event, and neutrophils that live for less than an hour."""
    if drug is not None and not whole:
        usual = spacing_of(drug.model, False, frozenset({drug.part.drug}))
        return replace(usual, last=min(usual.last, 0.12)) if caused else usual
    moving = float(np.max(p["share.rate"]))
    loss = p["kb"][..., 0] * np.exp(p["loss"][..., 0].max(axis=-1))
    short = 1.5 / float(np.percentile(loss, 95))
    return Spacing(min(0.01, 0.4 / moving), 0.12, min(0.12, max(0.015, short)) if whole else 0.12)


def _named(cause: str | Mechanism | Sequence[str | Mechanism]) -> list[Mechanism]:
    several = [cause] if isinstance(cause, str | Mechanism) else cause
    return [find_mechanism(c) if isinstance(c, str) else c for c in several]


def _courses(causes: Sequence[Mechanism], with_drugs: bool) -> list[Mechanism]:
    """The causes that have a course; the drug stands for the cause it is."""
    kept: list[Mechanism] = []
    for cause in causes:
        if cause.no_course is None:
            kept.append(cause)
        elif not (with_drugs and cause.cause in {"cytotoxic_chemotherapy", "radiation"}):
            raise MarrowError(f"{cause.cause} has no course of its own: {cause.no_course}")
    if sum(c.action == "cyclic" for c in kept) and len(kept) > 1:
        raise MarrowError("cyclic_neutropenia is simulated alone: leave out the other causes")
    return kept


def _drug(plan: Treatments, person: Person, model: str | None) -> _Drug | None:
    if not plan.drugs:
        return None
    chosen = choose_model(model, plan.drugs)
    values = person_parameters(chosen, person)
    effect = {"chain": "linear", "chain-emax": "emax"}.get(chosen.system)
    if effect is None or len(chosen.parts) != 1 or {"kprol", "inflow", "start"} & set(values):
        raise MarrowError(
            f"{chosen.id} cannot be joined to a cause or another treatment: only a plain chain of one drug can; "
            f"simulate it alone with --model {chosen.id}"
        )
    return _Drug(chosen, chosen.parts[0], effect, values)


def _parameters(
    causes: Sequence[Mechanism], plan: Treatments, drug: _Drug | None, people: int | None,
    rng: np.random.Generator, seed: int, baseline: Mapping[str, float], now: Mapping[str, float], whole: bool,
) -> dict[str, Floats]:  # fmt: skip
    v = draw_values(people, rng) if people else typical_values()
    own: dict[str, Floats] = {}
    if drug is not None:
        factor = draw_people(drug.model, people, seed) if people else {}
        own = {name: np.asarray(value * factor.get(name, 1.0)) for name, value in drug.values.items()}
        if not whole:
            v["neutrophils.mtt"] = 4.0 / own["ktr"] if "ktr" in own else own["mtt"]
            for name in ("monocytes", "eosinophils", "basophils"):  # as in neutrophils, short of where they would swing
                v[f"{name}.gamma"] = np.minimum(
                    v[f"{name}.gamma"] * own["gamma"] / typical_values()["neutrophils.gamma"], _STEADY
                )
            v["neutrophils.gamma"] = own["gamma"]
        if drug.model.analyte == "neutrophils":
            v["neutrophils.baseline"] = own["circ0"]
        own = {k: x for k, x in own.items() if k not in {"gamma", "mtt", "ktr", "circ0", "kcirc"}}
        if whole and "slope" in own:
            own["slope"] = own["slope"] * v["whole.slope"]
    for name, value in baseline.items():
        if name not in LINEAGES:
            raise MarrowError(f"baseline: {name} is none of {', '.join(LINEAGES)}")
        v[f"{name}.baseline"] = np.asarray(float(value)) + 0.0 * v["pon"]
    measured = {name: _measured(value, people, rng) for name, value in now.items() if name in LINEAGES}
    acted = {name for c in causes for name, _ in c.strengths}
    for name in measured.keys() - acted - baseline.keys():
        v[f"{name}.baseline"] = measured[name]  # no cause acts here: what was measured is this person's own
    swinging = any(c.action == "cyclic" for c in causes)
    if swinging:
        v["neutrophils.mtt"] = CYCLIC["mtt_h"] / 24.0 * v["neutrophils.mtt"] / typical_values()["neutrophils.mtt"]
        v["neutrophils.gamma"] = CYCLIC["gamma"] + 0.0 * v["pon"]
    peg = any(dose.drug == "pegfilgrastim" for dose in plan.given)
    p = assemble(v, whole=whole, peg=peg) | own
    if drug is not None and not whole and "kcirc" in drug.values:
        p["kb"][..., 0] = drug.values["kcirc"]
    if swinging:
        p["pon"][..., 0], p["pmax"][..., 0] = CYCLIC["pon"], CYCLIC["pmax"]
        first = 0.5 + 0.4 * (rng.random(people) if people else np.zeros(()))
        p["nudge"] = np.stack([first, *(4 * [np.ones_like(first)])], axis=-1)
    if swinging and whole:
        raise MarrowError(
            "cyclic_neutropenia cannot be simulated with growth factor or steroids: its model has no reserve"
        )
    p["spleen.cures"] = np.full(np.shape(v["pon"]), float(any("splenectomy" in c.answers_to for c in causes)))
    for name in ("steroid.hours", "steroid.usual", "steroid.days", "endotoxin.half", "etiocholanolone.half",
                 "plerixafor.half"):  # fmt: skip
        p[name] = v[name]
    p["growth.ka"], p["growth.f"] = (v[f"{'peg' * peg}filgrastim.{name}"] for name in ("ka", "f"))
    hard = [severities(c, people, rng) for c in causes]
    if len(causes) == 1:
        for name in measured.keys() & acted:
            hard[0][name] = np.clip(np.log(measured[name] / v[f"{name}.baseline"]), -7.0, 3.5)
    found = [lesion(c, h, p, whole=whole) for c, h in zip(causes, hard, strict=True)]
    found = found or [lesion(_NO_CAUSE, {}, p, whole=whole)]
    axis = 1 if people else 0
    p |= {name: np.stack([one[name] for one in found], axis=axis) for name in found[0]}
    shape = (people,) if people else ()

    def pace(c: Mechanism, days: float) -> Floats:
        spread = 0.5 if c.grade == "assumption" else 0.25
        return np.exp(spread * rng.standard_normal(shape)) / days if people else np.asarray(1.0 / days)

    some = causes or [_NO_CAUSE]
    p["onset"] = np.stack([pace(c, c.onset_days) for c in some], axis=axis)
    p["recovery"] = np.stack([pace(c, c.recovery_days) for c in some], axis=axis)
    p["begin"] = np.stack([np.full(shape, float(c.established and bool(causes))) for c in some], axis=axis)
    fastest = max(3.0 / min(c.onset_days, c.recovery_days) for c in some)
    p["share.rate"] = np.maximum(p["share.rate"], fastest if causes else 0.0)  # cells move as fast as what moves them
    return {name: _for_each(np.asarray(x), people) for name, x in p.items()}


def _for_each(values: Floats, people: int | None) -> Floats:
    """What is the same for all people gets one row a person."""
    if people is None or values.shape[:1] == (people,):
        return values
    return np.broadcast_to(values, (people, *values.shape))


def _measured(value: float, people: int | None, rng: np.random.Generator) -> Floats:
    """A count that was measured: no lower than 0.01, and right to a fifth."""
    noise = rng.standard_normal(people) if people else np.zeros(())
    return max(value, 0.01) * np.exp(_MEASURED_SD * noise)


def _happenings(
    causes: Sequence[Mechanism], plan: Treatments, drug: _Drug | None, person: Person, lead: float, end: float
) -> list[Happening]:
    found: list[Happening] = []
    for j, cause in enumerate(causes):
        until = plan.ended.get(cause.cause, 1e9)
        if cause.lasts_days is not None:
            until = min(until, cause.lasts_days)
        begin = 0.0 if cause.established else lead
        if until + lead > begin:
            found.append(Happening(len(LEVELS) + 1 + j, begin, 1.0, end=min(until + lead, end + 1.0)))
    if plan.splenectomy is not None:
        found.append(Happening(len(LEVELS), plan.splenectomy + lead, 1.0, end=end + 1.0))
    for dose in plan.given:
        column, amount = level_of(dose, person)
        found.append(Happening(column, dose.day + lead, amount, dose.hours))
    if drug is not None:
        later = [replace(dose, day=dose.day + lead) for dose in plan.drugs]
        placed = place_doses(drug.model, later, person, drug.values)[0]
        found += [Happening(0, day, amount, length * 24.0) for day, amount, length in placed]
    return found


def _described(causes: Sequence[Mechanism], plan: Treatments, drug: _Drug | None, whole: bool) -> Model:
    """The model with only what was used: every parameter with its source, every cause with its grade."""
    base = leukon_model()
    given = {dose.drug for dose in plan.given}
    used = {name: f for name, f in base.parameters.items() if _is_used(name, given, drug is not None, whole, plan)}
    sources = dict(base.sources)
    known = load_knowledge().sources
    notes: list[str] = []
    for cause in causes:
        notes.append(f"{cause.name} ({cause.cause}): {_ACTION_WORDS[cause.action]}, {cause.grade}: {cause.because}")
        for name, s in cause.strengths:
            used[f"{cause.cause}.{name}"] = Figure(
                round(float(np.exp(s.mean)), 4),
                "",
                s.grade,
                s.source,
                "leukon knowledge",
                s.sd,
                "count over what is expected",
            )
            if s.source in known:
                fact = known[s.source]
                sources[s.source] = Source(fact.id, fact.citation, fact.doi, fact.url)
        if cause.action == "release":
            notes.append(f"release of the reserve {RETAINED:g} of normal in myelokathexis: assumption; meets Dale 2011")
        if cause.action == "cyclic":
            notes.append("cyclic: " + ", ".join(f"{k} {x:g}" for k, x in CYCLIC.items()) + ": assumption; meets the "
                         "published period, nadir and peak")  # fmt: skip
    if drug is not None:
        used |= {f"{drug.model.id}.{name}": figure for name, figure in drug.model.parameters.items()}
        sources |= drug.model.sources
        notes += drug.model.notes
        if whole:
            notes.append(
                "with reserve and G-CSF the lowest count after a drug comes about three days later than in its "
                "published chain: compare with and without treatment, not the day itself"
            )
        if drug.model.analyte != "neutrophils":
            notes.append(f"{drug.model.id} was fitted to {drug.model.analyte}; here its effect acts on every lineage")
    notes += [f"not used: {what} ({why})" for what, why in plan.not_used]
    named = {f.source for f in used.values()}
    return replace(base, title=_title(causes, drug), parameters=used, notes=tuple(notes),
                   sources={k: s for k, s in sorted(sources.items()) if k in named})  # fmt: skip


_ACTION_WORDS = {
    "capacity": "less room for progenitors", "survival": "cells die during maturation", "loss": "cells are lost faster",
    "destruction": "cells and progenitors are destroyed", "share": "cells leave the blood and are not lost",
    "setpoint": "a lower set point", "release": "cells are kept in the marrow", "cyclic": "feedback that swings",
}  # fmt: skip


def _title(causes: Sequence[Mechanism], drug: _Drug | None) -> str:
    parts = [c.name for c in causes] + ([drug.part.drug] if drug else [])
    text = " and ".join(parts) if parts else "healthy marrow"
    return text[:1].upper() + text[1:]


_STIMULUS = ("steroid.", "endotoxin.", "etiocholanolone.", "plerixafor.")
_WHOLE = frozenset({"neutrophils.transit", "neutrophils.loss", "neutrophils.drive", "beta", "uptake", "reserve.release",
                    "reserve.most", "reserve.death", "whole.pon", "whole.pmax"})  # fmt: skip
_PLAIN = frozenset({"neutrophils.mtt", "neutrophils.gamma"})
_GROWTH = frozenset({"kint", "receptors", "stm2", "growth.release", "growth.net", "growth.saves", "growth.division"})


def _is_used(name: str, given: set[str], drug: bool, whole: bool, plan: Treatments) -> bool:
    steroid = bool(given - {"endotoxin", "etiocholanolone", "plerixafor", "filgrastim", "pegfilgrastim"})
    stem = name.partition(".")[0]
    if name in _WHOLE:
        return whole
    if name in _PLAIN:
        return not whole and not drug
    if name in _GROWTH:
        return bool(given & {"filgrastim", "pegfilgrastim"})
    if name.startswith(_STIMULUS) or stem in {"filgrastim", "pegfilgrastim"}:
        return steroid if stem == "steroid" else stem in given
    if name in {"lymphocytes.kill", "others.sensitivity"}:
        return drug
    if name == "whole.slope":
        return drug and whole
    return plan.splenectomy is not None if name == "spleen.share" else True
