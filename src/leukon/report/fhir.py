"""The report as a FHIR R4 Bundle (type collection) that any FHIR server or record can take apart.

| resource | holds |
|---|---|
| Observation | each count with its limits and whose they are, grades, what a derived count comes from |
| RiskAssessment | the causes with their probabilities and evidence; the forecast, where there is one |
| DetectedIssue, Medication | drugs that may be the cause |
| ServiceRequest | tests proposed |
| GuidanceResponse, Parameters | urgency, verdicts, questions, options, sources |
| OperationOutcome | what was not used |
| Patient, Device, Provenance | sex and age only; leukon with its versions; who said all this |

Ids are made of the content. The id of the record and dates of birth are left out.
"""

from __future__ import annotations

import hashlib
from datetime import datetime
from uuid import NAMESPACE_URL, uuid5

import msgspec

from leukon.answer import Report
from leukon.io.axis import read_sex
from leukon.knowledge import load_knowledge
from leukon.report.fhir_causes import write_causes, write_course, write_issues, write_medications
from leukon.report.fhir_counts import write_counts
from leukon.report.fhir_next import write_guidance, write_outcome, write_parameters, write_tests
from leukon.report.fhir_parts import URN, Names, Resource, coding, concept, extend
from leukon.report.json import write_json
from leukon.report.words import clean

__all__ = ["report_to_bundle", "write_fhir"]

_NAMESPACE = uuid5(NAMESPACE_URL, f"{URN}report")
_ABSENT = "http://hl7.org/fhir/StructureDefinition/data-absent-reason"
_AUTHOR = "http://terminology.hl7.org/CodeSystem/provenance-participant-type"


def write_fhir(report: Report, *, indent: int = 0, recorded: datetime | None = None) -> bytes:
    """The Bundle as one line of UTF-8 JSON, or indented for reading. The same report gives the same bytes.

    `recorded` is the moment (with its zone) that Provenance names; without one it says that none was kept.
    """
    encoded = msgspec.json.encode(report_to_bundle(report, recorded=recorded))
    return msgspec.json.format(encoded, indent=indent) if indent else encoded


def report_to_bundle(report: Report, *, recorded: datetime | None = None) -> Resource:
    """The Bundle as dictionaries; the codes of tests and drugs come from the knowledge base."""
    k = load_knowledge()
    names = Names(uuid5(_NAMESPACE, hashlib.sha256(write_json(report)).hexdigest()))
    said = [
        *write_counts(report, names),
        write_causes(report, names),
        *write_course(report, names),
        *write_medications(report, names, k),
        *write_issues(report, names),
        *write_tests(report, names, k),
        write_guidance(report, names),
        write_parameters(report, names),
        write_outcome(report, names),
    ]
    about = [
        _write_person(report, names),
        _write_device(report, names),
        _write_provenance(report, said, names, recorded),
    ]
    entries = [{"fullUrl": f"urn:uuid:{r['id']}", "resource": r} for r in (*about, *said)]
    return {"resourceType": "Bundle", "id": f"{names.seed}", "type": "collection", "entry": entries}


def _write_person(report: Report, names: Names) -> Resource:
    settled = {u.as_: u.item for u in report.understood if u.as_.startswith("person:")}
    age = clean(settled.get("person:age", ""))
    return names.make(
        "Patient",
        "",
        gender=read_sex(settled.get("person:sex", "")),
        extension=[extend("age", "valueString", age)] if age else None,
    )


def _write_device(report: Report, names: Names) -> Resource:
    v = report.leukon
    versions = {"software": v.version, "knowledge": v.knowledge, "model": v.model}
    return names.make(
        "Device",
        "",
        deviceName=[{"name": "leukon", "type": "user-friendly-name"}],
        type=concept("decision support software"),
        version=[{"type": concept(kind, coding("version", kind)), "value": value} for kind, value in versions.items()],
    )


def _write_provenance(report: Report, said: list[Resource], names: Names, recorded: datetime | None) -> Resource:
    """Who made all this, from which knowledge, and when; R4 asks for the moment or why there is none."""
    v = report.leukon
    absent = {"extension": [{"url": _ABSENT, "valueCode": "unknown"}]}
    return names.make(
        "Provenance",
        "",
        f"Made by leukon {v.version}, knowledge {v.knowledge}, model {v.model}",
        target=[{"reference": f"urn:uuid:{r['id']}"} for r in said],
        recorded=recorded.isoformat(timespec="seconds") if recorded else None,
        _recorded=None if recorded else absent,
        agent=[{"type": concept(None, coding(_AUTHOR, "author", "Author")), "who": names.device}],
        entity=[{"role": "source", "what": {"display": f"leukon knowledge {v.knowledge}"}}],
    )
