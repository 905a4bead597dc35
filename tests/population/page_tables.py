"""The tables of a small ward, made by hand: who is low, since when, and why can be counted on the fingers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pyarrow as pa

__all__ = ["ANALYTES", "make_tables"]

ANALYTES = ("wbc", "neutrophils", "lymphocytes", "hemoglobin", "platelets")
CRITERIA = ("ctcae_4_03", "ctcae_5", "ctcae_6", "daids_2_1")
_PARTS = (
    "counts", "first_day", "first", "last_day", "last", "last_bound",
    "lowest", "lowest_day", "status_lowest", "low_now",
)  # fmt: skip

Row = dict[str, Any]


def make_tables(*, copies: int = 1) -> dict[str, pa.Table]:
    """Seven people, each `copies` times.

    Ada: chemotherapy, neutrophils 0 now. Ben: 0.3 now. Cem: 1.2 and Duffy-null, not low for him. Dora: was low, has
    recovered. Eva: 1.6, which no limit judges. Finn: only haemoglobin. Gwen: seen a year before the others, not low.
    """
    people, counts, episodes, causes = list[Row](), list[Row](), list[Row](), list[Row]()
    for copy in range(copies):
        for row in _PEOPLE:
            key = f"{row['person']}-{copy:03d}"
            people.append(_fill_person(row) | {"person": key})
            counts += [one | {"person": key} for one in _list_counts(row)]
            episodes += [one | {"person": key} for one in row.get("episodes", ())]
            for rank, (cause, name, family, probability) in enumerate(row.get("causes", ()), start=1):
                told = {"cause": cause, "name": name, "family": family, "probability": probability, "drug": None}
                low = "not low" if row["person"] == "dora" else "low"
                causes.append({"person": key, "low": low, "rank": rank, "must_not_miss": cause == "aml"} | told)
    missed = [
        ("measurement", "unit_source_value", "furlong", "unit not known", 40),
        ("measurement", "value_as_number", None, "no unit", 900),
        ("person", "person", "zoe-000", "two people with one key", 2),  # left out: her key is not among the people
        ("person", "person", "people: 5", "not in a table of people: kept, of unknown sex and age", 7),
        ("measurement", None, f"{people[0]['person']}.csv", "damaged file, left out: no rows", None),
        ("measurement", "value_as_number", f"see {people[0]['person']}", "not a number that leukon reads", 12),
        ("drug_exposure", "drug_source_value", "Mrs Smith's own drops", "drug not known", 3),
    ]
    names = ("table", "column", "text", "reason", "rows")
    return {
        "people": pa.Table.from_pylist(people, schema=_people_schema()),
        "counts": pa.Table.from_pylist(counts, schema=_schema(_COUNTS)),
        "episodes": pa.Table.from_pylist(episodes, schema=_schema(_EPISODES)),
        "causes": pa.Table.from_pylist(causes, schema=_schema(_CAUSES)),
        "prevalence": pa.Table.from_pylist(_list_prevalence(copies), schema=_schema(_PREVALENCE)),
        "not_understood": pa.Table.from_pylist(
            [dict(zip(names, row, strict=True)) for row in missed], schema=_schema("table column text reason rows:i")
        ),
    }


_LOW_WBC = {"analyte": "wbc", "threshold": 4.0}
_LOW_ANC = {"analyte": "neutrophils", "threshold": 1.5}
_CHEMO = ("chemo", "chemotherapy", "cytotoxic_chemotherapy")
_AML = ("aml", "acute myeloid leukaemia", "acute_leukemia")
_PEOPLE: tuple[Row, ...] = (
    {"person": "ada", "wbc": (0.4, "low", True, 4, 100.0), "neutrophils": (0.0, "low", True, 4, 100.0),
     "episodes": [_LOW_WBC | {"from": 93.0, "to": None, "last": 100.0, "nadir": 0.4, "counts": 3, "open": True},
                  _LOW_ANC | {"from": 93.0, "to": None, "last": 100.0, "nadir": 0.0, "counts": 3, "open": True}],
     "causes": [(*_CHEMO, 0.9), (*_AML, 0.2)]},
    {"person": "ben", "wbc": (3.0, "low", True, 2, 99.0), "neutrophils": (0.3, "low", True, 4, 99.0),
     "episodes": [_LOW_WBC | {"from": 99.0, "to": None, "last": 99.0, "nadir": 3.0, "counts": 1, "open": True},
                  _LOW_ANC | {"from": 99.0, "to": None, "last": 99.0, "nadir": 0.3, "counts": 1, "open": True}],
     "causes": [(*_AML, 0.5), (*_CHEMO, 0.2)]},
    {"person": "cem", "duffy_null": True,
     "wbc": (3.4, "normal", False, 1, 98.0), "neutrophils": (1.2, "normal", False, 2, 98.0),
     "episodes": [_LOW_WBC | {"from": 98.0, "to": None, "last": 98.0, "nadir": 3.4, "counts": 1, "open": True},
                  _LOW_ANC | {"from": 98.0, "to": None, "last": 98.0, "nadir": 1.2, "counts": 1, "open": True}]},
    {"person": "dora", "wbc": (5.0, "low", False, 3, 97.0), "neutrophils": (2.5, "low", False, 3, 97.0),
     "episodes": [_LOW_WBC | {"from": 60.0, "to": 70.0, "last": 65.0, "nadir": 2.0, "counts": 2, "open": False},
                  _LOW_ANC | {"from": 60.0, "to": 80.0, "last": 70.0, "nadir": 0.6, "counts": 2, "open": False}],
     "causes": [(*_CHEMO, 0.7)]},
    {"person": "eva", "wbc": (5.5, "cannot say", None, 0, 96.0), "neutrophils": (1.6, "cannot say", None, 0, 96.0)},
    {"person": "finn", "hemoglobin": (9.0, "low", True, 2, 95.0)},
    {"person": "gwen", "wbc": (6.0, "normal", False, 0, -265.0), "neutrophils": (3.0, "normal", False, 0, -265.0)},
)  # fmt: skip
_COUNTS = "person day:f analyte value:f bound lower:f upper:f how owner status"
_EPISODES = "person analyte threshold:f from:f to:f last:f nadir:f counts:i open:b"
_CAUSES = "person low rank:i cause name family probability:f must_not_miss:b drug"
_PREVALENCE = "analyte threshold:f count by group people:i low:i share:f se:f lower:f upper:f weighted:b"


def _fill_person(row: Row) -> Row:
    """All columns of a person; the grade is the same in each version, and none where 0 was given as no grade."""
    full: Row = {"sex": "female", "age_years": 40.0, "ancestry": None, "duffy_null": row.get("duffy_null"), "draws": 2}
    for a in ANALYTES:
        value, status, low, grade, day = row.get(a, (None,) * 5)
        held = (0 if value is None else 2, day, value, day, value, row.get("bound"), value, day, status, low)
        full |= {f"{a}_{part}": one for part, one in zip(_PARTS, held, strict=True)}
        full |= {f"{a}_grade_{criteria}": grade for criteria in CRITERIA}
    return full


def _list_counts(row: Row) -> list[Row]:
    made: list[Row] = []
    for a in ANALYTES:
        if a in row:
            value, status, _, _, day = row[a]
            derived = a == "neutrophils" and row["person"] in ("ben", "cem")
            made.append(
                {
                    "day": day, "analyte": a, "value": value, "bound": None, "lower": None, "upper": None,
                    "how": "WBC × %" if derived else "measured", "status": status,
                    "owner": None if status == "cannot say" else "duffy-null" if row.get("duffy_null") else "adult",
                }
            )  # fmt: skip
    return made


def _list_prevalence(copies: int) -> list[Row]:
    groups = [
        ("sex", "female", 4, 2), ("sex", "male", 2, 1), ("age", "65 and over", 2, 1), ("age", "2-5", 2, 2),
        ("age", "12-17", 2, 0), ("all", "all", 6, 3),
    ]  # fmt: skip
    return [
        {
            "analyte": "neutrophils", "threshold": limit, "count": "first", "by": by, "group": group,
            "people": people * copies, "low": low * copies, "share": low / people, "se": 0.1,
            "lower": 0.2, "upper": 0.8, "weighted": False,
        }
        for limit in (None, 1.5)
        for by, group, people, low in groups
    ]  # fmt: skip


def _schema(columns: str) -> pa.Schema:
    types: Mapping[str, pa.DataType] = {"": pa.string(), "i": pa.int64(), "f": pa.float64(), "b": pa.bool_()}
    return pa.schema([(name, types[kind]) for name, _, kind in (word.partition(":") for word in columns.split())])


def _people_schema() -> pa.Schema:
    each = (
        "{0}_counts:i {0}_first_day:f {0}_first:f {0}_last_day:f {0}_last:f {0}_last_bound "
        "{0}_lowest:f {0}_lowest_day:f {0}_status_lowest {0}_low_now:b"
    )
    grades = " ".join("{0}_grade_" + criteria + ":i" for criteria in CRITERIA)
    columns = " ".join(f"{each} {grades}".format(a) for a in ANALYTES)
    return _schema(f"person sex age_years:f ancestry duffy_null:b draws:i {columns}")
