"""The leukon record, YAML or JSON: the form a person can type.

Every leaf keeps its path. What the reader itself settles (age, days, starts, …) is noted in `understood` or
`not_used`; counts, words and results are handed on as they stand.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TypeVar

from leukon.counts.analytes import find_analyte
from leukon.io.axis import Moment, read_age_days, read_moment, read_sex
from leukon.io.safe import RecordError
from leukon.io.tree import Tree, each_leaf, read_tree
from leukon.patient import Dose, Draw, Drug, Item, Measure, Patient, Person, Test

__all__ = ["read_record", "read_record_tree"]

_T = TypeVar("_T")
_TIMES = ("day", "date", "time")
_SAMPLE = ("sample", "note", "flags", "flag", "comment")
_YES = {
    "true": True,
    "yes": True,
    "y": True,
    "positive": True,
    "false": False,
    "no": False,
    "n": False,
    "negative": False,
}
_PREGNANCY_WEEKS = 45.0


@dataclass(slots=True)
class _Book:
    """The account of leaves, and the moments found before the axis is known."""

    understood: list[tuple[Item, str]] = field(default_factory=list[tuple[Item, str]])
    not_used: list[tuple[Item, str]] = field(default_factory=list[tuple[Item, str]])
    dated: bool = False  # is the axis one of dates?
    now: float = 0.0  # on the axis of days, or of dates since year 1

    def take(self, path: str, text: str | None, as_: str) -> None:
        self.understood.append((Item(path, "null" if text is None else text), as_))

    def refuse(self, path: str, tree: Tree, reason: str) -> None:
        self.not_used += [(Item(p, t), reason) for p, t in each_leaf(tree, path)]

    def place(self, moment: Moment | None) -> float | None:
        """A moment on the axis (0 = now where the record has dates), or None where it cannot be joined."""
        if moment is None:
            return None
        kind, value = moment
        if kind == "ago":
            return (0.0 if self.dated else self.now) - value
        if (kind == "date") != self.dated:
            return None
        return value - self.now if self.dated else value


def read_record(text: str, name: str = "record") -> Patient:
    """Reads one record; raises RecordError, in one line, where it holds nothing usable."""
    return read_record_tree(read_tree(text, name), name)


def read_record_tree(tree: Tree, name: str = "record") -> Patient:
    if not isinstance(tree, dict):
        what = "is empty" if tree is None else "is no mapping of person, counts, drugs, findings, tests, …"
        raise RecordError(f"{name}: the record {what}")
    book = _Book()
    _find_axis(tree, book)
    draws = _read_draws(tree.get("counts"), book)
    findings = tree.get("findings")
    present, absent = _read_findings(findings, book)
    patient = Patient(
        id=_read_text(tree, "id", book),
        person=_read_person(tree.get("person"), book),
        draws=draws,
        drugs=_read_drugs(tree.get("drugs"), book),
        conditions=_read_items(tree.get("conditions"), "conditions", book),
        present=present,
        absent=absent,
        tests=_read_tests(tree.get("tests"), book),
        exposures=_read_items(tree.get("exposures"), "exposures", book),
        now=0.0 if book.dated else book.now,
    )
    if "now" in tree:
        _settle_moment(tree["now"], "now", "time:now", book)
    known = ("id", "person", "counts", "drugs", "conditions", "findings", "tests", "exposures", "now")
    for key in tree:
        if key not in known:
            book.refuse(key, tree[key], "unknown field")
    told = (draws, patient.drugs, patient.conditions, present, absent, patient.tests, patient.exposures)
    if not any(told) and patient.person.duffy_null is None:
        raise RecordError(f"{name}: no count, drug, finding, condition, test or exposure in it")
    return _close(patient, book)


def _close(patient: Patient, book: _Book) -> Patient:
    return replace(patient, understood=tuple(book.understood), not_used=tuple(book.not_used))


def _find_axis(tree: dict[str, Tree], book: _Book) -> None:
    """Days or dates? The counts decide, then `now`; now is the newest count unless given."""
    rows = tree.get("counts")
    rows = [rows] if isinstance(rows, dict) else rows
    moments = [
        moment
        for row in (rows if isinstance(rows, list) else ())
        if isinstance(row, dict)
        for key in _TIMES
        if isinstance(text := row.get(key), str) and (moment := read_moment(text))
    ]
    now = tree.get("now")
    given = read_moment(now) if isinstance(now, str) else None
    kinds = {kind for kind, _ in moments} or ({given[0]} if given else set[str]())
    book.dated = "date" in kinds
    wanted = "date" if book.dated else "day"
    if not moments and not given:
        book.dated, newest = _find_other_dates(tree)
        book.now = newest
        return
    same = [value for kind, value in moments if kind == wanted]
    book.now = given[1] if given and given[0] == wanted else max(same, default=0.0)


def _find_other_dates(tree: dict[str, Tree]) -> tuple[bool, float]:
    """A record without counts: the newest date of its drugs and tests stands for now."""
    dates: list[float] = []
    for section in ("drugs", "tests"):
        for path, text in each_leaf(tree.get(section), section):
            key = path.rsplit(".", 1)[-1]
            if key in ("start", "stop", *_TIMES) and (moment := read_moment(text)) and moment[0] == "date":
                dates.append(moment[1])
    return bool(dates), max(dates, default=0.0)


def _settle_moment(tree: Tree, path: str, as_: str, book: _Book) -> float | None:
    if tree is None:
        book.take(path, None, as_)
        return None
    if not isinstance(tree, str):
        book.refuse(path, tree, "not a day or date")
        return None
    moment = read_moment(tree)
    placed = book.place(moment)
    if moment is None:
        book.refuse(path, tree, "not a day or date (write -42, 2025-03-01 or 3 weeks ago)")
    elif placed is None:
        book.refuse(path, tree, "days and dates cannot be joined: the counts use the other form")
    else:
        book.take(path, tree, as_)
    return placed


def _read_text(tree: dict[str, Tree], key: str, book: _Book) -> str | None:
    value = tree.get(key)
    if key not in tree:
        return None
    if isinstance(value, (dict, list)):
        book.refuse(key, value, "must be one word")
        return None
    book.take(key, value, key)
    return value


def _read_person(tree: Tree, book: _Book) -> Person:
    if tree is None:
        return Person()
    if not isinstance(tree, dict):
        book.refuse("person", tree, "must be a mapping of age, sex, …")
        return Person()
    age = birth = None
    sex = ancestry = duffy = pregnant = weeks = None
    for key, value in tree.items():
        path = f"person.{key}"
        if value is None:
            book.take(path, None, "person:not given")
        elif key == "pregnancy" and isinstance(value, dict):
            weeks, pregnant = _read_pregnancy(value, book)
        elif not isinstance(value, str):
            book.refuse(path, value, "must be one value")
        elif key == "age":
            age = _settle(
                read_age_days(value), path, value, "person:age", "not an age (write 34 years or 62 days)", book
            )
        elif key == "birth_date":
            birth = _settle_birth(value, path, book)
        elif key in ("sex", "gender"):
            sex = _settle(read_sex(value), path, value, "person:sex", "not female or male", book)
        elif key == "ancestry":
            ancestry = value
        elif key == "duffy_null":
            duffy = _settle(_YES.get(value.lower()), path, value, "person:duffy_null", "not true or false", book)
        elif key == "pregnant":
            pregnant = _settle(_YES.get(value.lower()), path, value, "person:pregnant", "not true or false", book)
        else:
            book.refuse(path, value, "unknown field")
    return Person(
        age_days=age if age is not None else birth,
        sex=sex,
        ancestry=ancestry,
        duffy_null=duffy,
        pregnant=pregnant,
        pregnancy_weeks=weeks,
    )


def _settle(value: _T | None, path: str, text: str, as_: str, reason: str, book: _Book) -> _T | None:
    if value is None:
        book.refuse(path, text, reason)
    else:
        book.take(path, text, as_)
    return value


def _settle_birth(text: str, path: str, book: _Book) -> float | None:
    moment = read_moment(text)
    if moment is None or moment[0] != "date":
        book.refuse(path, text, "not a date (write 1990-05-31)")
        return None
    if not book.dated or not 0 <= book.now - moment[1] <= 130 * 365.25:
        book.refuse(path, text, "an age needs dates on the counts too (or give age:)")
        return None
    book.take(path, text, "person:birth_date")
    return book.now - moment[1]


def _read_pregnancy(tree: dict[str, Tree], book: _Book) -> tuple[float | None, bool | None]:
    weeks: float | None = None
    for key, value in tree.items():
        path = f"person.pregnancy.{key}"
        match = re.match(r"^\s*(\d+(?:\.\d+)?)\s*(?:w|weeks?)?\s*$", value) if isinstance(value, str) else None
        if key == "weeks" and match and float(match[1]) <= _PREGNANCY_WEEKS and isinstance(value, str):
            weeks = float(match[1])
            book.take(path, value, "person:pregnancy")
        else:
            book.refuse(path, value, "not weeks of pregnancy (0 to 45)")
    return weeks, True if weeks is not None else None


def _read_draws(tree: Tree, book: _Book) -> tuple[Draw, ...]:
    if isinstance(tree, dict):
        tree = [tree]
    if tree is None:
        return ()
    if not isinstance(tree, list):
        book.refuse("counts", tree, "must be a list of rows such as {day: 0, wbc: 3200 /uL}")
        return ()
    draws: list[Draw] = []
    for order, row in enumerate(tree):
        path = f"counts[{order}]"
        if not isinstance(row, dict):
            book.refuse(path, row, "a row of counts must be a mapping such as {day: 0, wbc: 3200 /uL}")
            continue
        draws.append(_read_draw(row, path, order, book))
    return tuple(d for d in draws if d.measures or d.sample)


def _read_draw(row: dict[str, Tree], path: str, order: int, book: _Book) -> Draw:
    day: float | None = None
    time: str | None = None
    sample: list[Item] = []
    measures: list[Measure] = []
    limits = row.get("limits")
    pending = dict(limits) if isinstance(limits, dict) else {}
    for key, value in row.items():
        here = f"{path}.{key}"
        if key in _TIMES:
            placed = _settle_moment(value, here, "time:day", book)
            day = placed if placed is not None else day
            if isinstance(value, str) and (moment := read_moment(value)) and moment[0] == "date":
                time = value
        elif key in _SAMPLE and isinstance(value, str):
            sample.append(Item(here, value))
        elif key == "limits":
            continue
        elif isinstance(value, str):
            measures.append(_read_measure(key, value, here, path, pending, book))
        elif value is None:
            book.take(here, None, "not measured")
        else:
            book.refuse(here, value, "a count must be one value such as 3200 /uL")
    for key, value in pending.items():
        book.refuse(f"{path}.limits.{key}", value, "a limit without its count in this row")
    if limits is not None and not isinstance(limits, dict):
        book.refuse(f"{path}.limits", limits, "must be a mapping such as {wbc: [4.0, 11.0]}")
    return Draw(day, time, order, tuple(measures), tuple(sample))


def _read_measure(key: str, text: str, path: str, row: str, pending: dict[str, Tree], book: _Book) -> Measure:
    named = find_analyte(key)
    own = next((k for k in pending if k == key), None) or next(
        (k for k in pending if named and (other := find_analyte(k)) and other.analyte.id == named.analyte.id), None
    )
    if own is None:
        return Measure(Item(path, text), key)
    value = pending.pop(own)
    base = f"{row}.limits.{own}"
    if not (isinstance(value, list) and len(value) == 2 and all(v is None or isinstance(v, str) for v in value)):
        book.refuse(base, value, "a limit must be two numbers [lower, upper]")
        return Measure(Item(path, text), key)
    numbers: list[float | None] = []
    items: list[Item] = []
    for place, part in enumerate(value):
        here = f"{base}[{place}]"
        match = re.match(r"^\s*(\d[\d,]*(?:\.\d+)?)\s*$", part) if isinstance(part, str) else None
        numbers.append(float(match[1].replace(",", "")) if match else None)
        if part is None:
            book.take(here, None, "no limit")
        elif match and isinstance(part, str):
            items.append(Item(here, part))
        else:
            book.refuse(here, part, "not a number")
    limits = (numbers[0], numbers[1])
    return Measure(Item(path, text), key, limits=limits if any(n is not None for n in limits) else None,
                   limit_items=tuple(items))  # fmt: skip


def _read_drugs(tree: Tree, book: _Book) -> tuple[Drug, ...]:
    if isinstance(tree, str):
        tree = [part for part in re.split(r"\s*[,;]\s*", tree) if part] if "," in tree or ";" in tree else [tree]
        if len(tree) > 1:
            book.refuse("drugs", ", ".join(str(x) for x in tree), "must be a list, one drug a line")
            return ()
    if tree is None:
        return ()
    if not isinstance(tree, list):
        book.refuse("drugs", tree, "must be a list such as [{name: methimazole, start: -42}]")
        return ()
    drugs: list[Drug] = []
    for place, entry in enumerate(tree):
        path = f"drugs[{place}]"
        if isinstance(entry, str) and entry.strip():
            drugs.append(Drug(Item(path, entry)))
        elif isinstance(entry, dict) and isinstance(name := entry.get("name"), str) and name.strip():
            drugs.append(_read_drug(entry, name, path, book))
        else:
            book.refuse(path, entry, "a drug needs a name")
    return tuple(drugs)


def _read_drug(entry: dict[str, Tree], name: str, path: str, book: _Book) -> Drug:
    start = stop = None
    dose = note = None
    doses: list[Dose] = []
    for key, value in entry.items():
        here = f"{path}.{key}"
        if key == "name":
            continue
        if key == "start":
            start = _settle_moment(value, here, "drug:start", book)
        elif key == "stop":
            stop = _settle_moment(value, here, "drug:stop", book)
        elif value is None:
            book.take(here, None, "not given")
        elif key in ("dose", "note") and isinstance(value, str):
            if key == "dose":
                dose = Item(here, value)
            else:
                note = Item(here, value)
        elif key == "doses" and isinstance(value, list):
            doses = _read_doses(value, here, book)
        else:
            book.refuse(here, value, "unknown field")
    if start is not None and stop is not None and stop < start:
        text = str(entry.get("stop"))
        book.understood = [(i, a) for i, a in book.understood if i.path != f"{path}.stop"]
        book.refuse(f"{path}.stop", text, "stopped before it was started")
        stop = None
    return Drug(Item(f"{path}.name", name), start, stop, dose, note, tuple(doses))


def _read_doses(rows: list[Tree], path: str, book: _Book) -> list[Dose]:
    doses: list[Dose] = []
    for place, row in enumerate(rows):
        here = f"{path}[{place}]"
        day, text = (row.get("day"), row.get("dose")) if isinstance(row, dict) else (None, None)
        moment = book.place(read_moment(day)) if isinstance(day, str) else None
        if moment is None or not isinstance(text, str):
            book.refuse(here, row, "a dose needs day and dose")
            continue
        book.take(f"{here}.day", str(day), "drug:dose day")
        book.take(f"{here}.dose", text, "drug:dose")
        doses.append(Dose(moment, text))
        for key, value in row.items() if isinstance(row, dict) else ():
            if key not in ("day", "dose"):
                book.refuse(f"{here}.{key}", value, "unknown field")
    return doses


def _read_items(tree: Tree, path: str, book: _Book) -> tuple[Item, ...]:
    if tree is None:
        return ()
    if isinstance(tree, str):
        return (Item(path, tree),) if tree.strip() else ()
    if not isinstance(tree, list):
        book.refuse(path, tree, "must be a list of words")
        return ()
    items: list[Item] = []
    for place, value in enumerate(tree):
        here = f"{path}[{place}]"
        if isinstance(value, str) and value.strip():
            items.append(Item(here, value))
        elif value is None or value == "":
            book.take(here, value, "not given")
        else:
            book.refuse(here, value, "must be words")
    return tuple(items)


def _read_findings(tree: Tree, book: _Book) -> tuple[tuple[Item, ...], tuple[Item, ...]]:
    if isinstance(tree, dict):
        for key, value in tree.items():
            if key not in ("present", "absent"):
                book.refuse(f"findings.{key}", value, "unknown field")
        present = _read_items(tree.get("present"), "findings.present", book)
        return present, _read_items(tree.get("absent"), "findings.absent", book)
    return _read_items(tree, "findings", book), ()


def _read_tests(tree: Tree, book: _Book) -> tuple[Test, ...]:
    if tree is None:
        return ()
    if isinstance(tree, str):
        tree = [tree]
    if not isinstance(tree, list):
        book.refuse("tests", tree, "must be a list such as [{name: ANA, result: '1:640'}]")
        return ()
    tests: list[Test] = []
    for place, entry in enumerate(tree):
        path = f"tests[{place}]"
        if isinstance(entry, str) and entry.strip():
            tests.append(Test(Item(path, entry)))
        elif isinstance(entry, dict) and isinstance(name := entry.get("name"), str) and name.strip():
            tests.append(_read_test(entry, name, path, book))
        else:
            book.refuse(path, entry, "a test needs a name and a result")
    return tuple(tests)


def _read_test(entry: dict[str, Tree], name: str, path: str, book: _Book) -> Test:
    result = specimen = None
    day: float | None = None
    for key, value in entry.items():
        here = f"{path}.{key}"
        if key == "name":
            continue
        if key in _TIMES:
            day = _settle_moment(value, here, "time:day", book)
        elif value is None:
            book.take(here, None, "not given")
        elif key == "result" and isinstance(value, str) and value.strip():
            result = Item(here, value)
        elif key == "specimen" and isinstance(value, str):
            specimen = Item(here, value)
        else:
            book.refuse(here, value, "unknown field" if key != "result" else "must be words or a number with its unit")
    return Test(Item(f"{path}.name", name), result, day, specimen)
