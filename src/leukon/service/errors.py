"""What a caller reads when there is no answer: one line, as an OperationOutcome where FHIR was spoken."""

from __future__ import annotations

import html

import msgspec
from starlette.responses import Response
from starlette.types import Scope

__all__ = ["describe_errors", "find_header", "is_fhir", "write_error"]

_FHIR = "application/fhir+json"
_PAGE = '<!doctype html><html lang="en"><title>leukon</title><p>{}</p><p><a href="/">To the start</a></p></html>\n'

# https://hl7.org/fhir/R4/valueset-issue-type.html
_ISSUES = {
    400: "invalid", 404: "not-found", 405: "not-supported", 406: "not-supported", 408: "timeout", 413: "too-long",
    415: "not-supported", 422: "processing", 429: "throttled", 500: "exception", 503: "transient", 504: "timeout",
}  # fmt: skip
_TITLES = {
    400: "The request cannot be read", 405: "This address has other methods", 406: "JSON is the only form of answers",
    408: "The request did not arrive in time", 413: "The request is too large", 415: "Other forms are read",
    422: "The request was read and cannot be answered", 429: "Too many requests from this address; see Retry-After",
    500: "A defect of leukon", 503: "Too many requests at once; see Retry-After", 504: "No answer in time",
}  # fmt: skip

_SAID = {
    "type": "object",
    "required": ["error"],
    "properties": {"error": {"type": "string", "description": "One line for a person"}},
}
_OUTCOME = {
    "type": "object",
    "required": ["resourceType", "issue"],
    "properties": {
        "resourceType": {"const": "OperationOutcome"},
        "issue": {
            "type": "array",
            "minItems": 1,
            "items": {
                "type": "object",
                "required": ["severity", "code"],
                "properties": {
                    "severity": {"enum": ["fatal", "error", "warning", "information"]},
                    "code": {"type": "string"},
                    "diagnostics": {"type": "string"},
                },
            },
        },
    },
}


def write_error(scope: Scope, status: int, line: str, headers: dict[str, str] | None = None) -> Response:
    """The response to a request that is not answered."""
    if is_fhir(scope):
        issue = {"severity": "error", "code": _ISSUES.get(status, "processing"), "diagnostics": line}
        held = {"resourceType": "OperationOutcome", "issue": [issue]}
        return Response(msgspec.json.encode(held), status, headers, _FHIR)
    if "text/html" in (find_header(scope, b"accept") or ""):
        return Response(_PAGE.format(html.escape(line)), status, headers, "text/html; charset=utf-8")
    return Response(msgspec.json.encode({"error": line}), status, headers, "application/json")


def find_header(scope: Scope, name: bytes) -> str | None:
    """The first header of this name (in lower case)."""
    return next((value.decode("latin-1") for key, value in scope["headers"] if key == name), None)


def is_fhir(scope: Scope) -> bool:
    return str(scope.get("path", "")).startswith("/fhir/")


def describe_errors(*statuses: int, fhir: bool = False) -> dict[int | str, dict[str, object]]:
    """The error responses of a route, for the OpenAPI description."""
    kind, schema = (_FHIR, _OUTCOME) if fhir else ("application/json", _SAID)
    return {status: {"description": _TITLES[status], "content": {kind: {"schema": schema}}} for status in statuses}
