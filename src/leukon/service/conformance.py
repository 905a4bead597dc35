"""What leukon says of itself to a FHIR server or client: its CapabilityStatement and the definition of `$assess`."""

from __future__ import annotations

from typing import Any

from leukon import __version__
from leukon.assess import SETTINGS
from leukon.service.parameters import MOST_ADDED

__all__ = ["describe_operation", "describe_server"]

_CHANGED = "2026-11-25"  # when these two were last changed


def describe_server(base: str) -> dict[str, Any]:
    """The CapabilityStatement of the service at an address: one operation, nothing stored."""
    return {
        "resourceType": "CapabilityStatement",
        "status": "active",
        "date": _CHANGED,
        "kind": "instance",
        "software": {"name": "leukon", "version": __version__},
        "implementation": {"description": "Decision support for low white blood cell counts", "url": f"{base}/fhir"},
        "fhirVersion": "4.0.1",
        "format": ["json"],
        "rest": [
            {
                "mode": "server",
                "documentation": "Assesses what is sent, stores nothing; informs professionals, orders nothing.",
                "resource": [{"type": "OperationDefinition", "interaction": [{"code": "read"}]}],
                "operation": [{"name": "assess", "definition": f"{base}/fhir/OperationDefinition/assess"}],
            }
        ],
    }


def describe_operation(base: str) -> dict[str, Any]:
    """The OperationDefinition of `$assess`."""
    settings = ", ".join(SETTINGS)
    return {
        "resourceType": "OperationDefinition",
        "id": "assess",
        "url": f"{base}/fhir/OperationDefinition/assess",
        "version": __version__,
        "name": "Assess",
        "title": "Assess a low white blood cell count",
        "status": "active",
        "kind": "operation",
        "date": _CHANGED,
        "description": "Is the count low for this person, how low, is it real, why, what to ask, test and consider.",
        "affectsState": False,
        "code": "assess",
        "system": True,
        "type": False,
        "instance": False,
        "parameter": [
            _take("resource", 1, "1", "Bundle", "What is known of one patient; a single resource is read too."),
            _take("setting", 0, "1", "code", f"Where the person is seen: {settings}. Chooses how common causes are."),
            _take("add", 0, f"{MOST_ADDED}", "string", 'A further result or finding as typed: "ANA 1:640".'),
            _take("course", 0, "1", "boolean", "Whether to add the forecast of the count."),
            {
                "name": "return",
                "use": "out",
                "min": 1,
                "max": "1",
                "documentation": "A Bundle (collection): Observation, RiskAssessment, DetectedIssue, ServiceRequest "
                "proposals, GuidanceResponse with Parameters, OperationOutcome for what was not used, Provenance.",
                "type": "Bundle",
            },
        ],
    }


def _take(name: str, least: int, most: str, kind: str, documentation: str) -> dict[str, Any]:
    return {"name": name, "use": "in", "min": least, "max": most, "documentation": documentation, "type": kind}
