"""`leukon serve`: the service on an address, until it is told to stop."""

from __future__ import annotations

import logging
import signal
import socket
import sys
from contextlib import suppress

import uvicorn

from leukon.service.app import make_app
from leukon.service.audit import AuditError
from leukon.service.settings import Settings

__all__ = ["ServeError", "run"]

_LOOPBACK = ("127.0.0.1", "::1", "localhost")
_MOST_OPEN = 500  # connections at once; more are answered 503 by the server itself
_KEEP_S = 75  # a connection at rest: longer than a proxy keeps it (nginx 60 s), which so never meets a closed one


class ServeError(Exception):
    """It cannot serve; one line for a person."""


class _Server(uvicorn.Server):
    """Says when it is ready; requests in flight are answered before it stops."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=sockets)
        if self.started and sockets:
            host, port = sockets[0].getsockname()[:2]
            shown = f"[{host}]" if ":" in host else host
            _say(f"serving on http://{shown}:{port} (Ctrl-C stops)")


def run(settings: Settings) -> None:
    """Serves until SIGINT or SIGTERM; raises ServeError where it cannot begin."""
    logging.basicConfig(format="leukon: %(message)s", level=logging.WARNING, stream=sys.stderr)
    # what it tells of requests holds tracebacks, whose words may be a person's: leukon tells its defects itself
    logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)
    try:
        app = make_app(settings)
    except (AuditError, ValueError) as error:
        raise ServeError(str(error)) from None
    place = _bind(settings.host, settings.port)
    if settings.host not in _LOOPBACK:
        _say("plain HTTP beyond this machine: let only a proxy with TLS reach this port (docs/service.md)")
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,  # addresses hold what was typed
        server_header=False,
        http="h11",
        ws="none",
        lifespan="on",
        forwarded_allow_ips=list(settings.proxies),
        limit_concurrency=_MOST_OPEN,
        timeout_keep_alive=_KEEP_S,
        timeout_graceful_shutdown=round(2 * settings.time_limit_s + settings.forecast_limit_s),
    )
    # uvicorn stops gently on SIGTERM, then raises it again: stopping when told to is no failure
    signal.signal(signal.SIGTERM, lambda *_: None)
    server = _Server(config)
    with suppress(SystemExit):  # so it ends where it cannot start
        server.run(sockets=[place])
    if not server.started:
        raise ServeError("the service could not start")


def _bind(host: str, port: int) -> socket.socket:
    # asyncio sends small packets at once (TCP_NODELAY) only where the protocol is named: without it an answer takes
    # 40 ms longer
    place = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        place.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        place.bind((host, port))
    except OSError as error:
        place.close()
        raise ServeError(f"{host} port {port}: {(error.strerror or str(error)).lower()}") from None
    return place


def _say(line: str) -> None:
    print(f"leukon: {line}", file=sys.stderr, flush=True)
