"""How often one address may ask."""

from __future__ import annotations

import math
import time
from collections import OrderedDict
from collections.abc import Callable
from ipaddress import IPv6Address, ip_address

from starlette.types import ASGIApp, Receive, Scope, Send

from leukon.service.errors import write_error

__all__ = ["RateLimit"]

_BURST_S = 10.0  # so many seconds' worth may come at once
_MOST_HELD = 10_000  # addresses remembered
_FREE = ("/healthz", "/readyz", "/metrics", "/static/")


class RateLimit:
    """Refuses more than so many requests a minute of one client address (429, with Retry-After).

    The address is the one the server gives: behind a proxy that it trusts, the one the proxy tells. Of each address one
    moment is remembered: when its requests so far would have come at the steady rate.
    """

    def __init__(self, app: ASGIApp, per_minute: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._app, self._clock = app, clock
        self._step = 60.0 / per_minute if per_minute else 0.0
        self._due: OrderedDict[str, float] = OrderedDict()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and self._step and not scope["path"].startswith(_FREE):
            wait = self._take(_name_client(scope))
            if wait > 0:
                seconds = math.ceil(wait)
                said = f"too many requests from this address; ask again in {seconds} s"
                await write_error(scope, 429, said, {"Retry-After": f"{seconds}"})(scope, receive, send)
                return
        await self._app(scope, receive, send)

    def _take(self, client: str) -> float:
        """Seconds that the client has to wait; 0 where it may ask, which then is noted."""
        now = self._clock()
        due = max(self._due.pop(client, now), now)
        wait = due + self._step - now - max(_BURST_S, self._step)
        self._due[client] = due if wait > 0 else due + self._step
        if len(self._due) > _MOST_HELD:
            self._due.popitem(last=False)
        return wait


def _name_client(scope: Scope) -> str:
    """The address; of IPv6 the network of 64 bits that one household or machine has."""
    name = str((scope.get("client") or ("",))[0])
    try:
        address = ip_address(name)
    except ValueError:
        return name
    if isinstance(address, IPv6Address) and not address.ipv4_mapped:
        return f"{int(address) >> 64:x}"
    return str(address)
