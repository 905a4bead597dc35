"""Is the service alive, is it ready, how does it fare."""

from __future__ import annotations

from fastapi import APIRouter, Response

from leukon.service.desk import Desk
from leukon.service.errors import describe_errors
from leukon.service.metrics import METRICS_TYPE, Metrics
from leukon.service.work import say_ready

__all__ = ["make_router"]


def make_router(desk: Desk, metrics: Metrics) -> APIRouter:
    """`/healthz` (the service runs), `/readyz` (its processes answer) and `/metrics` (Prometheus)."""
    router = APIRouter(tags=["health"])

    @router.get("/healthz", summary="The service runs", responses=describe_errors(405, 500))
    async def live() -> dict[str, str]:
        return {"status": "alive"}

    @router.get("/readyz", summary="Its processes answer", responses=describe_errors(405, 500, 503, 504))
    async def ready() -> dict[str, str]:
        await desk.ask(say_ready)
        return {"status": "ready"}

    @router.get(
        "/metrics",
        summary="Counters for Prometheus",
        response_class=Response,
        responses={
            200: {"description": "Text form of Prometheus", "content": {METRICS_TYPE: {"schema": {"type": "string"}}}},
            **describe_errors(400, 405, 500),
        },
    )
    async def measure() -> Response:
        return Response(metrics.write(), media_type=METRICS_TYPE)

    return router
