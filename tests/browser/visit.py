"""One visit: a page that is watched, and the steps that people take on it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, ConsoleMessage, Page, Request

__all__ = ["Visit", "open_visit"]

_SERIOUS = ("serious", "critical")
_SLOW_MS = 30_000  # a busy machine is no defect


@dataclass(slots=True)
class Visit:
    page: Page
    address: str
    complaints: list[str] = field(default_factory=list[str])

    def start(self) -> Page:
        self.page.goto(f"{self.address}/")
        return self.page

    def drop(self, path: Path) -> Page:
        """Chooses a file and asks for the answer."""
        page = self.start()
        page.set_input_files("#file", path)
        page.click("button.main")
        page.wait_for_selector("#low")
        return page

    def find_faults(self) -> list[str]:
        """The serious faults that axe finds on the page as it stands."""
        found = Axe().run(self.page).response["violations"]
        return [f"{v['id']}: {v['nodes'][0]['html'][:200]}" for v in found if v["impact"] in _SERIOUS]


@contextmanager
def open_visit(browser: Browser, address: str, **how: Any) -> Iterator[Visit]:
    """A page in a browser that has seen nothing before."""
    context = browser.new_context(**how)
    context.set_default_timeout(_SLOW_MS)
    visit = Visit(context.new_page(), address)

    def hear(message: ConsoleMessage) -> None:
        refused = message.type == "error" and "status of 422" in message.text
        if message.type in ("error", "warning") and not refused:
            visit.complaints.append(f"console: {message.text}")

    def see(request: Request) -> None:
        if not request.url.startswith((address, "data:", "blob:")):
            visit.complaints.append(f"asked for {request.url}")

    visit.page.on("console", hear)
    visit.page.on("pageerror", lambda error: visit.complaints.append(f"page: {error}"))
    visit.page.on("request", see)
    try:
        yield visit
        assert visit.complaints == []
    finally:
        context.close()
