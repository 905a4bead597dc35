"""The JSON Schema (draft 2020-12) of the report, made from the dataclasses of `leukon.answer`.

The published copy is `report.schema.json` beside this module; a test makes it anew and compares. It allows further
fields, since the contract grows; it requires every field that stands today.
"""

from __future__ import annotations

import types
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any, Union, get_args, get_origin, get_type_hints

import msgspec

from leukon import answer

__all__ = ["SCHEMA_PATH", "make_schema", "write_schema"]

SCHEMA_PATH = Path(__file__).with_name("report.schema.json")

_PROBABILITY = {"minimum": 0, "maximum": 1}
_STATUS = {"enum": ["low", "normal", "high", "cannot say"]}
_NARROWED: dict[tuple[str, str], dict[str, Any]] = {
    ("CountRow", "status"): _STATUS,
    ("CountRow", "value"): {"minimum": 0},
    ("CountRow", "grades"): {"additionalProperties": {"type": ["integer", "null"], "minimum": 0, "maximum": 5}},
    ("CountRow", "censored"): {"enum": ["<", ">", None]},
    ("RangeStatus", "status"): _STATUS,
    ("LimitUsed", "owner"): {"enum": ["stated group", "duffy-null", "pregnancy", "laboratory", "age", "adult"]},
    ("Urgency", "level"): {"enum": ["emergency", "same day", "urgent", "soon", "routine", "none"]},
    ("Real", "verdict"): {"enum": ["real", "redistribution possible", "artefact", "normal variant", "cannot say"]},
    ("Cause", "probability"): _PROBABILITY,
    ("Test", "line"): {"enum": [0, 1, 2, 3]},
    ("Care", "kind"): {
        "enum": ["stop drug", "continue drug", "treat", "prevent", "refer", "monitor", "supply", "avoid"]
    },
    ("Understood", "by"): {"enum": ["exact", "synonym", "code", "fuzzy", "number"]},
    ("Report", "low"): {"enum": ["low", "not low", "cannot say"]},
    ("Report", "none_of_these"): _PROBABILITY,
    ("Report", "this_persons_normal"): _PROBABILITY,
    ("Report", "calibration"): {"required": ["status", "note"]},
}
_SCALARS: dict[Any, str] = {str: "string", float: "number", int: "integer", bool: "boolean", type(None): "null"}


def make_schema() -> dict[str, Any]:
    """The schema as a dictionary: the report itself, its parts in `$defs`."""
    parts: dict[str, Any] = {}
    report = _describe_class(answer.Report, parts)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "urn:leukon:report",
        "title": "leukon report",
        **report,
        "$defs": dict(sorted(parts.items())),
    }


def write_schema() -> bytes:
    """The text of `report.schema.json`."""
    return msgspec.json.format(msgspec.json.encode(make_schema()), indent=2) + b"\n"


def _describe_class(kind: type, parts: dict[str, Any]) -> dict[str, Any]:
    hints = get_type_hints(kind)
    properties = {
        f.name.rstrip("_"): {**_describe(hints[f.name], parts), **_NARROWED.get((kind.__name__, f.name), {})}
        for f in fields(kind)
    }
    made: dict[str, Any] = {"type": "object", "properties": properties, "required": list(properties)}
    doc = kind.__doc__ or ""
    if doc and not doc.startswith(f"{kind.__name__}("):  # the docstring that `dataclass` makes itself says nothing
        made = {"description": " ".join(doc.split()), **made}
    return made


def _describe(hint: Any, parts: dict[str, Any]) -> dict[str, Any]:
    if hint is Any:
        return {}
    if hint in _SCALARS:
        return {"type": _SCALARS[hint]}
    if is_dataclass(hint) and isinstance(hint, type):
        if hint.__name__ not in parts:
            parts[hint.__name__] = {}  # stands before its fields are described, should a part hold itself
            parts[hint.__name__] = _describe_class(hint, parts)
        return {"$ref": f"#/$defs/{hint.__name__}"}
    origin, inner = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType):
        return _describe_union([_describe(i, parts) for i in inner])
    if origin is tuple:
        return {"type": "array", "items": _describe(inner[0], parts)}
    if origin is dict:
        return {"type": "object", "additionalProperties": _describe(inner[1], parts)}
    raise TypeError(f"the report holds a type that the schema cannot say: {hint}")


def _describe_union(members: list[dict[str, Any]]) -> dict[str, Any]:
    if all(list(m) == ["type"] for m in members):
        return {"type": [m["type"] for m in members]}
    return {"anyOf": members}
