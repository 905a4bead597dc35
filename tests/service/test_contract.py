"""The service keeps to its own description (/openapi.json), whatever is sent to it."""

from __future__ import annotations

import os
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode
from schemathesis.specs.openapi import checks as openapi

from tests.service.running import Running

CAMPAIGN = bool(os.environ.get("LEUKON_CAMPAIGN"))
EXAMPLES = 500 if CAMPAIGN else 8  # of each operation

CHECKS = (
    schemathesis.checks.not_a_server_error,
    openapi.status_code_conformance,
    openapi.content_type_conformance,
    openapi.response_headers_conformance,
    openapi.response_schema_conformance,
    openapi.unsupported_method,
    openapi.allow_header_conformance,
    openapi.missing_required_header,
    openapi.negative_data_rejection,
)


@pytest.fixture(scope="module")
def described(running: Running) -> Any:
    return schemathesis.openapi.from_url(f"http://127.0.0.1:{running.port}/openapi.json")


@schemathesis.serializer("application/hl7-v2", "x-application/hl7-v2+er7", "text/csv", "text/yaml", "application/yaml")
def send_text(_: Any, value: Any) -> dict[str, Any]:
    return {"data": value if isinstance(value, bytes) else str(value).encode("utf-8", "replace")}


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=["as described", "otherwise"])
def test_every_answer_is_as_described(described: Any, mode: GenerationMode) -> None:
    operations = [found.ok() for found in described.get_all_operations()]
    assert {operation.path for operation in operations} >= {"/fhir/$assess", "/cds-services", "/healthz", "/metrics"}
    if mode is GenerationMode.NEGATIVE:  # only what takes something can be sent something else
        operations = [o for o in operations if o.body or any(o.iter_parameters())]
        assert len(operations) > 5
    for operation in operations:

        @given(operation.as_strategy(generation_mode=mode))
        @settings(
            max_examples=EXAMPLES, deadline=None, derandomize=not CAMPAIGN, suppress_health_check=list(HealthCheck)
        )
        def ask(case: Any) -> None:
            case.call_and_validate(checks=CHECKS)

        ask()
