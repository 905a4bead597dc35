"""The service: one application from its parts."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from leukon import __version__
from leukon.service.desk import Desk
from leukon.service.settings import Settings

__all__ = ["make_app"]


def make_app(settings: Settings) -> FastAPI:
    """The web page, the hooks and the FHIR operation behind the guards, as an ASGI application."""
    desk = Desk(settings.workers, settings.time_limit_s)

    @asynccontextmanager
    async def open_desk(_: FastAPI) -> AsyncIterator[None]:
        desk.open()
        yield
        desk.close()

    app = FastAPI(title="leukon", version=__version__, lifespan=open_desk, docs_url=None, redoc_url=None)
    # the parts: each has `make_router(desk, settings)`
    return app
