"""What stands between the network and the answers: each guard is one small ASGI middleware."""

from __future__ import annotations

from fastapi import FastAPI

from leukon.service.audit import AuditLog
from leukon.service.guard.audited import Audited
from leukon.service.guard.body import BodyLimits
from leukon.service.guard.cors import HookOrigins
from leukon.service.guard.counted import Counted
from leukon.service.guard.defects import Defects
from leukon.service.guard.headers import SafeHeaders
from leukon.service.guard.host import KnownHost, list_hosts
from leukon.service.guard.rate import RateLimit
from leukon.service.guard.time import TimeLimit
from leukon.service.metrics import Metrics
from leukon.service.settings import Settings

__all__ = ["add_guards"]


def add_guards(app: FastAPI, settings: Settings, metrics: Metrics, audit: AuditLog | None) -> None:
    """Puts the guards around the application, the innermost first."""
    # the desks end work that takes too long; this gives up whatever else does
    longest = settings.time_limit_s + max(settings.time_limit_s, settings.forecast_limit_s)
    app.add_middleware(TimeLimit, seconds=longest)
    app.add_middleware(BodyLimits, most_bytes=settings.most_bytes, time_limit_s=settings.time_limit_s)
    app.add_middleware(Defects)
    if audit is not None:
        app.add_middleware(Audited, log=audit)
    app.add_middleware(RateLimit, per_minute=settings.requests_per_minute)
    app.add_middleware(KnownHost, hosts=list_hosts(settings))
    if settings.hook_origins:
        app.add_middleware(HookOrigins, origins=settings.hook_origins)
    app.add_middleware(SafeHeaders)
    app.add_middleware(Counted, metrics=metrics)
