"""How the service fares, for Prometheus: by the template of a route, never by anything that a caller sent."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from starlette.types import Scope

from leukon import __version__

__all__ = ["METHODS", "METRICS_TYPE", "Metrics", "name_route"]

METRICS_TYPE = CONTENT_TYPE_LATEST
METHODS = ("GET", "HEAD", "POST", "OPTIONS", "PUT", "PATCH", "DELETE")
_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 20.0)


class Metrics:
    """Counters of one service, in a registry of their own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "leukon_requests", "Requests answered", ("method", "route", "status"), registry=self.registry
        )
        self.seconds = Histogram(
            "leukon_request_seconds", "Seconds until the answer began", ("route",), buckets=_BUCKETS,
            registry=self.registry,
        )  # fmt: skip
        self.open = Gauge("leukon_requests_open", "Requests being answered", registry=self.registry)
        about = Gauge("leukon_info", "Version", ("version",), registry=self.registry)
        about.labels(__version__).set(1)

    def write(self) -> bytes:
        """All of them in the text form of Prometheus."""
        return generate_latest(self.registry)


def name_route(scope: Scope) -> str:
    """The template of the route ("/cds-services/{id}"); "none" where there is none or a guard answered before it."""
    path = getattr(scope.get("route"), "path", None)
    return path or ("/static" if scope["path"].startswith("/static/") else "none")
