"""Is the request meant for this service? Another site may point its own name at this address (DNS rebinding)."""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.types import ASGIApp, Receive, Scope, Send

from leukon.service.errors import find_header, write_error
from leukon.service.settings import Settings

__all__ = ["KnownHost", "list_hosts"]

_LOOPBACK = ("localhost", "127.0.0.1", "::1")
_ANY = ("0.0.0.0", "::", "")  # noqa: S104 - recognised, not bound
_HEALTH = ("/healthz", "/readyz")  # asked by address, and they tell nothing


def list_hosts(settings: Settings) -> tuple[str, ...]:
    """The names by which the service is called; none where every name may be its own: all addresses, no base_url."""
    named = urlsplit(settings.base_url).hostname if settings.base_url else None
    if settings.host in _ANY and named is None:
        return ()
    return tuple(host.lower() for host in (*_LOOPBACK, settings.host, named) if host and host not in _ANY)


class KnownHost:
    """Refuses a request whose Host is none of these (400)."""

    def __init__(self, app: ASGIApp, hosts: tuple[str, ...]) -> None:
        self._app, self._hosts = app, hosts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or self._is_known(scope):
            await self._app(scope, receive, send)
            return
        answer = write_error(scope, 400, "this is not the address of the service; see base_url")
        await answer(scope, receive, send)

    def _is_known(self, scope: Scope) -> bool:
        if not self._hosts or scope["path"] in _HEALTH:
            return True
        return _read_host(find_header(scope, b"host")) in self._hosts


def _read_host(header: str | None) -> str | None:
    """The name or address without its port."""
    try:
        return urlsplit(f"//{header}").hostname if header else None
    except ValueError:
        return None
