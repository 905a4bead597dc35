"""Tables of counts: wide and long, with the units of their headers; no unit is "cannot say", no cell is lost."""

from __future__ import annotations

import pytest

from leukon.assess import assess
from leukon.counts import read_counts
from leukon.io import ReadProblem, RecordError, open_input, read_inputs
from leukon.patient import Patient
from tests.io.damage import account, damage, give_report_or_one_line, read_one

WIDE = """\
date,age,sex,WBC (10^9/L),neut %,Hb (g/dL),plt_K/uL,WBC lln,WBC uln,comment,ward
2025-01-18,34,F,6.1,60,13.4,230,4.0,11.0,,7
2025-03-01,35,F,2.1,9,12.9,"1,020",4.0,11.0,clotted,7
"""
LONG = """\
patient,analyte,value,unit,date,lln,uln
A,WBC,3.2,10*9/L,2025-03-01,4,11
A,ANC,300,/uL,2025-03-01,1500,7000
A,WBC (10^9/L),6.2,,2025-01-01,4,11
A,CRP,80,mg/L,2025-03-01,,5
"""


def values(patient: Patient) -> list[tuple[str, float, float | None]]:
    return [(v.analyte, v.value, v.day) for v in read_counts(patient).values]


def test_a_wide_table_is_a_series_with_limits_age_and_sex() -> None:
    patient = read_one(WIDE)
    assert [d.day for d in patient.draws] == [-42.0, 0.0]
    found = {(a, d): v for a, v, d in values(patient)}
    assert found["wbc", -42.0] == 6.1
    assert found["neutrophils", 0.0] == pytest.approx(2.1 * 0.09)
    assert (found["hemoglobin", 0.0], found["platelets", 0.0]) == (12.9, 1020.0)
    assert (patient.person.sex, patient.person.age_days) == ("female", 35 * 365.25)
    assert {v.limits for v in read_counts(patient).values if v.analyte == "wbc"} == {(4.0, 11.0)}
    assert [i.text for d in patient.draws for i in d.sample] == ["clotted"]


@pytest.mark.parametrize("text", [WIDE, LONG])
def test_each_cell_stands_once(text: str) -> None:
    import csv

    header, *rows = list(csv.reader(text.splitlines()))
    cells = [f"rows[{n}].{label}" for n, row in enumerate(rows) for label, c in zip(header, row, strict=True) if c]
    assert sorted(account(read_one(text))) == sorted(cells)


def test_a_long_table_is_read_in_the_unit_of_each_row() -> None:
    patient = read_one(LONG)
    assert values(patient) == [("wbc", 6.2, -59.0), ("wbc", 3.2, 0.0), ("neutrophils", 0.3, 0.0)]
    assert [v.limits for v in read_counts(patient).values] == [(4.0, 11.0), (4.0, 11.0), (1.5, 7.0)]
    assert [(t.name.text, t.result and t.result.text, t.day) for t in patient.tests] == [("CRP", "80 mg/L", 0.0)]


@pytest.mark.parametrize(
    "text",
    ["day,wbc,anc\n0,3.2,1.1\n", "analyte,value,unit\nWBC,3.2,\nANC,1.1,\n", "day,wbc,770-8\n0,3.2,9\n"],
)
def test_a_missing_unit_is_cannot_say(text: str) -> None:
    report = assess(read_one(text))
    assert report.low == "cannot say"
    assert sum("unit is missing" in n.reason for n in report.not_used) == 2


@pytest.mark.parametrize(
    "header",
    [
        "day,WBC (10^9/L)", "day,WBC [10*9/L]", "day;WBC (10^9/L)", "day\tWBC 10^9/L", "day|wbc_10^9/L",
        "day,Leukocytes (x10^9/L)", "day,WBC\n,10^9/L", "day,wbc,wbc_unit", "day,WBC,Units",
    ],
)  # fmt: skip
def test_a_unit_stands_in_the_header_under_it_or_beside(header: str) -> None:
    mark = next(m for m in "\t|;," if m in header.splitlines()[0])
    cells = ["0", "3.2"] + (["10^9/L"] if "nit" in header else [])
    assert values(read_one(f"{header}\n{mark.join(cells)}\n")) == [("wbc", 3.2, 0.0)]


def test_a_cell_that_names_its_own_unit_keeps_it() -> None:
    assert values(read_one("day,WBC (10^9/L),ANC (10^9/L)\n0,2100 /uL,<0.1\n"))[0] == ("wbc", 2.1, 0.0)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("day;wbc (10^9/L)\n0;3,2\n", 3.2),
        ("day;wbc (10^9/L)\n0;4,710\n", 4.71),  # a semicolon parts the cells because the comma is a decimal
        ("day;wbc (/uL)\n0;3.200,5\n", 3.2005),
        ("day;wbc (10^9/L)\n0;0,310\n", 0.31),
        ("day;wbc (10^9/L)\n0;3.2\n", 3.2),
        ('day,wbc (/uL)\n0,"4,710"\n', 4.71),
        ("day\twbc (10^9/L)\n0\t3,2\n", 3.2),
    ],
)
def test_decimal_commas(text: str, expected: float) -> None:
    assert read_counts(read_one(text)).values[-1].value == expected


@pytest.mark.parametrize("rows", ["day\twbc (/uL)\n0\t4,710\n", "day;wbc (/uL)\n0;4.710\n"])
def test_a_mark_that_could_be_decimal_or_thousand_is_cannot_say(rows: str) -> None:
    """4.710 /uL read as a decimal would be agranulocytosis, read as a thousand it is normal."""
    with pytest.raises(RecordError, match="cannot say"):
        read_one(rows)


def test_a_thousand_beside_decimal_commas_is_cannot_say() -> None:
    patient = read_one("day;wbc (10^9/L);plt (/uL)\n0;3,2;150.000\n")
    assert values(patient) == [("wbc", 3.2, 0.0)]
    assert any("cannot say" in reason for _, reason in patient.not_used)


def test_several_people_are_one_record_each_by_first_appearance() -> None:
    text = "id,date,wbc (10^9/L)\nb,2025-01-01,2.1\na,2025-01-05,7\n,2025-01-01,5\nb,2025-01-08,1.9\n"
    batch = open_input(text.encode())
    assert batch.many
    found = list(batch.records)
    people = {x.id: values(x) for x in found if isinstance(x, Patient)}
    assert list(people) == ["b", "a"]
    assert people["b"] == [("wbc", 2.1, -7.0), ("wbc", 1.9, 0.0)]
    assert [x.line for x in found if isinstance(x, ReadProblem)] == [4]


def test_one_person_with_an_id_is_one_report() -> None:
    assert not open_input(b"id,day,wbc (10^9/L)\na,0,2.1\na,7,2.2\n").many


@pytest.mark.parametrize(
    ("dates", "days"),
    [
        (["2025-03-01", "2025-03-08"], [-7, 0]),
        (["01.03.2025", "08.03.2025"], [-7, 0]),
        (["25/03/2025", "01/04/2025"], [-7, 0]),  # 25 says which part is the day
        (["03/25/2025", "04/01/2025"], [-7, 0]),
        (["01-Mar-2025", "8 Mar 2025"], [-7, 0]),
        (["20250301", "2025/03/08"], [-7, 0]),
        (["2025-03-01 08:00", "2025-03-08T08:00:00Z"], [-7, 0]),
        (["0", "7"], [0, 7]),
        (["03/04/2025", "05/06/2025"], [None, None]),  # April or March? nobody can say
    ],
)
def test_days_and_dates_as_people_write_them(dates: list[str], days: list[float | None]) -> None:
    rows = "\n".join(f"{date},{2 + n}.1" for n, date in enumerate(dates))
    patient = read_one(f"date,wbc (10^9/L)\n{rows}\n")
    assert [d.day for d in patient.draws] == days
    listed = [i.text for i, reason in patient.not_used if "date" in reason]
    assert listed == (dates if days == [None, None] else [])


def test_an_age_in_months_and_a_birth_are_ages() -> None:
    assert read_one("age (months),wbc (10^9/L)\n9,7\n").person.age_days == pytest.approx(9 * 30.44)
    born = read_one("dob,date,wbc (10^9/L)\n2024-03-01,2025-03-01,7\n").person.age_days
    assert born == pytest.approx(365)


def test_a_percentage_and_a_count_of_one_cell_keep_their_own_limits() -> None:
    text = "wbc (10^9/L),neut (%),ANC (10^9/L),ANC lln,ANC uln\n3.0,10,0.3,1.5,7\n"
    assert len(account(read_one(text))) == 5
    assert {v.analyte: v.limits for v in read_counts(read_one(text)).values}["neutrophils"] == (1.5, 7.0)


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"day,colour\n0,red\n", "no column"),
        (b"day,wbc (10^9/L)\n", "without a row"),
        (b"day,wbc (10^9/L)\n0,\n", "no count"),
        (b"id,day,wbc\n,0,2\n", "without a row"),
    ],
)
def test_a_table_without_counts_is_one_line(data: bytes, says: str) -> None:
    with pytest.raises(RecordError, match=says):
        list(read_inputs(data))


def test_a_table_of_a_spreadsheet_in_utf_16_or_windows_letters() -> None:
    text = "day;WBC (/µL)\n0;2100\n"
    for encoding in ("utf-8-sig", "utf-16", "cp1252"):
        assert values(read_one(text.encode(encoding))) == [("wbc", 2.1, 0.0)]


def test_a_record_is_no_table() -> None:
    for text in ("findings: [fever, wbc]", "counts: [{wbc: 2.1, neutrophils: 0.4}]", "{counts: [{wbc: 2.1}], id: a}"):
        assert read_one(text).draws or read_one(text).present


@pytest.mark.parametrize("seed", range(300))
def test_damaged_tables_give_a_report_or_one_line(seed: int) -> None:
    whole = (WIDE, LONG, WIDE.replace(",", ";").replace(".", ","))[seed // 6 % 3]
    give_report_or_one_line(damage(whole.encode(), seed))
