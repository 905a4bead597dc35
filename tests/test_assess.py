"""The whole assessment: danger first, nothing lost, nothing moved by units, never less urgent for fewer cells."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from leukon.answer import Report
from leukon.assess import assess
from leukon.patient import Draw, Drug, Item, Measure, Patient, Person, Test
from leukon.rules import LEVELS
from tests.strategies import patients

few = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def make_patient(
    anc: str | None = None,
    *,
    wbc: str | None = None,
    present: tuple[str, ...] = (),
    drugs: tuple[Drug, ...] = (),
    years: float = 40,
    others: bool = True,
    duffy_null: bool | None = None,
) -> Patient:
    values = {"wbc": wbc, "neutrophils": anc}
    if others:
        values |= {"hemoglobin": "14.0 g/dL", "platelets": "240 10*9/L"}
    measures = tuple(Measure(Item(f"counts[0].{n}", v), n) for n, v in values.items() if v)
    return Patient(
        person=Person(age_days=years * 365.25, sex="female", duffy_null=duffy_null),
        draws=(Draw(0.0, None, 0, measures),) if measures else (),
        present=tuple(Item(f"findings.present[{n}]", x) for n, x in enumerate(present)),
        drugs=drugs,
    )


def make_drug(name: str, start: float | None = None, stop: float | None = None) -> Drug:
    return Drug(Item("drugs[0].name", name), start=start, stop=stop)


@few
@given(patients())
def test_same_patient_same_report(patient: Patient) -> None:
    assert assess(patient) == assess(patient)


@few
@given(patients())
def test_every_leaf_stands_once(patient: Patient) -> None:
    report = assess(patient)
    paths = [u.path for u in report.understood] + [n.path for n in report.not_used]
    assert len(paths) == len(set(paths))
    leaves = {m.item.path for d in patient.draws for m in d.measures}
    assert leaves <= set(paths)


@few
@given(st.integers(0, 8000), st.integers(0, 8000), st.sampled_from([(), ("fever",), ("sore throat",)]))
def test_fewer_neutrophils_are_never_less_urgent(a: int, b: int, present: tuple[str, ...]) -> None:
    fewer, more = sorted((a, b))
    levels = [
        LEVELS.index(assess(make_patient(f"{n} /uL", present=present, others=False)).urgency.level)
        for n in (fewer, more)
    ]
    assert levels[0] <= levels[1]


@few
@given(patients())
def test_no_neutrophils_are_always_found_and_severe(patient: Patient) -> None:
    zero = Draw(1.0, None, 99, (Measure(Item("counts[99].neutrophils", "0 /uL"), "neutrophils"),))

    report = assess(replace(patient, draws=(*patient.draws, zero), now=1.0))
    assert report.low == "low"
    assert any(s.startswith("neutropenia, profound") for s in report.states)
    row = next(c for c in reversed(report.counts) if c.analyte == "neutrophils")
    assert row.grades["ctcae-5"] == 4
    assert report.urgency.level in ("emergency", "same day", "urgent")


def test_fever_without_neutrophils_on_methimazole() -> None:
    """The demonstration case: emergency, the drug first, stop it, antibiotics within the hour."""
    report = assess(
        make_patient("20 /uL", wbc="1900 /uL", present=("fever", "sore throat"), drugs=(make_drug("methimazole", -42),))
    )
    assert report.urgency.level == "emergency"
    assert report.causes[0].id == "drug:methimazole"
    assert any(m.id == "drug:methimazole" for m in report.must_not_miss)
    assert {"stop drug", "treat"} <= {c.kind for c in report.care}
    assert "EMERGENCY" in report.summary


def test_chemotherapy_and_fever_without_a_count_is_an_emergency() -> None:
    report = assess(make_patient(present=("fever",), drugs=(make_drug("docetaxel", -10, -10),)))
    assert report.low == "cannot say"
    assert report.urgency.level == "emergency"


def quiet(report: Report) -> bool:
    return report.urgency.level in ("soon", "routine", "none")


def test_an_expected_nadir_without_fever_is_no_emergency() -> None:
    report = assess(make_patient("700 /uL", wbc="2000 /uL", drugs=(make_drug("docetaxel", -8, -8),)))
    assert report.urgency.level not in ("emergency", "same day")


def test_a_white_count_of_3_7_alone_wants_one_repeat_and_no_marrow() -> None:
    report = assess(make_patient("2.1 10*9/L", wbc="3.7 10*9/L"))
    assert report.low == "low"
    assert report.real.verdict == "normal variant"
    assert quiet(report)
    assert report.stop_here
    assert [t.id for t in report.workup] == ["repeat_count"]


def test_a_child_with_a_cold_needs_no_marrow() -> None:
    report = assess(make_patient("1.2 10*9/L", wbc="5.5 10*9/L", present=("runny nose", "cough"), years=3))
    assert quiet(report)
    assert not any(t.burden == "marrow" for t in report.workup)


def test_duffy_null_never_lowers_urgency() -> None:
    for anc in ("100 /uL", "400 /uL", "800 /uL"):
        plain = assess(make_patient(anc, present=("fever",)))
        null = assess(make_patient(anc, present=("fever",), duffy_null=True))
        assert LEVELS.index(null.urgency.level) <= LEVELS.index(plain.urgency.level)


def test_a_duffy_type_among_the_tests_sets_the_limits() -> None:
    """1.3 is low for most adults and usual in Duffy-null ones, whether the record or a result says so."""

    def low(patient: Patient) -> tuple[str, str]:
        row = next(row for row in assess(patient).counts if row.analyte == "neutrophils")
        assert row.limit is not None
        return row.status, row.limit.owner

    def typed(result: str) -> Patient:
        return replace(
            make_patient("1.3", wbc="3.6"), tests=(Test(Item("t.name", "Duffy phenotype"), Item("t", result)),)
        )

    assert low(typed("Fy(a-b-)")) == low(make_patient("1.3", wbc="3.6", duffy_null=True)) == ("normal", "duffy-null")
    assert low(typed("Fy(a+b+)")) == low(make_patient("1.3", wbc="3.6")) == ("low", "adult")


def test_a_name_of_old_is_no_test_of_the_duffy_type() -> None:
    labelled = make_patient("1.3", wbc="3.6", present=("benign ethnic neutropenia",))
    assert next(row for row in assess(labelled).counts if row.analyte == "neutrophils").status == "low"


def test_blasts_name_acute_leukaemia_whatever_its_probability() -> None:
    report = assess(make_patient("1.0 10*9/L", wbc="2.5 10*9/L", present=("circulating blasts",)))
    assert any("leukaemia" in m.name for m in report.must_not_miss)
    assert report.urgency.level in ("emergency", "same day")


def test_a_stay_in_the_tropics_is_an_emergency_with_fever_only() -> None:
    """Malaria, typhoid and tick-borne fevers are fevers: a place or a tick alone cries no wolf."""
    for exposure in ("travel to Ghana", "6 weeks in South India", "tick bite", "contact with tuberculosis"):
        well = assess(make_patient("2.0 10*9/L", wbc="4.6 10*9/L", present=(exposure, "diarrhea")))
        assert well.urgency.level in ("soon", "routine", "none"), exposure
        assert not any(m.because.startswith("named by") for m in well.must_not_miss), exposure
    ill = assess(make_patient("2.0 10*9/L", wbc="4.6 10*9/L", present=("travel to Ghana", "fever")))
    assert ill.urgency.level == "emergency"
    assert any("malaria" in m.name for m in ill.must_not_miss)


def test_a_result_added_by_hand_re_ranks() -> None:
    patient = make_patient("1.2 10*9/L", wbc="2.5 10*9/L", present=("joint pain", "photosensitive rash"))
    before, after = assess(patient), assess(patient, add=("ANA 1:640",))
    chance = {r.leukon.version: 0.0 for r in (before,)}
    del chance

    def lupus(report: Report) -> float:
        return next((c.probability for c in report.causes if c.id == "systemic_lupus"), 0.0)

    assert lupus(after) > lupus(before)
    assert any(u.path.startswith("add[0]") for u in after.understood)


def test_a_drug_that_raises_counts_is_said() -> None:
    report = assess(make_patient("1.0 10*9/L", drugs=(make_drug("filgrastim", -2),)))
    assert any("filgrastim" in note.lower() for note in report.notes)


def test_every_answer_names_its_knowledge() -> None:
    report = assess(make_patient("1.0 10*9/L"))
    assert report.leukon.knowledge
    assert report.calibration["status"] == "not calibrated on patients"
    ids = {s.id for s in report.sources}
    assert {c.limit.source for c in report.counts if c.limit} <= ids
    assert set(report.urgency.sources) <= ids
