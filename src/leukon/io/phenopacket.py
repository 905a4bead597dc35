# pyright: strict
"""GA4GH Phenopackets v2 (JSON or YAML, camelCase or snake_case): findings, measurements and treatments of one person.

`interpretations`, `diseases` and variants are never read: they hold the diagnosis, which leukon is asked for.
What a packet does not mention is not excluded; a unit that is missing stays missing.
"""

from __future__ import annotations

from typing import Any, cast

from leukon.io.axis import Moment, read_sex
from leukon.io.book import Book
from leukon.io.node import Node
from leukon.io.phenoaction import read_actions
from leukon.io.phenomeasure import Measured, read_measurements
from leukon.io.phenotime import OLDEST_DAYS, Clock, read_time
from leukon.io.safe import RecordError
from leukon.io.tree import Tree, each_leaf
from leukon.patient import Draw, Item, Measure, Patient, Person, Test

__all__ = ["is_phenopacket", "read_phenopacket"]

_PARTS = ("phenotypicFeatures", "measurements", "medicalActions", "interpretations", "diseases", "metaData")
_HUMAN = ("NCBITAXON:9606",)
_REASONS = {
    "interpretations": "holds the diagnosis: never read as a finding",
    "diseases": "holds the diagnosis: never read as a finding",
    "metaData": "about the file, not about the person",
    "biosamples": "of a sample kept for research: not read",
    "files": "another file: not read",
    "relatives": "about a relative, not this person",
    "pedigree": "about relatives, not this person",
}
_LEAVES = {
    "onset": "the time of onset is not used",
    "severity": "how severe it was is not used: only that it was there",
    "modifiers": "a modifier is not used",
    "evidence": "the evidence behind it is not used",
    "description": "free text of a packet is not read",
    "alternateIds": "an identifier, not needed",
}


def is_phenopacket(tree: object) -> bool:
    """Is it a phenopacket, or a family with its proband?

    >>> is_phenopacket({"subject": {}, "measurements": []}), is_phenopacket({"counts": []})
    (True, False)
    """
    if not isinstance(tree, dict):
        return False
    node = Node(cast("dict[str, Any]", tree))
    if isinstance(node.get("proband").tree, dict):
        return True
    held = [name for name in _PARTS if isinstance(node.get(name).tree, (dict, list))]
    return "phenotypicFeatures" in held or bool(
        held and ("metaData" in held or isinstance(node.get("subject").tree, dict))
    )


def read_phenopacket(tree: Tree, name: str = "phenopacket") -> Patient:
    """Reads one phenopacket (of a family: its proband) from its tree of leaves."""
    whole = Node(tree)
    family = isinstance(whole.get("proband").tree, dict)
    packet = whole.get("proband") if family else whole
    book = Book()
    subject = packet.get("subject")
    _refuse_animals(subject, name)
    clock = Clock(birth=_read_birth(subject))
    last = read_time(subject.get("timeAtLastEncounter"), book, "person:age") or read_time(
        subject.get("ageAtCollection"), book, "person:age"
    )
    measured = read_measurements(packet.get("measurements"), book)
    clock.now = _find_now(measured, clock.join(last), clock)
    present, absent = _read_features(packet.get("phenotypicFeatures"), book)
    drugs, exposures = read_actions(packet.get("medicalActions"), clock, book)
    draws, tests = _sort(measured, clock, book)
    if not (present or absent or drugs or exposures or draws or tests):
        raise RecordError(f"{name}: no phenotypic feature, measurement or treatment in this phenopacket")
    patient_id = whole.get("id").text or packet.get("id").text or subject.get("id").text
    for leaf in (packet.get("id"), subject.get("id"), *([whole.get("id")] if family else ())):
        if leaf.text:
            book.take(leaf.path, leaf.text, "id")
    person = _read_person(subject, clock, last, book)
    handed = (
        *present, *absent, *exposures, *(i for d in drugs for i in (d.name, d.dose) if i),
        *(i for t in tests for i in (t.name, t.result) if i),
        *(i for d in draws for m in d.measures for i in (m.item, *m.limit_items)),
    )  # fmt: skip
    _close(whole, {i.path for i in handed}, book)
    return Patient(
        id=patient_id,
        person=person,
        draws=draws,
        drugs=drugs,
        present=present,
        absent=absent,
        tests=tests,
        exposures=exposures,
        now=0.0,
        understood=tuple(book.understood),
        not_used=tuple(book.not_used),
    )


def _refuse_animals(subject: Node, name: str) -> None:
    species = subject.get("taxonomy").get("id").text
    if species and species.upper() not in _HUMAN:
        raise RecordError(f"{name}: the subject is not human ({species[:40]})")


def _read_birth(subject: Node) -> float | None:
    moment = read_time(subject.get("dateOfBirth")) if subject.get("dateOfBirth").text else None
    return moment[1] if moment and moment[0] == "date" else None


def _find_now(measured: list[Measured], last: Moment | None, clock: Clock) -> Moment | None:
    """The newest count, else the last encounter, else the newest other result."""
    for counts in (True, False):
        found = [j for m in measured if m.is_count == counts and (j := clock.join(m.moment))]
        dated = [m for m in found if m[0] == "date"]
        newest = max(dated or found, default=None)
        if newest or (counts and last):
            return newest or last
    return None


def _read_person(subject: Node, clock: Clock, last: Moment | None, book: Book) -> Person:
    age = clock.now[1] if clock.now and clock.now[0] == "age" else last[1] if last and last[0] == "age" else None
    age = age if age is not None and 0 <= age <= OLDEST_DAYS else None
    birth = subject.get("dateOfBirth")
    if birth.text and clock.birth is not None and age is not None:
        book.take(birth.path, birth.text, "person:birth_date")
    said = subject.get("sex")
    sex = read_sex(said.text) or {"1": "female", "2": "male"}.get(said.text) if said.text else None
    if said.text and sex:
        book.take(said.path, said.text, "person:sex")
    elif said.text:
        book.refuse(said.path, said.tree, "not female or male")
    return Person(age_days=age, sex=sex)


def _read_features(features: Node, book: Book) -> tuple[tuple[Item, ...], tuple[Item, ...]]:
    present: list[Item] = []
    absent: list[Item] = []
    for feature in features.each():
        kind = feature.get("type")
        code, label = kind.get("id"), kind.get("label")
        resolved = feature.get("resolution").tree is not None
        denied = next((n for n in (feature.get("excluded"), feature.get("negated")) if n.text), None)
        if denied and denied.text not in ("true", "false"):
            book.refuse(feature.path, feature.tree, f"excluded must be true or false, not {str(denied.text)[:20]!r}")
            continue
        if not (label.text or code.text):
            continue
        if label.text and code.text:
            book.take(code.path, code.text, "code")
        leaf, words = (label, label.text) if label.text else (code, code.text)
        assert words is not None
        if denied and denied.text == "true":
            book.take(denied.path, denied.text, "excluded")
            absent.append(Item(leaf.path, words, code.text))
            continue
        if denied:
            book.take(denied.path, denied.text, "not excluded")
        if resolved:  # the words carry it: a code alone would say that it is there now
            read_time(feature.get("resolution"), book, "resolved")
            present.append(Item(leaf.path, f"{words} (resolved)"))
        else:
            present.append(Item(leaf.path, words, code.text))
    return tuple(present), tuple(absent)


def _sort(measured: list[Measured], clock: Clock, book: Book) -> tuple[tuple[Draw, ...], tuple[Test, ...]]:
    """Counts of one time are one draw; other results are tests."""
    draws: dict[float | None, tuple[str | None, list[Measure]]] = {}
    tests: list[Test] = []
    for one in measured:
        day = clock.place(one.moment)
        if one.when is not None and one.when.text:
            if one.moment is None:
                book.refuse(one.when.path, one.when.tree, "not a time that can be used here")
            elif day is None:
                book.refuse(one.when.path, one.when.tree, "ages and dates are joined only by a date of birth")
            else:
                book.take(one.when.path, one.when.text, "time:day")
        if one.is_count:
            time = one.when.text if one.when and one.moment and one.moment[0] == "date" else None
            draws.setdefault(day, (time, []))[1].append(
                Measure(one.result, one.name.text, False, one.limits, one.limit_items, one.limits_unit)
            )
        else:
            tests.append(Test(one.name, one.result, day))
            for item in one.limit_items:
                book.refuse(item.path, item.text, "leukon judges this result by limits of its own")
    made = tuple(Draw(day, time, n, tuple(held)) for n, (day, (time, held)) in enumerate(draws.items()))
    return made, tuple(tests)


def _close(whole: Node, handed: set[str], book: Book) -> None:
    """Every leaf that nothing above has settled is listed, with the reason."""
    settled = handed | {i.path for i, _ in (*book.understood, *book.not_used)}
    for path, text in each_leaf(whole.tree, ""):
        if path in settled:
            continue
        steps = [_camel(step.partition("[")[0]) for step in path.split(".")]
        top = steps[1] if steps[0] == "proband" and len(steps) > 1 else steps[0]
        if top in _REASONS:
            book.refuse(path, text, _REASONS[top])
        elif text == "null":
            book.take(path, None, "not given")
        else:
            reason = next((_LEAVES[s] for s in steps if s in _LEAVES), "not a field that leukon uses")
            book.refuse(path, text, reason)


def _camel(word: str) -> str:
    first, *rest = word.split("_")
    return first + "".join(part.capitalize() for part in rest)
