"""Reads every word of a record into facts, and accounts for each leaf once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from leukon.answer import NotUsed, Understood
from leukon.facts.codes import read_coded
from leukon.facts.drugs import read_drug_line, read_note
from leukon.facts.lexicon import Lexicon, build_lexicon, choose
from leukon.facts.model import DrugUse, Fact, Facts, Reading
from leukon.facts.phrases import read_phrase
from leukon.facts.results import find_tests, read_result, read_verdict
from leukon.facts.timing import read_timing
from leukon.knowledge import Knowledge
from leukon.knowledge.schema import ConditionFact, FindingFact
from leukon.patient import Item, Patient, Test

__all__ = ["read_facts"]

_LASTING = ("exposure", "trait", "course", "result", "marrow")


@dataclass(slots=True)
class _Ledger:
    """Collects facts and the account of each leaf."""

    knowledge: Knowledge
    lexicon: Lexicon
    facts: list[Fact] = field(default_factory=list[Fact])
    conditions: list[Fact] = field(default_factory=list[Fact])
    drugs: list[DrugUse] = field(default_factory=list[DrugUse])
    tests: set[str] = field(default_factory=set[str])
    understood: list[Understood] = field(default_factory=list[Understood])
    not_used: list[NotUsed] = field(default_factory=list[NotUsed])

    def refuse(self, item: Item, reason: str) -> None:
        self.not_used.append(NotUsed(item.text, reason, item.path))

    def accept(
        self, item: Item, readings: Iterable[Reading], unread: str | None = None, label: str | None = None
    ) -> None:
        """Notes the readings of one leaf as facts (called `label` in the evidence), and the leaf as understood."""
        said = label or item.text
        kept: list[Reading] = []
        for reading in readings:
            if reading.kind == "finding":
                if _is_over(self.knowledge.findings[reading.id], reading, item.text):
                    continue
                self.facts.append(Fact(reading.id, reading.present, said, item.path, reading.by, reading.tense))
            elif reading.kind == "condition":
                if _is_over(self.knowledge.conditions[reading.id], reading, item.text):
                    continue
                self.conditions.append(
                    Fact(reading.id, reading.present, item.text, item.path, reading.by, reading.tense)
                )
            kept.append(reading)
        if not kept:
            self.refuse(item, "in the past, not now")
            return
        names = [f"{r.kind}:{r.id}" for r in kept]
        also = tuple(n if r.present else f"not {n}" for n, r in zip(names[1:], kept[1:], strict=True))
        self.understood.append(Understood(item.text, names[0], kept[0].present, kept[0].by, item.path, also, unread))

    def settle(self, item: Item, as_: str, by: str = "exact") -> None:
        self.understood.append(Understood(item.text, as_, True, by, item.path))


def _is_over(fact: FindingFact | ConditionFact, reading: Reading, text: str) -> bool:
    """Is it said to be past, or so long ago that it no longer counts? A known disease stays one, save acute illness."""
    if fact.lasts_days is None or not reading.present:
        return isinstance(fact, FindingFact) and reading.tense == "past" and fact.kind not in _LASTING
    ago = read_timing(text)
    days = ago.stopped or ago.started
    return days > fact.lasts_days if days is not None else reading.tense == "past"


def read_facts(patient: Patient, knowledge: Knowledge) -> Facts:
    """Facts of a patient: findings, conditions, drugs and results, each leaf in `understood` or `not_used`."""
    book = _Ledger(knowledge, build_lexicon(knowledge))
    for item in patient.present:
        _read_item(book, item, ("finding", "condition", "drug", "test"))
    for item in patient.absent:
        _read_item(book, item, ("finding", "condition", "drug", "test"), absent=True)
    for item in patient.conditions:
        _read_item(book, item, ("condition", "finding", "drug", "test"))
    for item in patient.exposures:
        _read_item(book, item, ("finding", "drug", "condition", "test"))
    if patient.person.ancestry:
        _read_ancestry(book, Item("person.ancestry", patient.person.ancestry))
    for draw in patient.draws:
        for item in draw.sample:
            _read_item(book, item, ("finding",))
    for test in patient.tests:
        _read_test(book, test, patient)
    _read_drugs(book, patient)
    return _close(book, patient)


def _read_item(book: _Ledger, item: Item, kinds: tuple[str, ...], *, absent: bool = False) -> None:
    phrase = read_coded(item.text, item.code, book.lexicon, kinds)
    if not phrase.readings:
        why = "about a relative, not this person" if phrase.relative else "not understood"
        book.refuse(item, why)
        return
    readings = phrase.readings
    if absent:
        readings = tuple(replace(r, present=not r.present) for r in readings)
    for reading in readings:
        if reading.kind == "drug" and reading.present:
            book.drugs.append(DrugUse(reading.id, item.text, item.path))
    book.accept(item, readings, phrase.unread)


def _read_ancestry(book: _Ledger, item: Item) -> None:
    """Only traits follow from ancestry: where a person's forebears come from is no stay there."""
    readings = read_phrase(item.text, book.lexicon, ("finding",)).readings
    traits = tuple(r for r in readings if book.knowledge.findings[r.id].kind == "trait")
    if traits:
        book.accept(item, traits)
    else:
        book.settle(item, "ancestry")


def _read_test(book: _Ledger, test: Test, patient: Patient) -> None:
    found = find_tests(test.name.text, book.lexicon, book.knowledge)
    if test.name.code and (entry := choose(book.lexicon.find_code(test.name.code), ("test",))):
        found = ((entry[1], "code"),)
    if test.specimen:
        book.settle(test.specimen, "specimen")
    if not found:
        _read_unknown_test(book, test)
        return
    names = tuple(Reading("test", name, True, by) for name, by in found)
    book.accept(test.name, names)
    book.tests.update(name for name, _ in found)
    if test.result is None:
        return
    readings: list[Reading] = []
    reason = unread = None
    for name, _ in found:
        got = read_result(book.knowledge.tests[name], test.result.text, patient.person, book.lexicon, book.knowledge)
        readings += got.readings
        reason, unread = got.reason or reason, got.unread or unread
    if readings:
        # A result that speaks both ways of one finding (two tests of one name) keeps what is present.
        present = {r.id for r in readings if r.present}
        kept = [r for r in readings if r.present or r.id not in present]
        label = f"{test.name.text} {test.result.text}"
        book.accept(test.result, sorted(dict.fromkeys(kept), key=lambda r: not r.present), unread, label)
    else:
        book.refuse(test.result, reason or "not understood")


def _read_unknown_test(book: _Ledger, test: Test) -> None:
    """A name that is no test: what it says as a phrase ("malaria"), turned by a negative result."""
    phrase = read_phrase(test.name.text, book.lexicon, ("finding", "condition"))
    result = test.result
    if result is None or not phrase.readings:
        if phrase.readings:
            book.accept(test.name, phrase.readings, phrase.unread)
        else:
            book.refuse(test.name, "this test is not known")
            if result:
                book.refuse(result, f"result of a test that is not known: {test.name.text}")
        return
    verdict = read_verdict(result.text)
    if verdict is None:
        book.refuse(test.name, "this test is not known")
        book.refuse(result, f"not understood as a result of {test.name.text}")
        return
    book.accept(test.name, tuple(replace(r, present=verdict) for r in phrase.readings), phrase.unread)
    book.settle(result, "positive" if verdict else "negative", "synonym")


def _read_drugs(book: _Ledger, patient: Patient) -> None:
    for drug in patient.drugs:
        uses, readings = read_drug_line(drug, book.lexicon, patient.now)
        if readings:
            book.accept(drug.name, readings)
            book.drugs += uses
        else:
            book.refuse(drug.name, "this drug is not known")
        if drug.dose:
            book.settle(drug.dose, "dose")
        if drug.note:
            said = read_note(drug.note.text, book.lexicon)
            if said:
                also = tuple(said[1:])
                book.understood.append(Understood(drug.note.text, said[0], True, "synonym", drug.note.path, also))
            else:
                book.refuse(drug.note, "not understood")


def _close(book: _Ledger, patient: Patient) -> Facts:
    """Adds what facts imply: findings of conditions and drugs, wider findings, the person's own traits."""
    k = book.knowledge
    implied: list[Fact] = []
    for condition in book.conditions:
        if condition.present:
            implied += [replace(condition, id=f, by="synonym") for f in k.conditions[condition.id].findings]
    for use in book.drugs:
        if use.drug and use.is_taken(patient.now, within_days=42):
            implied += [Fact(f, True, use.name, use.path, "synonym") for f in k.drugs[use.drug].findings]
    person = patient.person
    if person.pregnant and "pregnancy" in k.findings:
        implied.append(Fact("pregnancy", True, "pregnant", "person.pregnant", "exact"))
    if person.duffy_null is not None and "duffy_null_test" in k.findings:
        path = "person.duffy_null"
        implied.append(Fact("duffy_null_test", person.duffy_null, "Duffy-null", path, "exact"))
    stated = {f.id for f in book.facts}
    facts = (*book.facts, *(f for f in dict.fromkeys(implied) if f.id not in stated))
    present = _with_parents({f.id for f in facts if f.present}, k)
    now = _with_parents({f.id for f in facts if f.present and f.tense == "now"}, k)
    absent = frozenset(f.id for f in facts if not f.present) - present
    understood = tuple(Understood(i.text, as_, True, "exact", i.path) for i, as_ in patient.understood)
    refused = tuple(NotUsed(i.text, reason, i.path) for i, reason in patient.not_used)
    return Facts(
        facts=facts,
        drugs=tuple(book.drugs),
        conditions=tuple(book.conditions),
        present=present,
        absent=absent,
        now=now,
        understood=understood + tuple(book.understood),
        not_used=refused + tuple(book.not_used),
        tests=frozenset(book.tests),
    )


def _with_parents(names: set[str], k: Knowledge) -> frozenset[str]:
    reached: set[str] = set()
    todo = list(names)
    while todo:
        name = todo.pop()
        if name not in reached:
            reached.add(name)
            todo += k.findings[name].parents
    return frozenset(reached)
