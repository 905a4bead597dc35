"""What kind of source a file or folder is: told by columns that no other kind has, never by a guess."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Literal, get_args

from leukon.population.sources.files import find_form, peek_line
from leukon.population.sources.stage import list_columns
from leukon.population.tables import TableError

__all__ = ["SourceKind", "find_kind"]

SourceKind = Literal["leukon", "omop", "sdtm", "fhir"]
"""leukon's own tables, OMOP CDM 5.4, CDISC SDTM, or FHIR R4 bulk NDJSON."""


def find_kind(source: Path, tables: Mapping[str, list[Path]]) -> SourceKind:
    """The kind of a source; raises TableError where it cannot be said."""
    found: set[SourceKind] = {kind for files in tables.values() for path in files[:3] if (kind := _look(path))}
    if len(found) == 1:
        return found.pop()
    kinds = ", ".join(get_args(SourceKind))
    if not tables:
        raise TableError(f"{source}: no file that can be read: Parquet, CSV, NDJSON, SAS transport or DuckDB")
    what = f"tables of several kinds ({', '.join(sorted(found))})" if found else "no table that is known"
    raise TableError(f"{source}: {what}; say which is meant with --from: {kinds}")


def _look(path: Path) -> SourceKind | None:
    form = find_form(path)
    if form == "database":
        return "omop"
    if form == "xpt":
        return "sdtm"
    if form in ("ndjson", "json"):
        line = peek_line(path)
        return "fhir" if '"resourceType"' in line else "sdtm" if '"datasetJSON' in line else None
    return _look_at_columns({name.casefold() for name in list_columns(path)})


def _look_at_columns(names: set[str]) -> SourceKind | None:
    """Tables that are known by a column no other kind has; those of people alone say nothing."""
    if "usubjid" in names and names & {"lbtestcd", "lbtest", "domain", "extrt", "mhterm", "cmtrt"}:
        return "sdtm"
    if names & {"measurement_concept_id", "drug_concept_id", "condition_concept_id", "gender_concept_id"}:
        return "omop"
    if names & {"concept_id", "visit_occurrence_id", "observation_period_id"}:
        return "omop"
    from leukon.io.csv_columns import read_columns

    roles = {column.role for column in read_columns(sorted(names))}
    known = "count" in roles or ("value" in roles and ("name" in roles or "term" in names))
    return "leukon" if known and ("id" in roles or "person" in names) else None
