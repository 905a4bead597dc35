"""Discovery: what the services are called and which queries they ask the record to run."""

from __future__ import annotations

import re

from leukon.counts.analytes import _LOINC, find_analyte  # pyright: ignore[reportPrivateUsage]
from leukon.service.hooks.services import TEMPLATES

from .conftest import Asker


def test_the_services_of_the_three_hooks(hooks: Asker) -> None:
    answer = hooks.ask("GET", "/cds-services")
    assert answer.status_code == 200
    services = answer.json()["services"]
    assert {s["id"]: s["hook"] for s in services} == {
        "leukon-patient-view": "patient-view",
        "leukon-order-select": "order-select",
        "leukon-order-sign": "order-sign",
    }
    for service in services:
        assert service["description"] and service["title"]
        assert service["prefetch"] == TEMPLATES


def test_queries_are_bounded_and_of_the_one_patient() -> None:
    for key, query in TEMPLATES.items():
        assert re.findall(r"{{.*?}}", query) == ["{{context.patientId}}"], key
        if key != "patient":
            assert re.search(r"&_count=\d{2,3}$", query), f"{key} is not bounded"
            assert len(query) < 1500, "longer addresses are refused by some servers"


def test_every_code_of_a_count_that_leukon_reads_is_asked_for() -> None:
    known = {code for both in _LOINC.values() for codes in both for code in codes.split()}
    asked = re.findall(r"&code=([^&]*)", TEMPLATES["counts"])[0].split(",")
    assert set(asked) == known
    assert all(find_analyte(f"LOINC:{code}") for code in asked)
