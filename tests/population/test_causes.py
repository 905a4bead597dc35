"""The causes of many people are those of each of them alone, whatever the order in which an engine hands them over."""

from __future__ import annotations

import csv
import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from leukon.assess import assess
from leukon.counts import read_counts
from leukon.facts.adding import promote_counts
from leukon.io import read_record
from leukon.patient import Patient

pa = pytest.importorskip("pyarrow", reason="needs leukon[population]")

from leukon.population.causes import INPUT, OUTPUT, rank_batch, rank_batches  # noqa: E402

Row = dict[str, Any]
RECORDS = Path(__file__).parents[1] / "records"
NOW = 19_000.0
SEX = {"F": "female", "M": "male"}
COLUMNS = (
    ("wbc", "wbc", "10*9/L"), ("neut_pct", "neutrophils", "%"), ("band_pct", "bands", "%"),
    ("alc", "lymphocytes", "10*9/L"), ("hgb", "hemoglobin", "g/dL"), ("plt", "platelets", "10*9/L"),
)  # fmt: skip
CAUSE = ("cause", "name", "family", "must_not_miss", "drug")


def rank(*rows: Row, setting: str = "any") -> list[Row]:
    return rank_batch(pa.RecordBatch.from_pylist(list(rows), schema=INPUT), setting).to_pylist()


def causes(found: list[Row], person: str | None = None) -> list[Row]:
    return [row for row in found if row["kind"] == "cause" and person in (None, row["person"])]


def chances(found: list[Row]) -> dict[str, float]:
    return {row["cause"]: row["probability"] for row in causes(found)}


def not_understood(found: list[Row]) -> list[tuple[str, str, str, str, int]]:
    keys = ("table", "column", "text", "reason", "rows")
    return [tuple(row[k] for k in keys) for row in found if row["kind"] == "not understood"]  # type: ignore[misc]


def count(analyte: str, value: float | None, day: float | None = NOW, unit: str | None = "10*9/L", **more: Any) -> Row:
    return {"analyte": analyte, "value": value, "unit": unit, "day": day, **more}


def woman(*counts: Row, person: str = "a", **more: Any) -> Row:
    return {"person": person, "sex": "female", "age_years": 34.0, "now": NOW, "counts": list(counts), **more}


AGRANULOCYTOSIS = woman(
    count("wbc", 5.9, NOW - 45), count("neutrophils", 3.6, NOW - 45), count("wbc", 1.9), count("neutrophils", 0.019),
    count("lymphocytes", 1.63), count("hemoglobin", 13.6, unit="g/dL"), count("platelets", 240.0),
    drugs=[{"name": "methimazole", "start": NOW - 42}, {"name": "Ibuprofen 400 mg"}],
    conditions=[{"name": "Graves disease", "code": None, "day": NOW - 50}],
    findings=[{"name": "fever", "present": True, "day": NOW}, {"name": "splenomegaly", "present": False, "day": NOW}],
)  # fmt: skip


def leave_out(patient: Patient) -> Patient | None:
    """The patient without what a row cannot hold; None where the order of counts is that of the record."""
    draws = tuple(replace(d, sample=()) for d in promote_counts(patient).draws if d.measures)
    if len(draws) > 1 and any(d.day is None for d in draws):
        return None
    return replace(
        patient,
        person=replace(patient.person, pregnancy_weeks=None),
        draws=draws,
        drugs=tuple(replace(d, note=None, dose=None, doses=()) for d in patient.drugs),
        tests=(),
        exposures=(),
    )


def on_axis(day: float | None, patient: Patient) -> float | None:
    return None if day is None else NOW + day - patient.now


def make_row(name: str, patient: Patient) -> Row:
    """The row that a table would hold of this patient: absolute counts in leukon's units."""
    p = patient.person
    shown = read_counts(patient)
    return {
        "person": name, "sex": p.sex, "birth_day": None if p.age_days is None else NOW - p.age_days,
        "ancestry": p.ancestry, "duffy_null": p.duffy_null, "pregnant": p.pregnant, "now": NOW,
        "counts": [
            count(v.analyte, v.value, on_axis(v.day, patient), v.unit, bound=v.censored,
                  lower=v.limits and v.limits[0], upper=v.limits and v.limits[1])
            for v in shown.values
        ],
        "drugs": [
            {"name": d.name.text, "code": d.name.code, "start": on_axis(d.start, patient),
             "stop": on_axis(d.stop, patient)}
            for d in patient.drugs
        ],
        "conditions": [{"name": c.text, "code": c.code} for c in patient.conditions],
        "findings": [
            {"name": f.text, "code": f.code, "present": present}
            for items, present in ((patient.present, True), (patient.absent, False)) for f in items
        ],
    }  # fmt: skip


def read_people(folder: Path) -> Iterator[tuple[str, Patient]]:
    for path in sorted(folder.glob("*.yaml")):
        patient = leave_out(read_record(path.read_text(encoding="utf-8"), path.stem))
        if patient is not None:
            yield path.stem, patient


def compare_with_one_by_one(people: dict[str, Patient]) -> None:
    found = rank(*(make_row(name, patient) for name, patient in people.items()))
    for name, patient in people.items():
        report, rows = assess(patient), causes(found, name)
        if not rows:
            assert not report.counts
            continue
        assert {row["low"] for row in rows} == {report.low}, name
        assert [row["rank"] for row in rows] == list(range(1, len(rows) + 1))
        assert rows == sorted(rows, key=lambda row: (-row["probability"], row["cause"]))
        assert chances(rows) == pytest.approx({c.id: c.probability for c in report.causes}, abs=1e-6), name
        told = {c.id: (c.id, c.name, c.family, c.must_not_miss, c.drug) for c in report.causes}
        assert all(tuple(row[key] for key in CAUSE) == told[row["cause"]] for row in rows), name


def test_made_up_patients_get_the_causes_of_their_reports() -> None:
    people = dict(read_people(RECORDS))
    assert len(people) > 150
    compare_with_one_by_one(people)


def test_published_patients_get_the_causes_of_their_reports(shared: Path) -> None:
    people = dict(read_people(shared / "cases"))
    assert len(people) > 15
    compare_with_one_by_one(people)


def shuffle(row: Row, rng: random.Random) -> Row:
    return {k: rng.sample(v, len(v)) if isinstance(v, list) else v for k, v in row.items()}


@pytest.mark.parametrize("seed", range(3))
def test_neither_the_order_of_lists_nor_of_people_matters(seed: int) -> None:
    """Engines collect in any order: undated counts, two values at one time and repeated drugs among them."""
    rng = random.Random(seed)
    undated = woman(count("wbc", 2.1, None), count("neutrophils", 0.4, None), count("wbc", 3.0), person="b")
    twice = woman(count("neutrophils", 0.9), count("neutrophils", 0.4), count("neutrophils", 0.4), person="c")
    drugs = [{"name": n, "start": NOW - d, "stop": NOW - d + 5} for d in (400, 60, 20) for n in ("clozapine", "x")]
    often = {**AGRANULOCYTOSIS, "person": "d", "drugs": drugs}
    said = ("neutropenia", "leukopenia", "agranulocytosis", "severe leukopenia", "pancytopenia")
    told = woman(person="e", findings=[{"name": name, "present": True} for name in said])
    rows = [AGRANULOCYTOSIS, undated, twice, often, told]
    plain = rank(*rows)
    mixed = rank(*(shuffle(row, rng) for row in rng.sample(rows, len(rows))))
    for person in "abcde":
        assert causes(mixed, person) == causes(plain, person)
    assert not_understood(mixed) == not_understood(plain)


def test_methimazole_is_the_cause_of_agranulocytosis() -> None:
    first = causes(rank(AGRANULOCYTOSIS))[0]
    assert (first["cause"], first["drug"], first["must_not_miss"], first["low"]) == (
        "drug:methimazole", "methimazole", True, "low"
    )  # fmt: skip
    assert first["probability"] > 0.7


def test_no_neutrophils_at_all_is_a_count() -> None:
    row = woman(count("neutrophils", 0.0), drugs=[{"name": "clozapine", "start": NOW - 60}])
    gone = woman(count("neutrophils", None), drugs=[{"name": "clozapine", "start": NOW - 60}])
    assert causes(rank(row))[0]["low"] == "low"
    assert chances(rank(row))["drug:clozapine"] > 0.7
    assert causes(rank(gone))[0]["low"] == "cannot say"


def test_a_person_of_whom_nothing_is_known_is_one_row_with_the_reason() -> None:
    nobody = {"person": "nobody", "counts": [], "drugs": [None], "conditions": None, "findings": None}
    found = rank(nobody, {"person": "bare"})
    assert [(r["kind"], r["person"], r["low"], r["cause"]) for r in found] == [
        ("nothing known", "nobody", "cannot say", None), ("nothing known", "bare", "cannot say", None)
    ]  # fmt: skip
    assert found[0]["reason"] == "no count, drug, condition or finding that can be used"
    assert rank() == []


def test_a_row_of_lists_that_are_null_is_ranked_by_its_counts() -> None:
    without = woman(count("wbc", 2.0), drugs=None, conditions=None, findings=None)
    assert causes(rank(without)) == causes(rank(woman(count("wbc", 2.0))))


def test_columns_that_a_table_lacks_are_not_known() -> None:
    batch = pa.RecordBatch.from_pylist([{"person": "a", "now": NOW, "counts": [count("wbc", 2.0)]}])
    assert causes(rank_batch(batch).to_pylist()) == causes(
        rank({"person": "a", "now": NOW, "counts": [count("wbc", 2.0)]})
    )


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        ({"counts": [None]}, "the batch has no column 'person'"),
        ({"person": ["a"], "cuonts": [None]}, "the batch has the column 'cuonts'"),
        ({"person": ["a"], "now": ["soon"]}, "the column 'now' cannot be used"),
    ],
)
def test_a_batch_of_other_columns_is_refused_in_one_line(columns: dict[str, list[Any]], said: str) -> None:
    with pytest.raises(ValueError, match=said) as refused:
        rank_batch(pa.RecordBatch.from_pydict(columns))
    assert "\n" not in str(refused.value)


def test_a_setting_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="no setting is called 'ward'"):
        rank(AGRANULOCYTOSIS, setting="ward")


def test_the_setting_chooses_how_common_causes_are() -> None:
    row = woman(count("neutrophils", 0.8))
    assert chances(rank(row, setting="oncology")) != chances(rank(row))


@pytest.mark.parametrize(("name", "code"), [("influenza", ""), ("", "ICD10CM:J10.1"), ("Flu A", "ICD10CM:J10.1")])
def test_an_acute_illness_of_long_ago_is_over_and_told(name: str, code: str) -> None:
    def ill(days_before: float) -> list[Row]:
        flu = {"name": name, "code": code, "day": NOW - days_before}
        return rank(woman(count("wbc", 2.9), count("neutrophils", 1.2), conditions=[flu]))

    nothing = chances(rank(woman(count("wbc", 2.9), count("neutrophils", 1.2))))
    assert chances(ill(7)) != nothing
    assert chances(ill(700)) == nothing
    (told,) = not_understood(ill(700))
    assert told[:2] == ("conditions", "name") and told[3] == "in the past, not now"


def test_a_duffy_type_among_the_findings_is_the_persons() -> None:
    counts = [count("wbc", 3.6), count("neutrophils", 1.3)]
    typed = rank(woman(*counts, findings=[{"name": "Duffy null", "present": True}]))
    assert chances(typed) == chances(rank(woman(*counts, duffy_null=True)))
    assert {row["low"] for row in causes(typed)} == {"not low"}


def test_a_chronic_disease_of_long_ago_is_one_still() -> None:
    def ill(days_before: float) -> list[Row]:
        lupus = {"name": "lupus nephritis", "code": "ICD10CM:M32.14", "day": NOW - days_before}
        return rank(woman(count("wbc", 2.9), conditions=[lupus]))

    assert chances(ill(3000)) == chances(ill(3))


def test_what_was_not_understood_is_told_with_how_often() -> None:
    strange = {"name": "moonshine extract", "start": NOW - 9, "stop": NOW - 5}
    first = woman(
        count("wbc", 2.0), count("ferritin", 12.0, unit="ug/L"), count("platelets", 200.0, unit=None),
        count("hemoglobin", 700.0, unit="g/dL"), drugs=[strange, {**strange, "stop": NOW}], sex="F",
    )  # fmt: skip
    second = woman(
        count("wbc", 2.0, lower=700.0, upper=900.0), person="b", age_years=-4.0, drugs=[strange, {"name": " "}],
        conditions=[{"name": "Xyzzy syndrome", "code": "ICD10CM:Q99.99"}, {"name": "lupus", "day": NOW + 1}],
        findings=[{"name": "rash"}, {"name": "fever, a blue aura", "present": True}],
    )  # fmt: skip
    told = {
        (table, column, text): (reason, rows)
        for table, column, text, reason, rows in not_understood(rank(first, second))
    }
    assert told == {
        ("people", "sex", "F"): ("not female or male", 1),
        ("people", "age_years", ""): ("the age would be under 0 or over 130 years", 1),
        ("counts", "analyte", "ferritin"): ("not one of the counts that leukon uses", 1),
        ("counts", "value", "platelets"): ("the unit is missing", 1),
        ("counts", "value", "hemoglobin g/dL"): ("700 g/dL is outside what a living person can have (0.5 to 27)", 1),
        ("counts", "value", "wbc 10*9/L"): (
            "the unit of '2.0 10*9/L' contradicts the printed limits 700-900: one of them is wrong", 1
        ),
        ("counts", "limits", "wbc 10*9/L"): ("its value is not used", 1),
        ("exposures", "name", "moonshine extract"): ("this drug is not known", 3),
        ("exposures", "name", ""): ("no name and no code", 1),
        ("conditions", "name", "Xyzzy syndrome"): ("not understood", 1),
        ("conditions", "day", "lupus"): ("dated after the day that is asked about", 1),
        ("findings", "present", "rash"): ("neither present nor absent", 1),
        ("findings", "name", "fever, a blue aura"): ("in part: 'a blue aura' is not understood", 1),
    }  # fmt: skip


def test_a_person_for_whom_leukon_fails_is_told_and_the_rest_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    from leukon.population.causes import rank as module

    def fail(judged: Any, facts: Any, person: Any, *rest: Any, **more: Any) -> Any:
        if person.sex == "male":
            raise ZeroDivisionError("a tenth of nothing")
        return real(judged, facts, person, *rest, **more)

    real = module.rank_causes
    monkeypatch.setattr(module, "rank_causes", fail)
    found = rank(woman(count("wbc", 2.0)), {**woman(count("wbc", 2.0), person="b"), "sex": "male"})
    assert [(r["person"], r["reason"]) for r in found if r["kind"] == "failed"] == [
        ("b", "a defect of leukon, please report it: ZeroDivisionError: a tenth of nothing")
    ]
    assert causes(found, "a")


def test_a_drug_stopped_a_year_before_the_low_count_is_no_cause() -> None:
    def taking(start: float, stop: float | None) -> dict[str, float]:
        drug = {"name": "methimazole", "start": NOW + start, "stop": None if stop is None else NOW + stop}
        return chances(rank(woman(count("neutrophils", 0.1), drugs=[drug])))

    assert taking(-42, None)["drug:methimazole"] > 0.5
    assert taking(-42, 14) == taking(-42, None), "a stop after the last count is a plan"
    assert "drug:methimazole" not in taking(-400, -365)
    assert "drug:methimazole" not in taking(3, None), "begun after the count"


def test_a_drug_speaks_of_the_lowest_count_and_not_of_an_earlier_course() -> None:
    """The lowest count is of two years ago, in a second course; courses before it and after it are others."""
    counts = (count("neutrophils", 0.1, NOW - 700), count("neutrophils", 4.0))
    second = {"name": "methimazole", "start": NOW - 742, "stop": NOW - 699}
    others = [
        {"name": "methimazole", "start": NOW - 3000, "stop": NOW - 2900},
        {"name": "methimazole", "start": NOW - 30, "stop": NOW - 20},
    ]
    alone = chances(rank(woman(*counts, drugs=[second])))
    among = chances(rank(woman(*counts, drugs=[*others, second])))
    assert alone["drug:methimazole"] > 0.5
    assert among["drug:methimazole"] == pytest.approx(alone["drug:methimazole"], abs=0.05)


def test_renewed_prescriptions_are_one_course_and_single_doses_are_not() -> None:
    """A drug renewed every month for years was not begun two weeks ago; vancomycin was, whatever went before."""
    months = [{"name": "methimazole", "start": NOW - 14 - 35 * n, "stop": NOW + 16 - 35 * n} for n in range(30)]
    for_years = [{"name": "methimazole", "start": NOW - 14 - 35 * 29, "stop": None}]
    low = (count("neutrophils", 0.3),)
    assert chances(rank(woman(*low, drugs=months))) == chances(rank(woman(*low, drugs=for_years)))
    doses = [{"name": "vancomycin", "start": NOW - d, "stop": NOW - d} for d in (74, 54, 34, 14)]
    assert chances(rank(woman(*low, drugs=doses))) == chances(rank(woman(*low, drugs=doses[-1:])))


def test_a_fever_of_another_year_tells_nothing_and_a_known_disease_tells_the_same() -> None:
    low = (count("neutrophils", 0.8), count("lymphocytes", 0.6))
    plain = chances(rank(woman(*low)))

    def noted(name: str, day: float | None, table: str = "conditions") -> dict[str, float]:
        entry = {"name": name, "day": day} | ({"present": True} if table == "findings" else {})
        return chances(rank(woman(*low, **{table: [entry]})))

    assert noted("fever", NOW - 2) == noted("fever", None) != plain
    assert noted("fever", NOW - 400) == noted("fever", NOW - 400, "findings") == plain
    assert noted("systemic lupus erythematosus", NOW - 400) == noted("systemic lupus erythematosus", None) != plain
    assert noted("tuberculosis", NOW - 60) == noted("tuberculosis", None) != plain
    assert noted("travel to sub-Saharan Africa", NOW - 60, "findings") != plain, "an exposure lasts"


def test_a_finding_said_to_be_absent_years_ago_is_not_known_now() -> None:
    low = (count("neutrophils", 0.8),)
    then = woman(*low, findings=[{"name": "splenomegaly", "present": False, "day": NOW - 900}])
    found = rank(then)
    assert chances(found) == chances(rank(woman(*low)))
    assert not_understood(found) == [
        ("findings", "name", "splenomegaly", "absent, but at another time than the count", 1)
    ]


def test_now_is_the_newest_count_where_it_is_not_given() -> None:
    row = woman(count("neutrophils", 0.2), drugs=[{"name": "methimazole", "start": NOW - 42, "stop": NOW + 5}])
    assert causes(rank({**row, "now": None})) == causes(rank(row))


def test_every_core_gives_the_same_rows_in_the_order_of_the_people(monkeypatch: pytest.MonkeyPatch) -> None:
    from leukon import cores
    from leukon.population.causes import rank as module

    monkeypatch.setattr(cores.os, "cpu_count", lambda: 2)
    monkeypatch.setattr(module, "_AT_ONCE", 3)
    rows = [woman(count("wbc", 1.0 + n / 10), person=f"p{n}") for n in range(20)]
    batches = [pa.RecordBatch.from_pylist(rows[start : start + 7], schema=INPUT) for start in (0, 7, 14)]
    found = [row for batch in rank_batches(iter(batches)) for row in batch.to_pylist()]
    assert causes(found) == causes(rank(*rows))
    assert list(rank_batches(iter([]))) == []


def test_spark_workers_give_the_same_rows(spark_session: Any) -> None:
    from pyspark.sql.pandas.types import from_arrow_schema

    rows = [{**AGRANULOCYTOSIS, "person": f"p{n}", "age_years": 20.0 + n} for n in range(7)]
    frame = spark_session.createDataFrame(pa.Table.from_pylist(rows, schema=INPUT)).repartition(3)
    made = frame.mapInArrow(lambda batches: map(rank_batch, batches), from_arrow_schema(OUTPUT)).toArrow().to_pylist()
    ours = rank(*rows)
    key = lambda row: (row["person"], row["rank"])  # noqa: E731
    assert sorted(causes(made), key=key) == sorted(causes(ours), key=key)


def test_people_of_a_hospital_are_ranked_whatever_their_order(shared: Path) -> None:
    """100 people of MIMIC-IV with all their counts: each gets a row, shuffled or not."""
    rows: dict[str, Row] = {}
    with (shared / "data/mimic_iv_demo/cbc_wide.csv").open(encoding="utf-8", newline="") as lines:
        for line in csv.DictReader(lines):
            day = datetime.fromisoformat(line["time"]).timestamp() / 86_400
            row = rows.setdefault(
                line["subject_id"], {"person": line["subject_id"], "sex": SEX[line["sex"]], "counts": []}
            )
            row["counts"] += [
                count(analyte, float(line[column]), day, unit) for column, analyte, unit in COLUMNS if line[column]
            ]
    rng = random.Random(1)
    plain = rank(*rows.values())
    mixed = rank(*(shuffle(row, rng) for row in rng.sample(list(rows.values()), len(rows))))
    assert {row["person"] for row in plain if row["kind"] != "not understood"} == set(rows)
    assert sorted(causes(mixed), key=lambda r: (r["person"], r["rank"])) == sorted(
        causes(plain), key=lambda r: (r["person"], r["rank"])
    )
    assert not_understood(mixed) == not_understood(plain)
