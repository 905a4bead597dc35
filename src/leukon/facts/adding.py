"""Changes to a record: results added by hand, counts and the Duffy type that were listed among the tests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from leukon.counts.analytes import find_analyte
from leukon.facts.lexicon import build_lexicon, choose
from leukon.facts.model import Facts
from leukon.knowledge import Knowledge
from leukon.patient import Draw, Item, Measure, Patient, Test

__all__ = ["add_results", "promote_counts", "promote_duffy"]


def add_results(patient: Patient, added: Sequence[str], k: Knowledge) -> Patient:
    """The patient with further results ("ANA 1:640", "fever", "no splenomegaly") as a person types them."""
    lexicon = build_lexicon(k)
    tests, present = list(patient.tests), list(patient.present)
    for number, text in enumerate(added):
        words = text.split()
        for size in range(len(words) - 1, 0, -1):
            name = " ".join(words[:size]).rstrip(":")
            if choose(lexicon.find_whole(name), ("test",)):
                path = f"add[{number}]"
                tests.append(Test(Item(f"{path}.name", name), Item(f"{path}.result", " ".join(words[size:]))))
                break
        else:
            present.append(Item(f"add[{number}]", text))
    return replace(patient, tests=tuple(tests), present=tuple(present))


def promote_counts(patient: Patient) -> Patient:
    """The patient with blood counts that stand among the tests ("reticulocytes: 1-2 percent") moved to their draw."""
    kept: list[Test] = []
    draws = list(patient.draws)
    settled = list(patient.understood)
    for test in patient.tests:
        named = find_analyte(test.name.text)
        if named is None or test.specimen or test.result is None or not any(c.isdigit() for c in test.result.text):
            kept.append(test)
            continue
        analyte = named.analyte.id
        settled.append((test.name, f"count:{analyte}"))
        measure = Measure(test.result, test.name.text)
        place = _find_draw(draws, test.day, analyte)
        if place is None:
            draws.append(Draw(test.day, None, len(draws), (measure,)))
        else:
            draws[place] = replace(draws[place], measures=(*draws[place].measures, measure))
    return replace(patient, tests=tuple(kept), draws=tuple(draws), understood=tuple(settled))


def promote_duffy(patient: Patient, facts: Facts) -> Patient:
    """The patient as Duffy-null or not, where a result tells ("Duffy phenotype: Fy(a-b-)") and the record does not."""
    found = next((fact for fact in facts.facts if fact.id == "duffy_null_test"), None)
    if found is None or patient.person.duffy_null is not None:
        return patient
    return replace(patient, person=replace(patient.person, duffy_null=found.present))


def _find_draw(draws: list[Draw], day: float | None, analyte: str) -> int | None:
    """The newest draw of that day (of all, when the test has no day) that does not hold the analyte yet."""
    fitting = [n for n, draw in enumerate(draws) if (day is None or draw.day == day) and analyte not in _held(draw)]
    if not fitting:
        return None
    return max(fitting, key=lambda n: (draws[n].day if draws[n].day is not None else float("inf"), n))


def _held(draw: Draw) -> set[str]:
    return {named.analyte.id for m in draw.measures if (named := find_analyte(m.analyte))}
