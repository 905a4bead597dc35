"""What goes into `$assess` and comes out of it, for the OpenAPI description; FHIR itself describes the rest."""

from __future__ import annotations

from typing import Any

from leukon.assess import SETTINGS

__all__ = ["FHIR", "JSON", "OTHERS", "describe_body", "describe_response"]

FHIR = "application/fhir+json"
JSON = (FHIR, "application/json")
OTHERS = (
    "application/yaml", "text/yaml", "text/plain", "text/csv", "application/hl7-v2", "x-application/hl7-v2+er7",
    "application/xml", "text/xml",
)  # fmt: skip

_RESOURCE: dict[str, Any] = {
    "type": "object",
    "required": ["resourceType"],
    "properties": {"resourceType": {"type": "string"}},
}
_SENT: dict[str, Any] = {
    "type": "object",
    "title": "Bundle",
    "required": ["resourceType", "entry"],
    "properties": {
        "resourceType": {"const": "Bundle"},
        "entry": {"type": "array", "items": {"type": "object", "properties": {"resource": _RESOURCE}}},
    },
}
_PARAMETERS: dict[str, Any] = {
    "type": "object",
    "title": "Parameters",
    "required": ["resourceType", "parameter"],
    "properties": {
        "resourceType": {"const": "Parameters"},
        "parameter": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["name"],
                "properties": {
                    "name": {"enum": ["resource", "setting", "add", "course"]},
                    "resource": _RESOURCE,
                    "valueCode": {"enum": list(SETTINGS)},
                    "valueString": {"type": "string"},
                    "valueBoolean": {"type": "boolean"},
                },
            },
        },
    },
}
_RECORD = {"type": "object", "description": "A leukon record or a GA4GH phenopacket; or FHIR as application/fhir+json"}
_TEXT = {
    "type": "string",
    "description": "A leukon record in YAML, HL7 v2 ORU^R01, a CSV of counts, or a C-CDA document",
}
_ANSWER: dict[str, Any] = {
    "type": "object",
    "required": ["resourceType", "type", "entry"],
    "properties": {
        "resourceType": {"const": "Bundle"},
        "type": {"const": "collection"},
        "entry": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["fullUrl", "resource"],
                "properties": {"fullUrl": {"type": "string"}, "resource": _RESOURCE},
            },
        },
    },
}


def describe_body() -> dict[str, Any]:
    """The request body of `$assess`, by its content types."""
    sent = {
        FHIR: {"anyOf": [_SENT, _PARAMETERS, _RESOURCE]},
        "application/json": _RECORD,
        **dict.fromkeys(OTHERS, _TEXT),
    }
    return {"required": True, "content": {kind: {"schema": schema} for kind, schema in sent.items()}}


def describe_response(kind: str) -> dict[str, Any]:
    """A response that is a FHIR resource of this kind; a Bundle is the answer of `$assess`."""
    named = {**_RESOURCE, "properties": {"resourceType": {"const": kind}}}
    schema = _ANSWER if kind == "Bundle" else named
    return {"description": f"The {kind}", "content": {FHIR: {"schema": schema}}}
