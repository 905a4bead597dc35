"""HL7 v2: what laboratories send, with its traps; status, time and units decide, and nobody's name is kept."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from leukon.assess import assess
from leukon.counts import read_counts
from leukon.io import ReadProblem, RecordError, open_input, read_inputs
from leukon.patient import Patient
from leukon.report.json import write_json
from tests.io.damage import account, damage, give_report_or_one_line, read_one

HEAD = r"MSH|^~\&|LAB|H|EHR|H|20250302080000||ORU^R01^ORU_R01|MSG7|P|2.5.1"
PID = "PID|1||4711^^^H^MR||MOUSE^MINNIE||19900301|F|||1 MAIN ST"
OBR = "OBR|1|O1|F1|57021-8^CBC W Auto Differential panel^LN|||202503010700+0100||||||||||||||||||F"


def obx(name: str, value: str, unit: str = "10*3/uL", limits: str = "", flag: str = "", status: str = "F",
        time: str = "", kind: str = "NM") -> str:  # fmt: skip
    return f"OBX|1|{kind}|{name}||{value}|{unit}|{limits}|{flag}|||{status}|||{time}"


WBC = "6690-2^WBC^LN"
ANC = "751-8^Neutrophils [#/volume]^LN"


def message(*segments: str, end: str = "\r") -> str:
    return end.join([HEAD, PID, OBR, *segments]) + end


def values(patient: Patient) -> dict[str, float]:
    return {v.analyte: v.value for v in read_counts(patient).values}


def test_a_blood_count_is_read_with_the_laboratorys_limits() -> None:
    patient = read_one(message(obx(WBC, "2.1", "10*3/uL", "4.0-11.0", "L"), obx(ANC, "400", "/uL", "1500 to 7000")))
    assert values(patient) == {"wbc": 2.1, "neutrophils": 0.4}
    assert [v.limits for v in read_counts(patient).values] == [(4.0, 11.0), (1.5, 7.0)]
    assert patient.id == "MSG7"
    assert patient.person.sex == "female"
    assert patient.person.age_days == pytest.approx(35 * 365.25, abs=2)


def test_no_name_number_or_address_is_kept() -> None:
    said = write_json(assess(read_one(message(obx(WBC, "2.1"), "NK1|1|MOUSE^MICKEY", "PV1|1|I|WARD^7"))), indent=0)
    for secret in (b"MOUSE", b"MINNIE", b"MICKEY", b"4711", b"MAIN ST", b"19900301", b"WARD"):
        assert secret not in said


def test_each_leaf_stands_once() -> None:
    patient = read_one(message(obx(WBC, "2.1", limits="4-11", flag="L"), obx("1988-5^CRP^LN", "80", "mg/L", "<5", "H"),
                               "NTE|1||specimen clotted", obx(ANC, "", status="I")))  # fmt: skip
    paths = account(patient)
    assert len(paths) == len(set(paths))
    assert {f"OBX[1].{n}" for n in (3, 5, 6, 7, 8, 11)} <= set(paths)
    assert {"OBX[2].5", "OBX[2].7", "NTE[1].3", "OBX[3].3", "PID[1].7", "PID[1].8", "OBR[1].7"} <= set(paths)


@pytest.mark.parametrize("end", ["\r", "\n", "\r\n"])
@pytest.mark.parametrize("begin", ["", "\ufeff", "\x0b", "\r\n"])
def test_any_end_of_line_any_framing(begin: str, end: str) -> None:
    assert values(read_one(begin + message(obx(WBC, "2.1"), end=end) + "\x1c\r")) == {"wbc": 2.1}


@pytest.mark.parametrize(
    ("unit", "value"),
    [
        (r"10\S\3/uL", 2.1),  # an escaped caret
        ("10^3/uL", 2.1),  # one that was not escaped
        ("10*3/uL^thousand per microliter^UCUM", 2.1),
        ("x10*9/L", 2.1),
        ("giga.l-1", 2.1),
        ("K/\\X75\\L", 2.1),
        ("", None),  # cannot say
        ("mmol/L", None),
    ],
)
def test_the_unit_decides(unit: str, value: float | None) -> None:
    patient = read_one(message(obx("26464-8^Leukocytes^LN", "2.1", unit)))
    assert values(patient) == ({} if value is None else {"wbc": value})
    if value is None:
        assert assess(patient).low == "cannot say"


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_a_micro_sign_of_windows_is_a_micro_sign(mark: bytes) -> None:
    assert values(read_one(mark + message(obx(WBC, "2100", "/µL")).encode("cp1252"))) == {"wbc": 2.1}


def test_two_units_in_one_message_are_one_scale() -> None:
    patient = read_one(message(obx(WBC, "105600", "{cells}/uL"), obx(ANC, "58", "10*3/uL")))
    assert values(patient) == {"wbc": 105.6, "neutrophils": 58.0}


@pytest.mark.parametrize("status", list("IXDWNO"))
def test_a_result_that_is_none_is_listed_with_its_reason(status: str) -> None:
    patient = read_one(message(obx(WBC, "2.1", status=status), obx("777-3^PLT^LN", "120")))
    assert values(patient) == {"platelets": 120.0}
    assert any(i.path == "OBX[1].5" for i, _ in patient.not_used)


@pytest.mark.parametrize("status", list("FPCSU"))
def test_a_preliminary_result_is_a_result(status: str) -> None:
    assert values(read_one(message(obx(WBC, "2.1", status=status)))) == {"wbc": 2.1}


def test_a_corrected_result_replaces_the_one_it_corrects() -> None:
    patient = read_one(message(obx(WBC, "0.9"), obx(WBC, "3.9", status="C"), obx(WBC, "0.8", status="P")))
    assert values(patient) == {"wbc": 3.9}
    assert [i.text for i, reason in patient.not_used if "replaced" in reason] == ["0.9 10*3/uL", "0.8 10*3/uL"]


@pytest.mark.parametrize(
    ("name", "value", "unit", "expected"),
    [
        ("6690-2^Potassium^LN", "4.2", "mmol/L", None),  # the words and the unit win over a wrong code
        ("6690-2^Platelets^LN", "210", "10*3/uL", None),
        ("11156-7^LEUKOCYTES^LN", "8.2", "giga.l-1", 8.2),  # a count under the code of its morphology
        ("11156-7^Leukocyte morphology finding^LN", "Reactive", "", None),
        ("L123^Leukos gesamt^L^6690-2^WBC^LN", "2.1", "G/L", 2.1),  # the code stands in the second coding
    ],
)
def test_code_words_and_unit_must_agree(name: str, value: str, unit: str, expected: float | None) -> None:
    kind = "NM" if value[0].isdigit() else "TX"
    patient = read_one(message(obx(name, value, unit, kind=kind), obx("777-3^PLT^LN", "120")))
    assert values(patient).get("wbc") == expected
    assert values(patient)["platelets"] == 120.0


def test_cells_of_another_specimen_are_no_blood_count() -> None:
    csf = message(obx("^WBC", "12", "/uL"), "SPM|1|||CSF^Cerebrospinal fluid").replace("57021-8^CBC W", "^CSF")
    with pytest.raises(RecordError, match="not of blood"):
        read_one(csf)


@pytest.mark.parametrize(
    ("value", "censored"), [("<^0.1", "<"), ("<0.1", "<"), ("0.01", None), ("**.*", "no value"), ('""', "no value")]
)
def test_numbers_under_the_limit_and_masked_ones(value: str, censored: str | None) -> None:
    kind = "SN" if "^" in value else "NM"
    patient = read_one(message(obx("777-3^PLT^LN", "120"), obx(WBC, value, kind=kind)))
    counts = [v for v in read_counts(patient).values if v.analyte == "wbc"]
    if censored == "no value":
        assert counts == []
        assert "no value" in " ".join(n.reason for n in assess(patient).not_used)
    else:
        assert [v.censored for v in counts] == [censored]


def test_the_specimen_says_when_and_a_result_days_apart_is_another_draw() -> None:
    """OBX-14 within a day is when the analyser ran; days away it is another blood sample."""
    same = obx(WBC, "2.1", time="202503010930+0100")
    older = obx(WBC, "6.1", time="20250122")
    patient = read_one(message(same, obx(ANC, "0.4"), older))
    days = [round(d.day or 0.0) for d in patient.draws]
    assert (days, [len(d.measures) for d in patient.draws]) == ([0, -38], [2, 1])


def test_a_remark_on_the_sample_reaches_the_judgement() -> None:
    clear = read_one(message(obx("777-3^PLT^LN", "20"), obx(WBC, "2.1")))
    clotted = read_one(message(obx("777-3^PLT^LN", "20"), obx(WBC, "2.1"), "NTE|1||specimen clotted"))
    assert assess(clotted).real.verdict == "artefact" != assess(clear).real.verdict


def test_several_messages_give_one_record_each_and_a_bad_one_goes_by() -> None:
    text = message(obx(WBC, "2.1"), end="\n") + "MSH\n" + message(obx(WBC, "7.1"), end="\n").replace("MSG7", "MSG8")
    batch = open_input(text.encode())
    assert batch.many
    found = list(batch.records)
    assert [x.id for x in found if isinstance(x, Patient)] == ["MSG7", "MSG8"]
    assert [x.line for x in found if isinstance(x, ReadProblem)] == [5]


def test_two_people_in_one_message_are_two_records() -> None:
    text = message(obx(WBC, "2.1"), PID.replace("|F|", "|M|"), OBR, obx(WBC, "7.1"))
    found = [x for x in read_inputs(text.encode()) if isinstance(x, Patient)]
    assert [(x.id, x.person.sex, values(x)["wbc"]) for x in found] == [
        ("MSG7#1", "female", 2.1), ("MSG7#2", "male", 7.1),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (HEAD + "\r" + PID, "no result"),
        (HEAD.replace("ORU^R01^ORU_R01", "ADT^A01") + "\r" + PID, "ADT A01"),
        (r"MSH|||||||||" + "\rOBX|1", "header|separators|no result"),
        (message(obx(WBC, "", status="I")), "pending"),
    ],
)
def test_what_cannot_be_used_is_one_line(text: str, says: str) -> None:
    with pytest.raises(RecordError, match=says):
        read_one(text)


def test_a_document_in_a_result_is_listed_and_costs_no_time() -> None:
    document = obx("11502-2^Laboratory report^LN", "^application^pdf^Base64^" + "QUJD^&~" * 600_000, "", kind="ED")
    began = time.process_time()
    patient = read_one(message(document, obx(WBC, "2.1")))
    assert time.process_time() - began < 1.0
    assert values(patient) == {"wbc": 2.1}
    assert [i.text for i, reason in patient.not_used if "ED" in reason] == ["(document)"]


@pytest.mark.parametrize("mark", ["~", "^", "&", "|"])
def test_a_message_of_nothing_but_separators_costs_little(mark: str) -> None:
    began = time.process_time()
    with pytest.raises(RecordError, match="separators"):
        read_one(message(*[obx("1-1^X^LN", mark * 50_000, kind="CWE")] * 8, obx(WBC, "2.1")))
    assert time.process_time() - began < 1.0


def test_an_unknown_version_and_an_unknown_segment_do_not_matter() -> None:
    text = message("ZZ1|x", "free text on a line of its own", obx(WBC, "2.1")).replace("2.5.1", "9.9")
    patient = read_one(text)
    assert values(patient) == {"wbc": 2.1}
    assert any("without the name of a segment" in reason for _, reason in patient.not_used)


def test_the_published_samples_hold_their_traps(shared: Path) -> None:
    folder = shared / "data/hl7v2_ccda_fhir_samples/hl7v2"
    read = {p.stem: read_one(p.read_bytes()) for p in sorted(folder.glob("*.hl7"))}
    nist = values(read["LRI_2.0-NG_CBC_Typ_Message"])
    assert (nist["wbc"], nist["neutrophils"], nist["platelets"]) == (105.6, 58.0, 210.0)
    assert "hemoglobin" not in nist  # 12.5 g/mL: the unit is a slip, and nobody guesses which
    assert values(read["LAB-ORU-1"]) == {"platelets": 221.0}  # the white cells are pending
    assert values(read["LAB-ORU-2"])["neutrophils"] == pytest.approx(8.2 * 0.72)
    assert "hemoglobin" not in values(read["LAB-ORU-2"])  # "g/l-1" is no unit


@pytest.mark.parametrize("seed", range(300))
def test_damaged_messages_give_a_report_or_one_line(seed: int) -> None:
    one = message(obx(WBC, "2.1", limits="4.0-11.0", flag="L"), obx(ANC, "<^0.4", kind="SN"), "NTE|1||clotted",
                  obx("8061-4^ANA^LN", "POS^Positive^L", "", kind="CWE"), "SPM|1|||BLD^Blood")  # fmt: skip
    give_report_or_one_line(damage((one + one.replace("MSG7", "MSG8")).encode(), seed))
