"""HL7 v2: the traps of real laboratories and analysers, each of which would cost a wrong or a lost result."""

from __future__ import annotations

import pytest

from leukon.assess import assess
from leukon.counts import read_counts
from leukon.io import ReadProblem, RecordError, read_inputs
from leukon.io.hl7_versions import Version, find_fallen, identify
from leukon.patient import Patient
from tests.io.damage import account, read_one
from tests.io.test_hl7 import ANC, HEAD, OBR, PID, WBC, message, obx, values

PLT = obx("777-3^PLT^LN", "120")


def reasons(patient: Patient) -> dict[str, str]:
    return {item.path: reason for item, reason in patient.not_used}


def sub(line: str, number: str) -> str:
    """The same result with a sub-id (OBX-4)."""
    fields = line.split("|")
    fields[4] = number
    return "|".join(fields)


# corrected, deleted, wrong


@pytest.mark.parametrize("later", [obx(WBC, "", status="D"), obx(WBC, "0.9", status="D"), obx(WBC, "0.9", status="W"),
                                   obx(WBC, "", status="C"), obx(WBC, "", "", status="D")])  # fmt: skip
def test_a_result_that_is_taken_back_is_not_used(later: str) -> None:
    """A count of another person, withdrawn in the same message, must not lead anywhere."""
    patient = read_one(message(obx(WBC, "0.9"), later, PLT))
    assert values(patient) == {"platelets": 120.0}
    assert reasons(patient)["OBX[1].5"] == "withdrawn later in the same message"
    paths = account(patient)
    assert len(paths) == len(set(paths))


def test_an_empty_sample_is_no_leukopenia_of_the_person() -> None:
    empty = message(obx(WBC, "0.01"), obx("718-7^Hemoglobin^LN", "0.0", "g/dL"), obx("777-3^PLT^LN", "0"))
    assert assess(read_one(empty)).real.verdict == "artefact"


def test_what_comes_after_it_was_taken_back_is_a_result() -> None:
    assert values(read_one(message(obx(WBC, "0.9", status="D"), obx(WBC, "3.9")))) == {"wbc": 3.9}


def test_a_correction_in_another_unit_replaces_too() -> None:
    patient = read_one(message(obx(WBC, "0.9", "10*9/L"), obx(WBC, "3900", "/uL", status="C")))
    assert values(patient) == {"wbc": 3.9}


def test_a_correction_that_cannot_be_used_does_not_bring_back_what_it_corrects() -> None:
    patient = read_one(message(obx(WBC, "0.9"), obx(WBC, "3.9", "mmol/L", status="C"), PLT))
    assert values(patient) == {"platelets": 120.0}


def test_a_corrected_percentage_does_not_replace_the_count_of_the_same_cells() -> None:
    name = "X^Neutrophils^L"
    patient = read_one(message(obx(WBC, "3.0"), obx(name, "0.4", "10*9/L"), obx(name, "13", "%", status="C")))
    assert values(patient)["neutrophils"] == 0.4


def test_sub_ids_tell_results_of_one_test_apart() -> None:
    """A correction of the second film does not touch the first."""
    first, second = (sub(obx(WBC, v), n) for v, n in (("2.1", "1"), ("9.9", "2")))
    corrected = sub(obx(WBC, "2.3", status="C"), "2")
    patient = read_one(message(first, second, corrected))
    assert reasons(patient)["OBX[2].5"].startswith("replaced")
    assert [m.item.text for d in patient.draws for m in d.measures] == ["2.1 10*3/uL", "2.3 10*3/uL"]


@pytest.mark.parametrize(
    ("statuses", "stand"),
    [("FF", [0, 1]), ("FC", [1]), ("CF", [0]), ("PF", [1]), ("FD", []), ("DF", [1]), ("FDF", [2]), ("CDC", [2])],
)
def test_the_statuses_of_one_result(statuses: str, stand: list[int]) -> None:
    ranks = {"P": 0, "F": 1, "C": 2, "D": 0}
    versions = [Version(("wbc", "", ""), "#", ranks[s], s == "D") for s in statuses]
    fallen = find_fallen(versions)
    assert [n for n, s in enumerate(statuses) if s != "D" and fallen[n] is None] == stand


def test_what_is_measured_is_told_without_its_unit_where_the_name_tells() -> None:
    assert identify("ANC", None, "") == identify("whatever", "LOINC:751-8", "") == ("neutrophils", "#")
    assert identify("NEUT%", None, "") == identify("Neutrophils", None, "%") == ("neutrophils", "%")


# repeated and several


def test_the_same_count_twice_is_one_and_two_different_ones_are_told() -> None:
    assert values(read_one(message(obx(WBC, "0.9"), obx(WBC, "0.9")))) == {"wbc": 0.9}
    report = assess(read_one(message(obx(WBC, "0.9"), obx(WBC, "4.9"))))
    assert report.counts[0].value == 0.9  # the worse one
    assert any("a second value" in n.reason for n in report.not_used)


def test_two_numbers_in_one_result_are_none() -> None:
    patient = read_one(message(obx(WBC, "2.1~2.3"), PLT))
    assert values(patient) == {"platelets": 120.0}
    assert "several values" in reasons(patient)["OBX[1].5"]


def test_every_word_of_a_film_is_read() -> None:
    film = obx("18314-5^Morphology^LN", "L1^Anisocytosis^L~L2^Poikilocytosis^L", "", kind="CWE")
    lines = obx("L3^Comment^L", "Toxic granulation~Döhle bodies", "", kind="TX")
    texts = [t.result.text for t in read_one(message(obx(WBC, "2.1"), film, lines)).tests if t.result]
    assert texts == ["Anisocytosis; Poikilocytosis", "Toxic granulation Döhle bodies"]


def test_of_several_people_one_without_a_result_costs_the_others_nothing() -> None:
    text = message(obx(WBC, "2.1"), PID.replace("|F|", "|M|"), OBR, obx(WBC, "", status="X"), PID, OBR, obx(WBC, "7.1"))
    found = list(read_inputs(text.encode()))
    assert [x.id if isinstance(x, Patient) else "problem" for x in found] == ["MSG7#1", "problem", "MSG7#3"]
    assert [x.error for x in found if isinstance(x, ReadProblem)] == [
        "no result that can be used in this message (WBC: could not be obtained)"
    ]


# remarks


def test_a_remark_on_another_order_says_nothing_of_the_blood_count() -> None:
    """A serum tube always clots."""
    chemistry = OBR.replace("57021-8^CBC", "1^Chemistry")
    patient = read_one(message(obx("777-3^PLT^LN", "20"), obx(WBC, "2.1"), chemistry, obx("1988-5^CRP^LN", "9", "mg/L"),
                               "NTE|1||sample clotted"))  # fmt: skip
    assert assess(patient).real.verdict != "artefact"
    assert reasons(patient)["NTE[1].3"] == "a remark beside no count that is used"


# values and units


def test_haemoglobin_in_grams_a_millilitre_is_a_slip_and_nobody_guesses() -> None:
    report = assess(read_one(message(obx("718-7^Hemoglobin^LN", "12.5", "g/mL", "13 to 18", "L"), obx(WBC, "2.1"))))
    assert [c.analyte for c in report.counts] == ["wbc"]
    assert any("not a unit of haemoglobin" in n.reason for n in report.not_used)


@pytest.mark.parametrize(
    ("value", "number", "censored"),
    [("<^0.1", 0.1, "<"), ("<=^0.1", 0.1, "<"), ("^0.4", 0.4, None), ("=^0.4", 0.4, None), ("^0.2^-^0.4", 0.3, None),
     ("<", None, None), ("", None, None)],
)  # fmt: skip
def test_structured_numbers(value: str, number: float | None, censored: str | None) -> None:
    patient = read_one(message(obx(WBC, value, kind="SN"), PLT))
    found = [(v.value, v.censored) for v in read_counts(patient).values if v.analyte == "wbc"]
    assert found == ([] if number is None else [(number, censored)])


@pytest.mark.parametrize(
    ("limits", "read"),
    [
        ("4.0 to 11.0", (4.0, 11.0)), ("4.0-11.0", (4.0, 11.0)), ("(4.0 - 11.0)", (4.0, 11.0)),
        ("[4,0–11,0]", (4.0, 11.0)),
        ("4.0 - 11.0 x10^9/L", (4.0, 11.0)), ("> 4.0", (4.0, None)), ("up to 11", (None, 11.0)),
        ("M: 4.0-11.0", None), ("normal", None), ("see note", None),
    ],
)  # fmt: skip
def test_ranges_as_laboratories_print_them(limits: str, read: tuple[float | None, float | None] | None) -> None:
    """One that is no range of two numbers is none and is told."""
    report = assess(read_one(message(obx(WBC, "2.1", limits=limits))))
    (count,) = report.counts
    shown = count.laboratory and (count.laboratory.lower, count.laboratory.upper)
    assert shown == read
    if read is None:
        assert any(n.path == "OBX[1].7" for n in report.not_used)


def test_escapes_of_every_kind() -> None:
    said = r"POS \T\ 1\S\2 \F\ \R\ \E\ line\.br\two \H\bold\N\ \X0A\x \Zabc\y"
    (test,) = read_one(message(obx(WBC, "2.1"), obx("8061-4^ANA^LN", said, "", kind="TX"))).tests
    assert test.result is not None and test.result.text == r"POS & 1^2 | ~ \ line two bold x y"
    for unit in (r"10\S\9\X2F\L", r"/\XB5\L", r"/\XC2B5\L"):
        value = "2.1" if unit.startswith("10") else "2100"
        assert values(read_one(message(obx(WBC, value, unit)))) == {"wbc": 2.1}


@pytest.mark.parametrize("marks", ["#@!/%", "|^~", r"|^~\&#", "\t^~\\&"])
def test_other_separators_than_usual(marks: str) -> None:
    """The field separator and MSH-2 are the sender's to choose; version 2.7 adds a fifth letter."""
    text = message(obx(WBC, "2.1", limits="4.0-11.0"), obx("8061-4^ANA^LN", "POS^Positive^L", "", kind="CWE"))
    field, component, repetition = marks[:3]
    body = text.replace(r"MSH|^~\&", "HEAD").translate(str.maketrans("|^~", field + component + repetition))
    patient = read_one(body.replace("HEAD", f"MSH{marks}"))
    assert (values(patient), patient.person.sex) == ({"wbc": 2.1}, "female")
    assert [t.result.text for t in patient.tests if t.result] == ["Positive"]


# letters


@pytest.mark.parametrize(
    ("charset", "codec", "name"),
    [("GB 18030-2000", "gb18030", "僜^乗"), ("BIG-5", "big5", "乞^么"), ("ISO IR87", "shift_jis", "倔^乖"),
     ("KS X 1001", "euc_kr", "김^민수"), ("8859/5", "iso8859_5", "Иванова^Анна"), ("UNICODE UTF-8", "utf-8", "王^芳")],
)  # fmt: skip
def test_a_name_in_another_charset_does_not_shift_the_fields(charset: str, codec: str, name: str) -> None:
    """In GB 18030 and its like a letter of a name can hold the byte of a separator, and sex would be read as age."""
    head = HEAD + "||||||" + charset
    text = "\r".join([head, PID.replace("MOUSE^MINNIE", name), OBR, obx(WBC, "2.1", "10*9/L")]) + "\r"
    patient = read_one(text.encode(codec))
    assert (values(patient), patient.person.sex) == ({"wbc": 2.1}, "female")
    assert patient.person.age_days == pytest.approx(35 * 365.25, abs=2)


def test_a_charset_that_is_not_what_it_says_is_read_all_the_same() -> None:
    text = message(obx(WBC, "2100", "/µL")).replace("2.5.1", "2.5.1||||||GB 18030")
    assert values(read_one(text.encode())) == {"wbc": 2.1}
    assert values(read_one(text.replace("GB 18030", "UNICODE UTF-8").encode("cp1252"))) == {"wbc": 2.1}


# analysers


def test_an_analysers_masked_differential_and_its_flags() -> None:
    masked = [obx("770-8^NEU%^LN", "**.*", "%", "50-70", "~A"), obx("751-8^NEU#^LN", "***.**", "10*9/L", "2-7", "~A")]
    report = assess(read_one(message(obx(WBC, "1.1", "10*9/L", "4.00-10.00", "L~A"), *masked)))
    assert [c.analyte for c in report.counts] == ["wbc"]
    assert sum("no value" in n.reason for n in report.not_used) == 2


def test_units_of_other_countries() -> None:
    patient = read_one(message(obx(WBC, "2.1", "x10*9/L"), obx("718-7^HGB^LN", "125", "g/L"),
                               obx("4544-3^HCT^LN", "0.38", "L/L"), obx(ANC, "0,4", "Gpt/l")))  # fmt: skip
    assert values(patient) == {"wbc": 2.1, "hemoglobin": 12.5, "neutrophils": 0.4}


@pytest.mark.parametrize(
    ("segments", "says"),
    [([PID, OBR, obx(WBC, "2.1")], "without a message header"), ([OBR, obx(WBC, "2.1")], "without a message header")],
)
def test_a_message_without_its_header_is_told_as_one(segments: list[str], says: str) -> None:
    with pytest.raises(RecordError, match=says):
        read_one("\r".join(segments) + "\r")


@pytest.mark.parametrize("leave_out", ["PID", "OBR"])
def test_a_message_without_person_or_order_is_read(leave_out: str) -> None:
    segments = [s for s in message(obx(WBC, "2.1")).split("\r") if not s.startswith(leave_out)]
    assert values(read_one("\r".join(segments))) == {"wbc": 2.1}


def test_a_time_that_is_none_does_not_matter() -> None:
    assert values(read_one(message(obx(WBC, "2.1")).replace("20250302080000", "today"))) == {"wbc": 2.1}


def test_the_status_of_the_order_stands_where_the_result_has_none() -> None:
    assert values(read_one(message(obx(WBC, "2.1", status="")))) == {"wbc": 2.1}
    withheld = message(obx(WBC, "2.1", status=""), PLT).replace(OBR, OBR.removesuffix("F") + "X")
    assert values(read_one(withheld)) == {"platelets": 120.0}
