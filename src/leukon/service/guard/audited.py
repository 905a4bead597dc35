"""A line of the audit log for each request that asks for an answer; without its line no answer goes out."""

from __future__ import annotations

import logging

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from leukon.service.audit import AuditError, AuditLog
from leukon.service.errors import write_error
from leukon.service.metrics import METHODS, name_route

__all__ = ["Audited"]

_LOG = logging.getLogger("leukon.service")
_UNSAID = ("/healthz", "/readyz", "/metrics", "/static/")  # they tell nothing of anyone


class Audited:
    """Writes the line before the answer begins; where that fails the answer is 503."""

    def __init__(self, app: ASGIApp, log: AuditLog) -> None:
        self._app, self._log = app, log

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].startswith(_UNSAID):
            await self._app(scope, receive, send)
            return
        failed = False

        async def told(message: Message) -> None:
            nonlocal failed
            if failed:
                return
            if message["type"] == "http.response.start":
                try:
                    method = scope["method"] if scope["method"] in METHODS else "other"
                    self._log.write(method, name_route(scope), message["status"])
                except AuditError as error:
                    failed = True
                    _LOG.error("%s", error)
                    answer = write_error(scope, 503, "the audit log cannot be written", {"Retry-After": "60"})
                    await answer(scope, receive, send)
                    return
            await send(message)

        await self._app(scope, receive, told)
