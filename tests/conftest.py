"""What all tests share."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import settings


@pytest.fixture(scope="session")
def shared() -> Path:
    """The reference material beside the repository; tests that need it are skipped where it is absent."""
    path = Path(__file__).resolve().parents[2] / "shared"
    if not path.is_dir():
        pytest.skip("the reference material (../shared) is not here")
    return path


settings.register_profile("ci", derandomize=True, deadline=None)
settings.register_profile("campaign", max_examples=2000, deadline=None)
if os.environ.get("LEUKON_CAMPAIGN"):
    settings.load_profile("campaign")
elif os.environ.get("CI"):
    settings.load_profile("ci")  # the same examples each time: a landing must not hang on chance
