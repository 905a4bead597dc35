"""A service with one process, asked as a record asks it; and a FHIR server on this machine."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from leukon.service.desk import Desk
from leukon.service.hooks import make_router
from leukon.service.settings import Client, Settings

from .tokens import Signer


@dataclass(slots=True)
class Asker:
    """Sends requests to an application without a network."""

    app: FastAPI
    headers: dict[str, str] = field(default_factory=dict[str, str])

    def ask(self, method: str, path: str, **parts: Any) -> httpx.Response:
        async def send() -> httpx.Response:
            transport = httpx.ASGITransport(self.app)
            async with httpx.AsyncClient(transport=transport, base_url="http://cds.test") as client:
                return await client.request(method, path, **parts)

        return asyncio.run(send())

    def post(self, service: str, body: Any, token: str | None = None) -> httpx.Response:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return self.ask("POST", f"/cds-services/{service}", json=body, headers=headers)


@pytest.fixture(scope="session")
def desk() -> Iterator[Desk]:
    desk = Desk(workers=1, time_limit_s=20.0)
    desk.open()
    yield desk
    desk.close()


def make_asker(desk: Desk, settings: Settings) -> Asker:
    app = FastAPI()
    app.include_router(make_router(desk, settings))
    return Asker(app)


@pytest.fixture(scope="session")
def hooks(desk: Desk) -> Asker:
    """The service as it is when no client is registered."""
    return make_asker(desk, Settings(workers=1))


@pytest.fixture(scope="session")
def signer(tmp_path_factory: pytest.TempPathFactory) -> Signer:
    """A registered record: it signs, and its public keys are on the service's disk."""
    return Signer.make(tmp_path_factory.mktemp("client"))


@pytest.fixture(scope="session")
def registered(desk: Desk, signer: Signer, fhir: FhirServer) -> Asker:
    """The service with one client, who may name one FHIR server."""
    client = Client(signer.issuer, signer.jwks, (f"{fhir.address}/fhir",))
    return make_asker(desk, Settings(workers=1, base_url="https://cds.example.org", clients=(client,)))


@dataclass(slots=True)
class FhirServer:
    """Answers from a table; remembers what it was asked and with which headers."""

    address: str
    answers: dict[str, tuple[int, dict[str, str], bytes]] = field(
        default_factory=dict[str, tuple[int, dict[str, str], bytes]]
    )
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list[tuple[str, dict[str, str]]])
    slow: float = 0.0  # seconds before each answer

    def answer(self, start: str, body: Any, status: int = 200, **headers: str) -> None:
        """What stands at addresses that begin like this; the longest beginning wins."""
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.answers[start] = (status, {k.replace("_", "-"): v for k, v in headers.items()}, data)

    def forget(self) -> None:
        self.answers.clear()
        self.asked.clear()
        self.slow = 0.0


@pytest.fixture(scope="session")
def fhir_server() -> Iterator[FhirServer]:
    held: list[FhirServer] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            server = held[0]
            server.asked.append((self.path, dict(self.headers)))
            found = max((s for s in server.answers if self.path.startswith(s)), key=len, default=None)
            status, headers, data = server.answers[found] if found else (404, {}, b"{}")
            time.sleep(server.slow)
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            with suppress(ConnectionError):  # the service has gone
                self.wfile.write(data)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    held.append(FhirServer(f"http://127.0.0.1:{server.server_port}"))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield held[0]
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture(scope="session")
def fhir(fhir_server: FhirServer) -> FhirServer:
    return fhir_server


@pytest.fixture(autouse=True)
def _fresh(fhir_server: FhirServer) -> None:
    fhir_server.forget()


@pytest.fixture
def root() -> Path:
    return Path(__file__).parents[3]
