"""A site's policy changes options, never facts."""

from __future__ import annotations

import json
from dataclasses import fields, replace

import pytest

from leukon.answer import Report
from leukon.assess import assess
from leukon.io import RecordError, read_record
from leukon.io.policy import POLICY_SCHEMA, make_policy_schema, read_policy
from leukon.knowledge.schema import THRESHOLDS
from leukon.policy import Policy, Thresholds

ON_CHEMOTHERAPY = """
person: {age: 60 years, sex: female}
counts: [{day: 0, wbc: 3.1, neutrophils: 1.2, hemoglobin: 11, platelets: 90}]
drugs: [{name: docetaxel, start: -20, stop: -20}]
conditions: [breast cancer]
"""
FEBRILE = ON_CHEMOTHERAPY.replace("neutrophils: 1.2", "neutrophils: 0.3") + "findings: {present: [fever]}\n"


def report_of(text: str, policy: Policy | None) -> Report:
    return assess(read_record(text), policy=policy)


def test_a_policy_moves_no_fact() -> None:
    with_it = report_of(FEBRILE, Policy(jurisdiction="UK", thresholds=Thresholds(next_cycle_anc=1.0)))
    without = report_of(FEBRILE, None)
    options = {"care", "policy", "sources"}
    kept = [f.name for f in fields(Report) if f.name not in options]
    assert [getattr(with_it, name) for name in kept] == [getattr(without, name) for name in kept]


@pytest.mark.parametrize(("limit", "option"), [(1.0, "policy_next_cycle_go"), (1.5, "policy_next_cycle_wait")])
def test_the_next_cycle_goes_by_the_sites_own_limit(limit: float, option: str) -> None:
    report = report_of(ON_CHEMOTHERAPY, Policy(thresholds=Thresholds(next_cycle_anc=limit)))
    said = {c.id: c.option for c in report.care}
    assert option in said
    assert f"limit of {limit:g}" in said[option]


def test_without_a_policy_no_option_speaks_of_a_sites_limit() -> None:
    assert not [c for c in report_of(ON_CHEMOTHERAPY, None).care if c.id.startswith("policy_")]
    assert not [c for c in report_of(ON_CHEMOTHERAPY, Policy()).care if c.id.startswith("policy_")]


def test_what_the_site_does_not_have_is_left_out_and_said() -> None:
    report = report_of(FEBRILE, Policy(not_available=("g-csf",)))
    assert report.policy
    assert any("G-CSF not available" in line for line in report.policy.left_out)
    assert "fn_g_csf" not in {c.id for c in report.care}


def test_the_sites_choice_stands_beside_the_class() -> None:
    report = report_of(FEBRILE, Policy(preferred={"anti-pseudomonal beta-lactam": "cefepime"}))
    first = next(c for c in report.care if c.id == "febrile_neutropenia_antibiotics")
    assert "cefepime" in first.option


def test_guidance_of_another_place_stands_last_and_says_so() -> None:
    care = report_of(FEBRILE, Policy(jurisdiction="UK")).care
    assert {c.id for c in care} == {c.id for c in report_of(FEBRILE, None).care}
    places = [c.jurisdiction in ("international", "UK") for c in care]
    assert places == sorted(places, reverse=True)
    assert all("not of UK" in c.caution for c in care if c.jurisdiction == "US")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("jurisdiction: Mars", "jurisdiction"),
        ("thresholdz: {}", "unknown field 'thresholdz'"),
        ("thresholds: {next_cycle_anc: 1500}", "10\\*9/L"),
        ("thresholds: {next: 1}", "unknown field 'next'"),
        ("- 1", "a policy is a mapping"),
        ("a: [", "not YAML"),
    ],
)
def test_a_policy_that_is_not_understood_is_refused_in_one_line(text: str, says: str) -> None:
    with pytest.raises(RecordError, match=says) as refused:
        read_policy(text.encode())
    assert "\n" not in str(refused.value)


def test_the_published_schema_is_the_one_of_the_code() -> None:
    assert make_policy_schema() == POLICY_SCHEMA.read_bytes()
    assert set(json.loads(POLICY_SCHEMA.read_bytes())["$defs"]["Policy"]["properties"]) == {
        f.name for f in fields(Policy)
    }


def test_the_thresholds_of_rules_are_those_of_a_policy() -> None:
    assert set(THRESHOLDS) == {f.name for f in fields(Thresholds)}
    assert replace(Policy(), name="ward 7").name == "ward 7"
