"""Tables as they come: ties, gaps, duplicates, two units, zeros, bounds, odd words, people without facts."""

from __future__ import annotations

import random
from collections.abc import Iterable
from pathlib import Path
from typing import Any

__all__ = ["make_messy", "write_messy"]

UNITS = {
    "WBC": ["10*9/L", "K/uL", "/uL", None, "furlong"],
    "ANC": ["10*9/L", "10^3/uL", "/uL", None],
    "lymphocytes": ["10*9/L", "%"],
    "neutrophils": ["%", "10*9/L"],
    "bands": ["%"],
    "monocytes": ["%", "10*9/L"],
    "eosinophils": ["%"],
    "basophils": ["%"],
    "platelets": ["10*9/L", "/uL"],
    "hemoglobin": ["g/dL", "g/L"],
    "serum rhubarb": ["mg/dL"],
}
_TOPS = {
    "WBC": 12.0, "ANC": 6.0, "lymphocytes": 3.0, "neutrophils": 6.0, "bands": 9.0, "monocytes": 1.0, "eosinophils": 6.0,
    "basophils": 2.0, "platelets": 400.0, "hemoglobin": 16.0, "serum rhubarb": 5.0,
}  # fmt: skip
_SCALE = {"/uL": 1000.0, "g/L": 10.0}
_DRUGS = ["methimazole", "clozapine", "methotrexate", "vitamin tablets from aunt", "R-CHOP", None]
_DISEASES = ["rheumatoid arthritis", "HIV", "a bad knee", None]


def make_messy(seed: int, tables: int) -> dict[str, list[dict[str, Any]]]:
    """So many tables of a few people each, in one: people, counts, exposures, conditions."""
    random_ = random.Random(seed)
    made: dict[str, list[dict[str, Any]]] = {"people": [], "counts": [], "exposures": [], "conditions": []}
    for table in range(tables):
        for n in range(random_.randint(1, 3)):
            _add_person(random_, f"t{table}-{n}", made)
    return made


def _add_person(random_: random.Random, key: str, made: dict[str, list[dict[str, Any]]]) -> None:
    if random_.random() < 0.9:
        person = {
            "person": key,
            "sex": random_.choice(["F", "male", None, "unknown"]),
            "birth_date": random_.choice(
                [f"{random_.randint(1930, 2019)}-0{random_.randint(1, 9)}-17", None, "spring"]
            ),
            "ancestry": random_.choice(["West African", "Irish", None]),
            "duffy_null": random_.choice(["true", "false", None, None]),
        }
        made["people"] += [person] * random_.choice([1, 1, 1, 1, 2])
        if random_.random() < 0.03:
            made["people"].append(person | {"sex": "M", "birth_date": "1950-01-01"})  # two people with one key
    for _ in range(random_.randint(0, 8)):
        moment = random_.choice([f"2021-0{random_.randint(1, 9)}-1{random_.randint(0, 9)}", None, "2999-01-01", "soon"])
        if moment and moment.startswith("2021"):
            moment += random_.choice(["", " 08:30:00", " 08:30:00"])
        for name in random_.sample(list(UNITS), random_.randint(1, 6)):
            row = _make_count(random_, key, name, moment)
            made["counts"] += [row] * random_.choice([1, 1, 1, 1, 2])
    for kind, words in (("exposures", _DRUGS), ("conditions", _DISEASES)):
        for _ in range(random_.choice([0, 0, 1, 2])):
            made[kind].append({"person": key, "name": random_.choice(words), "start": "2021-01-03"})


def _make_count(random_: random.Random, key: str, name: str, moment: str | None) -> dict[str, Any]:
    unit = random_.choice(UNITS[name])
    top = 100.0 * _TOPS[name] / 12 if unit == "%" else _TOPS[name] * _SCALE.get(unit or "", 1.0)
    value = random_.choice(
        [f"{random_.random() * top:.2f}", f"{random_.choice([0, 0.5, 1.0, 1.5, 4.0]) * top / _TOPS[name]:g}", "0"]
    )
    if random_.random() < 0.05:
        value = random_.choice(["", "clotted", "-1", f"<{value}", "nan"])
    low = f"{0.3 * top:.3g}" if random_.random() < 0.2 else None
    return {"person": key, "time": moment, "analyte": name, "value": value, "unit": unit, "lln": low, "uln": None}


def write_messy(folder: Path, made: dict[str, list[dict[str, Any]]], *, shuffle: int | None, parts: int = 1) -> Path:
    """Writes them as Parquet, in any order and in any number of files."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    folder.mkdir()
    for name, rows in made.items():
        names: Iterable[str] = dict.fromkeys(key for row in rows for key in row) or ["person", "name"]
        schema = pa.schema([(key, pa.string()) for key in names])
        rows = list(rows)
        if shuffle is not None:
            random.Random(shuffle).shuffle(rows)
        (folder / name).mkdir()
        for part in range(parts):
            table = pa.Table.from_pylist(rows[part::parts], schema)
            pq.write_table(table, folder / name / f"part-{part}.parquet")
    return folder
