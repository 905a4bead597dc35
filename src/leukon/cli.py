"""The command line: `leukon assess`, `grade`, `simulate`, `forecast`, `listen`, `knowledge`.

Exit status: 0 done, 1 the input could not be used (one line says what and where), 2 wrong usage.
"""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import App, CycloptsError, Parameter

from leukon import __version__
from leukon.knowledge.check import KnowledgeError

if TYPE_CHECKING:
    from typing import BinaryIO

    from leukon.policy import Policy


__all__ = ["main"]

app = App(name="leukon", version=__version__, help="Decision support for low white blood cell counts.")
knowledge = App(name="knowledge", help="What leukon knows, with its sources.")
app.command(knowledge)

_STDIN = "standard input"  # stands for "-", which would read as an option

Format = Literal["text", "json", "html", "fhir"]
Setting = Literal["any", "primary-care", "hospital", "oncology", "paediatric"]
Add = Annotated[tuple[str, ...], Parameter(name="--add", consume_multiple=False, negative_iterable="")]
Out = Annotated[Path | None, Parameter(name=["--output", "-o"])]


class _FailureError(Exception):
    """Ends the command with a status and one line."""

    def __init__(self, line: str, status: int = 1) -> None:
        super().__init__(line)
        self.status = status


@app.command
def assess(
    *records: str,
    format: Format | None = None,
    output: Out = None,
    setting: Setting = "any",
    policy: Path | None = None,
    add: Add = (),
    course: bool = False,
) -> None:
    """The whole assessment of each record.

    Parameters
    ----------
    records
        Files: a leukon record (YAML or JSON), FHIR R4, a phenopacket, HL7 v2, CSV of counts, or NDJSON; - reads
        standard input.
    format
        How to write it; one report is text and several are JSON, one object a line, where nothing is said. fhir is a
        FHIR R4 Bundle; several are one Bundle a line.
    output
        The file to write to, instead of standard output.
    setting
        Where the person is seen: chooses how common causes are.
    policy
        A site's own thresholds, formulary and jurisdiction (YAML): changes options, never facts.
    add
        One more result or finding, as typed: "ANA 1:640", "no splenomegaly". May be repeated.
    course
        Add the forecast of the count.
    """
    if not records:
        raise _FailureError("name a record to assess, or - for standard input", 2)
    from leukon.batch import Job, OnePageError, run

    job = Job(setting=setting, add=tuple(add), policy=_read_policy(policy), course=course, format=format)
    try:
        answered, failed = run(job, list(records), _open, _writer(output))
    except OnePageError as error:
        raise _FailureError(str(error), 2) from None
    _say_failed(answered, failed)


@app.command
def forecast(
    *records: str,
    days: int = 28,
    format: Literal["text", "json"] | None = None,
    output: Out = None,
    policy: Path | None = None,
) -> None:
    """What the count will do: the published models of the marrow fitted to each record's counts and doses.

    Parameters
    ----------
    records
        Files: a leukon record (YAML or JSON), FHIR R4, a phenopacket, HL7 v2, CSV of counts, or NDJSON; - reads
        standard input.
    days
        How far to look after the last count.
    format
        How to write it; one forecast is text and several are JSON, one object a line, where nothing is said.
    output
        The file to write to, instead of standard output.
    policy
        A site's own thresholds (YAML): the limit for the next cycle.
    """
    if not records:
        raise _FailureError("name a record to forecast, or - for standard input", 2)
    if not 1 <= days <= 400:
        raise _FailureError("--days is how far to look, from 1 to 400", 2)
    # matrices here are small: threads of the algebra library only wait for each other; a batch uses every core itself
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    gc.set_threshold(100_000, 50, 50)  # loading JAX makes many objects that stay
    from leukon.batch_forecast import Job, run

    answered, failed = run(Job(days, format, _read_policy(policy)), list(records), _open, _writer(output))
    _say_failed(answered, failed)


def _say_failed(answered: int, failed: int) -> None:
    """One line on records that could not be used; a batch of which none was answered has failed."""
    if failed and answered:
        plural = "" if failed == 1 else "s"
        print(f"leukon: {failed} record{plural} could not be used", file=sys.stderr)
    if not answered:
        raise _FailureError("", 1)


def _read_policy(path: Path | None) -> Policy | None:
    if path is None:
        return None
    from leukon.io.policy import read_policy
    from leukon.io.safe import RecordError

    try:
        return read_policy(path.read_bytes(), str(path))
    except OSError as error:
        raise _FailureError(f"{path}: {(error.strerror or 'cannot be read').lower()}") from None
    except RecordError as error:
        raise _FailureError(str(error)) from None


def _open(name: str) -> BinaryIO:
    if name == _STDIN:
        return sys.stdin.buffer
    from leukon.io import RecordError

    try:
        return Path(name).open("rb")
    except OSError as error:
        raise RecordError(f"{name}: {(error.strerror or 'cannot be read').lower()}") from None


def _writer(output: Path | None) -> Iterator[BinaryIO]:
    """The place to write to, opened when the first report is ready; a file appears only when it is whole."""
    if output is None:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    if output.exists() and not output.is_file():  # a pipe or a device is written to, never replaced
        try:
            with output.open("wb") as out:
                yield out
        except OSError as error:
            raise _FailureError(f"{output}: {(error.strerror or 'cannot be written').lower()}") from None
        return
    part = output.with_name(output.name + ".part")
    try:
        with part.open("wb") as out:
            yield out
        part.replace(output)
    except OSError as error:
        raise _FailureError(f"{output}: {(error.strerror or 'cannot be written').lower()}") from None
    finally:
        part.unlink(missing_ok=True)


Criteria = Annotated[
    tuple[Literal["ctcae-4.03", "ctcae-5", "ctcae-6", "daids-2.1"], ...],
    Parameter(consume_multiple=False, negative_iterable=""),
]
Named = Annotated[tuple[str, ...], Parameter(consume_multiple=False, negative_iterable="")]


@app.command
def simulate(
    *,
    model: str | None = None,
    drug: Named = (),
    treat: Named = (),
    cause: Named = (),
    days: float | None = None,
    every: float = 6.0,
    format: Literal["text", "csv", "json", "html"] = "text",
    person: str | None = None,
    patients: int | None = None,
    seed: int = 1,
    accurate: bool = False,
    list: bool = False,
) -> None:
    """The course of the counts in a published model of the marrow.

    Parameters
    ----------
    model
        Its name; the one usual for the drug where none is named.
    drug
        A drug as people write it: "docetaxel 75 mg/m2 day 0, 21, 42", "6-MP 50 mg/m2 daily". May be repeated.
    treat
        A treatment: "filgrastim 5 ug/kg day 2-9", "vitamin B12 day 0", "stop the drug day 3", "reduce docetaxel 20 %",
        "splenectomy day 30". May be repeated.
    cause
        A cause of the knowledge base, by its id, or drug:ID. May be repeated.
    days
        How long; four weeks after the last dose where nothing is said.
    every
        Hours between two rows.
    format
        text, csv, json, or html: one page with charts.
    person
        Body size and traits: "175 cm, 80 kg", "1.9 m2", "aag 2.1"; an adult of 1.8 m2 and 70 kg where nothing is said.
    patients
        So many virtual people instead of one typical person: median and the band that holds 90 % of them.
    seed
        Which virtual people.
    accurate
        Finer steps: right to 1e-6 instead of 1e-3.
    list
        Names the models, drugs and treatments instead.
    """
    from leukon.marrow.command import Options, list_all, run_simulation
    from leukon.marrow.library import MarrowError

    try:
        typed = Options(model, drug, treat, cause, days, every, format, person, patients, seed, accurate)
        page = None
        if format == "html":
            from leukon.report.html_course import write_course as page
        print(list_all() if list else run_simulation(typed, page))
    except MarrowError as error:
        raise _FailureError(str(error)) from None


@app.command
def grade(
    table: Path,
    *,
    output: Annotated[Path, Parameter(name=["--output", "-o"])],
    criteria: Criteria = ("ctcae-5",),
) -> None:
    """The grades of a table of laboratory values, one value a row.

    Parameters
    ----------
    table
        A CSV or Parquet file with the columns term (or analyte), value and unit, and those that the criteria need: lln,
        uln, baseline, sex, age_years, age_days or birth_date and sample_date. Other columns pass through.
    output
        The file to write to, .csv or .parquet: the same rows in the same order with grade_low, grade_high and
        grade_reason.
    criteria
        The version to grade by. May be repeated: the columns are then grade_low_ctcae-5 and so on.
    """
    from leukon.population.command import TableError, grade_table

    try:
        notes = grade_table(table, output, criteria)
    except TableError as error:
        raise _FailureError(str(error)) from None
    for note in notes:
        print(f"leukon: {note}", file=sys.stderr)


@app.command
def listen(
    *,
    spool: Path,
    host: str = "127.0.0.1",
    port: int = 2575,
    output: Out = None,
    setting: Setting = "any",
    policy: Path | None = None,
    keep_days: float = 0.0,
) -> None:
    """Takes HL7 v2 results over MLLP: each message is on disk before it is acknowledged, and answered once.

    Parameters
    ----------
    spool
        The folder where messages wait for their answer.
    output
        A folder, one file a message, or a file whose name ends with .ndjson; SPOOL/answers where nothing is said.
    keep_days
        How long a message and its answer stay in the spool after the answer is out.
    """
    from leukon.service.mllp import command

    try:
        command.listen(host, port, spool, output, setting, _read_policy(policy), keep_days)
    except command.ListenError as error:
        raise _FailureError(str(error)) from None


@app.command
def population(
    source: Path,
    *,
    output: Annotated[Path, Parameter(name=["--output", "-o"])],
    from_: Annotated[Literal["leukon", "omop", "sdtm", "fhir"] | None, Parameter(name="--from")] = None,
    engine: Literal["duckdb", "spark"] = "duckdb",
    master: str | None = None,
    gap: float = 14.0,
    split_gap: float | None = None,
    causes: Literal["low", "all", "none"] = "low",
    setting: Setting = "any",
    allow_future: Annotated[bool, Parameter(negative="")] = False,
    hide_below: int = 0,
) -> None:
    """The same questions over tables: people, episodes, grades, how common, and the ranked causes of each person.

    Parameters
    ----------
    source
        A folder of Parquet, CSV or NDJSON tables, one such file, or a DuckDB database.
    output
        The folder to make: tables as Parquet, dictionary.csv, and index.html to read. It appears when it is whole.
    from_
        What the tables are; found by looking at them where nothing is said.
    engine
        duckdb, inside this process, or spark, for what one machine does not hold.
    master
        The Spark cluster, such as spark://host:7077; this machine where nothing is said.
    gap
        Days: low counts at most so far apart are one episode, whatever lies between.
    split_gap
        Days: low counts farther apart are two episodes, even with no count between.
    causes
        Whose causes are ranked: of people who ever had a low count, of all, or of none.
    setting
        Where the people are seen: chooses how common causes are.
    allow_future
        Use counts dated after today: dates that were shifted to hide who it is.
    hide_below
        On the page, numbers of people under this are not shown (for a page that is passed on).
    """
    from leukon.population.tables import TableError

    try:
        from leukon.population.run import Plan, run_population
    except ModuleNotFoundError as error:
        raise _FailureError(f"tables need the package {error.name}: pip install 'leukon[population]'") from None
    plan = Plan(source, output, from_, engine, master, gap, split_gap, causes, setting, allow_future, hide_below)
    try:
        for note in run_population(plan, _tell_step):
            print(f"leukon: {note}", file=sys.stderr)
    except TableError as error:
        raise _FailureError(str(error)) from None


def _tell_step(step: str) -> None:
    if sys.stderr.isatty():
        print(f"leukon: {step} …", file=sys.stderr)


@knowledge.command(name="list")
def list_(kind: str = "causes") -> None:
    """Lists what is known of one kind: causes, drugs, findings, tests, conditions, options, questions, sources, …"""
    from leukon.catalogue import list_kind

    _print_lines(list_kind(kind))


@knowledge.command
def show(id: str) -> None:
    """Shows one entry with every figure and its source."""
    from leukon.catalogue import show_entry

    _print_lines(show_entry(id))


@knowledge.command
def check(*records: str) -> None:
    """Checks every fact against the schema, and says how well figures are sourced.

    Parameters
    ----------
    records
        Records whose rankings are weighed: how much of the evidence rests on confirmed figures. In a source tree
        those of tests/records, where none is named.
    """
    from leukon.catalogue import check_all, describe_weights, find_records, weigh_figures

    passed, lines = check_all()
    for line in lines:
        print(line)
    if not passed:
        raise _FailureError("")
    if records := records or find_records():
        from leukon.assess import assess as assess_one
        from leukon.io import RecordError, open_input
        from leukon.patient import Patient

        try:
            held = [p for name in records for p in open_input(_open(name), name).records]
        except RecordError as error:
            raise _FailureError(str(error)) from None
        people = [p for p in held if isinstance(p, Patient)]
        print(describe_weights(weigh_figures(map(assess_one, people)), len(people)))


def _print_lines(lines: list[str] | str) -> None:
    if isinstance(lines, str):
        raise _FailureError(lines)
    print("\n".join(lines))


def main(argv: list[str] | None = None) -> None:
    """Runs the command line and ends the process with its status."""
    try:
        words = sys.argv[1:] if argv is None else argv
        app([_STDIN if w == "-" else w for w in words], exit_on_error=False, print_error=False)
    except CycloptsError as error:
        print(f"leukon: {' '.join(str(error).split())} (leukon --help)", file=sys.stderr)
        sys.exit(2)
    except _FailureError as failure:
        if str(failure):
            print(f"leukon: {failure}", file=sys.stderr)
        sys.exit(failure.status)
    except KnowledgeError as error:
        print(f"leukon: the knowledge has {len(error.faults)} faults, first {error.faults[0]}", file=sys.stderr)
        sys.exit(1)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(0)
    except KeyboardInterrupt:
        print("leukon: stopped", file=sys.stderr)
        sys.exit(130)
    except Exception as error:  # a defect must not show a doctor a traceback
        print(f"leukon: a defect of leukon, please report it: {_one_line(error)}", file=sys.stderr)
        sys.exit(1)


def _one_line(error: Exception) -> str:
    return f"{type(error).__name__}: {' '.join(str(error).split())[:200]}"
