"""C-CDA: results, problems and medications of a document, its traps, and XML that means harm."""

from __future__ import annotations

import time

import pytest

from leukon.assess import assess
from leukon.counts import read_counts
from leukon.io import RecordError
from leukon.io.ccda_xml import read_xml
from leukon.patient import Patient
from leukon.report.json import write_json
from tests.io.damage import account, damage, give_report_or_one_line, read_one

LN, SCT, RX, ICD = (f"2.16.840.1.113883.6.{n}" for n in (1, 96, 88, 90))
ROOT = 'xmlns="urn:hl7-org:v3" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:sdtc="urn:hl7-org:sdtc"'
PATIENT = """<recordTarget><patientRole><id extension="998991" root="2.16.840.1.113883.19.5"/>
<addr><city>Beaverton</city></addr><telecom value="tel:(816)276-6909"/>
<patient><name><given>Isabella</given><family>Jones</family></name>
<administrativeGenderCode code="F" codeSystem="2.16.840.1.113883.5.1"/><birthTime value="19900301"/></patient>
</patientRole></recordTarget>"""


def pq(value: str, unit: str = "10*3/uL") -> str:
    return f'<value xsi:type="PQ" value="{value}" unit="{unit}"/>'


def between(low: str, high: str, unit: str = "10*3/uL", more: str = "") -> str:
    return (
        f'<referenceRange><observationRange><value xsi:type="IVL_PQ"><low value="{low}" unit="{unit}"/>'
        f'<high value="{high}" unit="{unit}"/></value>{more}</observationRange></referenceRange>'
    )


def result(code: str, name: str, value: str, more: str = "", *, status: str = "completed", when: str = "202503010700",
           attributes: str = 'moodCode="EVN"') -> str:  # fmt: skip
    return f"""<component><observation classCode="OBS" {attributes}>
<templateId root="2.16.840.1.113883.10.20.22.4.2" extension="2015-08-01"/><id root="107c2dc0"/>
<code code="{code}" displayName="{name}" codeSystem="{LN}" codeSystemName="LOINC"/>
<statusCode code="{status}"/><effectiveTime value="{when}"/>{value}{more}</observation></component>"""


def panel(*results: str, name: str = "CBC", more: str = "", status: str = "completed") -> str:
    return f"""<entry typeCode="DRIV"><organizer classCode="BATTERY" moodCode="EVN">
<templateId root="2.16.840.1.113883.10.20.22.4.1"/><code code="57021-8" displayName="{name}" codeSystem="{LN}"/>
<statusCode code="{status}"/>{more}{"".join(results)}</organizer></entry>"""


def section(code: str, title: str, *entries: str, text: str = "see entries") -> str:
    return f"""<component><section><code code="{code}" codeSystem="{LN}"/><title>{title}</title>
<text>{text}</text>{"".join(entries)}</section></component>"""


def results(*of: str, **said: str) -> str:
    return section("30954-2", "RESULTS", panel(*of, **said))


def problem(
    name: str, code: str, *, attributes: str = "", end: str = "", concern: str = "active", value: str = ""
) -> str:
    value = value or f'<value xsi:type="CD" code="{code}" displayName="{name}" codeSystem="{SCT}"/>'
    return f"""<entry><act classCode="ACT" moodCode="EVN"><templateId root="2.16.840.1.113883.10.20.22.4.3"/>
<statusCode code="{concern}"/><entryRelationship typeCode="SUBJ">
<observation classCode="OBS" moodCode="EVN" {attributes}><templateId root="2.16.840.1.113883.10.20.22.4.4"/>
<code code="55607006" codeSystem="{SCT}"/><statusCode code="completed"/>
<effectiveTime><low value="20080103"/>{end}</effectiveTime>{value}</observation></entryRelationship></act></entry>"""


def drug(name: str, *, when: str = '<low value="20250101"/>', status: str = "active", mood: str = "EVN",
         more: str = "", dose: str = '<doseQuantity value="10" unit="mg"/>') -> str:  # fmt: skip
    return f"""<entry><substanceAdministration classCode="SBADM" moodCode="{mood}" {more}>
<templateId root="2.16.840.1.113883.10.20.22.4.16"/><statusCode code="{status}"/>
<effectiveTime xsi:type="IVL_TS">{when}</effectiveTime>
<effectiveTime xsi:type="PIVL_TS" operator="A"><period value="8" unit="h"/></effectiveTime>{dose}
<consumable><manufacturedProduct classCode="MANU"><manufacturedMaterial>
<code code="6835" codeSystem="{RX}" displayName="{name}"/></manufacturedMaterial></manufacturedProduct></consumable>
<author><assignedAuthor><assignedPerson><name><family>Seven</family></name></assignedPerson></assignedAuthor></author>
</substanceAdministration></entry>"""


def document(*sections: str, patient: str = PATIENT, begin: str = '<?xml version="1.0" encoding="UTF-8"?>') -> str:
    return f"""{begin}<ClinicalDocument {ROOT}><typeId root="2.16.840.1.113883.1.3" extension="POCD_HD000040"/>
<id extension="TT988" root="2.16.840.1.113883.19.5"/><code code="34133-9" codeSystem="{LN}"/>
<effectiveTime value="20250305"/>{patient}<author><time value="2005"/></author><component><structuredBody>
{"".join(sections)}</structuredBody></component></ClinicalDocument>"""


WBC = result("6690-2", "WBC", pq("2.1"), '<interpretationCode code="L"/>' + between("4.3", "10.8"))
ANC = result("751-8", "Neutrophils [#/volume] in Blood", pq("400", "/uL"), between("1500", "7000", "/uL"))
WHOLE = document(
    results(WBC, ANC, result("1988-5", "CRP", pq("186", "mg/L"), between("0", "5", "mg/L"))),
    section("11450-4", "PROBLEMS", problem("Graves disease", "353295004")),
    section("10160-0", "MEDICATIONS", drug("methimazole", when='<low value="20250118"/>')),
    section("48765-2", "ALLERGIES", "<entry><act/></entry>"),
    section("29299-5", "REASON FOR VISIT", text="sore throat"),
)


def values(patient: Patient) -> dict[str, float]:
    return {v.analyte: v.value for v in read_counts(patient).values}


def reasons(patient: Patient) -> dict[str, str]:
    return {item.path: reason for item, reason in patient.not_used}


def test_a_document_is_read_with_the_laboratorys_limits() -> None:
    patient = read_one(WHOLE)
    assert values(patient) == {"wbc": 2.1, "neutrophils": 0.4}
    assert [v.limits for v in read_counts(patient).values] == [(4.3, 10.8), (1.5, 7.0)]
    assert (patient.id, patient.person.sex) == ("TT988", "female")
    assert patient.person.age_days == pytest.approx(35 * 365.25, abs=2)
    assert [t.name.text for t in patient.tests] == ["CRP"]
    assert [(c.text, c.code) for c in patient.conditions] == [("Graves disease", "SNOMED:353295004")]
    (methimazole,) = patient.drugs
    assert (methimazole.name.text, methimazole.stop) == ("methimazole", None)
    assert methimazole.start == pytest.approx(-42.3, abs=0.1)
    assert methimazole.dose is not None and methimazole.dose.text == "10 mg every 8 h"


def test_the_document_leads_to_its_cause() -> None:
    report = assess(read_one(WHOLE))
    assert (report.low, report.causes[0].drug) == ("low", "methimazole")


def test_each_leaf_stands_once_and_every_section_is_told() -> None:
    paths = account(read_one(WHOLE))
    assert len(paths) == len(set(paths))
    here = "section[0].entry[0].organizer.component[0].observation"
    for leaf in ("code", "value", "interpretationCode", "effectiveTime", "referenceRange[0].observationRange"):
        assert f"{here}.{leaf}" in paths
    told = reasons(read_one(WHOLE))
    assert told["section[3]"] == "this section is not read (1 entries)"
    assert told["section[4]"] == "this section is not read (0 entries)"
    assert "narrative" in told["section[0].text"]
    assert "header" in told


def test_no_name_number_or_address_is_kept() -> None:
    said = write_json(assess(read_one(WHOLE)), indent=0)
    for secret in (b"Isabella", b"Jones", b"998991", b"Beaverton", b"276-6909", b"19900301", b"Seven"):
        assert secret not in said


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "iso-8859-1"])
def test_any_encoding_that_xml_names(encoding: str) -> None:
    begin = f'<?xml version="1.0" encoding="{encoding.removesuffix("-sig")}"?>'
    text = document(results(result("6690-2", "WBC", pq("2100", "/µL"))), begin=begin)
    assert values(read_one(text.encode(encoding))) == {"wbc": 2.1}


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (pq("105600", "{cells}/uL"), 105.6),
        ('<value xsi:type="hl7:PQ" value="2.1" unit="10*9/L"/>', 2.1),
        (pq("2.1", ""), None),  # no unit: cannot say
        (pq("4.2", "mmol/L"), None),
        ('<value xsi:type="PQ" nullFlavor="UNK" unit="10*9/L"/>', None),
        ('<value xsi:type="INT" value="2"/>', None),
        ('<value xsi:type="ST">2.1 10*9/L</value>', 2.1),
        ('<value xsi:type="ST">Unable to calculate</value>', None),
    ],
)
def test_the_value_and_its_unit_decide(value: str, expected: float | None) -> None:
    patient = read_one(document(results(result("6690-2", "WBC", value), result("777-3", "PLT", pq("120")))))
    assert values(patient).get("wbc") == expected
    if expected is None:
        assert any(i.path.endswith(("value", "code")) and "component[0]" in i.path for i in assess(patient).not_used)


@pytest.mark.parametrize(
    ("low", "high", "said"),
    [
        ('<low value="0" unit="10*9/L"/>', '<high value="0.1" unit="10*9/L" inclusive="false"/>', "<0.1 10*9/L"),
        ("", '<high value="0.1" unit="10*9/L"/>', "<=0.1 10*9/L"),
        ('<low value="100" unit="10*9/L" inclusive="false"/>', '<high nullFlavor="PINF"/>', ">100 10*9/L"),
    ],
)
def test_a_value_under_the_limit_of_detection_is_an_interval(low: str, high: str, said: str) -> None:
    value = f'<value xsi:type="IVL_PQ">{low}{high}</value>'
    patient = read_one(document(results(result("6690-2", "WBC", value))))
    assert [m.item.text for d in patient.draws for m in d.measures] == [said]
    (count,) = read_counts(patient).values
    assert (count.censored == "<") == (said[0] == "<")


def test_a_unit_that_stands_in_an_observation_of_its_own() -> None:
    unit = f"""<entryRelationship typeCode="COMP"><observation classCode="OBS" moodCode="EVN">
<code code="246514001" codeSystem="{SCT}"/><value xsi:type="ST">THOUS/MCL</value></observation></entryRelationship>"""
    text = document(results(result("6690-2", "WBC", '<value xsi:type="ST">&lt;0.1</value>', unit)))
    assert [(v.value, v.censored) for v in read_counts(read_one(text)).values] == [(0.1, "<")]


@pytest.mark.parametrize(
    ("made", "reason"),
    [
        (result("6690-2", "WBC", '<value xsi:type="PQ" nullFlavor="NA"/>', status="active"), "pending"),
        (result("6690-2", "WBC", pq("2.1"), status="aborted"), "status aborted"),
        (result("6690-2", "WBC", pq("2.1"), attributes='moodCode="RQO"'), "asked for"),
        (result("6690-2", "WBC", pq("2.1"), attributes='moodCode="EVN" negationInd="true"'), "not to have been"),
        (result("6690-2", "Potassium", pq("4.2", "mmol/L")), "cannot say"),
        (result("6690-2", "Platelets", pq("210")), "the words say"),
    ],
)
def test_a_result_that_is_none_is_listed_with_its_reason(made: str, reason: str) -> None:
    patient = read_one(document(results(made, result("777-3", "PLT", pq("120")))))
    assert values(patient) == {"platelets": 120.0}
    assert reason in reasons(patient)["section[0].entry[0].organizer.component[0].observation.code"]


def test_a_result_that_is_not_verified_yet_is_a_result() -> None:
    assert values(read_one(document(results(result("6690-2", "WBC", pq("2.1"), status="active"))))) == {"wbc": 2.1}


def test_cells_of_another_specimen_are_no_blood_count() -> None:
    drawn = """<specimen><specimenRole><specimenPlayingEntity><code displayName="Cerebrospinal fluid"/>
</specimenPlayingEntity></specimenRole></specimen>"""
    with pytest.raises(RecordError, match="not of blood"):
        read_one(document(results(result("6690-2", "WBC", pq("12", "/uL")), more=drawn)))


@pytest.mark.parametrize(
    ("ranges", "limits"),
    [
        (between("4.3", "10.8"), (4.3, 10.8)),
        ("<referenceRange><observationRange><text>4.3 - 10.8</text></observationRange></referenceRange>", (4.3, 10.8)),
        (between("4.3", "10.8", more='<interpretationCode code="N"/>')
         + between("0", "2", more='<interpretationCode code="LL"/>'), (4.3, 10.8)),
        (between("4.3", "10.8") + between("5", "15"), None),  # of two nobody can say which is this person's
        ("<referenceRange><observationRange><text>see below</text></observationRange></referenceRange>", None),
    ],
)  # fmt: skip
def test_one_range_is_a_limit_and_two_are_none(ranges: str, limits: tuple[float, float] | None) -> None:
    patient = read_one(document(results(result("6690-2", "WBC", pq("2.1"), ranges))))
    assert [v.limits for v in read_counts(patient).values] == [limits]
    if limits is None:
        assert any("referenceRange" in path for path in reasons(patient))


def test_the_words_of_an_entry_may_stand_in_the_narrative() -> None:
    value = f"""<value xsi:type="CD" nullFlavor="OTH"><originalText><reference value="#p1"/></originalText>
<translation code="D70" codeSystem="{ICD}"/></value>"""
    text = section(
        "11450-4", "PROBLEMS", problem("", "", value=value), text='<content ID="p1">Graves disease</content>'
    )
    (condition,) = read_one(document(text)).conditions
    assert (condition.text, condition.code) == ("Graves disease", "ICD10CM:D70")


@pytest.mark.parametrize(
    ("made", "reason"),
    [
        (problem("Pneumonia", "233604007", end='<high value="20080201"/>'), "resolved"),
        (problem("Pneumonia", "233604007", end='<high nullFlavor="UNK"/>'), "resolved"),
        (problem("Pneumonia", "233604007", concern="completed"), "in the past"),
        (problem("Problem", "55607006", attributes='negationInd="true"'), "none is known"),
    ],
)
def test_a_problem_of_the_past_is_listed(made: str, reason: str) -> None:
    patient = read_one(document(results(WBC), section("11450-4", "PROBLEMS", made)))
    assert patient.conditions == patient.absent == ()
    assert any(reason in r for path, r in reasons(patient).items() if path.startswith("section[1].entry[0]"))


def test_a_problem_that_goes_on_has_no_end() -> None:
    made = problem("Asthma", "195967001", end='<high nullFlavor="NA"/>')
    assert [c.text for c in read_one(document(section("11450-4", "PROBLEMS", made))).conditions] == ["Asthma"]


def test_a_problem_that_is_denied_is_absent() -> None:
    made = problem("Type 2 diabetes", "44054006", attributes='negationInd="true"', concern="completed")
    patient = read_one(document(section("11450-4", "PROBLEMS", made)))
    assert ([a.text for a in patient.absent], patient.conditions) == (["Type 2 diabetes"], ())


@pytest.mark.parametrize(
    ("said", "start", "stop"),
    [
        ({"when": '<low value="20250101"/><high value="20250201"/>', "status": "completed"}, -59, -28),
        ({"when": '<low value="20250101"/>', "status": "completed"}, -59, -59),
        ({"when": '<low value="20250101"/><high nullFlavor="UNK"/>'}, -59, None),
        ({"when": '<low nullFlavor="UNK"/>'}, None, None),
        ({"when": '<low value="20250101"/>', "mood": "INT"}, -59, None),  # prescribed
    ],
)
def test_a_drug_has_its_dates(said: dict[str, str], start: float | None, stop: float | None) -> None:
    wbc = result("6690-2", "WBC", pq("2.1"), when="20250301")
    (taken,) = read_one(document(results(wbc), section("10160-0", "MEDICATIONS", drug("clozapine", **said)))).drugs
    assert (taken.start, taken.stop) == (start, stop)


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ({"more": 'negationInd="true"'}, "not to be taken"),
        ({"mood": "PRP"}, "not given"),
        ({"status": "cancelled"}, "status cancelled"),
    ],
)
def test_a_drug_that_was_not_taken_is_listed(said: dict[str, str], reason: str) -> None:
    patient = read_one(document(results(WBC), section("10160-0", "MEDICATIONS", drug("clozapine", **said))))
    assert patient.drugs == ()
    assert reason in " ".join(reasons(patient).values())


def test_vital_signs_are_results() -> None:
    signs = section("8716-3", "VITAL SIGNS", panel(result("8310-5", "Body temperature", pq("38.9", "Cel"))))
    patient = read_one(document(results(WBC), signs))
    assert [(t.name.text, t.result.text) for t in patient.tests if t.result] == [("Body temperature", "38.9 Cel")]


def test_a_remark_on_the_sample_reaches_the_judgement() -> None:
    remark = """<entryRelationship typeCode="SUBJ" inversionInd="true"><act classCode="ACT" moodCode="EVN">
<templateId root="2.16.840.1.113883.10.20.22.4.64"/><text>specimen clotted</text></act></entryRelationship>"""
    clotted = read_one(document(results(result("6690-2", "WBC", pq("2.1"), remark), result("777-3", "PLT", pq("20")))))
    assert assess(clotted).real.verdict == "artefact"


BOMB = '<!DOCTYPE x [<!ENTITY a "ha">' + "".join(
    f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(12)
)


@pytest.mark.parametrize(
    "begin",
    [
        BOMB + "]>",
        '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE x [<!ENTITY % a SYSTEM "http://127.0.0.1/x.dtd"> %a;]>',
        '<!DOCTYPE x SYSTEM "http://127.0.0.1/x.dtd">',
    ],
)
def test_entities_are_refused_before_they_can_grow_or_fetch(begin: str) -> None:
    began = time.process_time()
    with pytest.raises(RecordError, match="DOCTYPE"):
        read_one(document(results(WBC), begin=begin))
    assert time.process_time() - began < 0.5


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("<a>" * 200 + "</a>" * 200, "nested deeper than 100"),
        ("<a>" + "<b/>" * 150_000 + "</a>", "more than 100,000 elements"),
        ("<ClinicalDocument>" + " " * 5_100_000, "too large"),
        ('<ClinicalDocument a="1" a="2"/>', "duplicate attribute"),
        ("<ClinicalDocument>&a;</ClinicalDocument>", "undefined entity"),
        ('<?xml version="1.0" encoding="nonsense"?><a/>', "encoding"),
        ("<ClinicalDocument", "line 1: not readable as XML"),
        ('<Bundle xmlns="http://hl7.org/fhir"/>', "give FHIR as JSON"),
        ("<html><body/></html>", "XML of another kind"),
        (document(patient=PATIENT + PATIENT), "about 2 people"),
        (document(), "no structured part"),
        (document(section("48765-2", "ALLERGIES")), "no result, problem or medication"),
    ],
)  # fmt: skip
def test_what_cannot_be_used_is_one_line_at_once(text: str, says: str) -> None:
    began = time.process_time()
    with pytest.raises(RecordError, match=says) as error:
        read_one(text)
    assert "\n" not in str(error.value) and len(str(error.value)) < 300
    assert time.process_time() - began < 1.0


def test_a_wide_document_costs_little() -> None:
    began = time.process_time()
    read_xml(("<a>" + "<b/>" * 90_000 + "</a>").encode(), "input")
    assert time.process_time() - began < 1.0


@pytest.mark.parametrize("seed", range(200))
def test_damaged_documents_give_a_report_or_one_line(seed: int) -> None:
    give_report_or_one_line(damage(WHOLE.encode(), seed))


@pytest.mark.parametrize("seed", range(100))
def test_a_document_whose_values_are_odd_gives_a_report_or_one_line(seed: int) -> None:
    """Damage seldom leaves XML: here only what stands between quotes changes."""
    import random
    import re

    rng = random.Random(seed)
    odd = ("", "NaN", "-1", "1e999", "99999999", "20251341", "true", "L" * 200, "2.16.840.1.113883.6.1", "IVL_PQ")
    text = re.sub(
        r'"([^"]*)"', lambda m: f'"{rng.choice(odd)}"' if rng.random() < 0.1 else m[0], WHOLE.partition(ROOT)[2]
    )
    give_report_or_one_line((f"<ClinicalDocument {ROOT}" + text).encode())
