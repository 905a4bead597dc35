"""Forms of input are told apart by what stands in them; a bad line never takes the others with it."""

from __future__ import annotations

import io
import json
import time

import pytest

from leukon.facts import read_facts
from leukon.io import ReadProblem, RecordError, open_input, read_inputs, read_record
from leukon.knowledge import load_knowledge
from leukon.patient import Patient


def test_lines_are_counted_from_one_blank_lines_included() -> None:
    data = b'\n{"counts": [{"wbc": 2.1}]}\n\n{"broken"\n{"counts": [{"wbc": 2.1}]}\n'
    found = list(read_inputs(io.BytesIO(data)))
    assert [x.line for x in found if isinstance(x, ReadProblem)] == [4]
    assert open_input(data).many
    assert not open_input(b"findings: [fever]").many


def test_a_patient_of_a_bulk_file_without_any_result_is_a_problem_of_its_line() -> None:
    lines = [
        {"resourceType": "Condition", "code": {"text": "lupus"}, "subject": {"reference": "Patient/a"}},
        {"resourceType": "Patient", "id": "b"},
    ]
    found = list(read_inputs("\n".join(map(json.dumps, lines)).encode()))
    assert isinstance(found[0], Patient)
    assert isinstance(found[1], ReadProblem)
    assert found[1].line == 2


def test_a_name_given_twice_in_json_is_named_not_guessed() -> None:
    with pytest.raises(RecordError, match="twice"):
        list(read_inputs(b'{"findings": ["fever"], "findings": ["rash"]}'))


@pytest.mark.parametrize(
    "data",
    [
        b"findings:\n" + b"- a\n" * 1_000_000,
        b"findings: [" + b"1," * 2_000_000 + b"]",
        b'{"findings": [' + b'"a",' * 1_000_000 + b'"a"]}',
    ],
)
def test_a_million_values_are_refused_within_a_second(data: bytes) -> None:
    began = time.process_time()
    with pytest.raises(RecordError, match="values"):
        list(read_inputs(data))
    assert time.process_time() - began < 1.0


@pytest.mark.parametrize(
    ("typed", "fact"),
    [("ANA 1:640", "ana_positive"), ({"ANA": "1:640"}, "ana_positive"), ({"B12": "90 pg/mL"}, "low_b12")],
)
def test_a_test_typed_in_one_line_keeps_its_result(typed: object, fact: str) -> None:
    patient = read_record(json.dumps({"tests": [typed]}))
    assert fact in read_facts(patient, load_knowledge()).present


def test_a_negative_test_typed_in_one_line_is_negative() -> None:
    facts = read_facts(read_record("tests: [HIV negative]"), load_knowledge())
    assert "hiv_positive" in facts.absent


@pytest.mark.parametrize("section", ["person", "counts", "drugs", "conditions", "findings", "tests", "exposures"])
@pytest.mark.parametrize("value", [None, "", 5, ["", None]])
def test_an_empty_or_odd_section_is_still_accounted_for(section: str, value: object) -> None:
    record = {"id": "x", "conditions": ["lupus"], "exposures": ["alcohol"]} | {section: value}
    patient = read_record(json.dumps(record))
    settled = {i.path for i, _ in (*patient.understood, *patient.not_used)}
    handed_on = {i.path for i in (*patient.conditions, *patient.exposures, *patient.present)}
    handed_on |= {d.name.path for d in patient.drugs} | {t.name.path for t in patient.tests}
    leaves = {f"{section}[0]", f"{section}[1]"} if isinstance(value, list) else {section}
    assert leaves <= settled | handed_on
