"""The routes of CDS Hooks. Each answer is checked against the standard once more before it leaves."""

from __future__ import annotations

import logging
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime
from typing import Any

import httpx
import msgspec
from fastapi import APIRouter, Request, Response, Security
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute
from fastapi.security import HTTPBearer
from pydantic import BaseModel
from starlette.exceptions import HTTPException

from leukon.service.desk import Desk
from leukon.service.hooks.allowed import find_allowed
from leukon.service.hooks.cards import Answer
from leukon.service.hooks.drafts import list_drafts
from leukon.service.hooks.feedback import FeedbackRequest, Received, count_feedback
from leukon.service.hooks.fetch import Fetcher
from leukon.service.hooks.names import ORDER_SELECT, ORDER_SIGN, PATIENT_VIEW
from leukon.service.hooks.prefetch import RefusedError, Resource, gather
from leukon.service.hooks.requests import HookRequest, OrderSelectRequest, OrderSignRequest, PatientViewRequest
from leukon.service.hooks.services import Discovery, list_services
from leukon.service.hooks.tokens import Caller, TokenError, Tokens, read_clients
from leukon.service.hooks.work import answer_orders, answer_view
from leukon.service.hooks.write import About
from leukon.service.settings import Settings

__all__ = ["make_router"]

_PATH = "/cds-services"
_MOST_RESOURCES = 2000  # the queries ask for at most 701; so many take a little over a second to read
_REFUSED = "the client's token is not accepted (docs/cds-hooks.md says what one needs)"
_log = logging.getLogger(__name__)


class Problem(BaseModel):
    """Why there is no answer, in one line."""

    error: str


def _tell(said: str) -> dict[str, Any]:
    return {"model": Problem, "description": said}


_ERRORS: dict[int | str, dict[str, Any]] = {
    400: _tell("The request is not one of CDS Hooks, or what was sent is of another patient"),
    "4XX": _tell("Refused by the limits of the service (size, depth, rate)"),
    503: _tell("Too many requests at once"),
    504: _tell("The answer was not ready in time"),
}
_UNKNOWN: dict[int | str, dict[str, Any]] = {401: _tell("The client's token is missing or not accepted")}
_MISSING: dict[int | str, dict[str, Any]] = {412: _tell("The Patient or the counts are neither sent nor to be fetched")}

_Handler = Callable[[Request], Coroutine[Any, Any, Response]]


def make_router(desk: Desk, settings: Settings) -> APIRouter:
    """The routes; raises ValueError, in one line, where a client's keys or servers cannot be used.

    What the desk raises (too long, too busy) is answered by the application.
    """
    callers = read_clients(settings.clients)
    tokens = Tokens(callers) if callers else None
    base = (settings.base_url or f"http://{settings.host}:{settings.port}").rstrip("/")
    tls = httpx.create_ssl_context() if any(c.servers for c in callers.values()) else None
    errors = _ERRORS | (_UNKNOWN if tokens else {})
    asks = APIRouter(
        prefix=_PATH,
        route_class=_make_route(tokens, base),
        dependencies=[Security(HTTPBearer(auto_error=False, bearerFormat="JWT"))] if tokens else [],
        responses=errors,
        tags=["CDS Hooks"],
    )

    async def gather_for(request: HookRequest, http: Request) -> tuple[tuple[Resource, ...], About, str]:
        caller: Caller | None = getattr(http.state, "caller", None)
        fetcher, why_not = None, "leukon fetches nothing: no client is registered with it"
        if caller is not None:
            why_not = "fhirServer and fhirAuthorization were not given"
            if request.fhir_server is not None and request.fhir_authorization is not None:
                why_not = "the fhirServer is not one of those registered for this client"
                server = find_allowed(request.fhir_server, caller.servers)
                if server is not None and tls is not None:
                    token = request.fhir_authorization.access_token
                    fetcher = Fetcher(server, token, tls, settings.most_bytes)
        gathered = await gather(request, fetcher, why_not)
        context = request.context
        about = About(
            http.url.path.rsplit("/", 1)[-1],
            context.patient_id,
            context.encounter_id,
            datetime.now(UTC).date(),
            settings.base_url,
            gathered.missing,
            gathered.cut,
        )
        return gathered.resources, about, context.patient_id

    @asks.post(f"/{PATIENT_VIEW}", response_model=Answer, response_model_exclude_none=True, responses=_MISSING)
    async def view_patient(request: PatientViewRequest, http: Request) -> Any:
        """Whether the newest white cell counts are low for this person, how urgent, why, what next."""
        resources, about, _ = await gather_for(request, http)
        cards = await desk.ask(answer_view, _pack(resources), about, settings.policy)
        return {"cards": cards}

    async def look_at_orders(
        request: OrderSelectRequest | OrderSignRequest, http: Request, selections: list[str] | None
    ) -> Any:
        resources, about, patient = await gather_for(request, http)
        drafts, chosen = list_drafts(request.context.draft_orders.entry, patient, selections)
        paths = {f"entry[{len(resources) + n}].resource.medication": on for n, on in chosen.items()}
        cards = await desk.ask(
            answer_orders,
            _pack((*resources, *drafts)),
            paths,
            about,
            signing=selections is None,
            policy=settings.policy,
        )
        return {"cards": cards}

    @asks.post(f"/{ORDER_SELECT}", response_model=Answer, response_model_exclude_none=True, responses=_MISSING)
    async def select_order(request: OrderSelectRequest, http: Request) -> Any:
        """Says when a drug that was just chosen lowers counts and they are low, or a rule on it holds."""
        return await look_at_orders(request, http, request.context.selections)

    @asks.post(f"/{ORDER_SIGN}", response_model=Answer, response_model_exclude_none=True, responses=_MISSING)
    async def sign_orders(request: OrderSignRequest, http: Request) -> Any:
        """Says when a drug about to be signed lowers counts and they are low, or a rule on it holds."""
        return await look_at_orders(request, http, None)

    for service in (PATIENT_VIEW, ORDER_SELECT, ORDER_SIGN):
        _add_feedback(asks, service)

    router = APIRouter()

    @router.get(_PATH, tags=["CDS Hooks"])
    async def discover() -> Discovery:
        """The services and the queries whose answers they ask for. Holds nothing of any person, so it is open."""
        return list_services()

    router.include_router(asks)
    return router


def _add_feedback(router: APIRouter, service: str) -> None:
    async def take_feedback(request: FeedbackRequest) -> Received:
        """Counts what became of the cards; the entries themselves are not kept."""
        return count_feedback(service, request)

    name = f"take_feedback_{service.removeprefix('leukon-').replace('-', '_')}"
    router.post(f"/{service}/feedback", name=name)(take_feedback)


def _make_route(tokens: Tokens | None, base: str) -> type[APIRoute]:
    """A route that looks at the caller before it reads anything, and answers every refusal in one line."""

    class HookRoute(APIRoute):
        def get_route_handler(self) -> _Handler:
            handle = super().get_route_handler()

            async def answer(request: Request) -> Response:
                if tokens is not None:
                    service = request.url.path.removesuffix("/feedback")
                    addresses = {f"{base}{request.url.path}", f"{base}{service}"}
                    try:
                        request.state.caller = tokens.check(request.headers.get("authorization"), addresses)
                    except TokenError as error:
                        _log.warning("a token was refused: %s", error)
                        return _refuse(401, _REFUSED, {"WWW-Authenticate": "Bearer"})
                try:
                    return await handle(request)
                except RequestValidationError as error:
                    return _refuse(400, _say_invalid(error))
                except HTTPException as error:  # the body is no text, or nested too deep, or too large
                    line = "the request cannot be read as JSON" if error.status_code == 400 else str(error.detail)
                    return _refuse(error.status_code, line)
                except RefusedError as error:
                    return _refuse(error.status, str(error))

            return answer

    return HookRoute


def _refuse(status: int, line: str, headers: dict[str, str] | None = None) -> JSONResponse:
    return JSONResponse({"error": line}, status, headers)


def _say_invalid(error: RequestValidationError) -> str:
    """The first thing that is wrong and where; never what was sent."""
    first = error.errors()[0]
    if first["type"] == "json_invalid":
        return f"the request is not JSON (character {first['loc'][-1]})"
    place = ".".join(str(part) for part in first["loc"][1:]) or "the request"
    return f"{place}: {str(first['msg']).removeprefix('Value error, ')}"


def _pack(resources: tuple[Resource, ...]) -> bytes:
    """One Bundle of the person's resources, as bytes for the desk."""
    if len(resources) > _MOST_RESOURCES:
        raise RefusedError(400, f"{len(resources)} resources were sent; at most {_MOST_RESOURCES} are read in one call")
    entries = [{"resource": resource} for resource in resources]
    try:
        return msgspec.json.encode({"resourceType": "Bundle", "type": "collection", "entry": entries})
    except (UnicodeEncodeError, RecursionError, OverflowError):
        raise RefusedError(400, "a resource holds text that is not Unicode, or is nested too deep") from None
