"""The leukon record, YAML or JSON: the form a person can type.

Every leaf keeps its path. What the reader itself settles (age, days, starts, …) is noted in `understood` or
`not_used`; counts, words and results are handed on as they stand.
"""

from __future__ import annotations

from dataclasses import replace

from leukon.io.book import Book, find_axis, settle_moment
from leukon.io.entries import read_drugs, read_findings, read_items, read_tests
from leukon.io.person import read_person
from leukon.io.rows import read_draws
from leukon.io.safe import RecordError
from leukon.io.tree import Tree, read_tree
from leukon.patient import Patient

__all__ = ["read_record", "read_record_tree"]

_SECTIONS = ("person", "counts", "drugs", "conditions", "findings", "tests", "exposures")


def read_record(text: str, name: str = "record") -> Patient:
    """Reads one record; raises RecordError, in one line, where it holds nothing usable."""
    return read_record_tree(read_tree(text, name), name)


def read_record_tree(tree: Tree, name: str = "record") -> Patient:
    """Reads one record from its tree of leaves; raises RecordError where it holds nothing usable."""
    if not isinstance(tree, dict):
        what = "is empty" if tree is None else "is no mapping of person, counts, drugs, findings, tests, …"
        raise RecordError(f"{name}: the record {what}")
    book = Book()
    find_axis(tree, book)
    draws = read_draws(tree.get("counts"), book)
    present, absent = read_findings(tree.get("findings"), book)
    patient = Patient(
        id=_read_text(tree, "id", book),
        person=read_person(tree.get("person"), book),
        draws=draws,
        drugs=read_drugs(tree.get("drugs"), book),
        conditions=read_items(tree.get("conditions"), "conditions", book),
        present=present,
        absent=absent,
        tests=read_tests(tree.get("tests"), book),
        exposures=read_items(tree.get("exposures"), "exposures", book),
        now=0.0 if book.dated else book.now,
    )
    if "now" in tree:
        settle_moment(tree["now"], "now", "time:now", book)
    for key, value in tree.items():
        if key not in (*_SECTIONS, "id", "now"):
            book.refuse(key, value, "unknown field")
        elif value is None and key in _SECTIONS:
            book.take(key, None, "not given")
    told = (draws, patient.drugs, patient.conditions, present, absent, patient.tests, patient.exposures)
    if not any(told) and patient.person.duffy_null is None:
        raise RecordError(f"{name}: no count, drug, finding, condition, test or exposure in it")
    return replace(patient, understood=tuple(book.understood), not_used=tuple(book.not_used))


def _read_text(tree: dict[str, Tree], key: str, book: Book) -> str | None:
    value = tree.get(key)
    if key not in tree:
        return None
    if isinstance(value, (dict, list)):
        book.refuse(key, value, "must be one word")
        return None
    book.take(key, value, key)
    return value
