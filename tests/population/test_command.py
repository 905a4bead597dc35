"""`leukon grade`: what goes in comes out, in its order, and every fault is named."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

pa = pytest.importorskip("pyarrow", reason="needs leukon[population]")
pytest.importorskip("duckdb", reason="needs leukon[population]")
pytest.importorskip("ibis", reason="needs leukon[population]")
from pyarrow import parquet  # noqa: E402

from leukon.population.command import grade_table  # noqa: E402
from leukon.population.tables import TableError  # noqa: E402

ROW = {"term": "ANC", "value": "0.4", "unit": "10*9/L"}


class TestRows:
    """Rows, order and other columns."""

    def test_other_columns_keep_their_text(self, grade_csv) -> None:
        rows = [
            ROW | {"id": "007", "note": 'he said "low",\nthen left', "when": "1.50", "µ": "é"},
            ROW | {"id": "", "note": "", "when": "2024-01-5", "µ": " x "},
        ]
        graded = grade_csv(rows)
        assert [{k: row[k] for k in rows[0]} for row in graded] == rows
        assert [row["grade_low"] for row in graded] == ["4", "4"]
        assert list(graded[0])[-3:] == ["grade_low", "grade_high", "grade_reason"]

    def test_other_columns_keep_their_type(self, tmp_path: Path) -> None:
        held = pa.table(
            {
                "TERM": ["ANC", None],
                "Value": pa.array([Decimal("0.40"), None], pa.decimal128(10, 2)),
                "unit": pa.array(["/uL", "/uL"]).dictionary_encode(),
                "nested": pa.array([{"a": [1, 2]}, None]),
                "bytes": pa.array([b"\x00\xff", None]),
                "big": pa.array([2**62 + 1, None], pa.uint64()),
                "at": pa.array([1_700_000_000_000_001, None], pa.timestamp("us", tz="UTC")),
                'odd "name"': ["x", "y"],
            }
        )
        parquet.write_table(held, tmp_path / "in [1].parquet")
        grade_table(tmp_path / "in [1].parquet", tmp_path / "out.parquet")
        graded = parquet.read_table(tmp_path / "out.parquet")
        assert graded.select(held.column_names).to_pylist() == held.to_pylist()
        assert graded["grade_low"].to_pylist() == [4, None]
        assert pa.types.is_integer(graded.schema.field("grade_low").type)

    def test_a_million_rows_keep_their_order(self, tmp_path: Path) -> None:
        n = 1_000_000
        names = ["ANC", "WBC", "PLT", "Hb", "no such thing"]
        values = [i % 1000 / 100 for i in range(n)]
        table = pa.table({"id": range(n), "term": names * (n // 5), "value": values, "unit": ["10*9/L"] * n})
        parquet.write_table(table, tmp_path / "in.parquet")
        grade_table(tmp_path / "in.parquet", tmp_path / "out.parquet", ["ctcae-6"])
        graded = parquet.read_table(tmp_path / "out.parquet")
        assert graded.select(table.column_names).to_pydict() == table.to_pydict()
        lows = graded["grade_low"].to_pylist()
        assert [lows[i] for i in (0, 5, 10, 20, 100, 150, 1000)] == [4, 4, 3, 3, 1, 0, 4]

    def test_several_criteria_have_columns_of_their_own(self, grade_csv) -> None:
        (row,) = grade_csv([ROW], "ctcae-5", "ctcae-6")
        assert (row["grade_low_ctcae-5"], row["grade_low_ctcae-6"]) == ("4", "3")
        assert "grade_low" not in row

    def test_a_table_without_rows_has_none_after(self, tmp_path: Path) -> None:
        (tmp_path / "in.csv").write_text("term,value,unit\n", encoding="utf-8")
        assert grade_table(tmp_path / "in.csv", tmp_path / "out.csv") == []
        assert (tmp_path / "out.csv").read_text(
            encoding="utf-8"
        ).strip() == "term,value,unit,grade_low,grade_high,grade_reason"

    @pytest.mark.parametrize(("name", "between"), [("in.csv", ";"), ("in.tsv", "\t"), ("in.csv.gz", ",")])
    def test_a_csv_may_be_of_any_usual_sort(self, tmp_path: Path, name: str, between: str) -> None:
        import gzip

        text = between.join(("term", "value", "unit")) + "\r\n" + between.join(("ANC", "0.4", "10*9/L")) + "\r\n"
        raw = ("\ufeff" + text).encode()
        (tmp_path / name).write_bytes(gzip.compress(raw) if name.endswith("gz") else raw)
        grade_table(tmp_path / name, tmp_path / "out.parquet")
        assert parquet.read_table(tmp_path / "out.parquet")["grade_low"].to_pylist() == [4]

    def test_numbers_of_a_csv_become_numbers_in_parquet_where_all_are(self, tmp_path: Path) -> None:
        (tmp_path / "in.csv").write_text("id,analyte,value,unit,lln\n007,ANC,0.4,K/uL,2\n,ANC,,K/uL,none\n", "utf-8")
        grade_table(tmp_path / "in.csv", tmp_path / "out.parquet")
        graded = parquet.read_table(tmp_path / "out.parquet")
        assert [graded[name].to_pylist() for name in ("id", "value", "lln")] == [
            ["007", None],
            [0.4, None],
            ["2", "none"],
        ]

    def test_the_table_itself_may_be_the_output(self, tmp_path: Path) -> None:
        (tmp_path / "in.csv").write_text("term,value,unit\nANC,0.4,K/uL\n", encoding="utf-8")
        grade_table(tmp_path / "in.csv", tmp_path / "in.csv")
        assert ",4,," in (tmp_path / "in.csv").read_text(encoding="utf-8")


class TestMeaning:
    """What a row is graded by."""

    def test_a_term_wins_over_an_analyte(self, grade_csv) -> None:
        graded = grade_csv([ROW | {"analyte": "PLT"}, ROW | {"term": "", "analyte": "ANC"}])
        assert [row["grade_low"] for row in graded] == ["4", ""]
        assert graded[1]["grade_reason"] == "no term"

    def test_a_number_kept_in_four_bytes_is_read_as_written(self, grade_parquet) -> None:
        """0.8 in four bytes is a little over 0.8, 0.65 a little under 0.65: DAIDS grades 1 and none."""
        columns = {"term": ["ALC", "ALC"], "unit": ["10*9/L"] * 2, "age_years": [30, 30]}
        graded = grade_parquet(columns | {"value": pa.array([0.65, 0.6], pa.float32())}, "daids-2.1")
        assert [row["grade_low"] for row in graded] == [0, 1]

    def test_columns_without_any_value_are_missing_values(self, grade_parquet) -> None:
        empty = {
            name: pa.nulls(1) for name in ("lln", "uln", "baseline", "sex", "birth_date", "sample_date", "age_days")
        }
        columns = {"term": ["Hb"], "value": [9], "unit": ["g/dL"]} | empty
        (row,) = grade_parquet(columns, "ctcae-5", "daids-2.1")
        assert (row["grade_low_ctcae-5"], row["grade_low_daids-2.1"]) == (2, None)
        assert row["grade_reason_daids-2.1"].endswith("needs the age")
        (row,) = grade_parquet(columns | {"value": pa.nulls(1), "unit": pa.nulls(1)})
        assert row["grade_reason"] == "no value"

    def test_a_value_that_is_not_a_number_is_a_missing_one(self, grade_parquet) -> None:
        """As pandas writes it: the least and greatest value that a Parquet file states say nothing of it."""
        nan = float("nan")
        columns = {"term": ["PLT"] * 4, "value": [3.0, nan, 100.0, 100.0], "unit": ["10*9/L"] * 4}
        rows = grade_parquet(columns | {"lln": [150.0, 150.0, nan, 150.0]})
        assert [row["grade_low"] for row in rows] == [4, None, None, 1]
        assert rows[1]["grade_reason"] == "no value"
        assert rows[2]["grade_reason"].startswith("the lower limit of normal is missing")

    def test_a_sex_in_code_is_not_guessed(self, grade_parquet) -> None:
        columns = {"term": ["Hb"], "value": [9.0], "unit": ["g/dL"], "sex": [1], "age_years": [30]}
        (row,) = grade_parquet(columns, "ctcae-5", "daids-2.1")
        assert row["grade_low_ctcae-5"] == 2
        assert row["grade_reason_daids-2.1"] == "DAIDS 2.1 Hemoglobin, Low needs the sex"

    def test_dates_may_be_text_or_times(self, grade_csv) -> None:
        row = ROW | {"value": "1.4", "birth_date": "2024-02-01"}
        days = ["2024-02-02", "2024-02-06T10:30:00", "2024-02-09 08:00", "2024-02-31", "5/2/2024", "2024-01-01", ""]
        graded = grade_csv([row | {"sample_date": day} for day in days], "daids-2.1")
        assert [row["grade_low"] for row in graded] == ["4", "1", "0", "", "", "", ""]
        assert graded[3]["grade_reason"] == "the age cannot be had: the sample date is no date (YYYY-MM-DD)"
        assert graded[5]["grade_reason"] == "the age cannot be had: the sample is older than the person"
        assert graded[6]["grade_reason"].endswith("needs the age")

    def test_an_age_below_zero_is_refused(self, grade_csv) -> None:
        (row,) = grade_csv([ROW | {"age_years": "-3"}], "daids-2.1")
        assert row["grade_low"] == "" and "below zero" in row["grade_reason"]

    @pytest.mark.parametrize("value", ["NA", "pending", "<0.1", "0,4"])
    def test_text_in_the_place_of_a_value_is_named(self, grade_csv, value: str) -> None:
        (row,) = grade_csv([ROW | {"value": value}])
        assert (row["grade_low"], row["grade_reason"]) == ("", "the value is no number")


class TestFaults:
    """Each fault is named; a table that cannot be used leaves no output."""

    def _grade(self, tmp_path: Path, text: str) -> list[str]:
        (tmp_path / "in.csv").write_text(text, encoding="utf-8")
        return grade_table(tmp_path / "in.csv", tmp_path / "out.csv")

    def test_an_unknown_unit_in_every_row_is_told(self, tmp_path: Path) -> None:
        notes = self._grade(tmp_path, "term,value,unit\n" + "ANC,0.4,furlong\n" * 3)
        assert notes == [f"{tmp_path / 'in.csv'}: the unit 'furlong' is not understood in every row (3)"]

    def test_a_future_sample_is_told(self, tmp_path: Path) -> None:
        later = date.today() + timedelta(days=40)
        notes = self._grade(tmp_path, f"term,value,unit,sample_date\nANC,1,K/uL,{later}\nANC,1,K/uL,2020-01-01\n")
        assert len(notes) == 1 and "dated after today in 1 of 2 rows" in notes[0]

    def test_hundreds_of_unknown_words_are_counted(self, tmp_path: Path) -> None:
        rows = "".join(f"thing {i},1,K/uL\nANC,0.4,unit {i}\n" for i in range(500))
        notes = self._grade(tmp_path, "term,value,unit\n" + rows)
        assert len(notes) == 26
        assert notes[12].endswith("the term is another of 488 that are not understood in 488 of 1,000 rows")
        text = (tmp_path / "out.csv").read_text(encoding="utf-8")
        assert text.count("CTCAE 5.0 has no term 'thing ") == 200
        assert text.count("CTCAE 5.0 has no such term") == 300
        assert text.count("is not one that neutrophils is graded in") == 500

    @pytest.mark.parametrize(
        ("text", "words"),
        [
            ("", "the file is empty"),
            ("value,unit\n1,K/uL\n", "no column 'term' or 'analyte'"),
            ("term,unit\nANC,K/uL\n", "no column 'value'"),
            ("term,value,Value\nANC,1,2\n", "two columns are called 'value'"),
            ("term,value,grade_low\nANC,1,2\n", "a column 'grade_low' already"),
            (
                "term,value,unit\nANC,1,K/uL\nANC,2\n",
                "Line: 3 Original Line: ANC,2 Expected Number of Columns: 3 Found: 2$",
            ),
        ],
    )
    def test_a_table_that_cannot_be_used_is_named(self, tmp_path: Path, text: str, words: str) -> None:
        with pytest.raises(TableError, match=words) as fault:
            self._grade(tmp_path, text)
        assert str(tmp_path / "in.csv") in str(fault.value) and "\n" not in str(fault.value)
        assert {p.name for p in tmp_path.iterdir()} == {"in.csv"}

    def test_a_text_that_is_not_utf_8_is_named(self, tmp_path: Path) -> None:
        for rows in (0, 100_000):  # in the first lines, and far from them
            text = "term,value,unit\n" + "ANC,1,K/uL\n" * rows + "ANC,1,K/µL\n"
            (tmp_path / "in.csv").write_bytes(text.encode("latin-1"))
            with pytest.raises(TableError, match=r"in\.csv: .*(UTF-8|utf-8)"):
                grade_table(tmp_path / "in.csv", tmp_path / "out.csv")

    @pytest.mark.parametrize(("column", "held"), [("value", [True]), ("unit", [date(2020, 1, 1)]), ("lln", [[1.0]])])
    def test_a_column_of_the_wrong_type_is_named(self, grade_parquet, column: str, held: list) -> None:
        with pytest.raises(TableError, match=f"column '{column}' holds"):
            grade_parquet({"term": ["ANC"], "value": [1.0], "unit": ["K/uL"]} | {column: held})

    def test_a_damaged_file_is_named(self, tmp_path: Path) -> None:
        table = pa.table({"term": ["ANC"] * 5000, "value": [i / 7 for i in range(5000)], "unit": ["K/uL"] * 5000})
        parquet.write_table(table, tmp_path / "in.parquet", compression="zstd")
        whole = (tmp_path / "in.parquet").read_bytes()
        for damaged in (whole[: len(whole) // 2], whole[:200] + b"\x99" * 400 + whole[600:], b""):
            (tmp_path / "in.parquet").write_bytes(damaged)
            with pytest.raises(TableError, match=r"in\.parquet: "):
                grade_table(tmp_path / "in.parquet", tmp_path / "out.parquet")
            assert not (tmp_path / "out.parquet").exists()

    @pytest.mark.parametrize(("sent", "status"), [(signal.SIGKILL, -signal.SIGKILL), (signal.SIGINT, 130)])
    def test_a_stopped_run_leaves_nothing_half_written(self, tmp_path: Path, sent: int, status: int) -> None:
        n = 2_000_000
        values = pa.array(range(n), pa.float64())
        table = pa.table({"term": pa.array(["ANC"] * n), "value": values, "unit": pa.array(["K/uL"] * n)})
        parquet.write_table(table, tmp_path / "in.parquet")
        (tmp_path / "out.csv").write_text("the old result", encoding="utf-8")
        words = [sys.executable, "-m", "leukon", "grade", str(tmp_path / "in.parquet"), "-o", str(tmp_path / "out.csv")]
        run = subprocess.Popen(words, cwd=Path(__file__).parents[2], env=os.environ | {"PYTHONPATH": "src"})
        part = tmp_path / "out.csv.part"
        while run.poll() is None and not (part.exists() and part.stat().st_size > 1000):
            time.sleep(0.002)
        run.send_signal(sent)
        assert run.wait(60) == status  # it was still at work
        assert (tmp_path / "out.csv").read_text(encoding="utf-8") == "the old result"
        assert part.exists() == (sent == signal.SIGKILL)


class TestCommandLine:
    """Exit status and what is said."""

    def _run(self, capsys, *words: str | Path) -> tuple[int, str]:
        from leukon.cli import main

        status = 0
        try:
            main([str(word) for word in words])
        except SystemExit as end:
            status = int(end.code or 0)
        return status, capsys.readouterr().err

    def test_a_table_is_graded_by_each_criteria_set_that_is_named(self, tmp_path: Path, capsys) -> None:
        (tmp_path / "in.csv").write_text("analyte,value,unit\nPLT,9,10*9/L\n", encoding="utf-8")
        words = ["grade", tmp_path / "in.csv", "-o", tmp_path / "out.csv", "--criteria", "ctcae-6"]
        assert self._run(capsys, *words, "--criteria", "daids-2.1") == (0, "")
        header = (tmp_path / "out.csv").read_text(encoding="utf-8").splitlines()[0]
        assert header.endswith(",grade_low_daids-2.1,grade_high_daids-2.1,grade_reason_daids-2.1")

    def test_the_command_line_loads_no_engine_before_a_table_is_graded(self) -> None:
        code = "import sys, leukon.cli, leukon.population.command; print({'duckdb', 'ibis'} & set(sys.modules))"
        assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout.strip() == "set()"

    def test_what_is_odd_is_said_and_the_rest_is_done(self, tmp_path: Path, capsys) -> None:
        (tmp_path / "in.csv").write_text("analyte,value,unit\nPLT,9,10*9/L\nPLT,9,\n", encoding="utf-8")
        status, said = self._run(capsys, "grade", tmp_path / "in.csv", "-o", tmp_path / "out.csv")
        assert status == 0 and said == f"leukon: {tmp_path / 'in.csv'}: no unit in 1 of 2 rows\n"

    @pytest.mark.parametrize(
        ("table", "output", "more", "status", "words"),
        [
            ("none.csv", "out.csv", [], 1, "none.csv: no such file or directory"),
            ("in.csv", "none/out.csv", [], 1, "out.csv: no such file or directory"),
            ("in.csv", "out.xlsx", [], 1, "out.xlsx: a table is a .csv or a .parquet file"),
            ("in.csv", "out.csv", ["--criteria", "ctcae-7"], 2, "ctcae-7"),
        ],
    )
    def test_what_cannot_be_done_is_said_in_one_line(
        self, tmp_path: Path, capsys, table: str, output: str, more: list[str], status: int, words: str
    ) -> None:
        (tmp_path / "in.csv").write_text("analyte,value,unit\nPLT,9,10*9/L\n", encoding="utf-8")
        got, said = self._run(capsys, "grade", tmp_path / table, "-o", tmp_path / output, *more)
        assert got == status and words in said and said.count("\n") == 1
        assert not (tmp_path / output).exists()
