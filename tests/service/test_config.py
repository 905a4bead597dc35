"""The settings of a service: what is not understood is refused, in one line."""

from __future__ import annotations

from pathlib import Path

import pytest

from leukon.io import RecordError
from leukon.service.config import read_settings
from leukon.service.settings import Client, Settings


def read(folder: Path, text: str) -> Settings:
    (folder / "leukon.yaml").write_text(text)
    return read_settings(folder / "leukon.yaml")


def test_nothing_said_is_the_safe_choice(tmp_path: Path) -> None:
    assert read(tmp_path, "") == read(tmp_path, "# nothing\n") == read_settings(None) == Settings()
    assert Settings().host == "127.0.0.1"
    assert not Settings().clients and not Settings().hook_origins and Settings().audit is None


def test_every_setting_can_be_said_and_files_lie_beside_the_settings(tmp_path: Path) -> None:
    (tmp_path / "policy.yaml").write_text("thresholds: {next_cycle_anc: 1.5}")
    found = read(
        tmp_path,
        """
host: 0.0.0.0
port: 9000
base_url: https://lab.example.org
proxies: [10.0.0.1]
workers: 3
time_limit_s: 4
most_bytes: 1000000
requests_per_minute: 6000
policy: policy.yaml
audit: audit.log
clients:
- {issuer: "https://record.example.org", jwks: keys.json, fhir_servers: ["https://fhir.example.org/r4"]}
hook_origins: [https://record.example.org]
""",
    )
    assert found.policy and found.policy.thresholds.next_cycle_anc == 1.5
    assert found.audit == tmp_path / "audit.log"
    assert found.clients == (
        Client("https://record.example.org", tmp_path / "keys.json", ("https://fhir.example.org/r4",)),
    )
    assert (found.port, found.workers, found.time_limit_s) == (9000, 3, 4.0)
    assert found.proxies == ("10.0.0.1",)


def test_what_is_said_on_the_command_line_wins(tmp_path: Path) -> None:
    (tmp_path / "leukon.yaml").write_text("{host: 10.0.0.7, port: 9000}")
    found = read_settings(tmp_path / "leukon.yaml", {"port": 9001})
    assert (found.host, found.port) == ("10.0.0.7", 9001)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("prot: 1", "unknown setting 'prot'; there are host, port"),
        ("clients: [{issuer: x, key: y}]", r"clients\[0\]: unknown setting 'key'; there are issuer, jwks"),
        ("clients: [{issuer: x}]", "jwks"),
        ("port: many", r"Expected `int`, got `str`"),
        ("port: 70000", "port is from 0"),
        ("workers: 0", "workers is from 1"),
        ("time_limit_s: 0", "time_limit_s is above 0"),
        ("most_bytes: 10", "most_bytes is from 1000"),
        ("requests_per_minute: -1", "requests_per_minute is 0"),
        ("base_url: lab.example.org", "base_url is an address"),
        ("base_url: https://lab.example.org/leukon", "base_url is an address"),
        ("hook_origins: ['*']", "hook_origins are addresses"),
        ("audit: 7", "the name of a file is text"),
        ("policy: [a]", "policy is the name of a file"),
        ("policy: nowhere.yaml", r"nowhere\.yaml: no such file"),
        ("- port", "settings are a mapping"),
        ("port: [", "not readable as YAML"),
        ("a: &x 1\nport: *x", "anchors"),
    ],
)
def test_what_is_not_understood_is_one_line_with_its_place(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(RecordError, match=said) as caught:
        read(tmp_path, text)
    assert str(caught.value).startswith(str(tmp_path))
    assert "\n" not in str(caught.value)


def test_settings_that_are_not_there_are_one_line(tmp_path: Path) -> None:
    with pytest.raises(RecordError, match=r"nowhere\.yaml: no such file"):
        read_settings(tmp_path / "nowhere.yaml")
