"""Is the low count real? Seven steps, danger first; no verdict lowers the urgency.

1. a spoiled sample; 2. the hour of dialysis; 3. infection: cells may have left the blood, or the marrow fails: treat
as infection; 4. what supports that; 5. a repeat that has risen confirms it; 6. depth, other cell lines or a repeat
that stays low refute it; 7. a variant of the healthy (Duffy-null, or white cells just under 4.0 and nothing else).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from leukon.answer import Real
from leukon.artefact.sample import Doubt, doubt_sample
from leukon.severity.context import Signs, is_on_chemotherapy, read_signs
from leukon.severity.names import ADULT, count_low_lines
from leukon.severity.series import find_current, select_series
from leukon.severity.worst import bound_anc

if TYPE_CHECKING:
    from leukon.answer import Urgency
    from leukon.facts.model import Facts
    from leukon.knowledge.schema import DrugFact
    from leukon.limits.judge import Judged
    from leukon.patient import Patient

__all__ = ["judge_reality"]

_WHITE = ("wbc", "neutrophils", "lymphocytes")
_DUFFY = "hibbs-2025-duffy"
_DUFFY_SPREAD: Doubt = (
    "Duffy-null is confirmed; the lower limit in such people is 0.82 to 1.21 for neutrophils and 2.5 to 3.7 for white "
    "cells by country, and the count lies among them",
    _DUFFY,
)
_STEADY_COUNTS = 3
_LEAST_DUFFY = {"neutrophils": 1.0, "wbc": 2.5}  # neutrophils: above the lowest national limit, where doubt begins
_ILL = frozenset(
    {"splenomegaly", "massive_spleen", "lymphadenopathy", "weight_loss", "night_sweats", "blasts", "dysplastic_cells",
     "bone_pain", "recurrent_infection", "severe_infections", "oral_ulcers", "leukoerythroblastic_film", "apl_cells",
     "hairy_cells", "large_granular_lymphocytes", "petechiae", "bleeding"}
)  # fmt: skip
_VARIANT_WBC = (3.5, 4.0)
_REPEAT_DAYS, _REFUTED_DAYS = 0.25, 2.0
_RISE = 1.5
_SEVERE = 0.5


def judge_reality(
    judged: Sequence[Judged],
    facts: Facts,
    patient: Patient,
    urgency: Urgency,
    drugs: Mapping[str, DrugFact] | None = None,
) -> Real:
    """The verdict on the newest counts, with its reasons and the ids of their sources.

    `drugs` are those of the knowledge (loaded when not given): they tell chemotherapy from other drugs.
    """
    if drugs is None:
        from leukon.knowledge import load_knowledge

        drugs = load_knowledge().drugs
    now = find_current(judged)
    if not any(kind in now for kind in _WHITE):
        return Real("cannot say", ("no white cell count is on the record",))
    pressing = urgency.level in ("emergency", "same day")
    real = _judge(judged, now, facts, patient, drugs, pressing=pressing)
    if real.verdict != "real" and pressing:
        real = _make(real.verdict, *zip(real.because, real.sources, strict=True), _STANDS)
    return Real(real.verdict, real.because, tuple(dict.fromkeys(s for s in real.sources if s)))


_STANDS: Doubt = ("the urgency stands whatever the repeat will show", "")
_WAIT: Doubt = ("repeat when the infection is over, and at once if the person gets worse", "")
_TREAT: Doubt = (
    "treat as infection: film with bands, cultures, CRP and lactate now, repeat the count in 6 to 12 hours",
    "seigel-2012-bandemia",
)


def _make(verdict: str, *said: Doubt) -> Real:
    """A verdict whose `sources` stand beside `because`, one for one, "" where there is none."""
    return Real(verdict, tuple(text for text, _ in said), tuple(source for _, source in said))


def _judge(
    judged: Sequence[Judged],
    now: Mapping[str, Judged],
    facts: Facts,
    patient: Patient,
    drugs: Mapping[str, DrugFact],
    *,
    pressing: bool,
) -> Real:
    signs = read_signs(facts)
    infected = signs.of_infection or signs.of_sepsis
    act = () if not infected else (_TREAT,) if pressing else (_WAIT,)
    doubts = doubt_sample(judged, facts, patient)
    if doubts:
        return _make("artefact", *doubts, *act)
    duffy = _find_duffy_variant(judged, now, facts, signs)
    if duffy:
        return _make("normal variant", *duffy)
    risen = _find_rise(judged)
    if not risen and not any(now[kind].status == "low" for kind in _WHITE if kind in now):
        if any(now[kind].status == "cannot say" for kind in _WHITE if kind in now):
            return _make("cannot say", ("whether a count is low cannot be said", ""))
        return _make("real", ("no white cell count is low for this person: there is nothing to doubt", ""))
    proof = _find_proof(judged, now, facts, signs)
    if not infected and is_on_chemotherapy(facts, patient, drugs):
        proof.append(("chemotherapy within six weeks is enough to explain it", ""))
    if proof:
        return _make("real", *proof, *act)
    if risen:
        return _make("redistribution possible", risen, *act)
    if infected:
        return _make("redistribution possible", *_find_support(judged, now, facts), *act)
    if "dialysis" in facts.now:
        return _make("redistribution possible", _DIALYSIS)
    variant = _find_mild_variant(now, facts, patient)
    if variant:
        return _make("normal variant", variant)
    return _make("cannot say", ("one low count without another to confirm it: repeat it with a film", ""))


_DIALYSIS: Doubt = (
    "if the sample was drawn in the first two hours of dialysis, neutrophils have left the blood for a while (by 22 to "
    "72 % at 15 minutes, by membrane): repeat before the next dialysis",
    "donovan-1992-dialysis",
)


def _find_proof(judged: Sequence[Judged], now: Mapping[str, Judged], facts: Facts, signs: Signs) -> list[Doubt]:
    """What shows that the count is truly low."""
    worst = bound_anc(judged)
    lines = count_low_lines(now)
    infected = signs.of_infection or signs.of_sepsis
    said: list[Doubt] = []
    if worst.at_most is not None and worst.at_most < _SEVERE:
        said.append((f"{worst.because}: under 0.5 redistribution alone does not explain it", "leukon-definitions"))
    if "white" in lines and len(lines) >= (3 if signs.of_sepsis else 2):
        said.append(("other cell lines are low too, which redistribution does not do", "leukon-definitions"))
    if worst.at_most is not None and worst.at_most < 1.0 and "left_shift" in facts.absent:
        said.append(("neutrophils under 1.0 without a left shift", "leukon-definitions"))
    if "stable_counts" in facts.present:
        said.append(("the count is said to have been low before", ""))
    repeated = _find_repeat(judged, _REFUTED_DAYS if infected else _REPEAT_DAYS)
    if repeated:
        said.append(repeated)
    return said


def _find_repeat(judged: Sequence[Judged], apart_days: float) -> Doubt | None:
    """Two counts of one kind that agree: both low, at least so long apart where the days are known."""
    for kind in ("neutrophils", "wbc", "lymphocytes"):
        series = select_series(judged, kind)
        if len(series) < 2 or series[-1].status != "low":
            continue
        for earlier in reversed(series[:-1]):
            if earlier.status != "low":
                break
            apart = _days_between(earlier, series[-1])
            if apart is None or apart >= apart_days:
                days = "" if apart is None else f" {apart:.3g} days apart"
                return (f"two low counts{days}: {kind} {earlier.count.value:g} and {series[-1].count.value:g}", "")
    return None


def _find_rise(judged: Sequence[Judged]) -> Doubt | None:
    """Did a repeat of 6 to 48 hours rise by half or more? From under 0.5 a rise is recovery of the marrow."""
    for kind in ("neutrophils", "wbc"):
        series = select_series(judged, kind)
        if len(series) < 2 or series[-2].status != "low":
            continue
        apart = _days_between(series[-2], series[-1])
        first, repeat = series[-2].count.value, series[-1].count.value
        soon = apart is not None and _REPEAT_DAYS <= apart <= _REFUTED_DAYS
        if apart is not None and soon and first >= _SEVERE and repeat >= _RISE * first:
            return (
                f"{kind} rose from {first:g} to {repeat:g} within {apart * 24:.0f} hours: a transient fall; recheck in "
                "one to two weeks",
                "leukon-definitions",
            )
    return None


def _find_support(judged: Sequence[Judged], now: Mapping[str, Judged], facts: Facts) -> tuple[Doubt, ...]:
    """Infection now: what is said of redistribution, and what supports it."""
    said: list[Doubt] = [
        (
            "signs of infection: neutrophils may have moved to vessel walls and tissues for hours, or the marrow may "
            "be failing; the count alone cannot tell",
            "leukon-definitions",
        )
    ]
    if "left_shift" in facts.present or _band_share(now) > 0.10:
        said.append(("a left shift supports redistribution and makes infection likelier", "seigel-2012-bandemia"))
    if any(x in now for x in ("hemoglobin", "platelets")) and count_low_lines(now) == frozenset({"white"}):
        said.append(("the other cell lines are not low, which supports redistribution", "leukon-definitions"))
    series = select_series(judged, "neutrophils") or select_series(judged, "wbc")
    if len(series) > 1 and series[-2].status == "normal":
        said.append(("the count before was normal", ""))
    return tuple(said)


def _band_share(now: Mapping[str, Judged]) -> float:
    if "bands" not in now or "wbc" not in now or not now["wbc"].count.value:
        return 0.0
    return now["bands"].count.value / now["wbc"].count.value


def _find_duffy_variant(
    judged: Sequence[Judged], now: Mapping[str, Judged], facts: Facts, signs: Signs
) -> tuple[Doubt, ...]:
    """Confirmed Duffy-null and well: nothing low by those limits, or three steady counts just under the one used."""
    held = [now[kind] for kind in ("neutrophils", "wbc") if kind in now]
    by_duffy = bool(held) and all(j.limit is not None and j.limit.owner == "duffy-null" for j in held)
    if not by_duffy or not any(j.count.value < ADULT[j.count.analyte] for j in held):
        return ()
    others = [j for kind, j in now.items() if kind in ("lymphocytes", "hemoglobin", "platelets")]
    falling = any(j.change and j.change.beyond_rcv and j.change.to < j.change.from_ for j in held)
    if signs.any or facts.now & _ILL or falling or any(j.status == "low" for j in others):
        return ()
    counts = len(select_series(judged, held[0].count.analyte))
    steady: Doubt = (
        (f"{counts} counts without a fall beyond chance: nothing more is needed", "")
        if counts >= _STEADY_COUNTS
        else ("earlier counts would show that it is stable", "")
    )
    if not any(j.status == "low" for j in held):
        return (("Duffy-null is confirmed and the count lies within the limits of Duffy-null people", _DUFFY), steady)
    if counts >= _STEADY_COUNTS and all(j.count.value >= _LEAST_DUFFY[j.count.analyte] for j in held):
        return (_DUFFY_SPREAD, steady)
    return ()


def _find_mild_variant(now: Mapping[str, Judged], facts: Facts, patient: Patient) -> Doubt | None:
    """White cells 3.5 to 4.0 with every other line measured and not low, in a person who is not ill."""
    low, high = _VARIANT_WBC
    years = None if patient.person.age_days is None else patient.person.age_days / 365.25
    if "wbc" not in now or not low <= now["wbc"].count.value < high or patient.person.pregnant:
        return None
    needed = ("neutrophils", "hemoglobin", "platelets")
    if any(kind not in now or now[kind].status not in ("normal", "high") for kind in needed):
        return None
    if any(j.status == "low" for kind, j in now.items() if kind != "wbc") or facts.now - {"well"}:
        return None
    change = now["wbc"].change
    if (years is not None and years < 16) or (change and change.beyond_rcv and change.to < change.from_):
        return None
    return (
        "white cells 3.5 to 4.0 with neutrophils, haemoglobin and platelets not low: many healthy adults have this "
        "(the Nordic lower limit is 3.5); one repeat is enough",
        "nordin-2004-norip",
    )


def _days_between(earlier: Judged, later: Judged) -> float | None:
    if earlier.count.day is None or later.count.day is None:
        return None
    return later.count.day - earlier.count.day
