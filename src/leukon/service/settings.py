"""How a service is set up: frozen values, read once when it starts."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path

from leukon.policy import Policy

__all__ = ["Client", "Settings"]


@dataclass(frozen=True, slots=True)
class Client:
    """An electronic record that may call the hooks: its `iss`, its public keys and the FHIR servers it may name."""

    issuer: str
    jwks: Path  # a file with its JWK set
    fhir_servers: tuple[str, ...] = ()  # base addresses, https


@dataclass(frozen=True, slots=True)
class Settings:
    """All that can be set. What is not said is the safe choice."""

    host: str = "127.0.0.1"
    port: int = 8000
    base_url: str = ""  # the address people see, behind a proxy: the audience of a client's token
    proxies: tuple[str, ...] = ("127.0.0.1", "::1")  # whose X-Forwarded-For and -Proto are believed
    workers: int = field(default_factory=lambda: os.cpu_count() or 1)
    time_limit_s: float = 10.0  # of one answer
    forecast_limit_s: float = 60.0  # of one forecast on the page: the first loads JAX and compiles the models
    most_bytes: int = 5_000_000  # of one request
    requests_per_minute: int = 600  # of one client address; 0: as many as come
    policy: Policy | None = None
    audit: Path | None = None  # a hash-chained log without identifiers
    clients: tuple[Client, ...] = ()  # none: the hooks answer who asks, and fetch from nowhere
    hook_origins: tuple[str, ...] = ()  # web pages that may call the hooks from a browser (CORS)
