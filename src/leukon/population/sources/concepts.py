# pyright: basic
# (ibis builds the methods of its columns at run time: they have no static types)
"""OMOP concepts: what a number stands for, from the CONCEPT table of the source, else from the few that leukon holds.

leukon's own list (`omop_concepts.csv`) has concepts that a public source confirms; a concept that is on neither is not
guessed.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any

import pyarrow as pa

from leukon.population.sources.reader import Reader

__all__ = ["Concept", "find_concepts", "join_concepts", "list_known"]

_PREFIXES = {
    "LOINC": "LOINC", "SNOMED": "SNOMED", "RXNORM": "RXNORM", "RXNORM EXTENSION": "RXNORM", "ATC": "ATC",
    "ICD10CM": "ICD10CM", "ICD10": "ICD10CM", "HPO": "HP",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Concept:
    """A concept: its code with its vocabulary ("LOINC:6690-2", or "10*3/uL" of a unit) and its name."""

    code: str
    name: str


@lru_cache(maxsize=1)
def _read_known() -> tuple[tuple[str, int, Concept], ...]:
    with files("leukon.population.sources").joinpath("omop_concepts.csv").open(encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    return tuple((row["domain"], int(row["concept_id"]), Concept(row["code"], row["name"])) for row in rows)


def list_known(domain: str) -> dict[int, Concept]:
    """
    >>> list_known("measurement")[3013650].code, list_known("unit")[8848].code
    ('LOINC:751-8', '10*3/uL')
    """
    return {number: concept for held, number, concept in _read_known() if held == domain}


def find_concepts(
    reader: Reader, table: Any | None, wanted: Mapping[str, Iterable[int | None]]
) -> dict[str, dict[int, Concept]]:
    """The concepts of some numbers, by domain. The source's own table wins over leukon's list."""
    numbers = {domain: {number for number in held if number} for domain, held in wanted.items()}
    found = {domain: {n: c for n, c in list_known(domain).items() if n in held} for domain, held in numbers.items()}
    everything = sorted(set().union(*numbers.values()))
    if table is None or not everything:
        return found
    name = "concepts_" + "_".join(wanted)
    asked = reader.engine.add(name, pa.table({"concept_id": pa.array(everything, pa.int64())}))
    for row in reader.engine.fetch(table.semi_join(asked, "concept_id")).to_pylist():
        for domain, held in numbers.items():
            if row["concept_id"] in held:
                found[domain][row["concept_id"]] = _make(row, domain)
    return found


def _make(row: dict[str, Any], domain: str) -> Concept:
    code, name = row["concept_code"] or "", row["concept_name"] or ""
    if domain in ("gender", "race", "ethnicity"):
        return Concept(name, name)
    if domain == "unit":
        return Concept(code or name, name)
    prefix = _PREFIXES.get((row["vocabulary_id"] or "").upper())
    return Concept(f"{prefix}:{code}" if prefix else "", name)


def join_concepts(rows: Any, table: Any | None, number: str) -> Any:
    """The rows with `concept_name` and `concept_code` (with its vocabulary) of the column `number`."""
    import ibis

    if table is None:
        return rows.mutate(concept_name=ibis.null("string"), concept_code=ibis.null("string"))
    vocabulary = table.vocabulary_id.upper()
    prefix: Any = ibis.cases(*[(vocabulary == name, word) for name, word in _PREFIXES.items()])
    named = table.select(
        concept_key=table.concept_id, concept_name=table.concept_name, concept_code=prefix + ":" + table.concept_code
    )
    return rows.left_join(named, rows[number] == named.concept_key).drop("concept_key")
