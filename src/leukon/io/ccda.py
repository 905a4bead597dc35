# pyright: strict
"""C-CDA documents (HL7 CDA R2): results, vital signs, problems and medications of one person.

Names, numbers and addresses are never kept: of the person only sex and age. The entries are read, not the narrative
beside them, except where an entry points to it for its words. Every other section is listed.
"""

from __future__ import annotations

from collections.abc import Sequence

from leukon.io.axis import read_moment, read_sex
from leukon.io.book import Book
from leukon.io.ccda_entries import Taken, read_medications, read_problems
from leukon.io.ccda_results import read_results
from leukon.io.ccda_values import Narrative
from leukon.io.ccda_xml import Element, looks_like_xml, read_xml
from leukon.io.printed import read_stamp
from leukon.io.result import Result, find_newest, gather_results
from leukon.io.safe import RecordError
from leukon.patient import Drug, Item, Patient, Person

__all__ = ["looks_like_xml", "read_document"]

_RESULTS = ("30954-2", "2.16.840.1.113883.10.20.22.2.3", "2.16.840.1.113883.10.20.22.2.3.1")
_SIGNS = ("8716-3", "2.16.840.1.113883.10.20.22.2.4", "2.16.840.1.113883.10.20.22.2.4.1")
_PROBLEMS = ("11450-4", "2.16.840.1.113883.10.20.22.2.5", "2.16.840.1.113883.10.20.22.2.5.1")
_DRUGS = ("10160-0", "2.16.840.1.113883.10.20.22.2.1", "2.16.840.1.113883.10.20.22.2.1.1")
_CONTAINERS = ("component", "observation", "organizer", "act", "substanceAdministration")
_LEAVES = (
    "templateId", "code", "value", "statusCode", "effectiveTime", "interpretationCode", "referenceRange", "consumable",
    "doseQuantity", "text",
)  # fmt: skip
_OLDEST_DAYS = 130 * 365.25


def read_document(data: bytes, name: str = "document") -> Patient:
    """Reads one document; raises RecordError where it holds nothing usable."""
    root = read_xml(data, name)
    if root.name != "ClinicalDocument":
        raise RecordError(
            f"{name}: XML of another kind ({root.name[:40]}): C-CDA is read; give FHIR as JSON, or a leukon record"
        )
    if len(root.each("recordTarget")) > 1:
        raise RecordError(f"{name}: a document about {len(root.each('recordTarget'))} people; give one person")
    sections = _find_sections(root)
    if not sections:
        raise RecordError(f"{name}: no structured part in this document (it holds text, a PDF or an image)")
    narrative = _index(sections)
    book = Book()
    results: list[Result] = []
    taken: list[Taken] = []
    present: list[Item] = []
    absent: list[Item] = []
    for section in sections:
        if _is(section, _RESULTS) or _is(section, _SIGNS):
            results += read_results(section, narrative, book)
        elif _is(section, _PROBLEMS):
            has, has_not = read_problems(section, narrative, book)
            present += has
            absent += has_not
        elif _is(section, _DRUGS):
            taken += read_medications(section, narrative, book)
    if not (results or taken or present or absent):
        reasons = [reason for _, reason in book.not_used]
        because = f" ({reasons[0]})" if reasons else ""
        raise RecordError(f"{name}: no result, problem or medication that can be used in this document{because}")
    now = _find_now(root, results, taken)
    draws, tests = gather_results(results, now)
    person = _read_person(root, now, book)
    document = _read_id(root, book)
    _close(root, sections, book)
    return Patient(
        id=document,
        person=person,
        draws=draws,
        drugs=tuple(_place(t, now) for t in taken),
        conditions=tuple(present),
        absent=tuple(absent),
        tests=tests,
        now=0.0,
        understood=tuple(book.understood),
        not_used=tuple(book.not_used),
    )


def _find_sections(root: Element) -> list[Element]:
    """The sections, and those inside them, in order."""
    found: list[Element] = []
    todo = [c.get("section") for c in reversed(root.get("component", "structuredBody").each("component"))]
    while todo:
        section = todo.pop()
        if section:
            found.append(section)
            todo += [c.get("section") for c in reversed(section.each("component"))]
    return found


def _is(section: Element, kind: Sequence[str]) -> bool:
    named = [section.get("code").attribute("code"), *(t.attribute("root") for t in section.each("templateId"))]
    return any(n in kind for n in named)


def _index(sections: list[Element]) -> Narrative:
    found: Narrative = {}
    for section in sections:
        todo = [section.get("text")]
        while todo:
            element = todo.pop()
            if key := element.attribute("ID"):
                found.setdefault(key, element.all_text())
            todo += element.children
    return found


def _find_now(root: Element, results: list[Result], taken: list[Taken]) -> float | None:
    """The newest count or result, else when the document was written."""
    written = read_stamp(root.get("effectiveTime").attribute("value"))
    moment = read_moment(written) if written else None
    starts = [t.start for t in taken if t.start is not None]
    return find_newest(results) or (moment[1] if moment else max(starts, default=None))


def _place(taken: Taken, now: float | None) -> Drug:
    start, stop = (None if t is None or now is None else t - now for t in (taken.start, taken.stop))
    return Drug(taken.name, start, stop, taken.dose)


def _read_person(root: Element, now: float | None, book: Book) -> Person:
    patient = root.get("recordTarget", "patientRole", "patient")
    gender, born = patient.get("administrativeGenderCode"), patient.get("birthTime")
    said = gender.attribute("code") or gender.attribute("displayName")
    sex = read_sex(said) if said else None
    if sex:
        book.take(gender.path, said, "person:sex")
    elif said:
        book.refuse(gender.path, said, "not female or male")
    stamp = read_stamp(born.attribute("value"))
    moment = read_moment(stamp) if stamp else None
    age = now - moment[1] if moment and now is not None else None
    if age is not None and 0 <= age <= _OLDEST_DAYS:
        book.take(born.path, "(date of birth)", "person:birth_date")
        return Person(age_days=age, sex=sex)
    if born.attribute("value"):
        book.refuse(born.path, "(date of birth)", "an age needs a date of birth and the date of a result")
    return Person(sex=sex)


def _read_id(root: Element, book: Book) -> str | None:
    """The id of the document, not of the person."""
    element = root.get("id")
    said = element.attribute("extension") or element.attribute("root")
    if said:
        book.take(element.path, said, "id")
    return said or None


def _close(root: Element, sections: list[Element], book: Book) -> None:
    """What nothing above has settled, by name and without its text."""
    book.refuse("recordTarget", "names, numbers, addresses", "identifies the person: not kept")
    header = dict.fromkeys(c.name for c in root.children if c.name not in ("id", "recordTarget", "component"))
    book.refuse("header", ", ".join(header), "about the document, not about the person")
    read = (*_RESULTS, *_SIGNS, *_PROBLEMS, *_DRUGS)
    for section in sections:
        title = section.get("title").all_text() or section.get("code").attribute("displayName") or "section"
        entries = len(section.each("entry"))
        if not _is(section, read):
            book.refuse(section.path, title[:80], f"this section is not read ({entries} entries)")
        elif not entries:
            book.refuse(section.path, title[:80], "it holds no entries, only text to be read by people")
        else:
            book.refuse(f"{section.path}.text", title[:80], "the narrative: what it says stands in the entries")
            if rest := _name_rest(section):
                book.refuse(f"{section.path}.rest", ", ".join(rest), "about the entries, not about the person")


def _name_rest(section: Element) -> list[str]:
    """The kinds of element in the entries of a section that nothing reads."""
    found: set[str] = set()
    todo = section.each("entry")
    while todo:
        element = todo.pop()
        todo += [c for c in element.children if c.name in _CONTAINERS]
        found |= {c.name for c in element.children if c.name not in (*_CONTAINERS, *_LEAVES)}
    return sorted(found)
