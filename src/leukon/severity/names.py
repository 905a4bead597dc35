"""The names of what is present: neutropenia and its depth, agranulocytosis, pancytopenia, febrile neutropenia, …

`STATES` is the list that rules may name, each with its definition and source. A name speaks of the newest counts (at
most 30 days apart); "low" is low for this person, so a Duffy-null neutrophil count of 1.3 is no neutropenia. Under
0.5 is severe neutropenia in everyone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from leukon.severity.context import CONTEXT, Signs, find_last_chemotherapy, has_culprit, is_on_chemotherapy, read_signs
from leukon.severity.series import find_current, select_series
from leukon.severity.worst import WorstAnc, bound_anc

if TYPE_CHECKING:
    from leukon.facts.model import Facts
    from leukon.knowledge.schema import DrugFact
    from leukon.limits.judge import Judged
    from leukon.patient import Patient

__all__ = ["ADULT", "CHRONIC_DAYS", "STATES", "count_low_lines", "imply_states", "is_chronic", "name_states"]

CHRONIC_DAYS = 90.0

STATES: dict[str, tuple[str, str]] = {
    "leukopenia": ("white cells under the limit for this person (adults: 4.0)", "territo-merck-leukopenia"),
    "neutropenia": ("neutrophils under 1.5 (under 1 year of age: 1.0) and low for this person", "uptodate-8375"),
    "neutropenia, mild": ("neutrophils 1.0 to 1.5", "taplitz-2018-prophylaxis"),
    "neutropenia, moderate": ("neutrophils 0.5 to 1.0", "taplitz-2018-prophylaxis"),
    "neutropenia, severe": ("neutrophils under 0.5", "taplitz-2018-prophylaxis"),
    "neutropenia, profound": ("neutrophils under 0.1", "freifeld-2011-idsa"),
    "neutropenia, chronic": ("neutropenia in every count over more than 3 months", "dale-2017-cin"),
    "neutropenia, isolated": ("neutropenia with haemoglobin and platelets measured and not low", "leukon-definitions"),
    "neutrophils low for this person": ("under this person's limit, though not under 1.5", "leukon-definitions"),
    "agranulocytosis": (
        "neutrophils under 0.5, not known for longer than 3 months, while a drug known to cause it (no chemotherapy) "
        "is taken or was within six weeks",
        "andersohn-2007-nonchemo",
    ),
    "lymphopenia": ("lymphocytes under the limit for this age (adults: 1.0)", "territo-merck-leukopenia"),
    "lymphopenia, severe": ("lymphocytes under 0.5 and low for this person", "nci-ctcae-5"),
    "lymphopenia, chronic": ("lymphopenia in every count over more than 3 months", "dale-2017-cin"),
    "leukopenia, isolated": ("leukopenia with haemoglobin and platelets measured and not low", "leukon-definitions"),
    "leukopenia, chronic": ("leukopenia in every count over more than 3 months", "dale-2017-cin"),
    "monocytopenia": ("monocytes under 0.2", "wakeman-2007-monocytes"),
    "eosinopenia": ("eosinophils under 0.05", "abidi-2008-eosinopenia"),
    "anemia": ("haemoglobin under the limit for this person", "leukon-definitions"),
    "thrombocytopenia": ("platelets under the limit for this person", "leukon-definitions"),
    "bicytopenia": ("two of white cells or neutrophils, haemoglobin, platelets low", "leukon-definitions"),
    "pancytopenia": ("white cells or neutrophils, haemoglobin and platelets all low", "leukon-definitions"),
    "febrile neutropenia": (
        "fever with neutrophils under 0.5, or under 1.0 within six weeks of chemotherapy (expected to fall)",
        "freifeld-2011-idsa",
    ),
    "possible febrile neutropenia": (
        "fever, rigor, low temperature or looking unwell where neutrophils are or may be under 1.0, or were not "
        "counted within six weeks of chemotherapy",
        "leukon-definitions",
    ),
    **CONTEXT,
}
"""Name -> (definition, id of its source)."""

_IMPLIED = {
    "neutropenia, profound": ("neutropenia, severe", "neutropenia"),
    "neutropenia, severe": ("neutropenia",),
    "neutropenia, moderate": ("neutropenia",),
    "neutropenia, mild": ("neutropenia",),
    "agranulocytosis": ("neutropenia, severe", "neutropenia"),
    "lymphopenia, severe": ("lymphopenia",),
    "pancytopenia": ("bicytopenia",),
}
ADULT = {"wbc": 4.0, "neutrophils": 1.5, "hemoglobin": 12.0, "platelets": 150.0}
"""The adult definitions (haemoglobin: women)."""
_LINES = {"white": ("wbc", "neutrophils"), "red": ("hemoglobin",), "platelets": ("platelets",)}
_MOVED = ("duffy-null", "pregnancy")


def name_states(
    judged: Sequence[Judged], facts: Facts, patient: Patient, drugs: Mapping[str, DrugFact] | None = None
) -> tuple[str, ...]:
    """The names of what is present, most specific first; `imply_states` adds the wider ones.

    `drugs` are those of the knowledge (loaded when not given): they tell chemotherapy from other drugs.
    """
    if drugs is None:
        from leukon.knowledge import load_knowledge

        drugs = load_knowledge().drugs
    now = find_current(judged)
    worst = bound_anc(judged, find_last_chemotherapy(facts, patient, drugs))
    chemotherapy = is_on_chemotherapy(facts, patient, drugs)
    lines = count_low_lines(now)
    names = [
        *_name_fever(worst, now, read_signs(facts), chemotherapy=chemotherapy),
        *_name_neutrophils(judged, now, patient),
    ]
    if (
        "neutrophils" in now
        and now["neutrophils"].count.value < 0.5
        and not chemotherapy
        and not is_chronic(judged, "neutrophils")
        and has_culprit(facts, patient, drugs)
    ):
        names.insert(0, "agranulocytosis")
    names += {2: ["bicytopenia"], 3: ["pancytopenia"]}.get(len(lines), [])
    names += _name_others(judged, now)
    return tuple(dict.fromkeys(names))


def imply_states(states: Iterable[str]) -> frozenset[str]:
    """The states with the wider ones they imply.

    >>> sorted(imply_states(["neutropenia, profound"]))
    ['neutropenia', 'neutropenia, profound', 'neutropenia, severe']
    """
    return frozenset(wider for state in states for wider in (state, *_IMPLIED.get(state, ())))


def is_chronic(judged: Sequence[Judged], analyte: str) -> bool:
    """Was every count low over more than three months, up to the newest?"""
    days: list[float] = []
    for j in reversed(select_series(judged, analyte)):
        if not _is_low(j):
            break
        if j.count.day is not None:
            days.append(j.count.day)
    return bool(days) and days[0] - days[-1] > CHRONIC_DAYS


def count_low_lines(now: Mapping[str, Judged], *, by_adult_limits: bool = False) -> frozenset[str]:
    """Which of "white", "red" and "platelets" are low.

    `by_adult_limits` puts the adult definitions in the place of limits that Duffy status or pregnancy has moved: what
    urgency looks at, since neither may lower it.
    """

    def is_low(j: Judged) -> bool:
        if by_adult_limits and j.limit is not None and j.limit.owner in _MOVED:
            return j.count.value < ADULT[j.count.analyte]
        return _is_low(j)

    return frozenset(line for line, kinds in _LINES.items() if any(k in now and is_low(now[k]) for k in kinds))


def _is_low(j: Judged) -> bool:
    return j.status == "low" or (j.count.analyte == "neutrophils" and j.count.value < 0.5)


def _name_neutrophils(judged: Sequence[Judged], now: Mapping[str, Judged], patient: Patient) -> list[str]:
    if "neutrophils" not in now:
        return []
    j = now["neutrophils"]
    anc = j.count.value
    infant = patient.person.age_days is not None and patient.person.age_days < 365
    undecided = j.status == "cannot say" and anc < 1.0  # under 1.0 is neutropenia at any age
    if not (_is_low(j) or undecided):
        return []
    if anc >= 1.5 or (infant and anc >= 1.0):
        return ["neutrophils low for this person"]
    under_limit = j.count.censored == "<"
    depth = (
        "profound" if anc < 0.1 or (under_limit and anc <= 0.1)
        else "severe" if anc < 0.5 or (under_limit and anc <= 0.5)
        else "moderate" if anc < 1.0
        else "mild"
    )  # fmt: skip
    names = [f"neutropenia, {depth}"]
    if is_chronic(judged, "neutrophils"):
        names.append("neutropenia, chronic")
    if _is_isolated(now):
        names.append("neutropenia, isolated")
    return names


def _is_isolated(now: Mapping[str, Judged]) -> bool:
    return all(x in now and now[x].status in ("normal", "high") for x in ("hemoglobin", "platelets"))


def _name_others(judged: Sequence[Judged], now: Mapping[str, Judged]) -> list[str]:
    low = {analyte for analyte, j in now.items() if j.status == "low"}
    names: list[str] = []
    if "wbc" in low:
        names.append("leukopenia")
        names += ["leukopenia, isolated"] if _is_isolated(now) and "neutrophils" not in low else []
        names += ["leukopenia, chronic"] if is_chronic(judged, "wbc") else []
    if "lymphocytes" in low:
        names.append("lymphopenia, severe" if now["lymphocytes"].count.value < 0.5 else "lymphopenia")
        names += ["lymphopenia, chronic"] if is_chronic(judged, "lymphocytes") else []
    names += ["anemia"] if "hemoglobin" in low else []
    names += ["thrombocytopenia"] if "platelets" in low else []
    if "monocytes" in now and now["monocytes"].count.value < 0.2 and now["monocytes"].status != "normal":
        names.append("monocytopenia")
    if "eosinophils" in now and now["eosinophils"].count.value < 0.05 and now["eosinophils"].status != "normal":
        names.append("eosinopenia")
    return names


def _name_fever(worst: WorstAnc, now: Mapping[str, Judged], signs: Signs, *, chemotherapy: bool) -> list[str]:
    anc = worst.at_most
    if signs.fever and anc is not None and (anc < 0.5 or (anc < 1.0 and chemotherapy)):
        return ["febrile neutropenia"]
    wbc = now["wbc"].count.value if "wbc" in now and anc is not None else None
    deep = anc is not None and (anc < 0.5 or (wbc is not None and wbc < 1.0))
    uncounted = not worst.measured and chemotherapy and (wbc is None or wbc < ADULT["wbc"])
    if (
        (signs.of_infection and anc is not None and anc < 1.0)
        or (signs.any and deep)
        or (signs.any and uncounted)
    ):  # fmt: skip
        return ["possible febrile neutropenia"]
    return []
