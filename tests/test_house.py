"""The package from outside: its names, and what importing it costs."""

from __future__ import annotations

import subprocess
import sys

import pytest

import leukon


def run_fresh(code: str) -> str:
    """What a new Python prints: the names of the package depend on what was imported before."""
    return subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True, timeout=60).stdout


@pytest.mark.parametrize("before", ["", "import leukon.assess", "from leukon.assess import assess"])
def test_the_one_verb_can_be_used_again_and_again(before: str) -> None:
    code = f"""
import leukon
{before}
patient = leukon.read_record("counts: [{{wbc: 2.1, neutrophils: 0.3}}]")
print(leukon.assess(patient).low, leukon.assess(patient).low)
"""
    assert run_fresh(code).strip() == "low low"


def test_every_name_of_the_package_is_there() -> None:
    for name in leukon.__all__:
        assert getattr(leukon, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = leukon.nothing


def test_importing_the_package_loads_nothing_heavy() -> None:
    code = "import sys, leukon; print({'numpy', 'msgspec', 'yaml', 'pydantic', 'pint', 'rich'} & set(sys.modules))"
    assert run_fresh(code).strip() == "set()"
