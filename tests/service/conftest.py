"""What the tests of the service share: one in this process, and one that runs as a command."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.service.client import Service, open_service
from tests.service.running import Running, run_service


@pytest.fixture(scope="session")
def service() -> Iterator[Service]:
    with open_service(time_limit_s=60.0) as found:  # a busy machine is no defect
        yield found


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    config = tmp_path_factory.mktemp("running") / "leukon.yaml"
    config.write_text("requests_per_minute: 0\ntime_limit_s: 60\n")
    with run_service("--config", str(config)) as found:
        yield found
