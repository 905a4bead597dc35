"""The record a person types: every leaf is kept as typed and accounted for once; damage is named in one line."""

from __future__ import annotations

import random
import time
from pathlib import Path

import pytest

from leukon.counts import read_counts
from leukon.facts import read_facts
from leukon.io import RecordError, read_inputs, read_record
from leukon.io.tree import each_leaf, read_tree
from leukon.knowledge import load_knowledge
from leukon.patient import Patient

RECORD = """\
id: A-17
person: {age: 34 years, sex: F, duffy_null: false, ancestry: West African}
counts:
- {day: -90, wbc: 5.1}
- day: 0
  wbc: 3200 /uL
  neutrophils: 9 %
  limits: {wbc: [4.0, 11.0]}
  sample: clotted
drugs:
- {name: methimazole, start: -42, stop: null, dose: 10 mg/day, note: recently started}
- aspirin
conditions: [Graves disease]
findings: {present: [fever], absent: [lymphadenopathy]}
tests:
- {name: ANA, result: 1:640}
exposures: returned from Thailand 1 week ago
"""


def account(patient: Patient) -> list[str]:
    """The path of every leaf that was understood or is listed as not used."""
    facts, counts = read_facts(patient, load_knowledge()), read_counts(patient)
    return [x.path for x in (*facts.understood, *facts.not_used, *counts.understood, *counts.not_used)]


def test_everything_a_person_types_is_read() -> None:
    patient = read_record(RECORD)
    assert patient.id == "A-17"
    assert patient.person.age_days == pytest.approx(34 * 365.25)
    assert patient.person.sex == "female"
    assert patient.person.duffy_null is False
    assert [d.day for d in patient.draws] == [-90.0, 0.0]
    assert patient.draws[1].measures[0].limits == (4.0, 11.0)
    assert [d.name.text for d in patient.drugs] == ["methimazole", "aspirin"]
    assert patient.drugs[0].start == -42.0
    assert patient.tests[0].result is not None
    assert patient.tests[0].result.text == "1:640"
    assert patient.now == 0.0


def test_every_leaf_stands_once() -> None:
    assert sorted(account(read_record(RECORD))) == sorted(p for p, _ in each_leaf(read_tree(RECORD, ""), ""))


def test_the_28_published_records_lose_nothing(shared: Path) -> None:
    """Each leaf exactly once, at least 85 % understood over all."""
    understood = total = 0
    for path in sorted((shared / "cases").glob("*.yaml")):
        text = path.read_text()
        patient = read_record(text, path.name)
        leaves = sorted(p for p, _ in each_leaf(read_tree(text, ""), ""))
        assert sorted(account(patient)) == leaves, path.name
        facts, counts = read_facts(patient, load_knowledge()), read_counts(patient)
        understood += len(facts.understood) + len(counts.understood)
        total += len(leaves)
    assert understood / total >= 0.85


@pytest.mark.parametrize(
    ("age", "days"),
    [
        ("34", 34 * 365.25), ("62 days", 62), ("3 months", 91.32), ("6 weeks", 42), ("newborn", 0.5), ("12 hours", 0.5),
        ("7-year-old", 2556.75), ("5 yo", 1826.25),
    ],
)  # fmt: skip
def test_ages_as_people_write_them(age: str, days: float) -> None:
    patient = read_record(f"person: {{age: '{age}'}}\nfindings: [fever]")
    assert patient.person.age_days == pytest.approx(days)


def test_dates_and_days_lie_on_one_axis() -> None:
    text = "counts: [{date: 2025-03-01, wbc: 5.0}, {date: 2025-04-12, wbc: 2.0}]\ndrugs: [{name: x, start: 2025-03-01}]"
    patient = read_record(text)
    assert [d.day for d in patient.draws] == [-42.0, 0.0]
    assert patient.drugs[0].start == -42.0
    assert patient.draws[0].time == "2025-03-01"


def test_a_birth_date_gives_the_age_at_the_newest_count() -> None:
    patient = read_record("person: {birth_date: 2020-04-12}\ncounts: [{date: 2025-04-12, wbc: 2.0}]")
    assert patient.person.age_days == 1826.0


def test_days_beside_dates_are_listed_not_guessed() -> None:
    patient = read_record("counts: [{date: 2025-03-01, wbc: 5.0}]\ndrugs: [{name: x, start: -42}]")
    assert patient.drugs[0].start is None
    assert any(i.path == "drugs[0].start" and "joined" in reason for i, reason in patient.not_used)


def test_ago_counts_back_from_now() -> None:
    patient = read_record("counts: [{day: 10, wbc: 5.0}]\ndrugs: [{name: x, start: 3 weeks ago}]")
    assert patient.drugs[0].start == -11.0


def test_unknown_fields_and_damage_are_listed_and_the_rest_is_read() -> None:
    patient = read_record(
        "weather: sunny\ncounts: [5, {wbc: 2.0}]\ndrugs: [{dose: 5}, methimazole]\nperson: {age: 900 years}"
    )
    paths = {i.path for i, _ in patient.not_used}
    assert paths == {"weather", "counts[0]", "drugs[0].dose", "person.age"}
    assert len(patient.draws) == len(patient.drugs) == 1


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "empty"),
        (b"person: {age: 5}", "no count"),
        (b"\x00\x01\x02", "binary"),
        (b"\xff\xfe\x00", "UTF-8"),
        (b"a: &x [1]\nb: *x", "anchors"),
        (b"[" * 2000, "nested"),
        (b"- " * 200, "nested"),
        (b"counts: [1, 2", "line"),
        (b"x" * 10_000_000, "too large"),
        (b"MSH|^~\\&|LAB", "OBX"),
        (b"day,colour\n0,red\n", "CSV"),
        (b"{a: 1, a: 2}", "twice"),
        (b'<ClinicalDocument xmlns="urn:hl7-org:v3"/>', "no structured part"),
        (b'<Bundle xmlns="http://hl7.org/fhir"/>', "XML"),
        (b'{"resourceType": "Bundle", "entry": []}', "no patient"),
        (b'{"phenotypicFeatures": []}', "phenopacket"),
    ],
)
def test_what_cannot_be_used_is_one_line(data: bytes, says: str) -> None:
    with pytest.raises(RecordError) as caught:
        list(read_inputs(data, "file"))
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


def damage(seed: int) -> bytes:
    """A record broken in one of many ways: cut, flipped, retyped."""
    rng = random.Random(seed)
    data = bytearray(RECORD.encode())
    match seed % 5:
        case 0:
            del data[rng.randrange(len(data)) :]
        case 1:
            for _ in range(rng.randrange(1, 12)):
                data[rng.randrange(len(data))] = rng.randrange(256)
        case 2:
            lines = RECORD.splitlines()
            rng.shuffle(lines)
            data = bytearray("\n".join(lines).encode())
        case 3:
            words = ["NaN", "-5", "[]", "{}", "null", "'", "1e999", "{a: {b: {c: 1}}}", "!!python/object:os.system x"]
            text = RECORD
            for old in rng.sample(
                ["34 years", "3200 /uL", "-42", "fever", "methimazole", "ANA", "[4.0, 11.0]", "9 %"], 3
            ):
                text = text.replace(old, rng.choice(words))
            data = bytearray(text.encode())
        case _:
            start = rng.randrange(len(data))
            data[start:start] = data[: rng.randrange(len(data))]
    return bytes(data)


@pytest.mark.parametrize("seed", range(200))
def test_damaged_records_give_a_patient_or_one_line(seed: int) -> None:
    began = time.process_time()
    try:
        for patient in read_inputs(damage(seed), "record"):
            assert isinstance(patient, Patient)
            account(patient)
    except RecordError as error:
        assert "\n" not in str(error)
    assert time.process_time() - began < 1.0


def test_ndjson_reports_a_bad_line_and_goes_on() -> None:
    data = b'{"counts": [{"wbc": 2.1}]}\n{"counts":\n\n{"counts": [{"wbc": "2.1 K/uL"}]}\n{"weather": 1}\n'
    found = list(read_inputs(data))
    assert [type(x).__name__ for x in found] == ["Patient", "ReadProblem", "Patient", "ReadProblem"]
    assert [x.line for x in found if not isinstance(x, Patient)] == [2, 5]


def test_reading_the_same_text_as_yaml_and_json_gives_the_same_patient() -> None:
    import json

    tree = read_tree(RECORD, "")
    assert read_record(json.dumps(tree)) == read_record(RECORD)
