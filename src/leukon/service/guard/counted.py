"""Counts every request, whatever becomes of it."""

from __future__ import annotations

import time

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from leukon.service.guard.watch import on_start
from leukon.service.metrics import METHODS, Metrics, name_route

__all__ = ["Counted"]


class Counted:
    """How many, with which status, how long until the answer began."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app, self._metrics = app, metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = time.perf_counter()

        def count(message: Message) -> None:
            route = name_route(scope)
            method = scope["method"] if scope["method"] in METHODS else "other"
            self._metrics.requests.labels(method, route, message["status"]).inc()
            self._metrics.seconds.labels(route).observe(time.perf_counter() - began)

        with self._metrics.open.track_inprogress():
            await self._app(scope, receive, on_start(send, count))
