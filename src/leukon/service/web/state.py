"""What a request asks about: the record that was typed, dropped as a file, or travels with the page."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from leukon.answer import NotUsed
from leukon.assess import SETTINGS
from leukon.io import RecordError, read_record
from leukon.patient import Patient
from leukon.policy import Policy
from leukon.service.web.as_record import write_record
from leukon.service.web.entry import Entry, read_entry, read_left, read_state
from leukon.service.web.form import record_of
from leukon.service.web.moments import LineError
from leukon.service.work import read_one

__all__ = ["Asked", "State", "list_tried", "take_state"]

_NOTHING = "there is nothing to assess yet: type a count, a drug, a finding or a test, paste a line, or drop a file"
_MOST_TRIED = 20


@dataclass(frozen=True, slots=True)
class Asked:
    """A request: its fields, the file that was dropped, and whether only a part of the page is wanted."""

    fields: Mapping[str, Sequence[str]] = field(default_factory=dict[str, tuple[str, ...]])
    file: bytes | None = None
    part: bool = False
    policy: Policy | None = None

    def one(self, name: str) -> str:
        return next(iter(self.fields.get(name, ())), "").strip()


@dataclass(frozen=True, slots=True)
class State:
    """A record, what of its origin it could not hold, where the person is seen."""

    record: dict[str, Any]
    left: tuple[NotUsed, ...]
    setting: str

    def read(self) -> Patient:
        """The patient; raises LineError where nothing was given."""
        try:
            return read_record(json.dumps(self.record), "what was given")
        except RecordError as error:
            raise LineError(_NOTHING if "no count, drug" in str(error) else str(error)) from None


def take_state(asked: Asked) -> State:
    """The record of a request; LineError or RecordError say in one line what cannot be used."""
    setting = asked.one("setting") or "any"
    if setting not in SETTINGS:
        raise LineError(f"where the person is seen is one of {', '.join(SETTINGS)}")
    if asked.file:
        if asked.one("form") and not _is_empty(read_entry(asked.fields)):
            raise LineError(
                "a file and typed fields came together: put the file into an empty form first, then add the rest"
            )
        return State(*write_record(read_one(asked.file, "the file")), setting)
    if asked.one("form"):
        return State(*record_of(read_entry(asked.fields)), setting)
    return State(read_state(asked.one("record") or "{}"), read_left(asked.one("left") or "[]"), setting)


def _is_empty(entry: Entry) -> bool:
    return entry == Entry(setting=entry.setting)


def list_tried(asked: Asked) -> tuple[str, ...]:
    """The results tried on: those of before, the new one, without the one taken back."""
    drop = asked.one("drop")
    tried = [" ".join(t.split())[:200] for t in (*asked.fields.get("add", ()), *asked.fields.get("try", ()))]
    return tuple(dict.fromkeys(t for t in tried if t and t != drop))[:_MOST_TRIED]
