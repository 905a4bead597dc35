"""FHIR bulk NDJSON: the rules of one person's Bundle, over files of any size."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from leukon.population.sources import fhir
from tests.population.sources.conftest import Found

Read = Callable[..., Found]


def _observe(person: str = "1", value: Any = 3.2, unit: str | None = "10*9/L", **more: Any) -> dict[str, Any]:
    return {
        "resourceType": "Observation",
        "status": "final",
        "code": {"coding": [{"system": "http://loinc.org", "code": "6690-2"}]},
        "subject": {"reference": f"Patient/{person}"},
        "effectiveDateTime": "2020-01-01T12:00:00+00:00",
        "valueQuantity": {"value": value, "unit": unit, "system": "http://unitsofmeasure.org", "code": unit},
    } | more


def _write(path: Path, *resources: dict[str, Any] | str) -> Path:
    lines = [one if isinstance(one, str) else json.dumps(one) for one in resources]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


RACE = {
    "url": "http://hl7.org/fhir/us/core/StructureDefinition/us-core-race",
    "extension": [{"url": "ombCategory", "valueCoding": {"code": "2054-5"}}, {"url": "text", "valueString": "Black"}],
}


def test_people_values_limits_and_bounds(read: Read, folder: Path) -> None:
    one = _observe(value=0.1, referenceRange=[{"low": {"value": 4.0}, "high": {"value": 11.0}}])
    one["valueQuantity"]["comparator"] = "<"
    two = _observe(value=3200, unit="/uL", referenceRange=[{"text": "4000-11000"}])
    three = _observe(value=5, unit=None, effectiveDateTime="2020")
    patient = {"resourceType": "Patient", "id": "1", "gender": "female", "birthDate": "1980-01-02", "extension": [RACE]}
    found = read(_write(folder / "all.ndjson", patient, one, two, three))
    assert [(c["day"], c["value"], c["bound"], c["lower"], c["upper"]) for c in found.counts] == [
        (18262.5, 0.1, "<", 4.0, 11.0),
        (18262.5, 3.2, None, 4.0, 11.0),
    ]
    assert [(p["sex"], p["birth_date"].isoformat(), p["ancestry"]) for p in found.people] == [
        ("female", "1980-01-02", "Black")
    ]
    assert found.faults("no unit") == [("wbc", 1)]


def test_the_parts_of_a_panel_are_counts_of_one_draw(read: Read, folder: Path) -> None:
    parts = [
        {"code": {"text": name}, "valueQuantity": {"value": value, "unit": unit}}
        for name, value, unit in (("WBC", 4.0, "K/uL"), ("neut %", 20.0, "%"), ("ferritin", 30.0, "ug/L"))
    ]
    panel = _observe(component=parts)
    del panel["valueQuantity"]
    found = read(_write(folder / "Observation.ndjson", panel), "fhir")
    assert (found.values("wbc"), found.values("neutrophils", percent=True)) == ([4.0], [20.0])
    assert {c["day"] for c in found.counts} == {18262.5}
    assert found.faults("not a blood count") == [("ferritin", 1)]


def test_what_was_entered_in_error_or_only_planned_is_left_out_and_counted(read: Read, folder: Path) -> None:
    _write(folder / "Observation.ndjson", _observe(), _observe(status="entered-in-error"), _observe(status="cancelled"))
    drug = {"resourceType": "MedicationRequest", "status": "active", "subject": {"reference": "Patient/1"}}
    named = drug | {"medicationCodeableConcept": {"text": "clozapine"}, "authoredOn": "2019-12-01"}
    by_id = drug | {"medicationReference": {"reference": "Medication/m1"}, "authoredOn": "2019"}
    _write(
        folder / "MedicationRequest.ndjson", named, named | {"intent": "proposal"}, named | {"status": "draft"}, by_id
    )
    coding = [{"system": "http://www.nlm.nih.gov/research/umls/rxnorm", "code": "6851", "display": "methotrexate"}]
    _write(folder / "Medication.ndjson", {"resourceType": "Medication", "id": "m1", "code": {"coding": coding}})
    ill = {"resourceType": "Condition", "subject": {"reference": "Patient/1"}, "code": {"text": "lupus"}}
    past = ill | {"clinicalStatus": {"coding": [{"code": "resolved"}]}}
    doubt = ill | {"verificationStatus": {"coding": [{"code": "provisional"}]}}
    _write(folder / "Condition.ndjson", ill | {"onsetDateTime": "2019-01-01"}, past, doubt)
    _write(folder / "Encounter.ndjson", {"resourceType": "Encounter", "id": "e"})
    found = read(folder)
    assert len(found.counts) == 1
    assert [(e["name"], e["code"]) for e in found.exposures] == [("clozapine", None), ("methotrexate", "RXNORM:6851")]
    assert [(c["name"], c["day"]) for c in found.conditions] == [("lupus", 17897.0)]
    told = {(row["table"], row["text"], row["reason"].split(":")[0]) for row in found.not_understood}
    assert told >= {
        ("Observation", "entered-in-error", "left out"),
        ("Observation", "cancelled", "left out"),
        ("MedicationRequest", "proposal", "not given"),
        ("MedicationRequest", "draft", "left out"),
        ("MedicationRequest", "2019", "not a date"),
        ("Condition", "resolved", "in the past, not now"),
        ("Condition", "provisional", "thought of, not confirmed"),
        ("Encounter", None, "this resource is not read"),
    }


def test_half_a_line_a_damaged_resource_and_a_nameless_one_cost_no_other(read: Read, folder: Path) -> None:
    path = folder / "Observation.ndjson"
    damaged = _observe()
    damaged["valueQuantity"]["value"] = {"not": "a number"}
    nobody = _observe()
    del nobody["subject"]
    _write(path, _observe("1"), damaged, nobody, "[1, 2]", _observe("2"))
    whole = path.read_bytes()
    path.write_bytes(whole + b'{"resourceType": "Observation", "sta\xff\n' + whole[:100])
    found = read(folder)
    assert found.values("wbc") == [3.2, 3.2]
    assert found.faults("a damaged resource") == [(None, 2)]
    assert found.faults("not readable as JSON") == [(None, 2)]
    assert found.faults("names no patient") == [(None, 1)]


def test_pieces_of_a_file_on_several_cores_and_a_compressed_one_have_the_same_rows(
    read: Read, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Lines are cut where they end, wherever a piece does."""
    resources = [_observe(str(k), value=round(1 + k / 7, 2)) for k in range(200)]
    path = _write(folder / "Observation.ndjson", *resources)
    whole = read(folder)
    assert len(whole.counts) == 200
    packed = tmp_path / "packed"
    packed.mkdir()
    (packed / "Observation.ndjson.gz").write_bytes(gzip.compress(path.read_bytes()))
    assert read(packed).counts == whole.counts
    for size in (1, 97, path.stat().st_size - 1):
        pieces = []
        monkeypatch.setattr(fhir, "_PIECE", size)
        for piece in fhir._cut([path], tmp_path):
            pieces += [line for block in fhir._read_blocks(piece) for line in block if line]
        assert pieces == path.read_bytes().splitlines()


def test_a_compressed_file_that_breaks_off_is_named_and_the_others_are_used(read: Read, folder: Path) -> None:
    _write(folder / "Observation_1.ndjson", _observe("1"))
    lines = "\n".join(json.dumps(_observe(str(k), value=k / 100)) for k in range(2, 400))
    (folder / "Observation_2.ndjson.gz").write_bytes(gzip.compress(lines.encode())[:-300])
    found = read(folder)
    assert [c["person"] for c in found.counts] == ["1"]
    assert [text for text, _ in found.faults("damaged file, left out")] == ["Observation_2.ndjson.gz"]


def test_work_is_spread_over_processes(read: Read, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = _write(folder / "Observation.ndjson", *[_observe(str(k)) for k in range(40)])
    monkeypatch.setattr(fhir, "_PIECE", path.stat().st_size // 3)
    assert len(read(folder).counts) == 40


def test_a_bundle_is_read_by_another_command(read: Read, folder: Path) -> None:
    _write(folder / "Observation.ndjson", _observe())
    (folder / "one.json").write_text('{"resourceType": "Bundle", "entry": []}', encoding="utf-8")
    assert read(folder).faults("not NDJSON") == [("one.json", None)]


def test_the_same_patients_have_the_same_counts_as_in_omop(read: Read, shared: Path, tmp_path: Path) -> None:
    """Bands apart, whose concept the OMOP tables do not have."""
    held = shared / "data" / "mimic_iv_demo"
    if not held.exists():
        pytest.skip("the MIMIC demo data are not here")
    omop = tmp_path / "omop"
    omop.mkdir()
    (omop / "measurement.csv.gz").write_bytes((held / "derived_omop_measurement.csv.gz").read_bytes())
    one = read(held / "derived_fhir_r4.ndjson", allow_future=True)
    other = read(omop, allow_future=True)
    people = {p["person"] for p in one.people}
    assert len(people) == 5
    assert len([c for c in one.counts if c["analyte"] == "bands"]) == 262
    fhir_counts = [c for c in one.counts if c["analyte"] != "bands"]
    assert fhir_counts == [c for c in other.counts if c["person"] in people]
