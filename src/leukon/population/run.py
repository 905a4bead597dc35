# pyright: basic
# (ibis builds the methods of its columns at run time: they have no static types)
"""`leukon population`: from a source to a folder of tables, a page and a dictionary, on either engine."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from functools import reduce
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal

import ibis

from leukon import __version__
from leukon.knowledge import load_knowledge
from leukon.population.dictionary import check_tables, write_dictionary
from leukon.population.draws import derive_counts
from leukon.population.engines import Engine, open_engine
from leukon.population.episodes import find_episodes
from leukon.population.folder import MARK, make_folder
from leukon.population.groups import count_groups
from leukon.population.limits import add_limits
from leukon.population.omop_tables import make_omop_tables
from leukon.population.page import write_page
from leukon.population.page_summary import summarise_tables
from leukon.population.people import summarise_people
from leukon.population.ranking import rank_people
from leukon.population.sources import read_source
from leukon.severity.episodes import THRESHOLDS as OF_ONE_PERSON
from leukon.severity.episodes import WITHOUT_LIMIT

__all__ = ["THRESHOLDS", "Plan", "run_population"]

THRESHOLDS: Mapping[str, Sequence[float]] = {
    analyte: tuple(WITHOUT_LIMIT[analyte] if isinstance(limit, str) else limit for limit in limits)
    for analyte, limits in OF_ONE_PERSON.items()
}
"""Of episodes, in 10*9/L: those of one person's report, with a fixed one for their own limit."""

_ORDER = {
    "people": ["person"],
    "counts": ["person", "day", "analyte", "value"],
    "episodes": ["person", "analyte", "threshold", "from"],
    "causes": ["person", "rank", "cause"],
    "not_understood": ["table", "column", "reason", "text"],
}


@dataclass(frozen=True, slots=True)
class Plan:
    """What is asked: where the tables are, and the choices that change the answer."""

    source: Path
    output: Path
    kind: str | None = None  # leukon, omop, sdtm or fhir; None: what the source looks like
    engine: str = "duckdb"
    master: str | None = None
    merge_gap_days: float = 14.0
    split_gap_days: float | None = None
    causes: Literal["low", "all", "none"] = "low"
    setting: str = "any"
    allow_future: bool = False
    hide_below: int = 0


def run_population(plan: Plan, tell: Callable[[str], None], *, today: date | None = None) -> list[str]:
    """Answers the questions of a population; returns what a person should know of the source, a line each.

    `tell` is told what is being done. Raises TableError, in one line, where the source cannot be used; the output is
    then as it was before.
    """
    today = today or _find_today()
    with (
        make_folder(plan.output) as part,
        TemporaryDirectory(prefix="scratch-", dir=part) as folder,
        open_engine(plan.engine, Path(folder), master=plan.master) as engine,
    ):
        made = _make_tables(engine, plan, Path(folder), tell, today)
        check_tables({name: list(table.columns) for name, table in made.items()})
        for name, table in made.items():
            tell(f"writing {name}")
            engine.write(table, part / f"{name}.parquet")
        written = {name: engine.open(f"written_{name}", [part / f"{name}.parquet"], "parquet") for name in made}
        tell("drawing the page")
        about = _describe(plan, today)
        summary = summarise_tables(engine, written)
        (part / "index.html").write_text(write_page(summary, about), encoding="utf-8")
        write_dictionary(part / "dictionary.csv", made)
        notes = _read_notes(engine, written["not_understood"])
        (part / MARK).write_text(json.dumps(about, indent=2, sort_keys=True) + "\n", encoding="utf-8")
    return notes


def _make_tables(engine: Engine, plan: Plan, scratch: Path, tell: Callable[[str], None], today: date) -> dict[str, Any]:
    tell("reading the source")
    tables = read_source(engine, plan.source, plan.kind, scratch, today=today, allow_future=plan.allow_future)
    of_people = {"people": tables.people, "counts": tables.counts}
    if plan.causes != "none":
        of_people |= {"exposures": tables.exposures, "conditions": tables.conditions}
    found = engine.by_parts(of_people, lambda part: _answer_people(engine, plan, part, tell), tell)
    made = {name: table for name, table in found.items() if name != "left_out"}
    made["prevalence"] = count_groups(engine, made["people"], tables.people)
    left_out = tables.not_understood.union(_add_up(found["left_out"]))
    made["not_understood"] = left_out.order_by(_ORDER["not_understood"])
    return made | make_omop_tables(engine, made["episodes"], THRESHOLDS)


def _answer_people(
    engine: Engine, plan: Plan, tables: Mapping[str, Any], tell: Callable[[str], None]
) -> dict[str, Any]:
    """What is asked of each person alone: of some of the people, or of all."""
    tell("deriving counts")
    derived, left_out = derive_counts(engine, tables["counts"])
    judged = engine.keep("judged", add_limits(engine, derived, tables["people"]))
    tell("finding episodes")
    episodes = engine.keep("episodes", _find_all_episodes(judged, plan))
    people = engine.keep("summarised", summarise_people(engine, judged, tables["people"]))
    made = {"people": people, "counts": judged, "episodes": episodes, "left_out": left_out}
    if plan.causes != "none":
        tell("ranking causes")
        everybody = plan.causes == "all"
        made["causes"], unread = rank_people(engine, tables, judged, everybody=everybody, setting=plan.setting)
        made["left_out"] = left_out.union(unread)
    return {name: table.order_by(_ORDER[name]) if name in _ORDER else table for name, table in made.items()}


def _add_up(left_out: Any) -> Any:
    """The rows that each part left out, summed."""
    return left_out.group_by("table", "column", "text", "reason").aggregate(rows=ibis._.rows.sum())


def _find_today() -> date:
    """The later of the dates here and in UTC: a count of today is not of the future anywhere."""
    return max(date.today(), datetime.now(UTC).date())


def _find_all_episodes(judged: Any, plan: Plan) -> Any:
    counts = judged.select("person", "analyte", "day", "value", "bound")
    gaps = {"merge_gap_days": plan.merge_gap_days, "split_gap_days": plan.split_gap_days}
    each = [
        find_episodes(counts.filter(counts.analyte == analyte), limit, order=["value"], **gaps)
        for analyte, limits in THRESHOLDS.items()
        for limit in limits
    ]
    return reduce(lambda a, b: a.union(b), each)


def _describe(plan: Plan, today: date) -> dict[str, Any]:
    """What the result was made with. The source is named by its last part only: a path may name people."""
    chosen = asdict(plan) | {"source": plan.source.name, "output": plan.output.name}
    return {
        "leukon": __version__,
        "knowledge": load_knowledge().version,
        "date": today.isoformat(),
        "chosen": {name: value for name, value in chosen.items() if value is not None},
        "thresholds": {name: list(values) for name, values in THRESHOLDS.items()},
    }


def _read_notes(engine: Engine, table: Any, most: int = 12) -> list[str]:
    """What was left out, most frequent first; the table holds it all."""
    rows = engine.fetch(
        table.order_by(ibis.desc("rows", nulls_first=True), *_ORDER["not_understood"]).limit(most + 1)
    ).to_pylist()
    notes = [_say(row) for row in rows[:most]]
    return [*notes, "more of this stands in not_understood.parquet"] if len(rows) > most else notes


def _say(row: Mapping[str, Any]) -> str:
    where = ".".join(part for part in (row["table"], row["column"]) if part)
    what = f" {row['text']!r}" if row["text"] else ""
    rows = "" if row["rows"] is None else f" ({row['rows']:,} row{'' if row['rows'] == 1 else 's'})"
    return f"{where}:{what} {row['reason']}{rows}"
