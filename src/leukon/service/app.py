"""The service: one application from its parts."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from leukon import __version__
from leukon.io import RecordError
from leukon.knowledge import load_knowledge
from leukon.service import fhir, health, hooks, web
from leukon.service.audit import AuditLog
from leukon.service.desk import BusyError, Desk, TooLongError
from leukon.service.errors import is_fhir, write_error
from leukon.service.guard import add_guards
from leukon.service.hooks.feedback import COUNTED
from leukon.service.metrics import Metrics
from leukon.service.parameters import ParameterError
from leukon.service.ready import prepare
from leukon.service.settings import Settings

__all__ = ["make_app"]

_ABOUT = "Decision support for low white blood cell counts. It informs professionals and orders nothing."


def make_app(settings: Settings) -> FastAPI:
    """The web page, the hooks and the FHIR operation behind the guards, as an ASGI application.

    Raises AuditError or ValueError, in one line, for settings that cannot be used.
    """
    desk = Desk(settings.workers, settings.time_limit_s, prepare)
    metrics = Metrics()
    metrics.registry.register(COUNTED)
    audit = AuditLog(settings.audit, load_knowledge().version) if settings.audit else None

    @asynccontextmanager
    async def open_desk(_: FastAPI) -> AsyncIterator[None]:
        desk.open()
        yield
        desk.close()
        if audit is not None:
            audit.close()

    app = FastAPI(
        title="leukon", version=__version__, description=_ABOUT, lifespan=open_desk, docs_url=None, redoc_url=None
    )
    app.include_router(health.make_router(desk, metrics))
    app.include_router(web.make_router(desk, settings))
    app.include_router(hooks.make_router(desk, settings))
    app.include_router(fhir.make_router(desk, settings))
    _answer_errors(app)
    add_guards(app, settings, metrics, audit)
    return app


def _answer_errors(app: FastAPI) -> None:
    """One line for everything that goes wrong, in the form that the caller speaks."""

    @app.exception_handler(HTTPException)
    async def _(request: Request, error: HTTPException) -> Response:
        return write_error(request.scope, error.status_code, str(error.detail), dict(error.headers or {}))

    @app.exception_handler(RequestValidationError)
    async def _(request: Request, error: RequestValidationError) -> Response:
        first = error.errors()[0]
        line = f"{'.'.join(map(str, first['loc']))}: {first['msg']}"
        return write_error(request.scope, 400 if is_fhir(request.scope) else 422, line)

    @app.exception_handler(ParameterError)
    async def _(request: Request, error: ParameterError) -> Response:
        return write_error(request.scope, 400, str(error))

    @app.exception_handler(RecordError)
    async def _(request: Request, error: RecordError) -> Response:
        return write_error(request.scope, 422, str(error))

    @app.exception_handler(TooLongError)
    async def _(request: Request, error: TooLongError) -> Response:
        return write_error(request.scope, 504, str(error))

    @app.exception_handler(BusyError)
    async def _(request: Request, error: BusyError) -> Response:
        return write_error(request.scope, 503, str(error), {"Retry-After": "1"})
