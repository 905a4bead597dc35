"""Runs a command and ends the process: a defect never shows a traceback."""

from __future__ import annotations

import sys

from cyclopts import CycloptsError

from leukon.cli import courses, known, places, records, tables
from leukon.cli.shared import STDIN, FailureError, app
from leukon.knowledge.check import KnowledgeError

__all__ = ["main"]

_COMMANDS = (courses, known, places, records, tables)  # each adds its own to the application


def main(argv: list[str] | None = None) -> None:
    """Runs the command line and ends the process with its status."""
    try:
        words = sys.argv[1:] if argv is None else argv
        app([STDIN if w == "-" else w for w in words], exit_on_error=False, print_error=False)
    except CycloptsError as error:
        print(f"leukon: {' '.join(str(error).split())} (leukon --help)", file=sys.stderr)
        sys.exit(2)
    except FailureError as failure:
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
