"""How soon: danger first, without crying wolf."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from leukon.rules import LEVELS, Situation
from leukon.severity import judge_urgency, make_situation
from leukon.severity.names import STATES

from .conftest import DRUGS, make_someone, read_known

_OTHERS = {"lymphocytes": 1.6, "hemoglobin": 13.5, "platelets": 230}
_CHEMO = {"docetaxel": (-10.0, -10.0)}
_METHIMAZOLE = {"methimazole": (-30.0, None)}

EMERGENCIES = [
    ("fever on white cells 0.6", [{"wbc": 0.6}], ["fever"], {}),
    ("rigor on white cells 0.6", [{"wbc": 0.6}], ["chills"], {}),
    ("low temperature on white cells 0.6", [{"wbc": 0.6}], ["hypothermia"], {}),
    ("looking unwell on white cells 0.6", [{"wbc": 0.6}], ["malaise"], {}),
    ("fever after chemotherapy, no count at all", [], ["fever"], {"drugs": _CHEMO}),
    ("unwell after chemotherapy, no count at all", [], ["malaise"], {"drugs": _CHEMO}),
    ("fever after chemotherapy in words, no count", [], ["fever", "chemotherapy_recent"], {}),
    ("fever with neutrophils 0.4", [{"neutrophils": 0.4}], ["fever"], {}),
    ("fever with neutrophils left by the other cells", [{"wbc": 2.0, "lymphocytes": 1.7}], ["fever"], {}),
    ("shock with white cells 1.8", [{"wbc": 1.8, "platelets": 58}], ["hypotension", "fever"], {}),
    ("confusion and fast breathing", [{"wbc": 3.0}], ["confusion", "tachypnea"], {}),
    ("fever from the tropics with normal counts", [{"wbc": 5.0}], ["fever", "travel_tropics"], {}),
    ("a newborn with fever", [{"wbc": 9.0}], ["fever"], {"years": 0.1}),
    ("blasts with bleeding", [{"wbc": 2.0}], ["blasts", "bleeding"], {}),
    ("bleeding with platelets 20", [{"wbc": 2.0, "platelets": 20}], ["bleeding"], {}),
    ("belly pain with neutrophils 0.2", [{"neutrophils": 0.2}], ["abd_pain"], {"drugs": _CHEMO}),
    ("pneumonia without fever, neutrophils 0.3", [{"neutrophils": 0.3}], ["pneumonia"], {}),
]  # fmt: skip

SAME_DAY = [
    ("agranulocytosis on methimazole without fever", [{"wbc": 3.2, "neutrophils": 0.3}], [], {"drugs": _METHIMAZOLE}),
    ("neutrophils 0.1 for the first time", [{"neutrophils": 0.1, **_OTHERS}], [], {}),
    ("pancytopenia", [{"wbc": 2.0, "hemoglobin": 9.0, "platelets": 60}], [], {}),
    ("haemoglobin 7.5", [{"hemoglobin": 7.5}], [], {}),
    ("platelets 25", [{"platelets": 25}], [], {}),
    ("blasts", [{"wbc": 2.0}], ["blasts"], {}),
    ("mouth ulcers with neutrophils 0.4", [{"neutrophils": 0.4}], ["oral_ulcers"], {}),
    ("sore throat on methimazole without a count", [], ["sore_throat"], {"drugs": _METHIMAZOLE}),
    ("an infant with lymphocytes 1.5", [{"lymphocytes": 1.5}], [], {"years": 0.3}),
    ("fever, very high ferritin, large spleen", [{"wbc": 3.0}], ["fever", "very_high_ferritin", "splenomegaly"], {}),
    ("fever after ticks with white cells 2.5", [{"wbc": 2.5}], ["fever", "tick_exposure"], {}),
    ("fever with white cells 1.8 and no differential", [{"wbc": 1.8}], ["fever"], {}),
]  # fmt: skip

CALM = [
    ("a well child with a cold", [{"wbc": 4.9, "neutrophils": 1.2, "lymphocytes": 3.2, "hemoglobin": 12.5,
      "platelets": 250}], ["upper_respiratory_symptoms", "well"], {"years": 3}, "routine"),
    ("a feverish child with a cold", [{"wbc": 4.9, "neutrophils": 1.2, "lymphocytes": 3.2}],
     ["upper_respiratory_symptoms", "fever"], {"years": 3}, "soon"),
    ("the expected nadir without fever", [{"wbc": 1.1, "neutrophils": 0.2, "hemoglobin": 10.5, "platelets": 90}], [],
     {"drugs": _CHEMO}, "soon"),
    ("white cells 3.7 alone", [{"wbc": 3.7}], [], {}, "routine"),
    ("a stable Duffy-null count", [{"day": d, "wbc": 3.4, "neutrophils": 1.3, **_OTHERS} for d in (0, 300, 700)], [],
     {"duffy_null": True}, "routine"),
    ("isolated neutrophils of 1.3 for three years", [{"day": d, "neutrophils": 1.3, **_OTHERS} for d in (0, 500, 1095)],
     [], {}, "routine"),
    ("neutrophils of 2.5 in pregnancy", [{"wbc": 6.0, "neutrophils": 2.5, "hemoglobin": 11.5, "platelets": 200}], [],
     {"pregnant": True}, "routine"),
    ("severe neutropenia known for years, well", [{"day": d, "neutrophils": 0.4, **_OTHERS} for d in (0, 400)], [],
     {"years": 30}, "soon"),
    ("normal counts", [{"wbc": 6.0, "neutrophils": 3.5, **_OTHERS}], [], {}, "none"),
    ("confusion alone", [{"wbc": 6.0, "neutrophils": 3.5, **_OTHERS}], ["confusion"], {}, "none"),
]  # fmt: skip


@pytest.mark.parametrize(("what", "counts", "present", "more"), EMERGENCIES, ids=[row[0] for row in EMERGENCIES])
def test_emergencies_are_within_the_hour(someone, judge, what, counts, present, more) -> None:
    urgency = judge(someone(counts, present=present, **more))
    assert urgency.level == "emergency", urgency.because
    assert urgency.because


@pytest.mark.parametrize(("what", "counts", "present", "more"), SAME_DAY, ids=[row[0] for row in SAME_DAY])
def test_what_must_be_seen_the_same_day(someone, judge, what, counts, present, more) -> None:
    urgency = judge(someone(counts, present=present, **more))
    assert urgency.level == "same day", urgency.because


@pytest.mark.parametrize(("what", "counts", "present", "more", "level"), CALM, ids=[row[0] for row in CALM])
def test_what_is_no_alarm_raises_none(someone, judge, what, counts, present, more, level) -> None:
    urgency = judge(someone(counts, present=present, **more))
    assert urgency.level == level, urgency.because


def test_all_reasons_of_the_level_are_said_and_no_lesser_ones(someone, judge) -> None:
    urgency = judge(someone([{"neutrophils": 0.3, "platelets": 20}], present=["fever", "bleeding"]))
    assert urgency.because == (
        "fever with neutrophils at most 0.3: febrile neutropenia, first dose of antibiotics within the hour",
        "bleeding with platelets 20",
    )
    assert urgency.sources == ("taplitz-2018-outpatient",)


def test_a_fever_that_has_resolved_is_no_fever_now(someone, judge) -> None:
    who = someone([{"neutrophils": 0.8, **_OTHERS}], present=["fever"])
    over = replace(who, facts=replace(who.facts, now=frozenset()))
    assert judge(who).level == "emergency"
    assert judge(over).level == "soon"


def test_a_journey_that_is_over_still_counts_and_chemotherapy_of_years_ago_does_not(someone, judge) -> None:
    def in_the_past(who, id_: str):
        facts = tuple(replace(f, tense="past") if f.id == id_ else f for f in who.facts.facts)
        return replace(who, facts=replace(who.facts, facts=facts, now=who.facts.now - {id_}))

    journey = someone([{"wbc": 5.0}], present=["fever", "travel_tropics"])
    assert judge(in_the_past(journey, "travel_tropics")).level == "emergency"
    cured = someone([{"neutrophils": 0.3, **_OTHERS}], present=["chemotherapy_recent"])
    assert judge(cured).level == "soon"
    assert judge(in_the_past(cured, "chemotherapy_recent")).level == "urgent"


def test_no_count_and_no_sign_is_not_called_safe(someone, judge) -> None:
    urgency = judge(someone([]))
    assert urgency.level == "routine" and "cannot be said" in urgency.because[0]


# ---- properties

_SIGNS = [
    "fever", "chills", "malaise", "hypotension", "confusion", "oral_ulcers", "sore_throat", "abd_pain", "bleeding",
    "petechiae", "travel_tropics", "tick_exposure", "splenomegaly", "stable_counts", "well", "blasts",
]  # fmt: skip

_people = st.fixed_dictionaries(
    {
        "present": st.lists(st.sampled_from(_SIGNS), max_size=4, unique=True),
        "years": st.sampled_from([0.1, 0.5, 3, 12, 40, 80]),
        "drugs": st.sampled_from([{}, _CHEMO, _METHIMAZOLE]),
        "duffy_null": st.sampled_from([None, True]),
    }
)
_optional = {
    "wbc": st.sampled_from([0.5, 1.2, 2.2, 3.7, 5.0, 9.0]),
    "hemoglobin": st.sampled_from([6.0, 9.0, 11.5, 13.5]),
    "platelets": st.sampled_from([8, 25, 60, 130, 230]),
    "lymphocytes": st.sampled_from([0.3, 0.9, 1.6]),
}
_draws = st.fixed_dictionaries({}, optional=_optional)
_ANC = [0.0, 0.05, 0.1, 0.19, 0.2, 0.4, 0.5, 0.81, 0.9, 1.0, 1.2, 1.4, 1.5, 1.9, 2.6, 5.0]


def _level(draws: Sequence[Mapping[str, object]], person: Mapping[str, object]) -> int:
    who = make_someone(draws, **person)
    situation = make_situation(who.judged, who.facts, who.patient, drugs=DRUGS)
    return LEVELS.index(judge_urgency(situation, read_known().red_flags).level)


@settings(max_examples=150, deadline=None)
@given(person=_people, draw=_draws, earlier=st.sampled_from([None, 0.3, 1.2, 3.0]), data=st.data())
def test_fewer_neutrophils_are_never_less_urgent(person, draw, earlier, data) -> None:
    few, many = sorted(data.draw(st.lists(st.sampled_from(_ANC), min_size=2, max_size=2, unique=True)))
    assume(many <= draw.get("wbc", many))  # more neutrophils than white cells is no count
    before = [] if earlier is None else [{"day": -120, "neutrophils": earlier}]
    levels = [_level([*before, {"day": 0, **draw, "neutrophils": anc}], person) for anc in (few, many)]
    assert levels[0] <= levels[1], (few, many, [LEVELS[i] for i in levels])


@settings(max_examples=100, deadline=None)
@given(
    person=_people,
    draw=_draws,
    anc=st.sampled_from([None, *_ANC]),
    moved=st.sampled_from(["duffy", "pregnant", "clumps"]),
)
def test_duffy_status_pregnancy_and_a_doubtful_sample_never_lower_it(person, draw, anc, moved) -> None:
    counts = [{**draw} if anc is None else {**draw, "neutrophils": anc}]
    plain = {**person, "duffy_null": None, "years": 30 if moved == "pregnant" else person["years"]}
    other = {
        "duffy": {**plain, "duffy_null": True},
        "pregnant": {**plain, "pregnant": True},
        "clumps": {**plain, "present": [*plain["present"], "clumped_cells"]},
    }[moved]
    assert _level(counts, other) <= _level(counts, plain)


# ---- the flags as data


def test_every_flag_has_a_source_or_says_why_it_is_an_estimate(known) -> None:
    assert len(known.red_flags) > 40
    for flag in known.red_flags:
        assert (flag.source in known.sources) if flag.source else flag.because, flag.id


def test_flags_on_counts_of_cells_only_look_down(known) -> None:
    """Blasts are the one count of which more is worse."""

    def conditions(when):
        yield when
        for inner in (*when.all, *when.any, *when.none):
            yield from conditions(inner)

    for flag in known.red_flags:
        for when in conditions(flag.when):
            assert when.from_ is None or when.analyte == "blasts", flag.id


def test_flags_name_only_states_that_exist(known) -> None:
    def names(when):
        yield when.state
        for inner in (*when.all, *when.any, *when.none):
            yield from names(inner)

    for flag in known.red_flags:
        assert {n for n in names(flag.when) if n} <= set(STATES), flag.id


def test_every_source_named_in_the_code_is_known(known) -> None:
    from leukon.artefact import reality, sample

    named = {source for _, source in STATES.values()}
    named |= {d[1] for m in (reality, sample) for d in vars(m).values() if isinstance(d, tuple) and len(d) == 2
              and all(isinstance(x, str) for x in d) and "-" in d[1]}  # fmt: skip
    named |= {"seigel-2012-bandemia", "nordin-2004-norip", "bux-1998-infancy"}
    assert named <= set(known.sources), named - set(known.sources)


def test_values_stand_in_the_reason_and_unknown_ones_say_so() -> None:
    from leukon.knowledge.schema import RedFlag, When

    said = "platelets {platelets}, neutrophils {worst_anc}"
    flag = RedFlag(id="x", level="soon", said=said, when=When(), because="test")
    urgency = judge_urgency(Situation(counts={"platelets": 20.0}), [flag])
    assert urgency.because == ("platelets 20, neutrophils not known",)


def test_a_count_from_before_the_chemotherapy_does_not_calm_a_fever() -> None:
    from leukon.assess import assess
    from leukon.io import read_record

    text = """
now: 0
counts: [{day: -12, wbc: 6.0, neutrophils: 4.0}]
drugs: [{name: docetaxel, start: -9, stop: -9}]
conditions: [breast cancer]
findings: {present: [fever]}
"""
    report = assess(read_record(text))
    assert report.urgency.level == "emergency"
    assert "possible febrile neutropenia" in report.states


def test_stable_cirrhosis_with_few_platelets_is_no_emergency() -> None:
    from leukon.assess import assess
    from leukon.io import read_record

    text = """
counts: [{wbc: 3.1, neutrophils: 1.7, hemoglobin: 12.5, platelets: 66}]
conditions: [cirrhosis]
tests: [{name: INR, result: '1.4'}]
"""
    assert assess(read_record(text)).urgency.level not in ("emergency", "same day")


def test_numb_feet_and_ataxia_are_no_normal_variant() -> None:
    from leukon.assess import assess
    from leukon.io import read_record

    text = """
counts: [{wbc: 3.6, neutrophils: 2.2, lymphocytes: 1.2, hemoglobin: 13, platelets: 220}]
findings: [numbness of the feet, ataxia]
"""
    report = assess(read_record(text))
    assert report.stop_here is None
    assert report.real.verdict != "normal variant"
