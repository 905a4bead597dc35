"""Phenopackets: findings seen and excluded, measurements, treatments; the diagnosis in them is never read."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from leukon.assess import assess
from leukon.counts import read_counts
from leukon.facts import read_facts
from leukon.io import ReadProblem, RecordError, read_inputs
from leukon.io.tree import each_leaf, read_tree
from leukon.knowledge import load_knowledge
from leukon.patient import Patient
from tests.io.damage import account, damage, give_report_or_one_line, read_one

WHITE = {"id": "LOINC:6690-2", "label": "Leukocytes [#/volume] in Blood"}
PER_UL = {"id": "UCUM:/uL", "label": "per microliter"}


def packet(**parts: Any) -> dict[str, Any]:
    return {"id": "P-1", "subject": {"id": "s", "sex": "FEMALE"}, "metaData": {"createdBy": "x"}} | parts


def feature(code: str, label: str, **more: Any) -> dict[str, Any]:
    return {"type": {"id": code, "label": label}} | more


def measured(value: Any, unit: dict[str, str] | None = PER_UL, **more: Any) -> dict[str, Any]:
    quantity = {"value": value} | ({"unit": unit} if unit else {})
    return {"assay": WHITE, "value": {"quantity": quantity}} | more


def read(**parts: Any) -> Patient:
    return read_one(json.dumps(packet(**parts)))


FULL = packet(
    subject={
        "id": "s",
        "sex": "FEMALE",
        "dateOfBirth": "1990-03-01T00:00:00Z",
        "timeAtLastEncounter": {"age": {"iso8601duration": "P34Y"}},
    },
    phenotypicFeatures=[
        feature("HP:0001945", "Fever", onset={"age": {"iso8601duration": "P33Y11M"}}),
        feature("HP:0001744", "Splenomegaly", excluded=True),
        feature("HP:0100776", "Recurrent pharyngitis", severity={"id": "HP:0012828", "label": "Severe"}),
    ],
    measurements=[
        measured(2100, timeObserved={"timestamp": "2024-03-01T08:00:00Z"}),
        measured(6100.0, timeObserved={"age": {"iso8601duration": "P33Y"}}),
        {
            "assay": {"id": "LOINC:2276-4", "label": "Ferritin"},
            "value": {"quantity": {"value": 1400, "unit": {"label": "ng/mL"}}},
        },
    ],
    medicalActions=[
        {
            "treatment": {
                "agent": {"id": "RXNORM:6835", "label": "methimazole"},
                "doseIntervals": [
                    {
                        "quantity": {"value": 10, "unit": {"label": "mg"}},
                        "scheduleFrequency": {"label": "Twice Daily"},
                        "interval": {"start": "2024-01-19T08:00:00Z", "end": "2024-02-28T00:00:00Z"},
                    }
                ],
            },
            "treatmentTarget": {"id": "MONDO:0005364", "label": "Graves disease"},
        },
        {"procedure": {"code": {"id": "NCIT:C15271", "label": "Splenectomy"}}},
    ],
    diseases=[{"term": {"id": "OMIM:1", "label": "Severe congenital neutropenia"}}],
    interpretations=[{"id": "i", "diagnosis": {"disease": {"id": "OMIM:1", "label": "Severe congenital neutropenia"}}}],
)


def snake(value: Any) -> Any:
    """The same packet as protobuf writes it with its original field names."""
    if isinstance(value, list):
        return [snake(v) for v in value]
    if isinstance(value, dict):
        return {"".join(f"_{c.lower()}" if c.isupper() else c for c in k): snake(v) for k, v in value.items()}
    return value


def test_a_whole_packet_is_read_and_each_leaf_stands_once() -> None:
    text = json.dumps(FULL)
    patient = read_one(text)
    assert patient.id == "P-1"
    assert patient.person.sex == "female"
    assert patient.person.age_days == pytest.approx(34 * 365.25, abs=2)
    assert [(v.analyte, v.value) for v in read_counts(patient).values] == [("wbc", 6.1), ("wbc", 2.1)]
    assert [i.text for i in patient.absent] == ["Splenomegaly"]
    (drug,) = patient.drugs
    assert (drug.name.text, drug.start, drug.dose and drug.dose.text) == ("methimazole", -42.0, "10 mg Twice Daily")
    assert drug.stop is not None and -3 < drug.stop < -1
    assert sorted(account(patient)) == sorted(path for path, _ in each_leaf(read_tree(text, ""), ""))


def test_both_spellings_of_the_fields_give_the_same_person() -> None:
    one, other = read_one(json.dumps(FULL)), read_one(json.dumps(snake(FULL)))
    assert (one.person, one.now, [d.day for d in one.draws]) == (other.person, other.now, [d.day for d in other.draws])
    assert [i.text for i in one.present] == [i.text for i in other.present]
    assert [(d.name.text, d.start, d.stop) for d in one.drugs] == [(d.name.text, d.start, d.stop) for d in other.drugs]


def test_the_diagnosis_in_a_packet_changes_nothing() -> None:
    blind = {k: v for k, v in FULL.items() if k not in ("diseases", "interpretations")}
    seen, unseen = assess(read_one(json.dumps(FULL))), assess(read_one(json.dumps(blind)))
    assert seen.causes == unseen.causes
    assert any(n.path.startswith("diseases") and "diagnosis" in n.reason for n in seen.not_used)


@pytest.mark.parametrize(
    ("time", "years"),
    [
        ({"age": {"iso8601duration": "P9M"}}, 0.75),
        ({"ageRange": {"start": {"iso8601duration": "P40Y"}, "end": {"iso8601duration": "P50Y"}}}, 45),
        ({"ontologyClass": {"id": "HP:0011463", "label": "Childhood onset"}}, 3),
        ({"timestamp": "2010-03-01T00:00:00Z"}, 20),
        ({"interval": {"start": "2009-03-01T00:00:00Z", "end": "2010-03-01T00:00:00Z"}}, 20),
        ({"gestationalAge": {"weeks": 20}}, None),
        ({"ontologyClass": {"id": "HP:0003581", "label": "Adult onset"}}, None),
        ({"age": {"iso8601duration": "nine"}}, None),
    ],
)
def test_every_form_of_age_is_an_age_or_is_listed(time: dict[str, Any], years: float | None) -> None:
    born = {"dateOfBirth": "1990-03-01T00:00:00Z"} if years == 20 else {}
    subject = {"id": "s", "timeAtLastEncounter": time} | born
    patient = read(subject=subject, phenotypicFeatures=[feature("HP:0001945", "Fever")])
    expected = None if years is None else pytest.approx(years * 365.25, rel=0.01)
    assert patient.person.age_days == expected
    listed = any(i.path.startswith("subject.timeAtLastEncounter") for i, _ in patient.not_used)
    assert listed == (years is None)


def test_ages_and_dates_are_not_joined_without_a_birth() -> None:
    """A count at a date, a treatment at a date, but a last encounter at an age: only the dates lie on the axis."""
    patient = read(
        subject={"id": "s", "timeAtLastEncounter": {"age": {"iso8601duration": "P34Y"}}},
        measurements=[
            measured(2100, timeObserved={"timestamp": "2024-03-01T00:00:00Z"}),
            measured(6100, timeObserved={"age": {"iso8601duration": "P33Y"}}),
        ],
    )
    assert [d.day for d in patient.draws] == [0.0, None]
    assert patient.person.age_days == 34 * 365.25
    assert any("birth" in reason for _, reason in patient.not_used)


def test_a_count_is_judged_at_the_age_it_was_taken() -> None:
    patient = read(
        subject={"id": "s", "timeAtLastEncounter": {"age": {"iso8601duration": "P10Y"}}},
        measurements=[measured(2100, timeObserved={"age": {"iso8601duration": "P2Y"}})],
    )
    assert patient.person.age_days == 2 * 365.25
    assert patient.draws[0].day == 0.0


@pytest.mark.parametrize("unit", [None, {"id": "UO:0000000", "label": ""}])
def test_a_measurement_without_a_unit_is_cannot_say(unit: dict[str, str] | None) -> None:
    report = assess(read(measurements=[measured(2.1, unit)]))
    assert report.low == "cannot say"
    assert any("unit" in n.reason for n in report.not_used)


def test_a_quantity_without_a_number_is_no_zero() -> None:
    """Writers of protobuf leave a zero out: nobody can tell it from a value that is missing."""
    patient = read(measurements=[measured(2100), {"assay": WHITE, "value": {"quantity": {"unit": PER_UL}}}])
    assert len(patient.draws[0].measures) == 1
    assert any("zero" in reason for _, reason in patient.not_used)


def test_the_range_of_a_quantity_is_the_laboratorys_own() -> None:
    given = measured(3800)
    given["value"]["quantity"]["referenceRange"] = {"unit": {"id": "UCUM:10*3/uL"}, "low": 4.0, "high": 11.0}
    (value,) = read_counts(read(measurements=[given])).values
    assert value.limits == (4.0, 11.0)


def test_a_finding_that_has_resolved_is_not_there_now() -> None:
    fever = feature("HP:0001945", "Fever", resolution={"age": {"iso8601duration": "P1Y"}})
    facts = read_facts(read(phenotypicFeatures=[fever]), load_knowledge())
    assert "fever" not in facts.now


@pytest.mark.parametrize(("excluded", "where"), [(True, "absent"), (False, "present")])
def test_excluded_is_absent_and_not_excluded_is_present(excluded: bool, where: str) -> None:
    patient = read(phenotypicFeatures=[feature("HP:0001945", "Fever", excluded=excluded)])
    assert [i.text for i in getattr(patient, where)] == ["Fever"]
    odd = read(phenotypicFeatures=[feature("HP:0001945", "Fever", excluded="perhaps"), feature("HP:0001744", "x")])
    assert len(odd.present) == 1


def test_a_family_is_its_proband_and_relatives_are_no_findings() -> None:
    family = {
        "id": "F",
        "proband": packet(phenotypicFeatures=[feature("HP:0001945", "Fever")]),
        "relatives": [packet(phenotypicFeatures=[feature("HP:0001744", "Splenomegaly")])],
    }
    patient = read_one(json.dumps(family))
    assert [i.text for i in patient.present] == ["Fever"]
    assert any("relative" in reason for _, reason in patient.not_used)


def test_an_animal_and_an_empty_packet_are_refused_in_one_line() -> None:
    mouse = {"id": "m", "taxonomy": {"id": "NCBITaxon:10090", "label": "Mus musculus"}}
    with pytest.raises(RecordError, match="not human"):
        read(subject=mouse, phenotypicFeatures=[feature("HP:0001945", "Fever")])
    with pytest.raises(RecordError, match="no phenotypic feature"):
        read(diseases=[{"term": {"id": "OMIM:1", "label": "Neutropenia"}}])


def test_lines_of_packets_give_one_person_each_and_a_bad_line_goes_by() -> None:
    lines = [json.dumps(packet(id=i, phenotypicFeatures=[feature("HP:0001945", "Fever")])) for i in "ab"]
    found = list(read_inputs("\n".join([lines[0], "{broken", lines[1]]).encode()))
    assert [x.id for x in found if isinstance(x, Patient)] == ["a", "b"]
    assert [x.line for x in found if isinstance(x, ReadProblem)] == [2]


def test_the_38_published_packets_give_a_report_and_lose_nothing(shared: Path) -> None:
    paths = sorted((shared / "phenopackets/cases").glob("*.json"))
    assert len(paths) == 38
    for path in paths:
        text = path.read_text()
        patient = read_one(text, path.name)
        held = json.loads(text)
        observed = [f for f in held["phenotypicFeatures"] if not f.get("excluded")]
        assert len(patient.present) == len(observed), path.name
        assert (patient.person.age_days is not None) == ("timeAtLastEncounter" in held["subject"]), path.name
        assert sorted(account(patient)) == sorted(p for p, _ in each_leaf(read_tree(text, ""), "")), path.name


@pytest.mark.parametrize("seed", range(300))
def test_damaged_packets_give_a_report_or_one_line(seed: int) -> None:
    give_report_or_one_line(damage(json.dumps(FULL, indent=1).encode(), seed))


def test_a_count_before_birth_gives_no_age() -> None:
    patient = read(
        subject={"id": "s", "dateOfBirth": "2025-03-01T00:00:00Z"},
        measurements=[measured(2100, timeObserved={"timestamp": "2024-03-01T00:00:00Z"})],
    )
    assert patient.person.age_days is None
    assert any(i.path == "subject.dateOfBirth" for i, _ in patient.not_used)
