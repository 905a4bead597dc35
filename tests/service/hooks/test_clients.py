"""The file of clients: what stands in it, and what is said where it cannot be used."""

from __future__ import annotations

from pathlib import Path

import pytest

from leukon.service.hooks.clients import read_clients_file
from leukon.service.settings import Client


def test_clients_are_read_and_keys_looked_for_beside_the_file(tmp_path: Path) -> None:
    path = tmp_path / "clients.yaml"
    path.write_text(
        "clients:\n- issuer: https://ehr.example.org/\n  jwks: keys/ehr.json\n"
        "  fhir_servers: [https://ehr.example.org/fhir]\n- {issuer: https://two.example.org/, jwks: /etc/two.json}\n"
    )
    assert read_clients_file(path) == (
        Client("https://ehr.example.org/", tmp_path / "keys/ehr.json", ("https://ehr.example.org/fhir",)),
        Client("https://two.example.org/", Path("/etc/two.json")),
    )


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "Expected"),
        ("clients: 7", "Expected"),
        ("clients: [{issuer: a}]", "jwks"),
        ("clients: [{issuer: a, jwks: b, secret: c}]", "secret"),
        ("clients: [", "not readable"),
        ("clients: &a [*a]", "anchors"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_in_one_line(tmp_path: Path, text: str, why: str) -> None:
    path = tmp_path / "clients.yaml"
    path.write_text(text)
    with pytest.raises(ValueError, match=why) as caught:
        read_clients_file(path)
    assert str(path) in str(caught.value) and "\n" not in str(caught.value)
    with pytest.raises(ValueError, match="no such file"):
        read_clients_file(tmp_path / "none.yaml")
