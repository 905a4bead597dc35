"""The command line: one command for each question, and one for each place where leukon is met.

Exit status: 0 done, 1 the input could not be used (one line says what and where), 2 wrong usage.
"""

from __future__ import annotations

from leukon.cli.main import main

__all__ = ["main"]
