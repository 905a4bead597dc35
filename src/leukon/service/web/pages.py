"""The pages, made in the processes of the desk: from the fields of a request to HTML.

A page is answered with what was typed still in it. What cannot be used is one line at its top, with status 422.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from leukon.answer import Report
from leukon.assess import assess
from leukon.io import RecordError
from leukon.knowledge import load_knowledge
from leukon.patient import Patient
from leukon.service.web.as_record import write_record
from leukon.service.web.entry import Entry, dump_left, entry_of, read_entry
from leukon.service.web.moments import LineError
from leukon.service.web.parts import show_answer
from leukon.service.web.plain import write_plain
from leukon.service.web.render import render
from leukon.service.web.state import Asked, State, list_tried, take_state
from leukon.service.web.tries import Changed, compare_reports, keep_results

__all__ = ["Page", "Saved", "answer", "edit", "explain", "foresee", "save", "start", "warm_up", "what_if"]

_Answer = TypeVar("_Answer")
_HTML_NAME, _RECORD_NAME = "leukon-report.html", "leukon-record.json"


@dataclass(frozen=True, slots=True)
class Page:
    html: str
    status: int = 200


@dataclass(frozen=True, slots=True)
class Saved:
    """A file to keep: its bytes, its kind and its name."""

    data: bytes
    kind: str
    name: str


def warm_up() -> None:
    """Makes a first page, so that no person waits for what is made once."""
    assessed = assess(State({"counts": [{"wbc": "3", "day": "0"}, {"wbc": "5", "day": "-9"}]}, (), "any").read())
    show_answer(assessed, ())
    start(Asked())


def start(_: Asked) -> Page:
    """The empty form."""
    return Page(_show_form(Entry(), None))


def edit(asked: Asked) -> Page:
    """The form, filled with what was typed, with a file, or with the record of an answer; with empty rows to add."""

    def fill() -> Page:
        if asked.one("form") and not asked.file:
            return Page(_show_form(read_entry(asked.fields), None))
        state = take_state(asked)
        return Page(_show_form(entry_of(state.record, state.left, setting=state.setting), None))

    return _or_say(asked, fill)


def answer(asked: Asked) -> Page:
    """The answer; with `keep`, with the results that were tried on put into the record."""

    def make() -> Page:
        state = take_state(asked)
        if asked.one("keep"):
            state = replace(state, record=keep_results(state.record, list_tried(asked), load_knowledge()))
        report = _assess(state, asked)
        return Page(_show_answer(report, state))

    return _or_say(asked, make)


def what_if(asked: Asked) -> Page:
    """The present ranking beside the one with results tried on: the whole page, or only what changes."""

    def make() -> Page:
        state = take_state(asked)
        patient, tried = state.read(), list_tried(asked)
        before = _assess(state, asked, patient)
        after = assess(patient, setting=state.setting, add=tried, policy=asked.policy) if tried else before
        changed = compare_reports(before, after)
        if asked.part:
            return Page(render("what_if_part.html", tried=tried, changed=changed))
        return Page(_show_answer(before, state, tried=tried, changed=changed))

    return _or_say(asked, make)


def foresee(asked: Asked) -> Page:
    """The forecast, and treatments tried on: the whole page, or only this part."""
    from leukon.marrow.library import MarrowError
    from leukon.service.web.course import make_course
    from leukon.service.web.cycle import try_cycle
    from leukon.service.web.trials import try_treatments

    def make() -> Page:
        state = take_state(asked)
        patient = state.read()
        report = _assess(state, asked, patient)
        found: dict[str, Any] = {"course": None, "cycle": None, "tried": None, "no_course": None}
        try:
            found["course"] = make_course(patient, report, asked.policy)
            found["cycle"] = try_cycle(patient, asked.one("cycle"), asked.policy)
            found["tried"] = try_treatments(patient, report, asked.one("cause") or None, asked.fields.get("treat", ()))
        except (MarrowError, ValueError) as error:
            found["no_course"] = " ".join(str(error).split())
        if asked.part:
            return Page(render("forecast_part.html", state=_carry(state), **found))
        return Page(_show_answer(report, state, forecast=found))

    return _or_say(asked, make)


def explain(asked: Asked) -> Page:
    """The patient's page."""

    def make() -> Page:
        state = take_state(asked)
        return Page(render("patient.html", plain=write_plain(_assess(state, asked)), state=_carry(state)))

    return _or_say(asked, make)


def save(asked: Asked) -> Page | Saved:
    """A file to share: the report or the record, without id, and with days in place of dates."""
    from leukon.report.html import write_html

    def make() -> Saved:
        state = take_state(asked)
        record, _ = write_record(state.read(), anonymous=True)
        if asked.one("what") == "record":
            text = json.dumps(record, ensure_ascii=False, indent=2) + "\n"
            return Saved(text.encode(), "application/json", _RECORD_NAME)
        report = _assess(replace(state, record=record), asked)
        return Saved(write_html(report).encode(), "text/html; charset=utf-8", _HTML_NAME)

    return _or_say(asked, make)


def _or_say(asked: Asked, make: Callable[[], _Answer]) -> _Answer | Page:
    try:
        return make()
    except (LineError, RecordError) as error:
        line = " ".join(str(error).split())
        if asked.part:
            return Page(render("error_part.html", error=line), 422)
        return Page(_show_form(_keep_typed(asked), line), 422)


def _keep_typed(asked: Asked) -> Entry:
    """The form as it was typed, else that of the record that travelled."""
    if asked.one("form"):
        return read_entry(asked.fields)
    try:
        state = take_state(replace(asked, file=None))
    except (LineError, RecordError):
        return Entry()
    return entry_of(state.record, state.left, setting=state.setting)


def _assess(state: State, asked: Asked, patient: Patient | None = None) -> Report:
    return assess(patient or state.read(), setting=state.setting, policy=asked.policy)


def _carry(state: State) -> dict[str, str]:
    """The state as hidden fields of a form."""
    return {
        "record": json.dumps(state.record, ensure_ascii=False),
        "left": dump_left(state.left),
        "setting": state.setting,
    }


def _show_form(entry: Entry, error: str | None) -> str:
    return render("entry.html", entry=entry.with_blanks(), error=error)


def _show_answer(
    report: Report,
    state: State,
    *,
    tried: tuple[str, ...] = (),
    changed: Changed | None = None,
    forecast: dict[str, Any] | None = None,
) -> str:
    return render(
        "answer.html", report=report, shown=show_answer(report, state.left), state=_carry(state), tried=tried,
        changed=changed, forecast=forecast,
    )  # fmt: skip
