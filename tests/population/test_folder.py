"""A result is whole or not there, and nothing else is overwritten."""

from __future__ import annotations

from pathlib import Path

import pytest

from leukon.population.folder import MARK, make_folder
from leukon.population.tables import TableError


def test_a_result_appears_when_it_is_whole_and_replaces_an_earlier_one(tmp_path: Path) -> None:
    for text in ("first", "second"):
        with make_folder(tmp_path / "out") as part:
            (part / MARK).write_text(text)
            assert part != tmp_path / "out"
    assert (tmp_path / "out" / MARK).read_text() == "second"
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_a_run_that_fails_leaves_the_earlier_result(tmp_path: Path) -> None:
    with make_folder(tmp_path / "out") as part:
        (part / MARK).write_text("whole")
    with pytest.raises(RuntimeError, match="disk full"):
        _fail_half_way(tmp_path / "out")
    assert (tmp_path / "out" / MARK).read_text() == "whole"
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def _fail_half_way(target: Path) -> None:
    with make_folder(target) as part:
        (part / MARK).write_text("half")
        raise RuntimeError("disk full")


def test_what_a_killed_run_left_is_no_result_and_is_cleared_away(tmp_path: Path) -> None:
    (tmp_path / "out.part").mkdir()
    (tmp_path / "out.part" / "people.parquet").write_text("half")
    with make_folder(tmp_path / "out") as part:
        (part / MARK).write_text("whole")
    assert [path.name for path in (tmp_path / "out").iterdir()] == [MARK]


@pytest.mark.parametrize("kind", ["file", "folder of other files"])
def test_what_is_no_result_of_leukon_is_not_touched(tmp_path: Path, kind: str) -> None:
    target = tmp_path / "thesis"
    if kind == "file":
        target.write_text("years of work")
    else:
        target.mkdir()
        (target / "chapter.txt").write_text("years of work")
    with pytest.raises(TableError, match="thesis"), make_folder(target):
        pass
    assert "years of work" in (target if kind == "file" else target / "chapter.txt").read_text()
