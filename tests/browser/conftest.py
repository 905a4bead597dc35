"""A real browser on a real `leukon serve`: Debian's Chromium, which is installed where it is missing."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from tests.browser.visit import Visit, open_visit
from tests.service.running import run_service

_ARGUMENTS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip


expect.set_options(timeout=20_000)  # a busy machine is no defect


@pytest.fixture(scope="session")
def chromium() -> Path:
    """Debian's browser; installed by root, else the tests are skipped."""
    found, install = shutil.which("chromium"), shutil.which("apt-get")
    if found is None and install and os.geteuid() == 0:
        subprocess.run([install, "install", "-y", "-qq", "chromium"], check=False, capture_output=True, timeout=600)
        found = shutil.which("chromium")
    if found is None:
        pytest.skip("Chromium is not here: apt-get install chromium")
    return Path(found)


@pytest.fixture(scope="package")  # its event loop runs in this thread: none else may run one until it is closed
def browser(chromium: Path) -> Iterator[Browser]:
    with sync_playwright() as played:
        opened = played.chromium.launch(executable_path=chromium, args=list(_ARGUMENTS))
        yield opened
        opened.close()


@pytest.fixture(scope="package")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    said = tmp_path_factory.mktemp("service") / "settings.yaml"
    said.write_text("time_limit_s: 60\n", encoding="utf-8")  # a busy machine is no defect
    with run_service("--config", str(said)) as running:
        yield f"http://127.0.0.1:{running.port}"


@pytest.fixture
def visit(browser: Browser, address: str) -> Iterator[Visit]:
    """A page of its own; at the end nothing was complained of, blocked, or asked for elsewhere."""
    with open_visit(browser, address) as visit:
        yield visit
