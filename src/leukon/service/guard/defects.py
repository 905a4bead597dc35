"""A defect is answered with 500, and logged by its kind and place only: its words may hold what a person sent."""

from __future__ import annotations

import logging
import traceback

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from leukon.service.errors import write_error
from leukon.service.guard.watch import on_start

__all__ = ["Defects"]

_LOG = logging.getLogger("leukon.service")


class Defects:
    """Catches what no part of the service has caught."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun: list[Message] = []
        try:
            await self._app(scope, receive, on_start(send, begun.append))
        except Exception as error:
            route = getattr(scope.get("route"), "path", "no route")
            _LOG.error("a defect, please report it: %s at %s (%s)", type(error).__name__, _find_place(error), route)
            if begun:
                return  # the server closes the connection of an answer that does not end
            answer = write_error(scope, 500, "a defect of leukon, please report it")
            await answer(scope, receive, send)


def _find_place(error: Exception) -> str:
    """File and line where it was raised; in a process of the desk, as its note tells."""
    if notes := getattr(error, "__notes__", None):
        return str(notes[-1])
    place = traceback.extract_tb(error.__traceback__)[-1]
    return f"{place.filename}:{place.lineno}"
