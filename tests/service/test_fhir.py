"""`POST /fhir/$assess` as a record asks it: the forms it takes, the Bundle it gives, what it says when it cannot."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from fhir.resources.R4B.bundle import Bundle
from fhir.resources.R4B.capabilitystatement import CapabilityStatement
from fhir.resources.R4B.operationdefinition import OperationDefinition
from fhir.resources.R4B.operationoutcome import OperationOutcome

from bench.bundles import make_bundle, make_bundles
from leukon.io import read_record
from leukon.service.parameters import MOST_ADDED
from tests.service.client import Service

ROOT = Path(__file__).parents[2]
ASSESS = "/fhir/$assess"
FEVER = (ROOT / "examples/agranulocytosis.yaml").read_bytes()
NADIR = (ROOT / "examples/chemotherapy_nadir.yaml").read_bytes()
HL7 = (
    "MSH|^~\\&|LAB|H|EHR|H|20260301080000||ORU^R01|1|P|2.5.1\r"
    "PID|1||4711^^^H^MR||DOE^JANE||19920203|F\r"
    "OBR|1||77|CBC^Complete blood count^L|||20260301074500\r"
    "OBX|1|NM|6690-2^Leukocytes^LN||2.1|10*9/L|4.0-11.0|L|||F\r"
    "OBX|2|NM|751-8^Neutrophils^LN||0.4|10*9/L|1.8-7.7|L|||F\r"
)

Resource = dict[str, Any]


def send(service: Service, body: Any, kind: str = "application/fhir+json", **query: Any) -> Any:
    data = body if isinstance(body, (bytes, str)) else json.dumps(body)
    return service.post(ASSESS, content=data, headers={"Content-Type": kind}, params=query)


def read(answer: Any) -> dict[str, list[Resource]]:
    """The resources of a good answer, by kind; checked as R4."""
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/fhir+json"
    Bundle.model_validate_json(answer.content)
    found: dict[str, list[Resource]] = {}
    for entry in answer.json()["entry"]:
        found.setdefault(entry["resource"]["resourceType"], []).append(entry["resource"])
    return found


def refused(answer: Any, status: int) -> str:
    """The one line of an OperationOutcome with this status."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/fhir+json"
    OperationOutcome.model_validate_json(answer.content)
    (issue,) = answer.json()["issue"]
    assert issue["severity"] == "error"
    assert "\n" not in issue["diagnostics"] and "Traceback" not in issue["diagnostics"]
    return issue["diagnostics"]


def urgency(resources: dict[str, list[Resource]]) -> str:
    (parameters,) = resources["Parameters"]
    (said,) = (p for p in parameters["parameter"] if p["name"] == "urgency")
    return said["part"][0]["valueString"]


def test_a_bundle_of_a_woman_on_methimazole_with_fever_is_an_emergency_with_everything_the_operation_promises(
    service: Service,
) -> None:
    resources = read(send(service, make_bundle(read_record(FEVER.decode()))))
    assert urgency(resources) == "emergency"
    for kind in ("RiskAssessment", "DetectedIssue", "ServiceRequest", "GuidanceResponse", "Provenance"):
        assert resources[kind], kind
    *_, anc = (o for o in resources["Observation"] if o["code"]["text"] == "neutrophils")
    quantity = anc["valueQuantity"]
    assert (quantity["value"], quantity["system"], quantity["code"]) == (0.019, "http://unitsofmeasure.org", "10*9/L")
    grades = {c["code"]["coding"][0]["code"]: c["valueInteger"] for c in anc["component"]}
    assert grades["ctcae-5"] == 4
    assert resources["DetectedIssue"][0]["implicated"][0]["display"] == "methimazole"
    assert {r["intent"] for r in resources["ServiceRequest"]} == {"proposal"}


def test_a_percentage_becomes_an_absolute_count_that_tells_what_it_comes_from(service: Service) -> None:
    resources = read(send(service, "counts: [{wbc: 3200 /uL, neutrophils: 9 %}]", "text/yaml"))
    wbc, anc = (next(o for o in resources["Observation"] if o["code"]["text"] == n) for n in ("WBC", "neutrophils"))
    assert anc["valueQuantity"]["value"] == pytest.approx(0.288)
    assert anc["derivedFrom"][0]["reference"].endswith(wbc["id"])


def test_provenance_names_the_moment_of_the_answer(service: Service) -> None:
    (provenance,) = read(send(service, FEVER, "text/yaml"))["Provenance"]
    assert datetime.now(UTC) - datetime.fromisoformat(provenance["recorded"]) < timedelta(minutes=1)


def test_the_forecast_is_a_risk_assessment_of_its_own_where_it_is_asked_for(service: Service) -> None:
    def codes(**query: Any) -> Counter[str]:
        risks = read(send(service, NADIR, "text/yaml", **query))["RiskAssessment"]
        return Counter(r["code"]["text"] for r in risks)

    assert codes() == {"causes of the low count": 1}
    assert codes(course="true") == {"causes of the low count": 1, "forecast of the count": 1}


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("application/yaml", FEVER),
        ("text/yaml; charset=utf-8", FEVER),
        ("application/json", {"counts": [{"wbc": 0.6}], "findings": ["fever"]}),
        ("application/hl7-v2", HL7),
        ("x-application/hl7-v2+er7", HL7),
        ("text/plain", HL7),
        ("text/csv", "date,WBC (10*9/L),ANC (10*9/L)\n2026-03-01,2.1,0.4\n"),
        ("application/fhir+json", make_bundle(read_record(FEVER.decode()))),
        ("application/json", make_bundle(read_record(FEVER.decode()))),
    ],
)
def test_each_form_of_record_is_read_by_its_content(service: Service, kind: str, body: Any) -> None:
    resources = read(send(service, body, kind))
    assert any(o["interpretation"][0]["text"] == "low" for o in resources["Observation"])


def test_hl7_identifiers_do_not_come_back(service: Service) -> None:
    text = send(service, HL7, "application/hl7-v2").text
    assert "4711" not in text and "DOE" not in text and "1992-02-03" not in text


def test_setting_and_further_results_stand_in_the_query_or_in_parameters(service: Service) -> None:
    bundle = make_bundle(read_record("counts: [{wbc: 2.1, neutrophils: 0.9}]"))
    plain = read(send(service, bundle))
    queried = read(send(service, bundle, setting="oncology", add=["ANA 1:640", "no splenomegaly"]))
    sent = {
        "resourceType": "Parameters",
        "parameter": [
            {"name": "resource", "resource": bundle},
            {"name": "setting", "valueCode": "oncology"},
            {"name": "add", "valueString": "ANA 1:640"},
            {"name": "add", "valueString": "no splenomegaly"},
        ],
    }
    given = read(send(service, sent))
    assert given["RiskAssessment"] == queried["RiskAssessment"]
    assert given["RiskAssessment"][0]["prediction"] != plain["RiskAssessment"][0]["prediction"]


def test_the_course_is_asked_for_in_parameters_too(service: Service) -> None:
    sent = {
        "resourceType": "Parameters",
        "parameter": [
            {"name": "resource", "resource": make_bundle(read_record(NADIR.decode()))},
            {"name": "course", "valueBoolean": True},
        ],
    }
    assert len(read(send(service, sent))["RiskAssessment"]) == 2


BUNDLE: Resource = {"name": "resource", "resource": make_bundle(read_record("counts: [{wbc: 2.1}]"))}


@pytest.mark.parametrize(
    ("parameters", "said"),
    [
        ([], "0 parameters named resource"),
        ([BUNDLE, BUNDLE], "2 parameters named resource"),
        ([BUNDLE, {"name": "dose", "valueString": "1"}], "'dose'"),
        ([BUNDLE, {"name": "setting", "valueCode": "moon"}], "'moon' is not one of any, primary-care"),
        ([BUNDLE, {"name": "course", "valueString": "yes"}], "'course'"),
        ([BUNDLE, {"name": "add", "valueString": "x" * 501}], "500 letters"),
        ([BUNDLE, *[{"name": "add", "valueString": "x"}] * (MOST_ADDED + 1)], "at most 50"),
        ([BUNDLE, {"valueString": "x"}], "no name"),
        (["resource"], "no name"),
        ({"name": "resource"}, "without a list"),
    ],
)
def test_parameters_that_are_not_understood_are_refused_and_never_dropped(
    service: Service, parameters: Any, said: str
) -> None:
    answer = send(service, {"resourceType": "Parameters", "parameter": parameters})
    assert said in refused(answer, 400)


@pytest.mark.parametrize(
    ("body", "kind", "status", "said"),
    [
        ("{", "application/fhir+json", 400, "not JSON"),
        ("{'a': 1}", "application/json", 400, "not JSON"),
        ("", "application/fhir+json", 400, "not JSON"),
        (b'{"a": "\xff"}', "application/fhir+json", 400, "not JSON"),
        ("[" * 5000, "application/fhir+json", 400, "nested deeper"),
        ("{}", "application/fhir+json", 422, "no count, drug, finding"),
        ({"resourceType": "Bundle", "entry": []}, "application/fhir+json", 422, "no patient"),
        ("", "text/yaml", 422, "empty"),
        ("a: [", "text/yaml", 422, "line 2, column 1"),
        ("<Bundle/>", "application/xml", 422, "C-CDA is read; give FHIR as JSON"),
        ("x", "application/fhir+xml", 415, "application/fhir+json"),
        ("x", "multipart/form-data", 415, "application/fhir+json"),
        ("x" * 5_000_001, "text/plain", 413, "5 MB"),
        ("counts: [{wbc: 2}]\n" * 3, "text/yaml", 422, "twice"),
    ],
)
def test_what_cannot_be_read_is_an_outcome_with_one_line(
    service: Service, body: Any, kind: str, status: int, said: str
) -> None:
    assert said in refused(send(service, body, kind), status)


def test_two_patients_are_never_mixed(service: Service) -> None:
    bundle = make_bundle(read_record("counts: [{wbc: 2.1}]"))
    bundle["entry"].append({"resource": {"resourceType": "Patient", "id": "2", "gender": "male"}})
    assert "2 patients" in refused(send(service, bundle), 422)


@pytest.mark.parametrize(
    "query", [{"setting": "moon"}, {"course": "perhaps"}, {"add": ["x" * 501]}, {"add": ["x"] * 51}]
)
def test_a_query_that_is_not_understood_is_refused(service: Service, query: Any) -> None:
    refused(send(service, FEVER, "text/yaml", **query), 400)


def test_other_addresses_and_methods_under_fhir_are_outcomes_too(service: Service) -> None:
    refused(service.get("/fhir/Patient/1"), 404)
    refused(service.get(ASSESS), 405)
    refused(service.ask("DELETE", "/fhir/metadata"), 405)


def test_an_answer_in_xml_cannot_be_had(service: Service) -> None:
    answer = service.post(
        ASSESS, content=FEVER, headers={"Content-Type": "text/yaml", "Accept": "application/fhir+xml"}
    )
    assert refused(answer, 406)
    mixed = {"Content-Type": "text/yaml", "Accept": "application/fhir+xml, application/fhir+json;q=0.5"}
    assert service.post(ASSESS, content=FEVER, headers=mixed).status_code == 200


def test_the_service_says_what_it_can_do_in_fhir(service: Service) -> None:
    statement = service.get("/fhir/metadata")
    CapabilityStatement.model_validate_json(statement.content)
    (operation,) = statement.json()["rest"][0]["operation"]
    path = operation["definition"].removeprefix("http://localhost")
    definition = service.get(path)
    OperationDefinition.model_validate_json(definition.content)
    assert definition.json()["url"] == operation["definition"]
    assert {p["name"] for p in definition.json()["parameter"] if p["use"] == "in"} == {
        "resource",
        "setting",
        "add",
        "course",
    }


NODE = shutil.which("node")
VALIDATE = """
const { Fhir } = require('fhir/fhir');
const validator = new Fhir();
const bundles = JSON.parse(require('fs').readFileSync(0, 'utf8'));
console.log(JSON.stringify(bundles.map((bundle) => validator.validate(bundle).messages)));
"""


@pytest.fixture(scope="session")
def validator(pytestconfig: pytest.Config) -> Path:
    """A folder with the npm package `fhir`, of the version and hashes in its lock file."""
    npm = shutil.which("npm")
    if npm is None or NODE is None:
        pytest.skip("npm and node are not here")
    lock = Path(__file__).parent / "npm"
    folder = pytestconfig.cache.mkdir("npm-fhir")
    if (
        not (folder / "node_modules" / "fhir").is_dir()
        or (folder / "package-lock.json").read_bytes() != (lock / "package-lock.json").read_bytes()
    ):
        for path in lock.iterdir():
            shutil.copy(path, folder)
        command = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120)
        if done.returncode:
            shutil.rmtree(folder / "node_modules", ignore_errors=True)
            pytest.skip(f"npm could not install the validator: {done.stderr.strip().splitlines()[:1]}")
    return folder


def test_the_validator_of_npm_finds_no_error_in_any_answer_and_finds_one_where_there_is_one(
    service: Service, validator: Path
) -> None:
    answers = [send(service, bundle).json() for bundle in make_bundles(every=10).values()]
    answers += [send(service, NADIR, "text/yaml", course="true").json()]
    answers += [service.get("/fhir/metadata").json(), service.get("/fhir/OperationDefinition/assess").json()]
    broken = json.loads(json.dumps(answers[0]))
    broken["entry"][3]["resource"]["status"] = 7
    assert NODE
    command = [NODE, "-e", VALIDATE]
    sent = json.dumps([*answers, broken])
    done = subprocess.run(command, cwd=validator, input=sent, capture_output=True, text=True, check=True, timeout=60)
    *found, seen = json.loads(done.stdout)
    assert len(found) > 20
    assert any(m["severity"] == "error" for m in seen)
    # what it says beside: that it does not hold the value sets of LOINC, RxNorm and others, which it cannot check
    said = {
        (m["severity"], m["message"].split(" not found in")[0].split(" could not be")[0].split(" ")[0])
        for one in found
        for m in one
    }
    assert said <= {("info", "Value"), ("warning", "Code")}, said
