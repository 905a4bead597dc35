"""deploy/Containerfile, tried without a container: its paths, its user, its commands, its versions."""

from __future__ import annotations

import json
import re
import socket
import subprocess
import sys

from leukon.service.settings import Settings
from tests.service.running import ROOT, Running

LINES = (ROOT / "deploy" / "Containerfile").read_text().replace("\\\n", " ").splitlines()


def find(word: str) -> list[str]:
    return [line.partition(" ")[2].strip() for line in LINES if line.startswith(f"{word} ")]


def read_pins(name: str) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for package, version in re.findall(r"^([a-z0-9._-]+)==([^\s;\\]+)", (ROOT / name).read_text(), re.MULTILINE):
        found.setdefault(package, set()).add(version)
    return found


def test_every_path_that_is_copied_is_there() -> None:
    copied = [words.split()[:-1] for words in find("COPY") if not words.startswith("--from")]
    assert sum(map(len, copied)) > 5
    for path in (path for paths in copied for path in paths):
        assert (ROOT / path).exists(), path


def test_it_does_not_run_as_root() -> None:
    last = max(n for n, line in enumerate(LINES) if line.startswith("FROM "))
    (user,) = [line.split()[1] for line in LINES[last:] if line.startswith("USER ")]
    assert int(user) > 0


def test_what_it_installs_are_the_versions_that_are_tested() -> None:
    tested, installed = read_pins("requirements.lock"), read_pins("deploy/requirements.lock")
    assert {name: v for name, v in installed.items() if name in tested} == {
        name: tested[name] for name in installed if name in tested
    }
    needed_by_hatchling = {"hatchling", "packaging", "pathspec", "pluggy", "tomlkit", "trove-classifiers"}
    assert set(installed) - set(tested) <= needed_by_hatchling
    assert {"fastapi", "uvicorn", "jax", "hatchling"} <= set(installed)
    assert "playwright" not in installed


def test_its_health_check_finds_a_running_service_healthy_and_a_missing_one_not(running: Running) -> None:
    words = json.loads(find("HEALTHCHECK")[0].partition("CMD ")[2])
    assert words[0].startswith("/opt/leukon/bin/")

    def check(port: int) -> int:
        code = words[2].replace(":8000/", f":{port}/")
        return subprocess.run([sys.executable, "-c", code], capture_output=True, timeout=30).returncode

    assert check(running.port) == 0
    with socket.create_server(("127.0.0.1", 0)) as place:
        free = place.getsockname()[1]
    assert check(free) == 1


def test_what_it_runs_is_the_command_for_all_addresses() -> None:
    assert json.loads(find("ENTRYPOINT")[0]) == ["/opt/leukon/bin/leukon", "serve"]
    assert json.loads(find("CMD")[0]) == ["--host", "0.0.0.0"]  # noqa: S104 - a container's own network
    assert find("EXPOSE") == [f"{Settings().port}"]
