"""`leukon listen` says in one line why it cannot begin."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from leukon.cli import main


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--port", "70000"], "a port is a number from 0 to 65535"),
        (["--keep-days", "-1"], "--keep-days"),
        (["--policy", "nowhere.yaml"], "nowhere.yaml: no such file"),
        (["-o", "/proc/nothing/answers"], "/proc/nothing"),
    ],
)
def test_what_is_wrong_is_one_line(
    words: list[str], says: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["listen", "--spool", str(tmp_path / "spool"), *words])
    said = capsys.readouterr().err
    assert (ended.value.code, said.count("\n")) == (1, 1)
    assert says in said


def test_a_port_that_is_taken_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(SystemExit) as ended:
        main(["listen", "--spool", str(tmp_path / "spool"), "--port", str(taken.getsockname()[1])])
    said = capsys.readouterr().err
    assert (ended.value.code, said.count("\n")) == (1, 1)
    assert "in use" in said
