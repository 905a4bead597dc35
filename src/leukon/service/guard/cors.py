"""Web pages that may call the hooks from a browser; none by default. https://cds-hooks.hl7.org/2.0/#cors"""

from __future__ import annotations

from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

__all__ = ["HookOrigins"]


class HookOrigins:
    """CORS for /cds-services and nothing else."""

    def __init__(self, app: ASGIApp, origins: tuple[str, ...]) -> None:
        self._app = app
        self._shared = CORSMiddleware(
            app, allow_origins=origins, allow_methods=("GET", "POST"), allow_headers=("Authorization", "Content-Type")
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        hook = scope["type"] == "http" and scope["path"].startswith("/cds-services")
        await (self._shared if hook else self._app)(scope, receive, send)
