"""What is typed becomes a record, and what the form shows of a record goes back into it unchanged."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from leukon.answer import NotUsed
from leukon.io import read_record
from leukon.service.web.as_record import write_record
from leukon.service.web.entry import Entry, dump_left, entry_of, read_entry, read_left
from leukon.service.web.form import record_of
from leukon.service.web.moments import LineError
from leukon.service.web.render import render
from tests.service.web.forms import EXAMPLES, RECORDS, ask, read_page


def type_in(**fields: object) -> dict[str, object]:
    return record_of(read_entry(ask(**fields).fields))[0]


@pytest.mark.parametrize("path", [*EXAMPLES, *RECORDS[::6]], ids=lambda p: p.stem)
def test_a_browser_sends_back_the_record_that_the_form_shows(path: Path) -> None:
    record, _ = write_record(read_record(path.read_text(encoding="utf-8")))
    left = (NotUsed("x <y>", "not read", "OBX[1]"),)
    page = render("entry.html", entry=entry_of(record, left).with_blanks(), error=None)
    fields = read_page(page).fields("answer")
    assert record_of(read_entry(fields)) == (record, left)


def test_an_empty_form_is_an_empty_record() -> None:
    page = render("entry.html", entry=Entry().with_blanks(), error=None)
    assert record_of(read_entry(read_page(page).fields("answer"))) == ({}, ())


def test_counts_of_three_days_stand_oldest_first_and_the_newest_is_day_0() -> None:
    record = type_in(when=("", "3 weeks ago", "-400"), count_wbc=("2.1", "5", "6"), count_neutrophils=("0.4", "", "3"))
    assert record["counts"] == [
        {"day": "-400", "wbc": "6", "neutrophils": "3"},
        {"day": "3 weeks ago", "wbc": "5"},
        {"day": "0", "wbc": "2.1", "neutrophils": "0.4"},
    ]


def test_counts_without_days_keep_their_order() -> None:
    record = type_in(when=("", ""), count_wbc=("2.1", "5"))
    assert record["counts"] == [{"wbc": "5"}, {"wbc": "2.1"}]


def test_a_pasted_line_joins_the_newest_count_and_its_own_days() -> None:
    record = type_in(count_neutrophils="0.4", paste="WBC 2.1 K/uL (4.0-11.0)\n3 weeks ago: WBC 5")
    assert record["counts"] == [
        {"day": "3 weeks ago", "wbc": "5"},
        {"day": "0", "wbc": "2.1 K/uL", "neutrophils": "0.4", "limits": {"wbc": ["4.0", "11.0"]}},
    ]  # fmt: skip


def test_limits_belong_to_the_newest_count() -> None:
    limits = {"limit.wbc": "4.0 - 11.0", "limit.neutrophils": "1.5-"}
    record = type_in(when=("", "-30"), count_wbc=("2", "5"), count_neutrophils=("1", "3"), **limits)
    earlier, newest = record["counts"]  # type: ignore[misc]
    assert newest["limits"] == {"wbc": ["4.0", "11.0"], "neutrophils": ["1.5", None]}
    assert "limits" not in earlier


def test_what_the_form_does_not_show_of_a_row_is_kept() -> None:
    base = {
        "counts": [
            {"day": "-30", "wbc": "5", "limits": {"wbc": ["4", "10"]}, "note": "clotted"},
            {"day": "0", "wbc": "2"},
        ],
        "drugs": [{"name": "docetaxel", "doses": [{"day": "-10", "dose": "75 mg/m2"}]}, {"name": "aspirin"}],
        "tests": [{"name": "bone marrow", "result": "normal", "specimen": "marrow", "day": "-1"}],
    }
    page = read_page(render("entry.html", entry=entry_of(base).with_blanks(), error=None))
    fields = page.fields("answer")
    assert "day -10: 75 mg/m2" in page.text
    fields["drug.note"][0] = "first cycle"
    fields["drug.name"][1] = ""
    fields["present"][0] = "fever"
    changed, _ = record_of(read_entry(fields))
    assert changed["counts"] == base["counts"] and changed["tests"] == base["tests"]
    assert changed["drugs"] == [{"name": "docetaxel", "note": "first cycle", "doses": base["drugs"][0]["doses"]}]
    assert changed["findings"] == {"present": ["fever"]}


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"count_wbc": "2100"}, "did you mean 2100 /uL"),
        ({"count_wbc": "2.1 mg/dL"}, "'mg/dL' is not a unit"),
        ({"count_wbc": "2", "limit.wbc": "four"}, "limits of wbc: 'four' is not two numbers"),
        ({"when": ("", "2026-03-01"), "count_wbc": ("2", "5")}, "the newest needs one too"),
        ({"when": ("", "12"), "count_wbc": ("2", "5")}, "write the day of the newest count too"),
        ({"when": ("-1", ""), "count_wbc": ("2", "5")}, "each earlier count its day or date"),
        ({"when": ("2026-03-01", "-30"), "count_wbc": ("2", "5")}, "cannot be joined"),
        ({"when": ("soon",), "count_wbc": ("2",)}, "'soon' is not a day or a date"),
        ({"count_wbc": "2", "paste": "WBC 3"}, "wbc is 2 in the table and 3 in the pasted lines"),
        ({"when": ("2026-03-01",), "count_wbc": ("2",), "paste": "ANC 3"}, "put one before the pasted line too"),
        ({"drug_name": ("",), "drug_dose": ("20 mg",)}, "a drug needs its name"),
        ({"drug_name": ("aspirin",), "drug_start": ("spring",)}, "start of aspirin: 'spring'"),
        ({"record": "[]"}, "damaged"),
        ({"record": '{"counts": [1]}'}, "damaged"),
        ({"record": "{" * 5000}, "damaged"),
        ({"count_wbc": "2", "left": '["x"]'}, "damaged"),
    ],
)
def test_what_cannot_be_used_is_one_line(fields: dict[str, object], says: str) -> None:
    with pytest.raises(LineError, match=says) as caught:
        type_in(**fields)
    assert "\n" not in str(caught.value)


def test_a_word_in_place_of_a_count_is_left_to_the_reader_of_the_record() -> None:
    assert type_in(count_wbc="pending", count_neutrophils="1")["counts"] == [{"wbc": "pending", "neutrophils": "1"}]


def test_pregnancy_in_weeks_is_one_entry() -> None:
    assert type_in(weeks="20")["person"] == {"pregnancy": {"weeks": "20"}}
    assert type_in(weeks="20", pregnant="false")["person"] == {"pregnant": "false"}


def test_what_a_file_held_beside_the_record_travels_with_the_form() -> None:
    left = (NotUsed("a", "b", "c"), NotUsed('"', "<", "\n"))
    assert read_left(dump_left(left)) == left
    assert json.loads(dump_left(())) == []
