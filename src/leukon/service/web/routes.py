"""The addresses of the web page: each asks the desk for a page, and keeps nothing of what it was given."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse
from markupsafe import escape

from leukon.service.desk import BusyError, Desk, TooLongError
from leukon.service.settings import Settings
from leukon.service.web import pages
from leukon.service.web.assets import list_assets
from leukon.service.web.moments import LineError
from leukon.service.web.posted import read_posted
from leukon.service.web.render import render
from leukon.service.web.state import Asked
from leukon.service.web.words import KINDS, suggest

__all__ = ["make_router"]


Make = Callable[[Asked], pages.Page | pages.Saved]


def make_router(desk: Desk, settings: Settings) -> APIRouter:
    """The web page. Forecasts have a process of their own, so that none of them delays an answer."""
    far = Desk(1, settings.forecast_limit_s)

    @asynccontextmanager
    async def open_far(_: object) -> AsyncIterator[None]:
        far.open()
        yield
        far.close()

    router = APIRouter(lifespan=open_far, default_response_class=HTMLResponse, include_in_schema=False)

    @router.get("/")
    async def show_start() -> Response:  # pyright: ignore[reportUnusedFunction]
        return _respond(pages.start(Asked()))

    def add(path: str, make: Make, at: Desk) -> None:
        async def post(request: Request) -> Response:
            part = request.headers.get("hx-request") == "true"
            try:
                fields, file = await read_posted(request, settings.most_bytes)
                page = await at.ask(make, Asked(fields, file, part, settings.policy))
            except LineError as error:
                page = _say(str(error), 422, part=part)
            except TooLongError as error:
                page = _say(f"{error}; try again, or with less in it", 504, part=part)
            except BusyError as error:
                page = _say(f"{error}; try again in a moment", 503, part=part)
            return _respond(page)

        router.add_api_route(path, post, methods=["POST"])

    for path, make in (
        ("/answer", pages.answer), ("/edit", pages.edit), ("/patient", pages.explain), ("/save", pages.save),
        ("/what-if", pages.what_if),
    ):  # fmt: skip
        add(path, make, desk)
    add("/forecast", pages.foresee, far)

    @router.post("/words/{kind}")  # posted, since addresses are logged by proxies
    async def show_words(kind: str, request: Request) -> Response:  # pyright: ignore[reportUnusedFunction]
        if kind not in KINDS:
            return HTMLResponse("", 404)
        try:
            fields, _ = await read_posted(request, settings.most_bytes)
        except LineError as error:
            return HTMLResponse(escape(str(error)), 422)
        return HTMLResponse(render("words.html", words=suggest(kind, next(iter(fields.get("q", ())), ""))))

    @router.get("/static/{name}")
    async def show_asset(name: str, request: Request) -> Response:  # pyright: ignore[reportUnusedFunction]
        asset = list_assets().get(name)
        if asset is None:
            return Response("there is no such file\n", 404, media_type="text/plain")
        headers = {"ETag": asset.tag, "Cache-Control": "no-cache"}  # kept, and asked for anew
        if request.headers.get("if-none-match") == asset.tag:
            return Response(status_code=304, headers=headers)
        return Response(asset.data, headers=headers, media_type=asset.kind)

    return router


def _say(line: str, status: int, *, part: bool) -> pages.Page:
    return pages.Page(render("error_part.html" if part else "error.html", error=line), status)


def _respond(page: pages.Page | pages.Saved) -> Response:
    if isinstance(page, pages.Saved):
        disposition = f'attachment; filename="{page.name}"'
        return Response(page.data, headers={"Content-Disposition": disposition}, media_type=page.kind)
    return HTMLResponse(page.html, page.status)
