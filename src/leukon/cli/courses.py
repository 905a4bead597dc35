"""`leukon simulate`: the course of the counts in a published model."""

from __future__ import annotations

from typing import Literal

from leukon.cli.shared import FailureError, Named, app

__all__ = ["simulate"]


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
        raise FailureError(str(error)) from None
