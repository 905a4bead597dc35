# pyright: basic
# (ibis builds the methods of its columns at run time: they have no static types)
"""OMOP CDM 5.4: MEASUREMENT, PERSON, DRUG_EXPOSURE, CONDITION_OCCURRENCE and, where it is there, CONCEPT.

A count is known by its concept; only where that is 0 or a site's own, by its source text. A unit is that of its
concept, else its source text; a row with neither is counted as "no unit", never guessed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import ibis

from leukon.population.model import Tables
from leukon.population.sources.concepts import Concept, find_concepts, join_concepts, list_known
from leukon.population.sources.fields import Field
from leukon.population.sources.files import find_form
from leukon.population.sources.meaning import Meaning, Refusal, find_meaning, find_named
from leukon.population.sources.people import People, make_people, make_tables, read_day_of_birth, read_sex
from leukon.population.sources.reader import MOST, Reader
from leukon.population.sources.settle import settle_counts
from leukon.population.sources.stage import stage_database
from leukon.population.tables import TableError

__all__ = ["read_omop"]

_TABLES = ("measurement", "person", "drug_exposure", "condition_occurrence", "concept")
_OWN = 2_000_000_000  # concepts from here are a site's own
_NAMED = ("gender", "race", "ethnicity")
_KEYS = ("concept", "source", "unit_concept", "unit_source")


def _field(name: str, kind: Any, said: str, *, needed: bool = False) -> Field:
    return Field(name, kind, (said,), needed)


_PERSON = _field("person", "key", "person_id", needed=True)
_MEASUREMENT = (
    _PERSON,
    _field("concept", "id", "measurement_concept_id"),
    _field("source", "text", "measurement_source_value"),
    _field("unit_concept", "id", "unit_concept_id"),
    _field("unit_source", "text", "unit_source_value"),
    _field("operator", "id", "operator_concept_id"),
    _field("value", "value", "value_as_number", needed=True),
    _field("lower", "number", "range_low"),
    _field("upper", "number", "range_high"),
    _field("time", "time", "measurement_datetime"),
    _field("date", "time", "measurement_date"),
)
_PEOPLE = (
    _PERSON,
    _field("gender", "id", "gender_concept_id"),
    _field("gender_source", "text", "gender_source_value"),
    _field("year", "id", "year_of_birth"),
    _field("month", "id", "month_of_birth"),
    _field("day", "id", "day_of_birth"),
    _field("birth", "time", "birth_datetime"),
    _field("race", "id", "race_concept_id"),
    _field("race_source", "text", "race_source_value"),
    _field("ethnicity", "id", "ethnicity_concept_id"),
)
_CONCEPT = (
    _field("concept_id", "id", "concept_id", needed=True),
    _field("concept_name", "text", "concept_name", needed=True),
    _field("vocabulary_id", "text", "vocabulary_id", needed=True),
    _field("concept_code", "text", "concept_code", needed=True),
)


def read_omop(reader: Reader, source: Path, tables: Mapping[str, list[Path]]) -> Tables:
    """Reads a folder of tables, or a DuckDB database that holds them."""
    if source.is_file() and find_form(source) == "database":
        tables = stage_database(source, _TABLES, reader.new_path)
    for name in sorted(set(tables) - set(_TABLES)):
        reader.faults.tell(name, "", None, "not a table that leukon reads")
    opened = reader.open("measurement", tables.get("measurement", ()), _MEASUREMENT)
    if opened is None:
        raise TableError(f"{source}: no table MEASUREMENT can be used: it needs person_id and value_as_number")
    held = reader.open("concept", tables.get("concept", ()), _CONCEPT)
    concepts = None if held is None else held.rows
    people, guessed = _read_people(reader, tables.get("person", ()), concepts)
    rows = _list_measurements(opened.rows)
    counts = settle_counts(
        reader,
        "measurement",
        rows,
        _KEYS,
        lambda held: _learn(reader, held, concepts),
        people.torn if people else None,
    )
    if people is not None and guessed is not None:
        people = _settle_births(people, guessed, counts)
    drugs = _read_side(reader, tables, concepts, "drug_exposure", "drug", {"start": "start", "stop": "end"})
    conditions = _read_side(reader, tables, concepts, "condition_occurrence", "condition", {"day": "start"})
    return make_tables(reader, "person", people, counts, drugs, conditions)


def _list_measurements(rows: Any) -> Any:
    """Measurements with the keys that say what they mean; texts only where a concept does not."""
    own = (rows.concept >= _OWN) | (rows.concept == 0) | rows.concept.isnull()
    known = rows.unit_concept.isin(sorted(list_known("unit")))
    operators = list_known("operator")
    signs = {sign: [n for n, c in operators.items() if c.code[0] == sign] for sign in "<>"}
    bound = ibis.cases(*[(rows.operator.isin(numbers), sign) for sign, numbers in signs.items()])
    return rows.select(
        person=rows.person,
        day=ibis.coalesce(rows.time, rows.date),
        day_text=ibis.cases((rows.time.isnull() & rows.date.isnull(), ibis.coalesce(rows.time_text, rows.date_text))),
        day_dated=ibis.literal(True),
        concept=rows.concept.fill_null(0),
        source=ibis.cases((own, rows.source.fill_null("")), else_=""),
        unit_concept=rows.unit_concept.fill_null(0),
        unit_source=ibis.cases((known, ""), else_=rows.unit_source.fill_null("")),
        value=rows.value,
        value_bound=ibis.coalesce(rows.value_bound, bound),
        value_text=rows.value_text,
        **{name: rows[name] for name in ("lower", "lower_text", "upper", "upper_text")},
    )


def _learn(
    reader: Reader, held: Sequence[Mapping[str, Any]], concepts: Any | None
) -> Callable[[Mapping[str, Any]], Meaning | Refusal]:
    """What says the meaning of concepts and units: those of the table are looked up at once."""
    wanted = {"measurement": {row["concept"] for row in held}, "unit": {row["unit_concept"] for row in held}}
    found = find_concepts(reader, concepts, wanted)
    return lambda row: _find(row, found["measurement"], found["unit"])


def _find(row: Mapping[str, Any], measured: Mapping[int, Concept], units: Mapping[int, Concept]) -> Meaning | Refusal:
    number, concept = row["concept"], measured.get(row["concept"])
    words = [concept.code, concept.name] if concept else []
    named = find_named([*words, row["source"]])
    if named is None:
        said = row["source"] or (f"{number} {concept.name}" if concept else str(number))
        column = "measurement_source_value" if row["source"] else "measurement_concept_id"
        return Refusal(column, said, "not a blood count that leukon reads")
    unit = units.get(row["unit_concept"])
    said = (unit.code if unit else "") or row["unit_source"]
    if not said and row["unit_concept"]:
        return Refusal(
            "unit_concept_id", str(row["unit_concept"]), f"not a unit of {named.analyte.name} that leukon knows"
        )
    return find_meaning(named, said, "unit_source_value" if said == row["unit_source"] else "unit_concept_id")


def _read_people(reader: Reader, files: Sequence[Path], concepts: Any | None) -> tuple[People | None, Any | None]:
    """The people, and the years of birth of those of whom no more is known."""
    opened = reader.open("person", files, _PEOPLE) if files else None
    if opened is None:
        return None, None
    rows = opened.rows
    facts = ("gender", "gender_source", "race", "ethnicity")
    kinds = rows.group_by(*facts).aggregate(rows=ibis._.count()).order_by(ibis.desc("rows"), *facts).limit(MOST)
    held = reader.engine.fetch(kinds).to_pylist()
    words = find_concepts(reader, concepts, {name: {row[name] for row in held} for name in _NAMED})
    for row in held:
        gender = words["gender"].get(row["gender"])
        if not _read_gender(gender.name if gender else row["gender_source"]):
            said = row["gender_source"] or (gender.name if gender else str(row["gender"]))
            reader.faults.tell("person", "gender", said, "not female or male", row["rows"])
    genders, races, ethnicities = (_name_concepts(rows[name], words[name]) for name in _NAMED)
    sex = read_sex(ibis.coalesce(genders, rows.gender_source))
    race: Any = ibis.coalesce(races, rows.race_source)
    hispanic = ibis.cases((ethnicities == "Hispanic or Latino", ethnicities))
    ancestry = ibis.cases(
        (race.notnull() & hispanic.notnull(), race + ", " + hispanic), else_=ibis.coalesce(race, hispanic)
    )
    # CDM 5.4, PERSON.birth_datetime: without a day the first of the month, without a month 15 June
    said_day = ibis.cases((rows.month.isnull(), 15), else_=rows.day.fill_null(1))
    text = rows.year.cast("string") + "-" + _pad(rows.month.fill_null(6)) + "-" + _pad(said_day)
    birth = ibis.coalesce(read_day_of_birth(rows.birth), text.try_cast("date"))
    shelf = rows.select(person=rows.person, sex=sex, birth_date=birth, ancestry=ancestry)
    guessed = rows.filter(rows.birth.isnull() & rows.month.isnull() & rows.year.notnull())
    guessed = guessed.select(born_person=guessed.person, born_year=guessed.year).distinct()
    return make_people(reader, "person", [shelf]), guessed


def _pad(number: Any) -> Any:
    return number.cast("string").lpad(2, "0")


def _read_gender(word: str | None) -> bool:
    return (word or "").strip().casefold() in ("female", "f", "male", "m")


def _name_concepts(column: Any, known: Mapping[int, Concept]) -> Any:
    """The names of the concepts of a column, of which there are few."""
    pairs = [(column == number, concept.code) for number, concept in sorted(known.items()) if concept.code]
    return ibis.cases(*(pairs or [(column.isnull(), ibis.null("string"))]))


def _settle_births(people: People, guessed: Any, counts: Any) -> People:
    """Who has a count in the year of birth before 15 June was born by the first one, where the year alone is known."""
    day = read_day_of_birth(counts.day.floor())
    early = counts.select(person=counts.person, born=day).join(guessed, [("person", "born_person")])
    early = early.filter(early.born.year() == early.born_year).group_by("born_person").aggregate(born=ibis._.born.min())
    joined = people.rows.left_join(early, people.rows.person == early.born_person)
    born = ibis.cases((joined.born < joined.birth_date, joined.born), else_=joined.birth_date)
    return People(joined.mutate(birth_date=born).select(*people.rows.columns), people.torn)


def _read_side(
    reader: Reader,
    tables: Mapping[str, list[Path]],
    concepts: Any | None,
    table: str,
    word: str,
    days: Mapping[str, str],
) -> Any | None:
    """Drugs or conditions: the name of the concept, else the source's text."""
    files = tables.get(table, ())
    middle = "drug_exposure" if word == "drug" else word
    fields = [_PERSON, _field("concept", "id", f"{word}_concept_id"), _field("source", "text", f"{word}_source_value")]
    for name, edge in days.items():
        fields += [_field(f"{name}_time", "time", f"{middle}_{edge}_datetime")]
        fields += [_field(name, "time", f"{middle}_{edge}_date")]
    opened = reader.open(table, files, fields) if files else None
    if opened is None:
        return None
    rows = join_concepts(opened.rows, concepts, "concept")
    number = ibis.cases((rows.concept > 0, "OMOP:" + rows.concept.cast("string")))
    unnamed = rows.filter(rows.concept_name.isnull() & rows.source.isnull())
    number_said = unnamed.concept.cast("string")
    reader.tell_later(table, f"{word}_concept_id", unnamed, "a concept without a name", number_said)
    for name in days:
        lost = rows.filter(rows[name].isnull() & rows[f"{name}_time"].isnull())
        text = ibis.coalesce(lost[f"{name}_text"], lost[f"{name}_time_text"])
        reader.tell_later(table, name, lost, "not a date: kept without it", text)
    return rows.select(
        person=rows.person,
        name=ibis.coalesce(ibis.cases((rows.concept > 0, rows.concept_name)), rows.source),
        code=ibis.coalesce(rows.concept_code, number),
        **{name: ibis.coalesce(rows[f"{name}_time"], rows[name]) for name in days},
    )
