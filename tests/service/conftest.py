"""What the tests of the service share: one that is set up as nobody said otherwise."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.service.client import Service, open_service


@pytest.fixture(scope="session")
def service() -> Iterator[Service]:
    with open_service(time_limit_s=60.0) as found:  # a busy machine is no defect
        yield found
