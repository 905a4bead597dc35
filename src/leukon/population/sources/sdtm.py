# pyright: basic
# (ibis builds the methods of its columns at run time: they have no static types)
"""CDISC SDTM: LB with DM, EX, CM and MH, as Parquet, CSV, SAS transport or Dataset-JSON.

A result is read as it was reported (LBORRES in LBORRESU, with the limits beside it): limits that were converted and
rounded would move values across them. Only where that cannot be read is the standard result taken.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import ibis
import pyarrow as pa

from leukon.counts.units import UNIT_OF, find_factor
from leukon.population.model import Tables
from leukon.population.sources.dataset_json import list_rows, read_head
from leukon.population.sources.fields import Field
from leukon.population.sources.files import find_form
from leukon.population.sources.meaning import Meaning, Refusal, find_meaning, find_named
from leukon.population.sources.people import make_people, make_tables, read_day_of_birth, read_sex
from leukon.population.sources.reader import MOST, Opened, Reader, say_error
from leukon.population.sources.settle import settle_counts
from leukon.population.sources.stage import stage_batches
from leukon.population.sources.xpt import list_datasets, read_dataset
from leukon.population.tables import TableError

__all__ = ["read_sdtm"]

_DOMAINS = ("lb", "dm", "ex", "cm", "mh")
_KEYS = ("loinc", "testcd", "test", "spec", "cat", "unit")
_YEARS_A_UNIT = {"YEARS": 1.0, "MONTHS": 1 / 12, "WEEKS": 7 / 365.25, "DAYS": 1 / 365.25, "HOURS": 1 / 8766}
_TESTS = {"NEUTSG": "segs", "NEUTB": "bands", "RETI": "reticulocytes", "GRANIM": "immature granulocytes"}


def _field(name: str, kind: Any, *said: str, needed: bool = False) -> Field:
    return Field(name, kind, said, needed)


_PERSON = _field("person", "key", "usubjid", needed=True)
_LB = (
    _PERSON,
    _field("testcd", "text", "lbtestcd"),
    _field("test", "text", "lbtest"),
    _field("loinc", "text", "lbloinc"),
    _field("spec", "text", "lbspec"),
    _field("cat", "text", "lbcat"),
    _field("stat", "text", "lbstat"),
    _field("given", "value", "lborres"),
    _field("given_unit", "text", "lborresu"),
    _field("given_lower", "number", "lbornrlo"),
    _field("given_upper", "number", "lbornrhi"),
    _field("number", "number", "lbstresn"),
    _field("standard", "value", "lbstresc"),
    _field("standard_unit", "text", "lbstresu"),
    _field("standard_lower", "number", "lbstnrlo"),
    _field("standard_upper", "number", "lbstnrhi"),
    _field("time", "time", "lbdtc"),
    _field("study_day", "number", "lbdy"),
)
_DM = (
    _PERSON,
    _field("sex", "text", "sex"),
    _field("age", "number", "age"),
    _field("age_unit", "text", "ageu"),
    _field("birth", "time", "brthdtc"),
    _field("race", "text", "race"),
    _field("ethnic", "text", "ethnic"),
    _field("begin", "time", "rfstdtc"),
)


def read_sdtm(reader: Reader, source: Path, tables: Mapping[str, list[Path]]) -> Tables:
    """Reads the domains of a study, or of several, whose subjects have keys of their own (USUBJID)."""
    files = _find_domains(reader, tables)
    opened = reader.open("LB", files["lb"], _LB)
    if opened is None or not opened.has & {"given", "number", "standard"}:
        raise TableError(f"{source}: no domain LB can be used: it needs USUBJID, LBTESTCD and LBORRES or LBSTRESN")
    subjects = reader.open("DM", files["dm"], _DM) if files["dm"] else None
    people = make_people(reader, "DM", [_list_people(reader, subjects)]) if subjects else None
    rows = reader.store("results", _list_results(reader, opened, subjects))  # text is read once
    counts = settle_counts(reader, "LB", rows, _KEYS, lambda _: _find, people.torn if people else None)
    drugs = [
        side
        for domain, word in (("EX", "trt"), ("CM", "trt"))
        if (side := _read_side(reader, files[domain.lower()], domain, word)) is not None
    ]
    history = _read_side(reader, files["mh"], "MH", "term")
    exposures = ibis.union(*drugs) if len(drugs) > 1 else drugs[0] if drugs else None
    conditions = None if history is None else history.mutate(day=history.start)
    return make_tables(reader, "DM", people, counts, exposures, conditions)


def _find_domains(reader: Reader, tables: Mapping[str, list[Path]]) -> dict[str, list[Path]]:
    """The files of each domain; what no engine reads is staged."""
    found: dict[str, list[Path]] = {domain: [] for domain in _DOMAINS}
    for paths in tables.values():
        for path in paths:
            form = find_form(path)
            try:
                if form == "xpt":
                    held = [(one.name, one.schema, read_dataset(one)) for one in list_datasets(path)]
                elif form in ("json", "ndjson"):
                    held = [(read_head(path), *list_rows(path))]
                else:
                    held = []
                    _place(reader, found, path, path.name.split(".")[0].casefold(), path)
                for name, schema, batches in held:
                    if _name_domain(name) in _DOMAINS:
                        target = reader.new_path(f"staged_{name.casefold()}")
                        stage_batches(batches, schema, target)
                    else:
                        target = path
                    _place(reader, found, path, name, target)
            except (TableError, OSError, pa.ArrowException, ValueError) as error:
                said = say_error(error).removeprefix(f"{path}: ")
                reader.faults.tell(path.name, "", path.name, f"damaged file, left out: {said}")
    return found


def _place(reader: Reader, found: dict[str, list[Path]], path: Path, name: str, target: Path) -> None:
    domain = _name_domain(name) or _name_domain(path.parent.name)
    if domain in found:
        found[domain].append(target)
    else:
        reader.faults.tell(name.upper(), "", path.name, "not a domain that leukon reads")


def _name_domain(name: str) -> str:
    """The domain of a dataset: LB, LBHE (a part of it), lb_2024; of SUPPLB it is none.

    >>> [_name_domain(name) for name in ("LB", "lbhe", "lb_hematology", "suppdm", "x")]
    ['lb', 'lb', 'lb', '', '']
    """
    match = re.match(r"^([a-z]{2})([a-z0-9]{0,2})(?:[-_ ].*)?$", name.casefold())
    return match[1] if match and match[1] in _DOMAINS else ""


def _find(row: Mapping[str, Any]) -> Meaning | Refusal:
    code = row["testcd"].upper()
    test = row["test"].removesuffix("/Leukocytes")
    loinc = f"LOINC:{row['loinc']}" if row["loinc"] else None
    named = find_named([loinc, _TESTS.get(code, code), test])
    if named is None:
        return Refusal("LBTESTCD", row["testcd"] or row["test"], "not a blood count that leukon reads")
    spec = row["spec"].upper()
    if (spec and "BLOOD" not in spec) or (not spec and "URIN" in row["cat"].upper()):
        return Refusal("LBSPEC", row["spec"] or row["cat"], "not of blood")
    return find_meaning(named, row["unit"], "LBORRESU")


def _list_results(reader: Reader, opened: Opened, subjects: Opened | None) -> Any:
    """Each result with its unit and limits, as reported where that can be read, else as standard."""
    rows = opened.rows
    units = rows.select("given_unit").filter(ibis._.given_unit.notnull()).distinct().order_by("given_unit").limit(MOST)
    known = [row["given_unit"] for row in reader.engine.fetch(units).to_pylist() if _is_unit(row["given_unit"])]
    number = ibis.coalesce(rows.standard, rows.number)
    no_other = number.isnull() & rows.standard_text.isnull()
    as_given = rows.given.notnull() & (rows.given_unit.isin(known or [""]) | no_other)
    done = rows.stat.isnull() | (rows.stat.upper() != "NOT DONE")
    text = ibis.cases((number.isnull(), ibis.coalesce(rows.given_text, rows.standard_text)))
    rows = rows.mutate(
        value=ibis.cases((as_given, rows.given), else_=number),
        value_bound=ibis.cases((as_given, rows.given_bound), else_=rows.standard_bound),
        value_text=ibis.cases((as_given, ibis.null("string")), else_=text),
        unit=ibis.cases((as_given | rows.standard_unit.isnull(), rows.given_unit), else_=rows.standard_unit),
        **{
            edge: ibis.cases((as_given, rows[f"given_{edge}"]), else_=rows[f"standard_{edge}"])
            for edge in ("lower", "lower_text", "upper", "upper_text")
        },
        done=done,
    )
    left_out = rows.filter(~rows.done)
    reader.tell_later("LB", "LBSTAT", left_out, "not done", left_out.stat)
    rows = rows.filter(rows.done)
    begins = None
    if subjects is not None:
        begins = subjects.rows.group_by(begin_person="person").aggregate(begin=ibis._.begin.min())
        rows = rows.left_join(begins, rows.person == begins.begin_person)
    else:
        rows = rows.mutate(begin=ibis.null("float64"))
    # day 1 is the first day of the study, and there is no day 0
    after = ibis.cases((rows.study_day > 0, rows.study_day - 1), else_=rows.study_day)
    from_study = (rows.begin.floor() + after) if begins is not None else after
    month = rows.time.notnull() & rows.time_text.notnull()
    day = ibis.cases((rows.time.isnull() | (month & from_study.notnull()), from_study), else_=rows.time)
    return rows.select(
        person=rows.person,
        day=day,
        day_text=ibis.cases((day.isnull() | (month & from_study.isnull()), rows.time_text)),
        day_dated=ibis.literal(begins is not None) | rows.time.notnull(),
        **{name: rows[name].fill_null("") for name in _KEYS},
        **{name: rows[name] for name in ("value", "value_bound", "value_text")},
        **{name: rows[name] for name in ("lower", "lower_text", "upper", "upper_text")},
    )


def _is_unit(text: str) -> bool:
    return any(find_factor(text, quantity) is not None for quantity in UNIT_OF)


def _list_people(reader: Reader, opened: Opened) -> Any:
    rows = opened.rows
    sex = read_sex(rows.sex)
    lost = rows.filter(sex.isnull())
    reader.tell_later("DM", "SEX", lost, "not female or male", lost.sex)
    unit = rows.age_unit.upper()
    years = ibis.cases(
        (unit.isnull(), rows.age), *[(unit == word, rows.age * size) for word, size in _YEARS_A_UNIT.items()]
    )
    hispanic = ibis.cases((rows.ethnic.upper() == "HISPANIC OR LATINO", rows.ethnic))
    both = rows.race.notnull() & hispanic.notnull()
    return rows.select(
        person=rows.person,
        sex=sex,
        birth_date=read_day_of_birth(rows.birth),
        age_years=years,
        ancestry=ibis.cases((both, rows.race + ", " + hispanic), else_=ibis.coalesce(rows.race, hispanic)),
    )


def _read_side(reader: Reader, files: Sequence[Path], domain: str, word: str) -> Any | None:
    """What was taken (EX, CM) or had (MH): name, code, first and last day."""
    low = domain.lower()
    fields = [
        _PERSON,
        _field("name", "text", f"{low}decod", f"{low}{word}"),
        _field("term", "text", f"{low}{word}"),
        _field("dose", "number", f"{low}dose"),
        _field("occur", "text", f"{low}occur"),
        _field("stat", "text", f"{low}stat"),
        _field("start", "time", f"{low}stdtc"),
        _field("stop", "time", f"{low}endtc"),
    ]
    opened = reader.open(domain, files, fields) if files else None
    if opened is None:
        return None
    rows = opened.rows
    reasons = [
        (rows.occur.upper() == "N", f"{domain}OCCUR is N: left out"),
        (rows.stat.upper() == "NOT DONE", f"{domain}STAT is NOT DONE: left out"),
        (rows.dose == 0, f"{domain}DOSE is 0: nothing was given, left out"),
    ]
    if domain == "MH":
        reasons.append((rows.stop.notnull(), "MHENDTC says it has ended: in the past, not now, left out"))
    rows = rows.mutate(reason=ibis.cases(*[(test.fill_null(False), text) for test, text in reasons]))
    reader.tell_later(domain, f"{domain}{word.upper()}", rows, rows.reason)
    good = rows.filter(rows.reason.isnull())
    return good.select("person", "start", "stop", name=ibis.coalesce(good.name, good.term), code=ibis.null("string"))
