"""A progress bar on standard error for a statement that takes long."""

from __future__ import annotations

import sys
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

__all__ = ["run_with_progress"]

_PATIENCE_S = 1.0  # what is done sooner needs no bar
_STEP_S = 0.1


def run_with_progress(con: DuckDBPyConnection, sql: str, label: str) -> None:
    """Runs a statement to its end; where standard error is a terminal, a bar shows how far it is.

    The key that stops a program stops the statement.
    """
    failure: list[BaseException] = []
    done = threading.Event()  # a thread whose join was interrupted may pass for ended while it still runs

    def work() -> None:
        try:
            con.execute(sql)
        except BaseException as error:  # told in the thread that waits
            failure.append(error)
        finally:
            done.set()

    threading.Thread(target=work, daemon=True).start()
    try:
        if not done.wait(_PATIENCE_S) and sys.stderr.isatty():
            _show(con, done, label)
        while not done.wait(_STEP_S):
            pass
    except KeyboardInterrupt:
        con.interrupt()
        done.wait()
        raise
    if failure:
        raise failure[0]


def _show(con: DuckDBPyConnection, done: threading.Event, label: str) -> None:
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(label, total=100)
        while not done.wait(_STEP_S):
            progress.update(task, completed=max(0.0, con.query_progress()))
