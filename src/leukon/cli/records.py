"""`leukon assess` and `leukon forecast`: one record or many."""

from __future__ import annotations

import gc
import os
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter

from leukon.cli.shared import FailureError, Out, Setting, app, open_named, open_output, read_policy_file, say_failed

__all__ = ["assess", "forecast"]

Format = Literal["text", "json", "html", "fhir"]
Add = Annotated[tuple[str, ...], Parameter(name="--add", consume_multiple=False, negative_iterable="")]


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
        Files: a leukon record (YAML or JSON), FHIR R4, a phenopacket, HL7 v2 results, C-CDA, CSV of counts, or
        NDJSON; - reads standard input.
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
        raise FailureError("name a record to assess, or - for standard input", 2)
    from leukon.batch import Job, OnePageError, run

    job = Job(setting=setting, add=tuple(add), policy=read_policy_file(policy), course=course, format=format)
    try:
        answered, failed = run(job, list(records), open_named, open_output(output))
    except OnePageError as error:
        raise FailureError(str(error), 2) from None
    say_failed(answered, failed)


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
        Files: a leukon record (YAML or JSON), FHIR R4, a phenopacket, HL7 v2 results, C-CDA, CSV of counts, or
        NDJSON; - reads standard input.
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
        raise FailureError("name a record to forecast, or - for standard input", 2)
    if not 1 <= days <= 400:
        raise FailureError("--days is how far to look, from 1 to 400", 2)
    # matrices here are small: threads of the algebra library only wait for each other; a batch uses every core itself
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    gc.set_threshold(100_000, 50, 50)  # loading JAX makes many objects that stay
    from leukon.batch_forecast import Job, run

    answered, failed = run(Job(days, format, read_policy_file(policy)), list(records), open_named, open_output(output))
    say_failed(answered, failed)
