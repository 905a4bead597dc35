"""The command line as people use it: exit statuses, batches in order, one line for an error and never a traceback."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
EXAMPLES = ROOT / "examples"
FEVER = '{"counts": [{"wbc": 0.6}], "findings": ["fever"]}'


def run(*words: str, stdin: str | bytes = b"") -> subprocess.CompletedProcess[bytes]:
    data = stdin.encode() if isinstance(stdin, str) else stdin
    done = subprocess.run(
        [sys.executable, "-m", "leukon", *words], input=data, capture_output=True, cwd=ROOT, timeout=120
    )
    assert b"Traceback" not in done.stderr, done.stderr.decode()
    return done


def test_a_record_gives_a_report_as_text_and_as_json() -> None:
    record = str(EXAMPLES / "agranulocytosis.yaml")
    text = run("assess", record)
    assert text.returncode == 0
    assert "EMERGENCY" in text.stdout.decode()
    report = json.loads(run("assess", record, "--format", "json").stdout)
    assert report["urgency"]["level"] == "emergency"
    assert report["causes"][0]["id"] == "drug:methimazole"


def test_several_records_are_one_object_a_line_in_order() -> None:
    names = ["duffy_null.yaml", "agranulocytosis.yaml"]
    done = run("assess", *(str(EXAMPLES / n) for n in names), "--format", "json")
    reports = [json.loads(line) for line in done.stdout.splitlines()]
    assert [r["low"] for r in reports] == ["not low", "low"]


def test_standard_input_and_results_added_by_hand() -> None:
    done = run(
        "assess", "-", "--format", "json", "--add", "blood cultures positive", "--add", "hypotension", stdin=FEVER
    )
    report = json.loads(done.stdout)
    assert {u["path"] for u in report["understood"] if u["path"].startswith("add")} == {
        "add[0].name", "add[0].result", "add[1]"
    }  # fmt: skip


def test_a_bad_line_of_a_batch_is_an_error_object_and_the_rest_goes_on() -> None:
    done = run("assess", "-", "--format", "json", stdin=f"{FEVER}\nnot json\n{FEVER}\n")
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert lines[1]["line"] == 2
    assert "error" in lines[1]
    assert lines[0]["urgency"]["level"] == lines[2]["urgency"]["level"] == "emergency"
    assert done.returncode == 0
    assert b"1 record could not be used" in done.stderr


def test_a_long_batch_keeps_its_order_on_every_core() -> None:
    rows = [json.dumps({"id": str(n), "counts": [{"wbc": 1 + n / 100}]}) for n in range(130)]
    done = run("assess", "-", "--format", "json", stdin="\n".join(rows))
    assert [json.loads(line)["id"] for line in done.stdout.splitlines()] == [str(n) for n in range(130)]


@pytest.mark.parametrize(
    ("words", "status"),
    [
        (("assess", "no-such-file.yaml"), 1),
        (("assess", "."), 1),
        (("assess",), 2),
        (("assess", "x", "--format", "pdf"), 2),
        (("assess", "x", "--setting", "moon"), 2),
        (("nonsense",), 2),
        (("knowledge", "show", "no-such-thing"), 1),
        (("knowledge", "list", "weather"), 1),
    ],
)
def test_wrong_use_is_one_line_and_a_status(words: tuple[str, ...], status: int) -> None:
    done = run(*words)
    assert done.returncode == status
    assert len(done.stderr.decode().strip().splitlines()) == 1


def test_a_damaged_record_is_one_line_and_status_1() -> None:
    done = run("assess", "-", stdin="counts: [1, 2")
    assert done.returncode == 1
    assert len(done.stderr.decode().strip().splitlines()) == 1


def test_what_leukon_knows_can_be_listed_shown_and_checked() -> None:
    assert b"hairy_cell_leukemia" in run("knowledge", "list", "causes").stdout
    shown = run("knowledge", "show", "hairy_cell_leukemia").stdout.decode()
    assert "splenomegaly" in shown
    assert run("knowledge", "check").returncode == 0


def test_an_output_file_appears_whole(tmp_path: Path) -> None:
    out = tmp_path / "report.json"
    run("assess", str(EXAMPLES / "duffy_null.yaml"), "--format", "json", "-o", str(out))
    assert json.loads(out.read_text())["low"] == "not low"
    assert list(tmp_path.iterdir()) == [out]


def test_several_records_are_one_object_a_line_where_no_format_is_named(tmp_path: Path) -> None:
    batch = tmp_path / "two.ndjson"
    batch.write_text(f"{FEVER}\nnot json\n{FEVER}\n", encoding="utf-8")
    for words in ([str(batch)], [str(EXAMPLES / "duffy_null.yaml"), str(EXAMPLES / "agranulocytosis.yaml")]):
        lines = [json.loads(line) for line in run("assess", *words).stdout.splitlines()]
        assert [line["low"] for line in lines if "low" in line][-1] == "low"
    assert "EMERGENCY" in run("assess", str(batch), "--format", "text").stdout.decode()


def test_one_page_for_several_records_is_wrong_use() -> None:
    done = run("assess", "-", "--format", "html", stdin=f"{FEVER}\n{FEVER}\n")
    assert (done.returncode, done.stdout) == (2, b"")
    assert len(done.stderr.splitlines()) == 1


def test_a_missing_file_loses_none_of_the_others() -> None:
    names = [str(EXAMPLES / "duffy_null.yaml"), "missing.yaml", str(EXAMPLES / "agranulocytosis.yaml")]
    done = run("assess", *names, "--format", "json")
    assert [json.loads(line)["low"] for line in done.stdout.splitlines()] == ["not low", "low"]
    assert done.returncode == 0
    assert b"missing.yaml: no such file" in done.stderr
    assert b"1 record could not be used" in done.stderr


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_pipe_or_device_is_written_to_and_never_replaced(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = subprocess.Popen([sys.executable, "-c", f"print(len(open({str(pipe)!r}).read()))"], stdout=subprocess.PIPE)
    with reader:
        try:
            assert run("assess", str(EXAMPLES / "duffy_null.yaml"), "-o", str(pipe)).returncode == 0
            assert pipe.is_fifo(), "the pipe was replaced by a file"
            assert int(reader.communicate(timeout=60)[0]) > 100
        finally:
            reader.kill()


@pytest.mark.parametrize("command", [["simulate", "--drug", "docetaxel 75 mg/m2 day 0"], ["forecast", "NADIR"]])
def test_without_jax_one_line_says_what_to_install(command: list[str]) -> None:
    words = [str(EXAMPLES / "chemotherapy_nadir.yaml") if w == "NADIR" else w for w in command]
    code = f"import sys; sys.modules['jax'] = None; from leukon.cli import main; main({words!r})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.strip() == "leukon: models of the marrow need JAX: pip install 'leukon[marrow]'"


def test_the_course_stands_in_the_report_when_it_is_asked_for() -> None:
    pytest.importorskip("jax", reason="the published models need JAX")
    record = str(EXAMPLES / "chemotherapy_nadir.yaml")
    code = f"from leukon.cli import main; main(['assess', {record!r}, '--course', '--format', 'json'])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    course = json.loads(done.stdout)["course"]
    assert {"model", "series", "nadir", "recovery", "below", "fit", "assumptions", "sources", "not_used"} <= set(course)
    assert course["series"][0].keys() >= {"analyte", "day", "median", "p05", "p95"}
