"""`python -m leukon` is `leukon`."""

from __future__ import annotations

from leukon.cli import main

if __name__ == "__main__":
    main()
