"""Health and metrics: what an operator's tools ask, and that nothing a caller sends becomes a label."""

from __future__ import annotations

import time

import pytest
from prometheus_client.parser import text_string_to_metric_families

from leukon.service.desk import Desk, TooLongError
from leukon.service.metrics import Metrics
from tests.service.client import Service, open_service


def read_counts(service: Service) -> dict[tuple[str, str, str], float]:
    """Requests by method, route and status."""
    families = text_string_to_metric_families(service.get("/metrics").text)
    return {
        (s.labels["method"], s.labels["route"], s.labels["status"]): s.value
        for family in families
        for s in family.samples
        if s.name == "leukon_requests_total"
    }


def test_alive_and_ready(service: Service) -> None:
    assert service.get("/healthz").json() == {"status": "alive"}
    assert service.get("/readyz").json() == {"status": "ready"}


def test_a_service_whose_processes_do_not_answer_is_alive_and_not_ready(monkeypatch: pytest.MonkeyPatch) -> None:
    desks: list[Desk] = []

    class Kept(Desk):
        def open(self) -> None:
            desks.append(self)
            super().open()

    monkeypatch.setattr("leukon.service.app.Desk", Kept)
    with open_service(time_limit_s=0.5) as service:
        busy = service.portal.start_task_soon(desks[0].ask, time.sleep, 60)
        assert service.get("/readyz").status_code == 504
        assert service.get("/healthz").status_code == 200
        with pytest.raises(TooLongError):
            busy.result(5)


def test_requests_are_counted_by_the_template_of_their_route() -> None:
    with open_service() as service:
        service.post("/fhir/$assess", content="counts: [{wbc: 2}]", headers={"Content-Type": "text/yaml"})
        service.post("/fhir/$assess", content="{")
        service.get("/fhir/Patient/4711")
        service.get("/fhir/metadata?name=Doe")
        service.ask("BREW", "/fhir/metadata")
        found = read_counts(service)
    assert found == {
        ("POST", "/fhir/$assess", "200"): 1,
        ("POST", "/fhir/$assess", "400"): 1,
        ("GET", "none", "404"): 1,
        ("GET", "/fhir/metadata", "200"): 1,
        ("other", "/fhir/metadata", "405"): 1,
    }


def test_two_services_count_apart() -> None:
    one, two = Metrics(), Metrics()
    one.requests.labels("GET", "/healthz", 200).inc()
    assert b'route="/healthz"' in one.write()
    assert b'route="/healthz"' not in two.write()
