"""What the pages load: style, scripts and the sign, all from here. A file is served only if it is one of them."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache
from importlib import resources

from leukon.report.chart_course import COURSE_CSS
from leukon.report.css import CSS

__all__ = ["Asset", "list_assets"]

_KINDS = {"js": "text/javascript; charset=utf-8", "css": "text/css; charset=utf-8", "svg": "image/svg+xml"}
_REPORT_CSS = "report.css"  # that of the report of `leukon assess`, which the pages build on


@dataclass(frozen=True, slots=True)
class Asset:
    data: bytes
    kind: str
    tag: str  # of its content, so that a browser need not load it twice


@cache
def list_assets() -> dict[str, Asset]:
    """Every file by its name, read once."""
    files = {f.name: f.read_bytes() for f in resources.files("leukon.service.web").joinpath("static").iterdir()
             if f.name.rpartition(".")[2] in _KINDS}  # fmt: skip
    files[_REPORT_CSS] = (CSS + COURSE_CSS).encode()
    return {name: Asset(data, _KINDS[name.rpartition(".")[2]], _tag(data)) for name, data in sorted(files.items())}


def _tag(data: bytes) -> str:
    return f'"{hashlib.sha256(data).hexdigest()[:20]}"'
