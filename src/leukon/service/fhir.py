"""`POST /fhir/$assess`: a FHIR R4 operation over the report, and what leukon says of itself to FHIR."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any, Literal

import msgspec
from fastapi import APIRouter, Query, Request, Response
from pydantic import StringConstraints

from leukon.service.conformance import describe_operation, describe_server
from leukon.service.desk import Desk
from leukon.service.errors import describe_errors, write_error
from leukon.service.fhir_schema import FHIR, JSON, OTHERS, describe_body, describe_response
from leukon.service.parameters import MOST_ADDED, MOST_LETTERS, Asked
from leukon.service.settings import Settings
from leukon.service.work import assess_fhir

__all__ = ["make_router"]

Setting = Annotated[
    Literal["any", "primary-care", "hospital", "oncology", "paediatric"], Query(description="Where the person is seen")
]
Added = Annotated[
    list[Annotated[str, StringConstraints(max_length=MOST_LETTERS)]],
    Query(default_factory=list, max_length=MOST_ADDED, description='Further results or findings as typed: "ANA 1:640"'),
]
Course = Annotated[bool, Query(description="Whether to add the forecast of the count")]


class _FhirResponse(Response):
    media_type = FHIR


def make_router(desk: Desk, settings: Settings) -> APIRouter:
    """The operation, its definition and the CapabilityStatement, under /fhir."""
    router = APIRouter(prefix="/fhir", tags=["FHIR"], default_response_class=_FhirResponse)

    @router.post(
        "/$assess",
        summary="The whole assessment of one patient as a FHIR Bundle",
        responses=_describe("Bundle", 400, 405, 406, 408, 413, 415, 422, 429, 500, 503, 504),
        openapi_extra={"requestBody": describe_body()},
    )
    async def assess(request: Request, add: Added, setting: Setting = "any", course: Course = False) -> Response:
        kind = request.headers.get("content-type", FHIR).partition(";")[0].strip().lower()
        if kind not in (*JSON, *OTHERS):
            return write_error(request.scope, 415, f"send one of {', '.join((*JSON, *OTHERS))}")
        if not _takes_json(request.headers.get("accept", "")):
            return write_error(request.scope, 406, f"answers are {FHIR}")
        asked = Asked(setting, tuple(add), course, kind in JSON)
        data = await request.body()
        return _FhirResponse(await desk.ask(assess_fhir, data, asked, settings.policy, datetime.now(UTC)))

    def find_base(request: Request) -> str:
        return settings.base_url or str(request.base_url).rstrip("/")

    @router.get(
        "/metadata", summary="The CapabilityStatement", responses=_describe("CapabilityStatement", 400, 405, 429, 500)
    )
    async def read_metadata(request: Request) -> Response:
        return _FhirResponse(msgspec.json.encode(describe_server(find_base(request))))

    @router.get(
        "/OperationDefinition/assess",
        summary="The definition of $assess",
        responses=_describe("OperationDefinition", 400, 405, 429, 500),
    )
    async def read_definition(request: Request) -> Response:
        return _FhirResponse(msgspec.json.encode(describe_operation(find_base(request))))

    return router


def _describe(kind: str, *errors: int) -> dict[int | str, dict[str, Any]]:
    return {200: describe_response(kind), **describe_errors(*errors, fhir=True)}


def _takes_json(accept: str) -> bool:
    """Does the caller take JSON? Saying nothing is yes."""
    kinds = [part.partition(";")[0].strip().lower() for part in accept.split(",") if part.strip()]
    return not kinds or any(kind in (*JSON, "*/*", "application/*") for kind in kinds)
