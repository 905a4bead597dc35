"""One person in every form that leukon reads, from the command line: told apart by content, answered alike."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

FORMS = {
    "record": "counts: [{wbc: 2.1, neutrophils: 0.4}]\n",
    "FHIR": json.dumps(
        {
            "resourceType": "Bundle",
            "entry": [
                {
                    "resource": {
                        "resourceType": "Observation",
                        "code": {"coding": [{"system": "http://loinc.org", "code": code}]},
                        "valueQuantity": {"value": value, "unit": "10*9/L"},
                    }
                }
                for code, value in (("6690-2", 2.1), ("751-8", 0.4))
            ],
        }
    ),
    "phenopacket": json.dumps(
        {
            "id": "p",
            "subject": {"id": "s"},
            "measurements": [
                {"assay": {"id": code}, "value": {"quantity": {"value": value, "unit": {"id": "UCUM:10*9/L"}}}}
                for code, value in (("LOINC:6690-2", 2.1), ("LOINC:751-8", 0.4))
            ],
        }
    ),
    "HL7": "MSH|^~\\&|||||||ORU^R01|7|P|2.5\rOBX|1|NM|6690-2^WBC^LN||2.1|10*9/L\rOBX|2|NM|751-8^ANC^LN||0.4|10*9/L\r",
    "wide table": "day,WBC (10^9/L),ANC (10^9/L)\n0,2.1,0.4\n",
    "long table": "analyte;value;unit\nWBC;2,1;10^9/L\nANC;0,4;10^9/L\n",
}


def assess(*words: str, stdin: str = "") -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "leukon", "assess", *words, "--format", "json"]
    done = subprocess.run(command, input=stdin.encode(), capture_output=True, cwd=ROOT, timeout=120)
    assert b"Traceback" not in done.stderr
    return done


def test_every_form_of_one_person_gives_the_same_answer(tmp_path: Path) -> None:
    """The name of the file says nothing: the content does."""
    names = [tmp_path / str(number) for number in range(len(FORMS))]
    for name, text in zip(names, FORMS.values(), strict=True):
        name.write_text(text, newline="")
    done = assess(*map(str, names))
    reports = [json.loads(line) for line in done.stdout.splitlines()]
    assert (done.returncode, len(reports)) == (0, len(FORMS))
    answers = {(r["low"], r["urgency"]["level"], r["causes"][0]["id"]) for r in reports}
    assert len(answers) == 1
    assert {r["low"] for r in reports} == {"low"}
    assert all([c["value"] for c in r["counts"]] == [2.1, 0.4] for r in reports)


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        (FORMS["HL7"] + FORMS["HL7"].replace("|7|", "|8|"), ["7", "8"]),
        ("id,WBC (10^9/L)\na,2.1\nb,7\n", ["a", "b"]),
        (FORMS["phenopacket"] + "\n" + FORMS["phenopacket"].replace('"p"', '"q"'), ["p", "q"]),
    ],
)
def test_several_people_are_one_object_a_line(text: str, ids: list[str]) -> None:
    done = assess("-", stdin=text)
    assert [json.loads(line)["id"] for line in done.stdout.splitlines()] == ids


def test_what_cannot_be_used_is_one_line_and_status_1() -> None:
    done = assess("-", stdin="MSH|^~\\&|||||||ADT^A01|7|P|2.5\rPID|1\r")
    assert (done.returncode, done.stdout) == (1, b"")
    assert len(done.stderr.decode().strip().splitlines()) == 1
