"""What `$assess` is asked: a record alone, or a FHIR Parameters resource that holds it with what is asked of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import msgspec

from leukon.assess import SETTINGS

__all__ = ["MOST_ADDED", "MOST_LETTERS", "Asked", "ParameterError", "unfold"]

MOST_ADDED = 50  # results beside the record
MOST_LETTERS = 500  # of each of them

_VALUES = {"setting": ("valueCode", "valueString"), "add": ("valueString",), "course": ("valueBoolean",)}


class ParameterError(ValueError):
    """The request is not what it says it is, or asks for what there is not; one line for a person."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked beside the record: where the person is seen, further results as typed, the course of the count."""

    setting: str = "any"
    add: tuple[str, ...] = ()
    course: bool = False
    json: bool = False  # the request says that it is JSON


def unfold(data: bytes, asked: Asked) -> tuple[bytes, Asked]:
    """The record and what is asked of it; what a Parameters resource says wins. Raises ParameterError, in one line.

    >>> data = b'{"resourceType": "Parameters", "parameter": [{"name": "resource", "resource": {}}]}'
    >>> unfold(data, Asked(json=True))[0]
    b'{}'
    """
    if asked.json:
        try:
            held = msgspec.json.decode(data)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise ParameterError(f"not JSON: {error}") from None
        if isinstance(held, dict) and held.get("resourceType") == "Parameters":
            return _read_parameters(held, asked)
    return data, asked


def _read_parameters(held: dict[str, Any], asked: Asked) -> tuple[bytes, Asked]:
    records: list[dict[str, Any]] = []
    added: list[str] = []
    parameters = held.get("parameter")
    if not isinstance(parameters, list):
        raise ParameterError("Parameters without a list of parameters; give one named resource that holds the Bundle")
    for one in parameters:
        name = one.get("name") if isinstance(one, dict) else None
        if name == "resource" and isinstance(one.get("resource"), dict):
            records.append(one["resource"])
            continue
        value = _read_value(name, one) if isinstance(name, str) and name in _VALUES else None
        if name is None or value is None:
            raise ParameterError(
                f"{_describe(name)}; there are resource, setting (code), add (string), course (boolean)"
            )
        if name == "add":
            added.append(value)
        else:
            asked = replace(asked, **{name: value})
    if len(records) != 1:
        raise ParameterError(f"{len(records)} parameters named resource; give one, the Bundle of one patient")
    asked = replace(asked, add=(*asked.add, *added))
    check_asked(asked)
    return msgspec.json.encode(records[0]), asked


def _read_value(name: str, parameter: dict[str, Any]) -> Any:
    found = next((parameter[key] for key in _VALUES[name] if key in parameter), None)
    return found if isinstance(found, bool if name == "course" else str) else None


def _describe(name: Any) -> str:
    return f"the parameter {name[:40]!r} cannot be read" if isinstance(name, str) else "a parameter has no name"


def check_asked(asked: Asked) -> None:
    """Raises ParameterError for a setting that there is not, or for more than is read."""
    if asked.setting not in SETTINGS:
        raise ParameterError(f"the setting {asked.setting[:40]!r} is not one of {', '.join(SETTINGS)}")
    if len(asked.add) > MOST_ADDED or any(len(text) > MOST_LETTERS for text in asked.add):
        raise ParameterError(f"add holds at most {MOST_ADDED} results of {MOST_LETTERS} letters each")
