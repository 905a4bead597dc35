"""The same people as in the tests of severity."""

from tests.severity.conftest import drugs, judge, known, someone

__all__ = ["drugs", "judge", "known", "someone"]
