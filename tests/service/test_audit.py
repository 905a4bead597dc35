"""The audit log: a chain that shows when it was touched, and that names nobody."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from leukon.knowledge import load_knowledge
from leukon.service.audit import AuditError, AuditLog, verify
from tests.service.client import open_service

MOMENT = datetime(2026, 3, 1, 8, tzinfo=UTC)


def write_lines(path: Path, many: int = 5) -> list[bytes]:
    log = AuditLog(path, "k1", clock=lambda: MOMENT)
    for n in range(many):
        log.write("POST", "/fhir/$assess", 200 + n)
    log.close()
    return path.read_bytes().splitlines(keepends=True)


def test_each_line_holds_the_hash_of_the_one_before(tmp_path: Path) -> None:
    lines = [json.loads(line) for line in write_lines(tmp_path / "a.log")]
    assert lines[0] == {
        "time": "2026-03-01T08:00:00.000+00:00", "method": "POST", "route": "/fhir/$assess", "status": 200,
        "knowledge": "k1", "before": "0" * 64,
    }  # fmt: skip
    assert len({line["before"] for line in lines}) == 5
    assert verify(tmp_path / "a.log")[0] == 5


def test_a_later_service_goes_on_with_the_chain(tmp_path: Path) -> None:
    write_lines(tmp_path / "a.log")
    write_lines(tmp_path / "a.log", 2)
    assert verify(tmp_path / "a.log")[0] == 7


@pytest.mark.parametrize(
    ("touch", "line"),
    [
        (lambda lines: [lines[0], lines[1].replace(b"201", b"200"), *lines[2:]], 3),
        (lambda lines: [lines[0], *lines[2:]], 2),
        (lambda lines: [lines[0], lines[0], *lines[1:]], 2),
        (lambda lines: [lines[1], lines[0], *lines[2:]], 1),
        (lambda lines: [*lines, b"{}\n"], 6),
        (lambda lines: [*lines[:-1], lines[-1][:-1]], 5),
        (lambda lines: [*lines[:-1], lines[-1].rstrip()[:-1] + b', "who": "Jane Doe"}\n'], 5),
    ],
    ids=["changed", "left out", "doubled", "swapped", "put in", "torn", "added to"],
)
def test_a_log_that_was_touched_is_found_and_not_written_to(tmp_path: Path, touch: object, line: int) -> None:
    path = tmp_path / "a.log"
    assert callable(touch)
    path.write_bytes(b"".join(touch(write_lines(path))))
    with pytest.raises(AuditError, match=f"line {line}: the chain is broken"):
        verify(path)
    with pytest.raises(AuditError, match=f"line {line}: the chain is broken"):
        AuditLog(path, "k1")


def test_two_services_cannot_write_one_log(tmp_path: Path) -> None:
    log = AuditLog(tmp_path / "a.log", "k1")
    with pytest.raises(AuditError, match="another service"):
        AuditLog(tmp_path / "a.log", "k1")
    log.close()
    AuditLog(tmp_path / "a.log", "k1").close()


def test_only_its_owner_reads_it(tmp_path: Path) -> None:
    write_lines(tmp_path / "a.log")
    assert (tmp_path / "a.log").stat().st_mode & 0o077 == 0


def test_a_folder_that_is_not_there_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(AuditError, match=r"missing/a\.log: no such file"):
        AuditLog(tmp_path / "missing" / "a.log", "k1")


@pytest.mark.parametrize("whole", [True, False])
def test_a_log_is_checked_from_the_shell(tmp_path: Path, whole: bool) -> None:
    path = tmp_path / "a.log"
    lines = write_lines(path)
    path.write_bytes(b"".join(lines if whole else lines[1:]))
    done = subprocess.run(
        [sys.executable, "-m", "leukon.service.audit", str(path)], capture_output=True, text=True, timeout=60
    )
    if whole:
        assert done.stdout == f"{path}: 5 lines, whole; the last has the hash {verify(path)[1]}\n"
    else:
        assert (done.returncode, done.stderr.count("\n")) == (1, 1)
        assert "line 1" in done.stderr


def test_the_service_writes_a_line_for_each_request_and_nothing_of_it(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    body = "id: MRN-4711\nperson: {birth_date: 1990-02-03}\ncounts: [{date: 2026-03-01, wbc: 2.1}]\n"
    with open_service(audit=path) as service:
        headers = {"Content-Type": "text/yaml", "User-Agent": "JaneDoe"}
        assert (
            service.post("/fhir/$assess?add=ANA", content=body, headers=headers, client="192.0.2.77").status_code == 200
        )
        service.get("/fhir/Patient/4711")
        service.post("/fhir/$assess", content=b"[" * 200)
        service.ask("BREW", "/fhir/metadata")
        service.get("/healthz")
        service.get("/metrics")
    lines = [json.loads(line) for line in path.read_bytes().splitlines()]
    assert [(line["method"], line["route"], line["status"]) for line in lines] == [
        ("POST", "/fhir/$assess", 200), ("GET", "none", 404), ("POST", "none", 400), ("other", "/fhir/metadata", 405),
    ]  # fmt: skip
    assert {line["knowledge"] for line in lines} == {load_knowledge().version}
    text = path.read_text()
    for secret in ("4711", "1990", "2.1", "ANA", "192.0.2.77", "JaneDoe"):
        assert secret not in text


def test_without_its_line_no_answer_goes_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with open_service(audit=tmp_path / "a.log") as service:
        assert service.get("/fhir/metadata").status_code == 200

        def full(*_: object) -> int:
            raise OSError(28, "No space left on device")

        with monkeypatch.context() as patched:
            patched.setattr(os, "write", full)
            answer = service.get("/fhir/metadata")
        assert answer.status_code == 503
        assert answer.json()["issue"][0]["diagnostics"] == "the audit log cannot be written"
        assert service.get("/fhir/metadata").status_code == 200
    assert verify(tmp_path / "a.log")[0] == 2


def test_a_line_that_does_not_fit_leaves_no_piece(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log = AuditLog(tmp_path / "a.log", "k1")
    log.write("GET", "/", 200)
    write = os.write
    monkeypatch.setattr(os, "write", lambda file, data: write(file, data[:10]))
    with pytest.raises(AuditError, match="no space left"):
        log.write("GET", "/", 200)
    monkeypatch.undo()
    log.write("GET", "/", 201)
    log.close()
    assert verify(tmp_path / "a.log")[0] == 2
