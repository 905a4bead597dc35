"""Asks an ASGI application as a browser or a record would, without a network."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx
from anyio.from_thread import BlockingPortal, start_blocking_portal
from starlette.types import ASGIApp

from leukon.service.app import make_app
from leukon.service.settings import Settings

__all__ = ["Service", "ask", "open_service"]


async def _send(app: ASGIApp, method: str, path: str, address: str, parts: dict[str, Any]) -> httpx.Response:
    transport = httpx.ASGITransport(app, client=(address, 1))
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        return await client.request(method, path, **parts)


def ask(app: ASGIApp, method: str = "POST", path: str = "/", client: str = "192.0.2.1", **parts: Any) -> httpx.Response:
    """The answer of an application that needs no start."""
    return asyncio.run(_send(app, method, path, client, parts))


@dataclass(frozen=True, slots=True)
class Service:
    """A service that has started."""

    app: ASGIApp
    portal: BlockingPortal

    def ask(self, method: str, path: str, client: str = "192.0.2.1", **parts: Any) -> httpx.Response:
        return self.portal.call(_send, self.app, method, path, client, parts)

    def get(self, path: str, **parts: Any) -> httpx.Response:
        return self.ask("GET", path, **parts)

    def post(self, path: str, **parts: Any) -> httpx.Response:
        return self.ask("POST", path, **parts)


@contextmanager
def open_service(**said: Any) -> Iterator[Service]:
    """A service with these settings, from its start to its stop; one process and no limit of rate where unsaid."""
    app = make_app(Settings(**{"workers": 1, "requests_per_minute": 0, **said}))
    with start_blocking_portal() as portal, portal.wrap_async_context_manager(app.router.lifespan_context(app)):
        yield Service(app, portal)
