"""`leukon simulate` as it is typed."""

from __future__ import annotations

import pytest

from leukon.cli import main

__all__ = ["run"]


def run(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    """Exit status, what is printed, what is complained of."""
    try:
        main(["simulate", *words])
        status = 0
    except SystemExit as end:
        status = int(end.code or 0)
    out, err = capsys.readouterr()
    return status, out, err
