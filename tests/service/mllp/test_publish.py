"""Answers go out whole, and once, whenever the listener is killed."""

from __future__ import annotations

from pathlib import Path

import pytest

from leukon.service.mllp.publish import Folder, Lines, choose_output
from leukon.service.mllp.spool import Answer, Spool

ONE, TWO, THREE = (Answer(n, f"000{n}-ab", f'{{"id":"M{n}"}}\n'.encode() * 2) for n in (1, 2, 3))


@pytest.mark.parametrize(
    ("name", "kind"), [("answers", Folder), ("a.ndjson", Lines), ("a.jsonl", Lines), ("a.json", Folder)]
)
def test_the_name_says_which(name: str, kind: type, tmp_path: Path) -> None:
    assert isinstance(choose_output(tmp_path / name), kind)
    (tmp_path / name).mkdir()
    assert isinstance(choose_output(tmp_path / name), Folder)


def test_a_folder_holds_a_file_a_message_also_when_it_is_published_twice(tmp_path: Path) -> None:
    folder = Folder(tmp_path / "answers")
    folder.open()
    folder.write([ONE], 0)
    folder.write([ONE, TWO], 0)
    assert sorted(p.name for p in folder.path.iterdir()) == ["0001-ab.ndjson", "0002-ab.ndjson"]
    assert (folder.path / "0002-ab.ndjson").read_bytes() == TWO.text


@pytest.mark.parametrize("written", range(len(ONE.text + TWO.text) + 1))
def test_lines_half_written_before_a_kill_are_finished_not_repeated(written: int, tmp_path: Path) -> None:
    """Killed after any byte of the first two answers, and before the note that they are out."""
    lines = Lines(tmp_path / "answers.ndjson")
    before = lines.write([THREE], lines.open())
    with lines.path.open("ab") as file:
        file.write((ONE.text + TWO.text)[:written])
    length = lines.write([ONE, TWO], before)
    assert lines.path.read_bytes() == THREE.text + ONE.text + TWO.text
    assert length == lines.path.stat().st_size


def test_a_kill_before_anything_was_noted_as_out_repeats_nothing(tmp_path: Path) -> None:
    """The very first answers are written, and the listener dies before it could note that."""
    lines, spool = Lines(tmp_path / "answers.ndjson"), Spool(tmp_path / "spool")
    for _ in range(2):
        lines.write([ONE, TWO], spool.published_length("answers", lines.open()))
    assert lines.path.read_bytes() == ONE.text + TWO.text
    spool.close()


def test_what_another_wrote_is_left_alone(tmp_path: Path) -> None:
    lines = Lines(tmp_path / "answers.ndjson")
    lines.path.write_bytes(b"header of the ward\n")
    length = lines.write([ONE], lines.open())
    with lines.path.open("ab") as file:
        file.write(b"another line\n")
    lines.write([TWO], length)
    assert lines.path.read_bytes() == b"header of the ward\n" + ONE.text + b"another line\n" + TWO.text


def test_a_file_that_was_taken_away_begins_anew(tmp_path: Path) -> None:
    lines = Lines(tmp_path / "answers.ndjson")
    length = lines.write([ONE, TWO], lines.open())
    lines.path.rename(tmp_path / "answers.1")
    lines.write([THREE], length)
    assert lines.path.read_bytes() == THREE.text
