"""`leukon knowledge`: what leukon knows, with its sources."""

from __future__ import annotations

from cyclopts import App

from leukon.cli.shared import FailureError, app, open_named

__all__ = ["check", "list_", "show"]

knowledge = App(name="knowledge", help="What leukon knows, with its sources.")
app.command(knowledge)


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
        raise FailureError("")
    if records := records or find_records():
        from leukon.assess import assess as assess_one
        from leukon.io import RecordError, open_input
        from leukon.patient import Patient

        try:
            held = [p for name in records for p in open_input(open_named(name), name).records]
        except RecordError as error:
            raise FailureError(str(error)) from None
        people = [p for p in held if isinstance(p, Patient)]
        print(describe_weights(weigh_figures(map(assess_one, people)), len(people)))


def _print_lines(lines: list[str] | str) -> None:
    if isinstance(lines, str):
        raise FailureError(lines)
    print("\n".join(lines))
