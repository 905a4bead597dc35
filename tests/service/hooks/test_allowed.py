"""Which addresses may be asked: the tricks with which a service is made to ask another server."""

from __future__ import annotations

import pytest

from leukon.service.hooks.allowed import check_server, find_allowed, read_address

BASE = check_server("https://ehr.example.org/fhir")


@pytest.mark.parametrize(
    "text",
    [
        "https://ehr.example.org/fhir",
        "https://ehr.example.org/fhir/",
        "https://EHR.example.org/fhir",
        "https://ehr.example.org:443/fhir",
        "https://ehr.example.org/fhir/tenant-7",
    ],
)
def test_the_registered_server_and_what_lies_under_it(text: str) -> None:
    found = find_allowed(text, [BASE])
    assert found is not None
    assert str(found).startswith("https://ehr.example.org/fhir")


@pytest.mark.parametrize(
    "text",
    [
        "http://169.254.169.254/latest/meta-data",
        "http://localhost/fhir",
        "https://localhost/fhir",
        "https://127.0.0.1/fhir",
        "https://[::1]/fhir",
        "https://[::ffff:169.254.169.254]/fhir",
        "https://2130706433/fhir",
        "https://0x7f.1/fhir",
        "https://10.0.0.1/fhir",
        "https://other.example.org/fhir",
        "https://example.org/fhir",
        "https://ehr.example.org.evil.test/fhir",
        "https://evil.test/ehr.example.org/fhir",
        "https://evil.test#https://ehr.example.org/fhir",
        "https://evil.test?https://ehr.example.org/fhir",
        "https://ehr.example.org@evil.test/fhir",
        "https://user@ehr.example.org/fhir",
        "https://user:secret@ehr.example.org/fhir",
        "https://ehr.example.org%2f@evil.test/fhir",
        "https://ehr.example.org\\@evil.test/fhir",
        "https:\\\\ehr.example.org\\fhir",
        "https://ehr.example.org:8443/fhir",
        "https://ehr.example.org:0/fhir",
        "https://ehr.example.org:443:80/fhir",
        "https://ehr.example.org./fhir",
        "https://еhr.example.org/fhir",  # a Cyrillic letter
        "https://ehr.example.org/fhirbase",
        "https://ehr.example.org/FHIR",
        "https://ehr.example.org/fhir/../admin",
        "https://ehr.example.org/fhir/%2e%2e/admin",
        "https://ehr.example.org/fhir%2f..%2fadmin",
        "https://ehr.example.org/fhir//evil",
        "https://ehr.example.org/fhir/.",
        "https://ehr.example.org//fhir",
        "https://ehr.example.org/fhir?x=1",
        "https://ehr.example.org/fhir#x",
        "https://ehr.example.org/fhir\r\nHost: evil.test",
        "https://ehr.example.org/fhir\t",
        " https://ehr.example.org/fhir",
        "//ehr.example.org/fhir",
        "ehr.example.org/fhir",
        "ftp://ehr.example.org/fhir",
        "file:///etc/passwd",
        "https:///fhir",
        "https://",
        "",
        "https://ehr.example.org/" + "a" * 5000,
    ],
)
def test_every_other_address_is_refused(text: str) -> None:
    assert find_allowed(text, [BASE]) is None


def test_nothing_is_allowed_where_nothing_is_registered() -> None:
    assert find_allowed("https://ehr.example.org/fhir", []) is None


def test_a_whole_server_may_be_registered() -> None:
    assert find_allowed("https://ehr.example.org/r4/fhir", [check_server("https://ehr.example.org")]) is not None


@pytest.mark.parametrize("text", ["http://127.0.0.1:8080/fhir", "http://localhost:8080/fhir", "http://[::1]:8080/fhir"])
def test_this_machine_itself_only_where_registered(text: str) -> None:
    assert find_allowed(text, [BASE]) is None
    assert str(find_allowed(text, [check_server(text)])) == text


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("http://ehr.example.org/fhir", "https"),
        ("ehr.example.org", "plain address"),
        ("https://ehr.example.org/fhir?tenant=1", "plain address"),
        ("https://user@ehr.example.org/fhir", "plain address"),
    ],
)
def test_what_cannot_be_registered(text: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        check_server(text)


def test_the_address_that_is_asked_is_made_of_the_parts_that_were_compared() -> None:
    address = read_address("https://EHR.Example.org:443/fhir/Observation?patient=1&code=751-8")
    assert str(address) == "https://ehr.example.org/fhir/Observation?patient=1&code=751-8"
