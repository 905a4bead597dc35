"""Templates: every text is escaped, nothing undefined is shown as nothing."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from leukon import __version__
from leukon.assess import SETTINGS
from leukon.counts.analytes import ANALYTES
from leukon.counts.units import UNIT_OF
from leukon.report.words import INFORMS, show_percent

__all__ = ["pack", "render"]

_SETTING_WORDS = {
    "any": "not said", "primary-care": "primary care", "hospital": "hospital", "oncology": "oncology",
    "paediatric": "children's clinic",
}  # fmt: skip


def render(template: str, **held: Any) -> str:
    """A page or a part of one."""
    return _environment().get_template(template).render(**held)


def pack(spec: Mapping[str, Any]) -> str:
    """A chart as JSON, for an attribute."""
    return json.dumps(spec, ensure_ascii=False, separators=(",", ":"))


@cache
def _environment() -> Environment:
    made = Environment(
        loader=PackageLoader("leukon.service.web"), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True, auto_reload=False,
    )  # fmt: skip
    made.filters["percent"] = show_percent
    made.filters["pack"] = pack
    made.globals.update(
        version=__version__,
        informs=INFORMS,
        settings=[(name, _SETTING_WORDS[name]) for name in SETTINGS],
        cell_name=_name_cell,
        cell_unit=_unit_cell,
    )
    return made


def _name_cell(key: str) -> str:
    """What a row of the table of counts is called."""
    head = key.removesuffix(" %")
    name = {"wbc": "White cells (WBC)", "neutrophils": "Neutrophils (ANC)", "mcv": "MCV"}.get(head)
    name = name or (ANALYTES[head].name.capitalize() if head in ANALYTES else head)
    return f"{name} in %" if key != head else name


def _unit_cell(key: str) -> str:
    """The unit of a bare number."""
    if key.endswith(" %") or (key in ANALYTES and ANALYTES[key].bare_percent):
        return "%"
    return UNIT_OF[ANALYTES[key].quantity].replace("10*9", "10⁹") if key in ANALYTES else ""
